// What a person may decide about a batch: retry, reset, cancel, correct, clear. Each names its actor and obeys the state table.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { type CentiKg, centiKg, formatKg, roundToCentiKg, zeroMass } from '../core/mass.ts';
import type { Remainder } from '../odoo/messages.ts';
import { type Batch, type Component, consumedMass, type Push, totalConsumption, totalFinished } from './batch.ts';
import { equipmentOf } from './equipment.ts';
import {
  acceptedPayload,
  isAcceptable,
  isCancellableHold,
  isLost,
  leavesRest,
  offersFor,
  offerText,
} from './offers.ts';
import { putPush } from './outbox.ts';
import { plcNameOfAttempt } from './plc-name.ts';
import { BatchDraft, type Change, changesOf, type DecisionContext, StateConflict } from './transitions.ts';

/** More than any batch weighs; a figure above it is a slip of the hand (the original system's own limit). */
const largestKg = 10_000_000;

export interface RetryRequest {
  readonly accept: boolean;
  /** What becomes of the rest of an order of which less was made; only together with `accept`. */
  readonly remainder?: Remainder;
  readonly reason: string | null;
}

/** Tries Odoo again now; for a failed batch that made something, posts and closes it with what it made. */
export function decideRetry(batch: Batch, request: RetryRequest, context: DecisionContext): Change[] {
  refuseWatched(batch);
  const { push } = batch;
  if (push?.hold) refuseUseless(batch, push, request);
  else if (request.remainder === 'backorder') refuseBackorder(batch);
  const acceptedBy = request.accept ? context.actor.name : (push?.acceptedBy ?? null);
  const draft = new BatchDraft(context, batch);
  if (request.accept && push?.hold && isLost(push)) {
    draft.settlePush('withdrawn');
    const reason = `${push.hold.message} Accepted by ${context.actor.name}${request.reason ? `: ${request.reason}` : ''}`;
    draft.end('written-off', 'cancelled', { reason, data: { hold: push.hold, figures: figures(batch) } });
    return changesOf([draft]);
  }
  if (push?.status === 'pushing') throw new StateConflict(`${batch.orderName} is being sent to Odoo right now.`, batch);
  const closes = batch.state === 'failed' && push?.status !== 'held' && (totalFinished(batch) ?? 0) > 0;
  if (closes) {
    putPush(draft, 'push', context, acceptedBy);
    draft.event('closed', { closesFailure: true }, { reason: request.reason });
  } else if (push) {
    // A person's word begins a new series of tries: the next one is not put off by how long the last series was.
    const payload = request.accept ? acceptedPayload(push, request.remainder) : push.payload;
    draft.patchPush({ status: 'waiting', hold: null, nextAttemptAt: context.at, acceptedBy, attempts: 0, payload });
    const data = {
      accepted: request.accept,
      hold: push.hold,
      ...(request.remainder && { remainder: request.remainder }),
    };
    draft.event('retried', {}, { reason: request.reason, data });
  } else if (batch.state === 'failed') {
    throw new StateConflict(
      `${batch.orderName} failed before anything was finished; ${formatKg(consumedMass(batch))} kg were consumed.`,
      batch,
      'Reset it to make it again, or correct its figures.',
    );
  } else {
    throw new StateConflict(`${batch.orderName} is ${batch.state}; nothing waits for Odoo.`, batch);
  }
  return changesOf([draft]);
}

/** A word that can't help is refused at once: taken, it would only be held again. */
function refuseUseless(batch: Batch, push: Push, request: RetryRequest): void {
  const ways = offerText(offersFor(batch));
  if (request.accept && !isAcceptable(push)) {
    throw new StateConflict(`Accepting does not help ${batch.orderName}: ${push.hold?.message ?? ''}`, batch, ways);
  }
  if (request.remainder === 'backorder' && !(request.accept && leavesRest(push))) refuseBackorder(batch, ways);
}

function refuseBackorder(batch: Batch, ways = 'Send it again without a backorder.'): never {
  throw new StateConflict(`${batch.orderName} has no rest that could be left as a backorder.`, batch, ways);
}

