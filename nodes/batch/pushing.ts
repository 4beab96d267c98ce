// Task 3: which outbox row is due, and what Odoo's answer does to its batch.
import { backoffDelayMs } from '../core/backoff.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { OdooCancelCommand, OdooPushCommand, OdooPushResult } from '../odoo/messages.ts';
import type { Batch, Push, PushKind } from './batch.ts';
import type { NoCommand } from './messages.ts';
import { BatchDraft, type BatchEventType, type Change, changesOf, type DecisionContext } from './transitions.ts';

/** First retry after half a minute; Odoo down for a night is asked every quarter of an hour. */
const retryPolicy = { firstMs: 30_000, capMs: 15 * 60_000 };

/** No row is put off for longer, so one that seems to be was dated by a clock that has been set back since. */
const longestDelayMs = 86_400_000;

/** Event types by what kind of row it is. */
const eventsOf: Readonly<Record<PushKind, Readonly<Record<'began' | 'postponed' | 'held', BatchEventType>>>> = {
  push: { began: 'push-began', postponed: 'push-postponed', held: 'push-held' },
  record: { began: 'record-began', postponed: 'record-postponed', held: 'record-held' },
  cancel: { began: 'cancel-began', postponed: 'cancel-postponed', held: 'cancel-held' },
};

export interface PushingDecision {
  readonly changes: readonly Change[];
  readonly next: OdooPushCommand | OdooCancelCommand | NoCommand;
}

/**
 * The next row that is due: the one that has waited longest for its turn.
 * @param inFlight ids of rows that this process has handed out and not got back; a row left `pushing` by a crash is in none
 */
export function decideDue(
  batches: readonly Batch[],
  inFlight: ReadonlySet<string>,
  context: DecisionContext,
): PushingDecision {
  const due = batches
    .filter(({ push }) => push && push.status !== 'held' && isTime(push, context.at) && !inFlight.has(push.id))
    .sort(byTurn)[0];
  if (!due?.push) return { changes: [], next: { command: 'none', reason: 'nothing is due' } };
  const draft = new BatchDraft(context, due);
  const attempts = due.push.attempts + 1;
  draft.patchPush({ status: 'pushing', attempts });
  draft.event(eventsOf[due.push.kind].began, {}, { reason: `attempt ${attempts}`, data: { pushId: due.push.id } });
  return { changes: changesOf([draft]), next: commandOf({ ...due.push, attempts }) };
}

function isTime(push: Push, at: string): boolean {
  return push.nextAttemptAt <= at || Date.parse(push.nextAttemptAt) - Date.parse(at) > longestDelayMs;
}

function byTurn(a: Batch, b: Batch): number {
  const turn = (batch: Batch) => `${batch.push?.nextAttemptAt}|${batch.push?.createdAt}|${batch.createdAt}`;
  return turn(a).localeCompare(turn(b)) || (a.slot ?? 0) - (b.slot ?? 0);
}

function commandOf(push: Push): OdooPushCommand | OdooCancelCommand {
  const { payload, acceptedBy } = push;
  return payload.command === 'push' && acceptedBy !== null ? { ...payload, acceptedBy } : payload;
}

/** @param settled the row's status when it is no longer open; a repeated outcome changes nothing */
export function decideComplete(
  batch: Batch | undefined,
  settled: Push | undefined,
  result: OdooPushResult,
  context: DecisionContext,
  random: () => number,
): PushingDecision {
  if (!batch?.push || batch.push.id !== result.pushId) {
    if (settled) {
      const next = { command: 'none', reason: `this push is ${settled.status} already` } as const;
      return { changes: waitForOlder(batch, result, context), next };
    }
    throw new ShopfloorError('unknown-push', 404, `No outbox row has the id ${result.pushId}.`, {
      hint: 'Pass the answer of odoo-mo-sync on as it is.',
    });
  }
  const { push } = batch;
  const action = push.kind === 'cancel' ? 'cancel' : 'push';
  if (result.action !== action || result.orderId !== batch.orderId) {
    throw new ShopfloorError('push-mismatch', 409, `The answer to ${result.pushId} is for another order or action.`);
  }
  const draft = new BatchDraft(context, batch);
  if (result.outcome === 'verified') verified(draft, push, result);
  else if (result.outcome === 'later') postponed(draft, push, result, context, random);
  else if (result.outcome === 'person') held(draft, push, result);
  else watched(draft, push, context);
  return { changes: changesOf([draft]), next: { command: 'none', reason: `${batch.orderName}: ${result.outcome}` } };
}

