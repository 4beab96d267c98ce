// What ctp-problem-log takes: every command with its arguments as they come in.
import type { MachineStatus, PhotoRole, PlantCode, ProblemFields, ProblemFilter } from './messages.ts';

/**
 * Input of ctp-problem-log. Over HTTP the files of a multipart request travel with `msg.req` and are kept by the command that
 * belongs to them. `commandId` (also as header `Idempotency-Key`) makes a retry return the first reply.
 */
export type CtpCommand =
  | { readonly command: 'machines' }
  | { readonly command: 'machine'; readonly machine_id?: number; readonly machine_nickname?: string }
  | {
      readonly command: 'add-machine';
      readonly name: string;
      readonly nickname: string;
      readonly kind: string;
      readonly description?: string;
      readonly commandId?: string;
    }
  | {
      readonly command: 'change-machine';
      readonly machine_id: number;
      readonly version: number;
      readonly name?: string;
      readonly kind?: string;
      readonly description?: string | null;
      readonly retired?: boolean;
      readonly commandId?: string;
    }
  /** `active` ends a status set by hand. */
  | {
      readonly command: 'set-status';
      readonly machine_id: number;
      readonly status: MachineStatus;
      readonly reason: string;
      readonly commandId?: string;
    }
  | {
      readonly command: 'status-history';
      readonly machine_id: number;
      readonly limit?: number;
      readonly cursor?: string;
    }
  | ({ readonly command: 'list' } & ProblemFilter)
  | { readonly command: 'get'; readonly id: number }
  /** The trail of a problem, newest first; `limit` 1 to 100, default 50. */
  | { readonly command: 'history'; readonly id: number; readonly limit?: number; readonly cursor?: string }
  | ({
      readonly command: 'report';
      readonly machine_id?: number;
      readonly machine_nickname?: string;
      readonly problem_description: string;
      readonly commandId?: string;
    } & ProblemFields)
  /** A machine that is named is the one that the problem belongs to: a problem of another one moves there. */
  | ({
      readonly command: 'correct';
      readonly id: number;
      readonly machine_id?: number;
      readonly machine_nickname?: string;
      readonly version?: number;
      readonly reason?: string;
      readonly commandId?: string;
    } & ProblemFields)
  | ({
      readonly command: 'complete';
      readonly id: number;
      readonly version?: number;
      readonly commandId?: string;
    } & Pick<ProblemFields, 'end_time' | 'solution' | 'parts' | 'technician_name' | 'technician_type' | 'vendor_name'>)
  | {
      readonly command: 'reopen';
      readonly id: number;
      readonly reason: string;
      readonly version?: number;
      readonly commandId?: string;
    }
  /** DELETE of the original: hides the problem from sums, keeps everything. */
  | {
      readonly command: 'void';
      readonly id: number;
      readonly reason: string;
      readonly version?: number;
      readonly commandId?: string;
    }
  | { readonly command: 'add-files'; readonly id: number; readonly role?: PhotoRole; readonly commandId?: string }
  | {
      readonly command: 'hide-file';
      readonly id?: number;
      readonly file_id: string;
      readonly reason?: string;
      readonly commandId?: string;
    }
  /** Answers with the bytes and headers for an http response node. */
  | { readonly command: 'file'; readonly file_id: string }
  /** Past problems with a solution that resemble what is being typed, best first. */
  | { readonly command: 'similar'; readonly text: string; readonly machine_id?: number; readonly limit?: number }
  | ({ readonly command: 'statistics' } & Pick<
      ProblemFilter,
      'machine_id' | 'machine_nickname' | 'start_date' | 'end_date' | 'year' | 'month'
    > & { readonly bucket?: 'day' | 'week' | 'month' })
  | ({
      readonly command: 'export';
      readonly format: 'csv' | 'xlsx' | 'print';
      readonly language?: string;
    } & ProblemFilter)
  /** The plant's error codes and categories. Without any error code every well-formed one is taken. */
  | { readonly command: 'codes' }
  | {
      readonly command: 'add-code';
      readonly kind: PlantCode['kind'];
      readonly code: string;
      readonly label?: string;
    }
  /** It stays with the problems that have it, and is refused for others. */
  | { readonly command: 'retire-code'; readonly kind: PlantCode['kind']; readonly code: string }
  /** From a clock: escalates what is open too long, keeps ages and derived figures current, sweeps files. */
  | { readonly command: 'tick' }
  /** The notify node stored a notice (`msg.notice` of the third output); until then every tick sends it again. */
  | { readonly command: 'told'; readonly notice: number }
  /** What the pages show now: one card for each machine, recent problems. */
  | { readonly command: 'board' };
