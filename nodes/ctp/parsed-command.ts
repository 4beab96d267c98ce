// A command of ctp-problem-log after narrowing: what the rules behind the parser may rely on.
import type { machineStatuses, PhotoRole, PlantCode } from './messages.ts';
import type { FieldChanges } from './problem.ts';

/** What a question is asked with, before the reading side has narrowed it. */
export type Input = Readonly<Record<string, unknown>>;

export interface MachineReference {
  readonly machine_id: number | undefined;
  readonly machine_nickname: string | undefined;
}

export interface Repeatable {
  readonly commandId: string | undefined;
}

export interface OfProblem extends Repeatable {
  readonly id: number;
  readonly version: number | undefined;
}

/** A command after narrowing: instants in ms UTC. `input` of a question is narrowed by the reading side. */
export type ParsedCommand =
  | { readonly command: 'machines' | 'codes' | 'tick' | 'board' }
  | { readonly command: 'list' | 'similar' | 'statistics' | 'export'; readonly input: Input }
  | ({ readonly command: 'machine' } & MachineReference)
  | ({
      readonly command: 'add-machine';
      readonly name: string;
      readonly nickname: string;
      readonly kind: string;
      readonly description: string | null;
    } & Repeatable)
  | ({
      readonly command: 'change-machine';
      readonly machine_id: number;
      readonly version: number;
      readonly changes: {
        readonly name?: string;
        readonly kind?: string;
        readonly description?: string | null;
        readonly retired?: number;
      };
    } & Repeatable)
  | ({
      readonly command: 'set-status';
      readonly machine_id: number;
      readonly status: (typeof machineStatuses)[number];
      readonly reason: string;
    } & Repeatable)
  | {
      readonly command: 'status-history';
      readonly machine_id: number;
      readonly limit: number;
      readonly below: number | undefined;
    }
  | { readonly command: 'get'; readonly id: number }
  | { readonly command: 'history'; readonly id: number; readonly limit: number; readonly below: number | undefined }
  | ({
      readonly command: 'report';
      readonly machine: MachineReference;
      readonly fields: FieldChanges;
      readonly role: PhotoRole | undefined;
    } & Repeatable)
  | ({
      readonly command: 'correct';
      readonly fields: FieldChanges;
      /** The machine that the problem belongs to, where it is named. */
      readonly machine: MachineReference;
      readonly reason: string | null;
      readonly role: PhotoRole | undefined;
    } & OfProblem)
  | ({
      readonly command: 'complete';
      readonly fields: FieldChanges;
      readonly reason: string | null;
      readonly role: PhotoRole | undefined;
    } & OfProblem)
  | ({ readonly command: 'reopen' | 'void'; readonly reason: string } & OfProblem)
  | ({ readonly command: 'add-files'; readonly id: number; readonly role: PhotoRole | undefined } & Repeatable)
  | ({
      readonly command: 'hide-file';
      readonly id: number | undefined;
      readonly file_id: string;
      readonly reason: string | null;
    } & Repeatable)
  | { readonly command: 'file'; readonly file_id: string }
  | ({ readonly command: 'add-code'; readonly label: string | undefined } & Pick<PlantCode, 'kind' | 'code'>)
  | ({ readonly command: 'retire-code' } & Pick<PlantCode, 'kind' | 'code'>)
  | { readonly command: 'told'; readonly notice: number };
