// What a person can do about a row that Odoo or the tolerance holds: only what can work is offered, and only that is taken.
import type { OdooPushCommand, PersonCode, Remainder } from '../odoo/messages.ts';
import { type Batch, consumedMass, type Push, totalFinished } from './batch.ts';

/** `backorder` accepts as well, and leaves the rest of the order open in Odoo. */
export type Offer = 'retry' | 'accept' | 'backorder' | 'correct' | 'reset' | 'cancel';

/** Holds that a person's word lets pass. */
const acceptable: ReadonlySet<PersonCode> = new Set<PersonCode>([
  'deviation',
  'quantity-changed',
  'recorded-by-hand',
  'order-done-differently',
]);

/** Nothing to post to any more: sending again finds the same. */
const endings: ReadonlySet<PersonCode> = new Set<PersonCode>(['order-cancelled', 'order-missing']);

/**
 * True when no later push can succeed: Odoo has no order to post to, or none that could still be cancelled. A person may then
 * write the batch off; its figures stay in the ledger.
 */
export function isLost({ hold, kind }: Push): boolean {
  if (hold === null) return false;
  return endings.has(hold.code) || (kind === 'cancel' && hold.code === 'order-done-differently');
}

export function isAcceptable(push: Push): boolean {
  return push.hold !== null && (isLost(push) || (push.kind !== 'cancel' && acceptable.has(push.hold.code)));
}

/** True when less was made than Odoo orders, and the order is still open there. */
export function leavesRest({ hold, payload }: Push): boolean {
  if (hold === null || payload.command !== 'push' || !payload.close) return false;
  if (hold.code !== 'deviation' && hold.code !== 'quantity-changed' && hold.code !== 'recorded-by-hand') return false;
  const ordered = hold.deviations.find(({ what }) => what === 'order-quantity')?.actualCentiKg;
  return payload.finishedQuantityCentiKg < (ordered ?? payload.plannedQuantityCentiKg);
}

/** What is offered for a held row, the most likely first; empty when nothing is held. */
export function offersFor(batch: Batch): readonly Offer[] {
  const { push } = batch;
  if (!push?.hold || batch.watchOnly) return [];
  const offers: Offer[] = [];
  if (isAcceptable(push)) offers.push('accept');
  if (isAcceptable(push) && leavesRest(push)) offers.push('backorder');
  if (push.hold.code !== 'nothing-finished') offers.push('retry');
  if (push.kind !== 'cancel' && !isLost(push) && isCorrectable(batch)) offers.push('correct');
  if (isCancellableHold(batch)) offers.push('cancel');
  return offers;
}

/** Everything that a person can do about a batch now, so that a screen offers nothing that would be refused. */
export function actionsFor(batch: Batch): readonly Offer[] {
  const { push, state } = batch;
  if (batch.endedAt !== null || batch.watchOnly) return [];
  const actions = new Set(offersFor(batch));
  const isStopped = state === 'failed' || state === 'quarantined';
  const isCancelling = push?.kind === 'cancel';
  if (push && !push.hold && push.status !== 'pushing') actions.add('retry');
  if (state === 'failed' && !push?.hold && push?.status !== 'pushing' && (totalFinished(batch) ?? 0) > 0)
    actions.add('retry');
  if (isStopped && !isCancelling) actions.add('correct').add('reset');
  const isUntouched = consumedMass(batch) === 0 && batch.offeredAt === null && !isCancelling;
  if (isUntouched && (state === 'queued' || isStopped)) actions.add('cancel');
  return order.filter((offer) => actions.has(offer));
}

const order: readonly Offer[] = ['accept', 'backorder', 'retry', 'correct', 'reset', 'cancel'];

function isCorrectable({ state }: Batch): boolean {
  return state === 'finished' || state === 'failed' || state === 'quarantined';
}

/** A batch of which nothing was finished and nothing consumed: the order can still be given up. */
export function isCancellableHold(batch: Batch): boolean {
  return batch.push?.hold?.code === 'nothing-finished' && consumedMass(batch) === 0;
}

/** The row's command with a person's word added; what was accepted before stays accepted. */
export function acceptedPayload(push: Push, remainder: Remainder | undefined): Push['payload'] {
  const { hold, payload } = push;
  if (hold === null || payload.command !== 'push') return payload;
  const ordered = hold.deviations.find(({ what }) => what === 'order-quantity')?.actualCentiKg;
  const before = payload.accepted ?? (push.acceptedBy === null ? [] : ['deviation' as const]);
  const accepted: OdooPushCommand['accepted'] = [...new Set([...before, hold.code])];
  const isMore = accepted.some((code) => code !== 'deviation');
  return {
    ...payload,
    ...(isMore && { accepted }),
    ...(hold.code === 'quantity-changed' && ordered !== undefined && { acceptedQuantityCentiKg: ordered }),
    ...(remainder !== undefined && { remainder }),
  };
}

const words: Readonly<Record<Offer, string>> = {
  retry: 'settle it in Odoo and send again',
  accept: 'accept it',
  backorder: 'accept it and leave the rest as a backorder',
  correct: 'correct its figures',
  reset: 'make it again',
  cancel: 'cancel the order',
};

/** The offers as the end of a sentence: `Accept it, or correct its figures.` */
export function offerText(offers: readonly Offer[]): string {
  const text = offers.map((offer) => words[offer]).join(', or ');
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