/** A failed or quarantined batch is queued again under a new PLC name; what was consumed so far is kept and added. */
export function decideReset(batch: Batch, reason: string | null, context: DecisionContext): Change[] {
  refuseWatched(batch);
  if (batch.push?.kind === 'cancel') throw new StateConflict(`${batch.orderName} is being cancelled in Odoo.`, batch);
  const draft = new BatchDraft(context, batch);
  const attempt = batch.attempt + 1;
  const fields: Partial<Batch> = {
    attempt,
    plcName: plcNameOfAttempt(batch.plcOrderName, batch.orderId, attempt),
    slot: null,
    queueId: null,
    offeredAt: null,
    components: batch.components.map((component) => ({
      ...component,
      carriedCentiKg: centiKg(component.carriedCentiKg + (component.actualCentiKg ?? 0)),
      actualCentiKg: null,
    })),
    carriedFinishedCentiKg: centiKg(batch.carriedFinishedCentiKg + (batch.finishedCentiKg ?? 0)),
    finishedCentiKg: null,
    lastReadAt: null,
    lastChangedAt: null,
    flagCycles: 0,
    implausibleCycles: 0,
    released: false,
  };
  draft.event('reset', fields, { reason, data: { earlierAttempt: figures(batch) } });
  return changesOf([draft]);
}

/** The order will not be made; Odoo is asked to cancel it, and the batch ends when Odoo shows that. */
export function decideCancel(batch: Batch, reason: string | null, context: DecisionContext): Change[] {
  refuseWatched(batch);
  if (batch.state === 'written' || batch.state === 'running') {
    throw new StateConflict(`The PLC has ${batch.orderName}.`, batch, 'Stop it at the panel.');
  }
  refuseWhileOffered(batch);
  if (batch.state === 'finished' && !isCancellableHold(batch)) {
    throw new StateConflict(`${batch.orderName} was made.`, batch, 'Post it, or correct its figures.');
  }
  if (batch.push?.kind === 'cancel') throw new StateConflict(`${batch.orderName} is being cancelled already.`, batch);
  if (consumedMass(batch) > 0) {
    throw new StateConflict(
      `${formatKg(consumedMass(batch))} kg were consumed for ${batch.orderName}; they must be posted.`,
      batch,
      'Reset it to make it again, or correct its figures.',
    );
  }
  const draft = new BatchDraft(context, batch);
  draft.event('cancel-asked', {}, { reason });
  putPush(draft, 'cancel', context);
  return changesOf([draft]);
}

export interface CorrectRequest {
  /** Consumption of the whole order, all attempts together, in kg by equipment code or tag. */
  readonly consumptionKg: Readonly<Record<string, number>>;
  readonly finishedGoodsKg: number;
  readonly reason: string;
}

/** The true figures, as a person knows them, finish the batch. Every planned component must have one. */
export function decideCorrect(batch: Batch, request: CorrectRequest, context: DecisionContext): Change[] {
  refuseWatched(batch);
  const isHeld = batch.state === 'finished' && batch.push?.status === 'held';
  if (!isHeld && batch.state !== 'failed' && batch.state !== 'quarantined') {
    throw new StateConflict(
      `${batch.orderName} is ${batch.state}.`,
      batch,
      'Only a failed, quarantined or held batch can be corrected.',
    );
  }
  if (batch.push?.kind === 'cancel') throw new StateConflict(`${batch.orderName} is being cancelled in Odoo.`, batch);
  const components = correctedComponents(batch, request);
  const draft = new BatchDraft(context, batch);
  draft.patch({
    components,
    carriedFinishedCentiKg: zeroMass,
    finishedCentiKg: roundToCentiKg(request.finishedGoodsKg),
    lastChangedAt: context.at,
    closesFailure: false,
    released: false,
  });
  putPush(draft, 'push', context);
  draft.event(
    'corrected',
    {},
    { reason: request.reason, data: { before: figures(batch), after: figures(draft.batch) } },
  );
  return changesOf([draft]);
}

export interface ClearRequest {
  readonly release: boolean;
  readonly reason: string | null;
}

