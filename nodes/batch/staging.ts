// Task 1: which orders become the next queue of a line, and what the PLC's answer to it means.
import { ShopfloorError } from '../core/errors.ts';
import type { FetchedOrder, OdooFetchCommand } from '../odoo/messages.ts';
import type { PlcWriteCommand, PlcWriteResult } from '../plc/messages.ts';
import { type Batch, isInPlc } from './batch.ts';
import type { NoCommand } from './messages.ts';
import { newBatch, withOwnName } from './new-batch.ts';
import type { LedgerSettings } from './settings.ts';
import { BatchDraft, type Change, changesOf, type DecisionContext } from './transitions.ts';

/** What task 1 decides over: the line's open batches, and the orders that are open on any line. */
export interface StagingWorld {
  readonly batches: readonly Batch[];
  readonly openOrderIds: readonly number[];
  /** PLC names that may still stand in PLC memory from earlier orders. */
  readonly usedPlcNames: ReadonlySet<string>;
}

export interface StagingDecision {
  readonly changes: readonly Change[];
  readonly next: OdooFetchCommand | PlcWriteCommand | NoCommand;
}

/** A queue left over goes to the PLC first; a busy line needs nothing; a free one needs orders. */
export function decideBeginSync(
  world: StagingWorld,
  settings: LedgerSettings,
  context: DecisionContext,
): StagingDecision {
  const drafts = world.batches.map((batch) => new BatchDraft(context, batch));
  if (settings.watchOnly && !world.batches.some(isInPlc)) supersedeWatchedQueue(drafts);
  const next = nextQueue(drafts, settings, context) ?? fetchCommand(world, drafts, settings);
  return { changes: changesOf(drafts), next };
}

/** New orders become queued batches; orders that are open anywhere are skipped, so a repeated message stages nothing twice. */
export function decideStage(
  world: StagingWorld,
  orders: readonly FetchedOrder[],
  settings: LedgerSettings,
  context: DecisionContext,
): StagingDecision {
  const drafts = world.batches.map((batch) => new BatchDraft(context, batch));
  const lineIsFree = !world.batches.some((batch) => isInPlc(batch) || batch.offeredAt !== null);
  if (lineIsFree) {
    const taken = new Set(world.openOrderIds);
    let room =
      Math.min(settings.queueLimit, settings.slots) - drafts.filter((draft) => mayBeOffered(draft.batch)).length;
    for (const order of orders) {
      if (room <= 0) break;
      if (taken.has(order.orderId)) continue;
      taken.add(order.orderId);
      room -= 1;
      const named = settings.watchOnly ? order : withOwnName(order, drafts);
      const draft = new BatchDraft(context, newBatch(named, world.usedPlcNames, settings, context), true);
      draft.event('staged', {}, { data: { plannedCentiKg: order.quantityCentiKg } });
      drafts.push(draft);
    }
  }
  const next = nextQueue(drafts, settings, context) ?? { command: 'none', reason: 'no order to make' };
  return { changes: changesOf(drafts), next };
}

/**
 * The PLC's answer to the queue `result.queueId`.
 * @param queueBatches every batch that ever belonged to the queue and still names it
 */
export function decideWritten(
  queueBatches: readonly Batch[],
  result: PlcWriteResult,
  settings: LedgerSettings,
  context: DecisionContext,
): { readonly changes: readonly Change[]; readonly next: PlcWriteCommand | NoCommand } {
  if (queueBatches.length === 0) {
    throw new ShopfloorError('unknown-queue', 404, `No batch belongs to the queue ${result.queueId}.`, {
      hint: 'Pass the answer of plc-batch-write on as it is.',
    });
  }
  const drafts = queueBatches
    .filter((batch) => batch.state === 'queued' && batch.offeredAt !== null)
    .map((batch) => new BatchDraft(context, batch));
  if (result.outcome === 'refused') {
    refuseQueue(drafts, result);
    const reason = 'the queue can not be written; see its alarms';
    const next = nextQueue(drafts, settings, context) ?? ({ command: 'none', reason } as const);
    return { changes: changesOf(drafts), next };
  }
  for (const draft of drafts) answerOne(draft, result);
  return { changes: changesOf(drafts), next: { command: 'none', reason: answerText(result, drafts.length) } };
}

/**
 * Nothing of a refused queue is in the PLC. The batches that are to blame are set aside for a person, the others are offered again;
 * where the queue as a whole is refused, every batch of it is set aside.
 */
function refuseQueue(drafts: readonly BatchDraft[], { faults = [] }: PlcWriteResult): void {
  const whole = faults.filter(({ slot }) => slot === null).map(({ message }) => message);
  for (const draft of drafts) {
    const own = faults.filter(({ slot }) => slot !== null && slot === draft.batch.slot).map(({ message }) => message);
    draft.patch({ offeredAt: null });
    const reasons = [...own, ...whole];
    if (reasons.length === 0 && faults.length > 0) continue;
    const reason = reasons.join('; ') || 'the PLC node refused the queue';
    draft.event('plc-refused', { slot: null, queueId: null, notes: reason }, { reason });
  }
}

function answerOne(draft: BatchDraft, result: PlcWriteResult): void {
  const { batch } = draft;
  if (result.outcome === 'busy' || result.outcome === 'first-start') {
    draft.patch({ offeredAt: null });
    return;
  }
  if (result.outcome === 'watch-only') {
    // A batch that was staged live may be in the PLC all the same, so its hand-over stays open.
    if (batch.watchOnly) draft.patch({ offeredAt: null });
    return;
  }
  if (!result.slots.some(({ slot, moName }) => slot === batch.slot && moName === batch.plcName)) {
    throw new ShopfloorError(
      'queue-mismatch',
      409,
      `The PLC's answer does not name ${batch.plcName} in slot ${batch.slot}; queue ${result.queueId} stays as it is.`,
    );
  }
  const reason = result.outcome === 'recognised' ? 'recognised in PLC memory' : null;
  draft.event('handed-over', { offeredAt: null }, { reason });
}

