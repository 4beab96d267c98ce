// Task 2: what one snapshot of the PLC means for the batches of a line, slot by slot.
import { asError } from '../core/errors.ts';
import { type CentiKg, centiKg, formatKg, sumMass } from '../core/mass.ts';
import type { BlockReading, PlcBatch, PlcSnapshot } from '../plc/messages.ts';
import type { AlarmCondition } from './alarms.ts';
import { type Batch, consumedMass, isInPlc } from './batch.ts';
import { putPush } from './outbox.ts';
import { doubtsAbout, figuresForEvent, figuresOf, showsConsumption, showsMore } from './reading.ts';
import type { LedgerSettings } from './settings.ts';
import { BatchDraft, type Change, changesOf, type DecisionContext } from './transitions.ts';

export interface ObservingWorld {
  /** Open batches of the line, and ended ones whose PLC name stands in the snapshot. */
  readonly batches: readonly Batch[];
  /** PLC names of the snapshot that belong to an earlier attempt of some batch, with what it had consumed at its reset. */
  readonly earlierAttempts: ReadonlyMap<string, CentiKg>;
}

export interface ObservingDecision {
  readonly changes: readonly Change[];
  /** Blocks whose data is committed with these changes and whose read flag is not yet set. */
  readonly acknowledge: readonly { readonly slot: number; readonly moName: string }[];
  /** Everything wrong with the slots of this snapshot. */
  readonly conditions: readonly AlarmCondition[];
  /** Acknowledgements that watch-only mode held back, once for each batch. */
  readonly watched: readonly { readonly slot: number; readonly moName: string }[];
}

/** PLC names of a snapshot's plausible blocks: what the world must hold ended batches of. */
export function namesIn(snapshot: PlcSnapshot): string[] {
  return snapshot.blocks.flatMap((block) => (block.state === 'plausible' ? [block.batch.moName] : []));
}

/** Applies a snapshot. A fault in one slot is a condition of that slot; the others go on. */
export function decideObserve(
  world: ObservingWorld,
  snapshot: PlcSnapshot,
  settings: LedgerSettings,
  context: DecisionContext,
): ObservingDecision {
  const observer = new Observer(world, settings, context);
  for (const block of snapshot.blocks) observer.observe(block);
  return observer.decision();
}

class Observer {
  readonly #world: ObservingWorld;
  readonly #settings: LedgerSettings;
  readonly #context: DecisionContext;
  /** Mapped by batch id. */
  readonly #drafts: ReadonlyMap<string, BatchDraft>;
  readonly #acknowledge: { slot: number; moName: string }[] = [];
  readonly #watched: { slot: number; moName: string }[] = [];
  readonly #conditions: AlarmCondition[] = [];

  constructor(world: ObservingWorld, settings: LedgerSettings, context: DecisionContext) {
    this.#world = world;
    this.#settings = settings;
    this.#context = context;
    this.#drafts = new Map(world.batches.map((batch) => [batch.id, new BatchDraft(context, batch)]));
  }