/** Drops what is queued, so that it can be fetched again; with `release` also gives up following what the PLC has. */
export function decideClear(batches: readonly Batch[], request: ClearRequest, context: DecisionContext): Change[] {
  const drafts = batches.map((batch) => new BatchDraft(context, batch));
  for (const draft of drafts) {
    const { batch } = draft;
    const isOffered = batch.state === 'queued' && batch.offeredAt !== null;
    if (isOffered && !request.release) refuseWhileOffered(batch);
    // Dropped, it would be fetched and made although somebody asked for its end; a held one waits for a person anyway.
    if (!batch.watchOnly && batch.push?.kind === 'cancel' && batch.push.status !== 'held') continue;
    if (batch.watchOnly && batch.state !== 'archived') {
      if (batch.state === 'queued' || request.release) drop(draft, request.reason);
    } else if (isOffered || ((batch.state === 'written' || batch.state === 'running') && request.release)) {
      const reason = `released by ${context.actor.name}${request.reason ? `: ${request.reason}` : ''}`;
      draft.event('released', { offeredAt: null, released: true }, { reason });
    } else if (batch.state === 'queued') {
      if (consumedMass(batch) > 0) setAside(draft, request.reason, context);
      else drop(draft, request.reason);
    }
  }
  return changesOf(drafts);
}

function drop(draft: BatchDraft, reason: string | null): void {
  draft.settlePush('withdrawn');
  // It never was in the PLC: fetched again, it may go by the same name there.
  draft.patch({ queueId: null });
  if (draft.batch.watchOnly) draft.end('superseded', 'watched', { reason: reason ?? 'cleared' });
  else draft.end('cleared', 'cancelled', { reason: reason ?? 'cleared; may be fetched again' });
}

/** An earlier attempt consumed something: the batch is not made again, but must not be forgotten. */
function setAside(draft: BatchDraft, reason: string | null, context: DecisionContext): void {
  if (draft.batch.push === null) putPush(draft, 'record', context);
  draft.event(
    'set-aside',
    { slot: null, queueId: null },
    { reason: reason ?? 'cleared; an earlier attempt consumed material' },
  );
}

function correctedComponents(batch: Batch, request: CorrectRequest): Component[] {
  const faults: FieldFault[] = [];
  const given = new Map<number, CentiKg>();
  for (const [name, kg] of Object.entries(request.consumptionKg)) {
    const equipment = equipmentOf(name);
    const field = `consumptionKg.${name}`;
    if (equipment === undefined)
      faults.push({ field, message: 'is no silo or tank (101..115, silo_a..silo_m, lq114, lq115)' });
    else if (given.has(equipment)) faults.push({ field, message: `is the second figure for equipment ${equipment}` });
    else if (!isMass(kg)) faults.push({ field, message: `must be between 0 and ${largestKg} kg` });
    else given.set(equipment, roundToCentiKg(kg));
  }
  if (!isMass(request.finishedGoodsKg)) {
    faults.push({ field: 'finishedGoodsKg', message: `must be between 0 and ${largestKg} kg` });
  }
  for (const component of batch.components) {
    if (component.planned === null || given.has(component.equipment) || component.actualCentiKg !== null) continue;
    faults.push({ field: 'consumptionKg', message: `lacks equipment ${component.equipment} (${component.name})` });
  }
  if (faults.length > 0) throw new InvalidInput(faults, 'The correction');
  const known = batch.components.map((component) => {
    const mass = given.get(component.equipment);
    return mass === undefined ? component : { ...component, carriedCentiKg: zeroMass, actualCentiKg: mass };
  });
  const added = [...given]
    .filter(([equipment, mass]) => mass > 0 && !batch.components.some((component) => component.equipment === equipment))
    .map(([equipment, mass]) => ({
      equipment,
      planned: null,
      name: '',
      targetCentiKg: zeroMass,
      actualCentiKg: mass,
      carriedCentiKg: zeroMass,
    }));
  return [...known, ...added].sort((a, b) => a.equipment - b.equipment);
}

function isMass(kg: number): boolean {
  return Number.isFinite(kg) && kg >= 0 && kg <= largestKg;
}

function figures(batch: Batch): object {
  return {
    consumptionCentiKg: Object.fromEntries(batch.components.map((one) => [one.equipment, totalConsumption(one)])),
    finishedCentiKg: totalFinished(batch),
  };
}

function refuseWatched(batch: Batch): void {
  if (batch.watchOnly) throw new StateConflict(`${batch.orderName} is only watched.`, batch, 'Go live first.');
}

function refuseWhileOffered(batch: Batch): void {
  if (batch.offeredAt === null) return;
  throw new StateConflict(
    `Whether the PLC has ${batch.orderName} is not known yet.`,
    batch,
    'Run task 1 again until the PLC has answered, or release it with clear.',
  );
}
