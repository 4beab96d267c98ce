// What the page Equipment is shown, and what it asks of the flow.
import type { WeighingView } from '../batch/messages.ts';
import type { EquipmentCommand, EquipmentFailure } from '../equipment/messages.ts';

export interface EquipmentView {
  readonly at: string;
  /** Those that no person has acknowledged first. */
  readonly failures: readonly EquipmentFailure[];
  /** Newest first. */
  readonly weighings: readonly WeighingView[];
}

/** What the page asks of the flow. */
export type EquipmentRequest =
  | Extract<EquipmentCommand, { readonly command: 'acknowledge' }>
  | {
      readonly command: 'settle-weighing';
      readonly id: number;
      readonly reason: string;
      readonly discard?: boolean;
      readonly order?: string;
      readonly productId?: number;
      readonly kg?: number;
      readonly commandId: string;
    };