/** Odoo may still be at work on a row that a newer one has replaced; were it to commit last, it would undo the newer one. */
function waitForOlder(batch: Batch | undefined, older: OdooPushResult, context: DecisionContext): Change[] {
  if (batch?.push?.status !== 'waiting' || older.outcome !== 'later' || older.code !== 'unknown-outcome') return [];
  const nextAttemptAt = new Date(Date.parse(context.at) + older.retryAfterMs).toISOString();
  if (nextAttemptAt <= batch.push.nextAttemptAt) return [];
  const draft = new BatchDraft(context, batch);
  draft.patchPush({ nextAttemptAt });
  return changesOf([draft]);
}

function verified(draft: BatchDraft, push: Push, result: OdooPushResult & { outcome: 'verified' }): void {
  const reason = result.alreadyDone
    ? `Odoo shows ${result.orderState}, from an earlier try`
    : `Odoo shows ${result.orderState}`;
  const { deviations } = result;
  const data = { pushId: push.id, attempts: push.attempts, acceptedBy: push.acceptedBy };
  // Both figures of an order that ended by a person's word: what the plant delivered, and what Odoo has.
  const note = { reason, data: deviations?.length ? { ...data, deviations } : data };
  draft.settlePush('verified');
  if (push.kind === 'push') draft.end('push-verified', draft.batch.closesFailure ? 'failed' : 'completed', note);
  else if (push.kind === 'record') draft.event('record-verified', { notes: `consumption recorded, ${reason}` }, note);
  else if (isCancellable(draft.batch)) draft.end('cancel-verified', 'cancelled', note);
  else draft.event('push-withdrawn', {}, { ...note, reason: 'Odoo cancelled the order after the PLC had begun it' });
}

/** The PLC may have begun the order while Odoo was being asked to cancel it; then its push will need a person. */
function isCancellable(batch: Batch): boolean {
  return (
    batch.state === 'queued' || batch.state === 'finished' || batch.state === 'failed' || batch.state === 'quarantined'
  );
}

function postponed(
  draft: BatchDraft,
  push: Push,
  result: OdooPushResult & { outcome: 'later' },
  context: DecisionContext,
  random: () => number,
): void {
  const delayMs = Math.max(result.retryAfterMs, backoffDelayMs(retryPolicy, Math.max(0, push.attempts - 1), random));
  const nextAttemptAt = new Date(Date.parse(context.at) + delayMs).toISOString();
  const waitReason = result.reason ?? null;
  draft.patchPush({ status: 'waiting', nextAttemptAt, lastError: `${result.code}: ${result.message}`, waitReason });
  draft.event(
    eventsOf[push.kind].postponed,
    {},
    { reason: result.message, data: { code: result.code, nextAttemptAt } },
  );
}

function held(draft: BatchDraft, push: Push, result: OdooPushResult & { outcome: 'person' }): void {
  const { code, message, deviations } = result;
  draft.patchPush({ status: 'held', hold: { code, message, deviations }, lastError: `${code}: ${message}` });
  draft.event(eventsOf[push.kind].held, {}, { reason: message, data: { code, deviations } });
}

/** A watched batch ends here. One that was made live keeps its row: it is only not its time. */
function watched(draft: BatchDraft, push: Push, context: DecisionContext): void {
  if (draft.batch.watchOnly && push.kind === 'push') {
    draft.settlePush('watched');
    draft.end('watched', 'watched', { reason: 'watch only: nothing was sent to Odoo' });
    return;
  }
  const nextAttemptAt = new Date(Date.parse(context.at) + retryPolicy.capMs).toISOString();
  draft.patchPush({ status: 'waiting', nextAttemptAt, lastError: 'watch only: nothing was sent' });
  draft.event(eventsOf[push.kind].postponed, {}, { reason: 'watch only: nothing was sent' });
}