  decision(): ObservingDecision {
    return {
      changes: changesOf(this.#drafts.values()),
      acknowledge: this.#acknowledge,
      conditions: this.#conditions,
      watched: this.#watched,
    };
  }

  observe(block: BlockReading): void {
    try {
      if (block.state === 'plausible') this.#plausible(block.slot, block.batch, block.words);
      else if (block.state === 'implausible') this.#implausible(block);
      else if (block.state === 'unreadable') {
        this.#condition(
          'slot-unreadable',
          block.slot,
          null,
          `Slot ${block.slot} can't be read: ${block.reasons.join('; ')}.`,
        );
      }
    } catch (error) {
      this.#condition(
        'slot-implausible',
        block.slot,
        null,
        `Slot ${block.slot} is not applied: ${asError(error).message}`,
      );
    }
  }

  #plausible(slot: number, block: PlcBatch, words: readonly number[]): void {
    const draft = this.#match(slot, block.moName);
    if (!draft) {
      this.#endWatchedHolder(slot);
      this.#unknown(slot, block);
      return;
    }
    if (draft.batch.state === 'queued') this.#recoverQueue(draft, slot);
    const { state, released } = draft.batch;
    if (released) {
      this.#condition(
        'slot-unknown-order',
        slot,
        block.moName,
        `Slot ${slot} holds ${block.moName}, which was released.`,
      );
    } else if (state === 'written' || state === 'running' || state === 'failed' || state === 'quarantined') {
      this.#follow(draft, slot, block, words);
    } else if (state === 'cancelled') {
      this.#unknown(slot, block, draft.batch);
    } else if (draft.batch.closesFailure && showsMore(draft.batch, block)) {
      // Acknowledged all the same, or the PLC would never take another queue; the figures are in the message.
      const taken = formatKg(sumMass(block.consumption.map(({ massCentiKg }) => massCentiKg)));
      const message = `Slot ${slot} went on with ${draft.batch.orderName}, which a person closed as failed, to ${taken} kg. Post the rest in Odoo.`;
      this.#condition('slot-unknown-order', slot, block.moName, message);
    }
    this.#acknowledgeIfCommitted(draft, slot, block);
  }

  /** Strictly slot and name. While only watching, the old system chose the slot. */
  #match(slot: number, moName: string): BatchDraft | undefined {
    const named = [...this.#drafts.values()].filter((draft) => draft.batch.plcName === moName);
    const open = named.filter((draft) => draft.batch.endedAt === null);
    return (
      open.find((draft) => draft.batch.slot === slot) ??
      open.find((draft) => draft.batch.watchOnly && draft.batch.state === 'queued') ??
      named.find((draft) => draft.batch.endedAt !== null && draft.batch.slot === slot)
    );
  }

  /** A queued batch in PLC memory proves that its whole queue was handed over: the guard word covers all of it. */
  #recoverQueue(draft: BatchDraft, slot: number): void {
    const { queueId, watchOnly } = draft.batch;
    const queue = watchOnly
      ? [draft]
      : [...this.#drafts.values()].filter(({ batch }) => batch.state === 'queued' && batch.queueId === queueId);
    for (const member of queue) {
      const place = watchOnly ? slot : member.batch.slot;
      if (watchOnly) this.#endWatchedHolder(slot);
      if (place !== null && this.#holderOf(place)) throw new Error(`slot ${place} is held by another batch`);
      if (member.batch.push?.kind === 'cancel') {
        member.settlePush('withdrawn');
        member.event('push-withdrawn', {}, { reason: 'the PLC has the order: it can no longer be cancelled' });
      }
      const reason = watchOnly ? 'handed over by the watched system' : 'recovered: the PLC has this queue';
      member.event('recovered', { offeredAt: null, slot: place }, { reason });
    }
  }

  #follow(draft: BatchDraft, slot: number, block: PlcBatch, words: readonly number[]): void {
    const doubts = doubtsAbout(draft.batch, block);
    if (doubts.length > 0) {
      this.#condition('slot-implausible', slot, draft.batch.orderName, `Slot ${slot}: ${doubts.join('; ')}.`);
      this.#countImplausible(draft, words, doubts);
      return;
    }
    const consumedBefore = consumedMass(draft.batch);
    draft.patch({ ...figuresOf(draft.batch, block, this.#context.at), implausibleCycles: 0 });
    const makes = showsConsumption(draft.batch);
    const flagged = block.failed || (block.finished && !makes);
    draft.patch({ flagCycles: flagged ? draft.batch.flagCycles + 1 : 0 });
    const flagHolds = draft.batch.flagCycles >= this.#settings.failedCycles;

    if (block.finished && (makes || flagHolds)) this.#finish(draft, slot, block);
    else if (draft.batch.state === 'failed') this.#followFailed(draft, slot, block, consumedBefore);
    else if (draft.batch.state === 'quarantined') this.#followQuarantined(draft, slot);
    else {
      if (makes && draft.batch.state === 'written') draft.event('started');
      if (block.failed && !block.finished && flagHolds) this.#fail(draft);
    }
  }

  #finish(draft: BatchDraft, slot: number, block: PlcBatch): void {
    if (draft.batch.state === 'written') draft.event('started');
    putPush(draft, 'push', this.#context);
    draft.event('finished', { flagCycles: 0 }, { data: figuresForEvent(draft.batch) });
    if (draft.batch.watchOnly) this.#watched.push({ slot, moName: block.moName });
  }

  /** What was consumed until now is posted, and the order stays open for a person's decision. */
  #fail(draft: BatchDraft): void {
    if (consumedMass(draft.batch) > 0) putPush(draft, 'record', this.#context);
    const reason = `the failed flag held for ${draft.batch.flagCycles} readings`;
    draft.event('failed', {}, { reason, data: figuresForEvent(draft.batch) });
  }

  #followFailed(draft: BatchDraft, slot: number, block: PlcBatch, consumedBefore: number): void {
    if (!block.failed && this.#slotIsFree(slot)) {
      this.#withdrawCancel(draft);
      draft.event('resumed', { flagCycles: 0 }, { reason: 'the PLC took its failed flag back' });
    } else if (consumedMass(draft.batch) > consumedBefore) {
      putPush(draft, 'record', this.#context);
      draft.event('consumed-more', {}, { data: figuresForEvent(draft.batch) });
    }
  }

  #followQuarantined(draft: BatchDraft, slot: number): void {
    if (!this.#slotIsFree(slot)) return;
    this.#withdrawCancel(draft);
    draft.event('readable-again', {}, { reason: 'the block reads plausibly again' });
  }

  #withdrawCancel(draft: BatchDraft): void {
    if (draft.batch.push?.kind !== 'cancel') return;
    draft.settlePush('withdrawn');
    draft.event('push-withdrawn', {}, { reason: 'the PLC makes the order again: it can no longer be cancelled' });
  }

  /** A slot belongs to one batch in the PLC; a queue under way may already have claimed it. */
  #slotIsFree(slot: number): boolean {
    return ![...this.#drafts.values()].some(
      ({ batch }) => batch.slot === slot && (isInPlc(batch) || (batch.state === 'queued' && batch.offeredAt !== null)),
    );
  }

  #implausible(block: BlockReading & { state: 'implausible' }): void {
    const holder = this.#holderOf(block.slot);
    const named = block.legibleMoName;
    const about = holder && (named === undefined || named === holder.batch.plcName) ? holder : undefined;
    const whose = about?.batch.orderName ?? named ?? null;
    this.#condition('slot-implausible', block.slot, whose, `Slot ${block.slot}: ${block.reasons.join('; ')}.`);
    if (about) this.#countImplausible(about, block.words, block.reasons);
  }

  #countImplausible(draft: BatchDraft, words: readonly number[], reasons: readonly string[]): void {
    const implausibleCycles = draft.batch.implausibleCycles + 1;
    draft.patch({ implausibleCycles });
    if (!isInPlc(draft.batch) || implausibleCycles < this.#settings.quarantineCycles) return;
    draft.event('quarantined', {}, { reason: reasons.join('; '), data: { words, reasons } });
  }

  #holderOf(slot: number): BatchDraft | undefined {
    return [...this.#drafts.values()].find((draft) => draft.batch.slot === slot && isInPlc(draft.batch));
  }

  /** While only watching, a slot that shows another order says that the old system has moved on. */
  #endWatchedHolder(slot: number): void {
    const holder = this.#holderOf(slot);
    if (holder?.batch.watchOnly) holder.end('superseded', 'watched', { reason: 'its slot shows another order' });
  }

  /** An order that the ledger does not follow here; blocks left over from our own ended batches are no news. */
  #unknown(slot: number, block: PlcBatch, ours?: Batch): void {
    const known = this.#world.earlierAttempts.get(block.moName);
    const shown = sumMass(block.consumption.map(({ massCentiKg }) => massCentiKg));
    const isOver = known !== undefined && shown <= known && (block.failed || block.read);
    if (ours ? ours.watchOnly || !showsMore(ours, block) : isOver) return;
    const beyond =
      known !== undefined && shown > known
        ? ` It took ${formatKg(centiKg(shown - known))} kg that the ledger does not know; correct the batch when it is finished.`
        : '';
    const message =
      ours || known !== undefined
        ? `Slot ${slot} makes ${block.moName}, which was ${ours ? 'cancelled' : 'reset'}. Stop it at the panel.${beyond}`
        : `Slot ${slot} holds ${block.moName || 'an order without a name'}, which is not in the ledger. Check who wrote it.`;
    this.#condition('slot-unknown-order', slot, block.moName, message);
  }

  #acknowledgeIfCommitted(draft: BatchDraft, slot: number, block: PlcBatch): void {
    if (!block.finished || block.read || draft.batch.watchOnly || this.#settings.watchOnly) return;
    const committed: readonly string[] = ['finished', 'pushing', 'archived', 'quarantined'];
    if (committed.includes(draft.batch.state) && !draft.batch.released)
      this.#acknowledge.push({ slot, moName: block.moName });
  }

  #condition(code: AlarmCondition['code'], slot: number, orderName: string | null, message: string): void {
    this.#conditions.push({ code, key: `slot ${slot}`, slot, orderName, message });
  }
}