function answerText(result: PlcWriteResult, count: number): string {
  if (count === 0) return 'the answer to this queue is recorded already';
  if (result.outcome === 'busy') return 'the PLC has not taken its last queue';
  if (result.outcome === 'watch-only') return 'watch only: nothing was written';
  if (result.outcome === 'first-start') return 'the PLC never took a queue; see its alarm';
  return inPlcText(count);
}

function inPlcText(count: number): string {
  return count === 1 ? '1 batch is in the PLC' : `${count} batches are in the PLC`;
}

/** The queue that goes to the PLC now, or why none may; undefined when nothing is queued and the line is free. */
function nextQueue(
  drafts: readonly BatchDraft[],
  settings: LedgerSettings,
  context: DecisionContext,
): PlcWriteCommand | NoCommand | undefined {
  const offered = drafts.filter((draft) => draft.batch.state === 'queued' && draft.batch.offeredAt !== null);
  if (offered.length > 0) return writeCommand(offered);
  const inPlc = drafts.filter((draft) => isInPlc(draft.batch)).length;
  if (inPlc > 0) return { command: 'none', reason: inPlcText(inPlc) };
  const queue = drafts
    .filter((draft) => mayBeOffered(draft.batch))
    .sort(byQueueOrder)
    .slice(0, Math.min(settings.queueLimit, settings.slots));
  if (queue.length === 0) return undefined;
  if (!isUnchanged(queue, drafts)) nameQueue(queue, context);
  for (const draft of queue) draft.patch({ offeredAt: context.at });
  return writeCommand(queue);
}

function mayBeOffered(batch: Batch): boolean {
  return batch.state === 'queued' && batch.push?.kind !== 'cancel';
}

/** Batches that a person queued again come first; then the order in which they were staged. */
function byQueueOrder(a: BatchDraft, b: BatchDraft): number {
  const [one, other] = [a.batch, b.batch];
  const resetFirst = Number(other.attempt > 1) - Number(one.attempt > 1);
  if (resetFirst !== 0) return resetFirst;
  return (
    one.createdAt.localeCompare(other.createdAt) ||
    (one.slot ?? Number.MAX_SAFE_INTEGER) - (other.slot ?? Number.MAX_SAFE_INTEGER)
  );
}

/** One queue id always means one content, so that the PLC node can recognise it. */
function isUnchanged(queue: readonly BatchDraft[], all: readonly BatchDraft[]): boolean {
  const queueId = queue[0]?.batch.queueId ?? null;
  return (
    queueId !== null &&
    queue.every((draft, index) => draft.batch.queueId === queueId && draft.batch.slot === index + 1) &&
    all.filter((draft) => draft.batch.queueId === queueId).length === queue.length
  );
}

function nameQueue(queue: readonly BatchDraft[], context: DecisionContext): void {
  const queueId = context.newId();
  queue.forEach((draft, index) => {
    const wasQueued = draft.batch.queueId !== null;
    const place = { queueId, slot: index + 1 };
    if (wasQueued) draft.event('requeued', place, { reason: 'the queue was put together again' });
    else draft.patch(place);
  });
}

function writeCommand(queue: readonly BatchDraft[]): PlcWriteCommand {
  const batches = queue
    .map(({ batch }) => ({
      slot: batch.slot ?? 0,
      moName: batch.plcName,
      bomCode: batch.plcBomCode,
      finishedGoods: batch.plcFinishedGoods,
      quantityCentiKg: batch.plannedCentiKg,
      consumption: batch.components
        .filter((component) => component.planned !== null)
        .map(({ equipment, targetCentiKg }) => ({ equipment, massCentiKg: targetCentiKg })),
    }))
    .sort((a, b) => a.slot - b.slot);
  return { command: 'write', queueId: queue[0]?.batch.queueId ?? '', batches };
}

function fetchCommand(world: StagingWorld, drafts: readonly BatchDraft[], settings: LedgerSettings): OdooFetchCommand {
  const ended = new Set(drafts.filter((draft) => draft.batch.endedAt !== null).map((draft) => draft.batch.orderId));
  return {
    command: 'fetch',
    limit: Math.min(settings.queueLimit, settings.slots),
    exclude: world.openOrderIds.filter((orderId) => !ended.has(orderId)),
  };
}

/** What a watch saw queued but never in the PLC is fetched again: the old system decides what is made. */
function supersedeWatchedQueue(drafts: readonly BatchDraft[]): void {
  for (const draft of drafts) {
    if (!draft.batch.watchOnly || draft.batch.state !== 'queued') continue;
    draft.settlePush('withdrawn');
    draft.end('superseded', 'watched', { reason: 'superseded by a new watch' });
  }
}

/** Going live ends every observation, so that nothing that was only watched is ever posted. */
export function decideGoLive(batches: readonly Batch[], context: DecisionContext): Change[] {
  const drafts = batches.filter((batch) => batch.watchOnly).map((batch) => new BatchDraft(context, batch));
  for (const draft of drafts) {
    draft.settlePush('withdrawn');
    draft.end('superseded', 'watched', { reason: 'watch only has ended' });
  }
  return changesOf(drafts);
}
