// What Odoo has to be told about a batch, as an outbox row that holds the whole command.
import { type CentiKg, zeroMass } from '../core/mass.ts';
import type { OdooPushCommand } from '../odoo/messages.ts';
import { type Batch, type Push, type PushKind, totalConsumption, totalFinished } from './batch.ts';
import type { BatchDraft, DecisionContext } from './transitions.ts';

/** Odoo repeats a contended request for up to half a minute after its client has gone (measured). */
const lateCommitMs = 35_000;

/** Puts a row into the outbox; an open row of the batch is withdrawn, because the new one says all that it said and more. */
export function putPush(
  draft: BatchDraft,
  kind: PushKind,
  context: DecisionContext,
  acceptedBy: string | null = null,
): void {
  const nextAttemptAt = earliestAttempt(draft.batch.push, context.at);
  draft.settlePush('withdrawn');
  const id = context.newId();
  const { batch } = draft;
  const payload =
    kind === 'cancel'
      ? ({ command: 'cancel', pushId: id, orderId: batch.orderId, orderName: batch.orderName } as const)
      : pushCommand(batch, id, kind === 'push');
  const push: Push = {
    id,
    batchId: batch.id,
    kind,
    status: 'waiting',
    payload,
    attempts: 0,
    nextAttemptAt,
    createdAt: context.at,
    lastError: null,
    waitReason: null,
    hold: null,
    acceptedBy,
    settledAt: null,
  };
  draft.patch({ push });
}

/** Two rows of one order must not be under way at once: the older figures could be committed last, over a closed order. */
function earliestAttempt(earlier: Push | null, at: string): string {
  if (earlier === null) return at;
  const mayStillCommit = earlier.status === 'pushing' || (earlier.lastError ?? '').startsWith('unknown-outcome');
  if (mayStillCommit) return new Date(Date.parse(at) + lateCommitMs).toISOString();
  return earlier.attempts === 0 && earlier.nextAttemptAt > at ? earlier.nextAttemptAt : at;
}

/** Absolute consumption of the whole order: all attempts together, never an increment. */
function pushCommand(batch: Batch, pushId: string, close: boolean): OdooPushCommand {
  const components: OdooPushCommand['components'][number][] = [];
  const unplanned: OdooPushCommand['unplanned'][number][] = [];
  for (const component of batch.components) {
    const actualCentiKg: CentiKg = totalConsumption(component) ?? zeroMass;
    const { equipment, planned, targetCentiKg } = component;
    if (planned) {
      const { productId, unit } = planned;
      components.push({ equipment, productId, plannedCentiKg: targetCentiKg, actualCentiKg, unit });
    } else if (actualCentiKg > 0) {
      unplanned.push({ equipment, actualCentiKg });
    }
  }
  return {
    command: 'push',
    pushId,
    orderId: batch.orderId,
    orderName: batch.orderName,
    plannedQuantityCentiKg: batch.plannedCentiKg,
    finishedQuantityCentiKg: totalFinished(batch) ?? zeroMass,
    unit: batch.unit,
    components,
    unplanned,
    close,
    ...(batch.recorded.length > 0 && { recorded: batch.recorded }),
  };
}
