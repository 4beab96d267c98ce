// The simulated feed mill: takes a queue from the write area, makes it slot by slot, shows it in the read area.
import { zeroMass } from '../../core/mass.ts';
import type { MassField, MemoryMap, WordOrder } from '../memory-map.ts';
import { readInteger, writeInteger } from '../word-codec.ts';
import { type BatchPlan, BatchRun, type Dose } from './batch-run.ts';
import { Garbling } from './garbling.ts';
import { orderedBlock, queueToTake, shownBlock, shownName, takeQueue } from './handshake.ts';
import { type Delivery, defaultFeedMillSettings, type FeedMillEvent, type FeedMillSettings } from './mill-messages.ts';
import type { FeedMillState } from './mill-state.ts';
import type { WordStore } from './modbus-answer.ts';
import type { PlcMemory } from './plc-memory.ts';
import { seededRandom } from './seeded-random.ts';
import { Standstill } from './standstill.ts';

export interface FeedMillOptions {
  readonly memory: PlcMemory;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
  readonly seed: number;
  readonly settings?: Partial<FeedMillSettings>;
}

/** Enough for every test and trial; a simulator that runs for months must not fill the memory of its host. */
const keptDeliveries = 10_000;

/**
 * A ten-slot batch process inside PLC memory. `scan` is one PLC scan; clients read and write through the word store,
 * between scans, so that they always see a whole step.
 */
export class FeedMill implements WordStore {
  readonly #memory: PlcMemory;
  readonly #map: MemoryMap;
  readonly #order: WordOrder;
  readonly #settings: FeedMillSettings;
  readonly #random: () => number;
  readonly #garbling: Garbling;
  readonly #standstill = new Standstill();
  readonly #deliveries: Delivery[] = [];
  /** Batches of the taken queue that wait for their turn, with their write block as it was when taken. */
  #waiting: { readonly slot: number; readonly targets: Uint16Array }[] = [];
  #run: BatchRun | undefined;
  #lastScanMs: number | undefined;
  #failedFlagLeftMs = 0;
  #changes = 0;
  /** Slots that a command dooms before their turn, and whichever batch starts next. */
  readonly #doomed = new Set<number | 'next'>();

  constructor(options: FeedMillOptions) {
    this.#memory = options.memory;
    this.#map = options.map;
    this.#order = options.wordOrder;
    this.#settings = { ...defaultFeedMillSettings, ...options.settings };
    this.#random = seededRandom(options.seed);
    // Its own draws, so that the number of reads does not change what the mill makes.
    const garbleRandom = seededRandom(options.seed ^ 0x5bd1e995);
    this.#garbling = new Garbling(options.map, garbleRandom, this.#settings.garbleProbability);
  }

  /** Every run that ever started, oldest first. A batch made twice is here twice. */
  get deliveries(): readonly Delivery[] {
    const run = this.#run;
    return run ? [...this.#deliveries, deliveryOf(run, 'running')] : [...this.#deliveries];
  }

  /** True when no batch runs and none waits. */
  get isIdle(): boolean {
    return this.#run === undefined && this.#waiting.length === 0;
  }

  read(address: number, count: number): Uint16Array | undefined {
    const words = this.#memory.read(address, count);
    return words && this.#garbling.apply(address, words);
  }

  /** Grows whenever memory or process may have changed. */
  get changes(): number {
    return this.#changes;
  }

  write(address: number, words: Uint16Array): boolean {
    this.#changes += 1;
    return this.#memory.write(address, words);
  }

  /** Lets a batch fail: the running one now, or half-way the one that runs next or that of `slot` when its turn comes. */
  failBatch(slot?: number): void {
    this.#doomed.add(slot ?? this.#run?.plan.slot ?? 'next');
  }

  /** Raises the running batch's failed flag for a while although nothing failed. */
  flickerFailedFlag(seconds: number): void {
    if (this.#run) this.#failedFlagLeftMs = seconds * 1000;
  }

  /** Lets the line stand still for `seconds`, or until `resume`. */
  stall(seconds = Number.POSITIVE_INFINITY): void {
    this.#standstill.begin(seconds * 1000);
  }

  resume(): void {
    this.#standstill.end();
  }

  /** Shows nonsense instead of a slot's read block for the next `reads` reads of it; memory itself stays right. */
  garble(slot: number, reads = Number.POSITIVE_INFINITY): void {
    this.#garbling.garble(slot, reads);
  }

  clearGarbling(): void {
    this.#garbling.clear();
  }

  /** One scan at `nowMs` of a clock that never runs backwards; returns what happened. */
  scan(nowMs: number): FeedMillEvent[] {
    const sinceLastMs = this.#lastScanMs === undefined ? 0 : Math.max(0, nowMs - this.#lastScanMs);
    this.#lastScanMs = nowMs;
    const { leftMs, event } = this.#standstill.pass(sinceLastMs);
    const events: FeedMillEvent[] = event ? [{ event }] : [];
    if (this.#standstill.lasts) return events;
    if (this.isIdle) this.#takeQueue(events);
    if (!this.isIdle) this.#changes += 1;
    if (this.#run) this.#advance(this.#run, leftMs, events);
    else this.#startNext(events);
    return events;
  }

  /** What must survive a restart beside the memory: the batch in the mixer and those that wait. */
  state(): FeedMillState {
    return {
      waiting: this.#waiting.map(({ slot, targets }) => ({ slot, targets: [...targets] })),
      run: this.#run ? { plan: this.#run.plan, ranMs: this.#run.ranMs } : null,
    };
  }

  /** Goes on where `state` stopped; the memory must be that of the same moment. */
  restore(state: FeedMillState): void {
    this.#waiting = state.waiting.map(({ slot, targets }) => ({ slot, targets: Uint16Array.from(targets) }));
    this.#run = state.run ? new BatchRun(state.run.plan, state.run.ranMs) : undefined;
  }

  #takeQueue(events: FeedMillEvent[]): void {
    const slots = queueToTake(this.#memory, this.#map);
    if (slots.length === 0) return;
    // The write area may hold the next queue before the last of these batches starts.
    this.#waiting = slots.map((slot) => ({ slot, targets: orderedBlock(this.#memory, this.#map, slot).slice() }));
    takeQueue(this.#memory, this.#map, this.#order, slots);
    events.push({ event: 'queue-taken', slots: slots.map((slot) => ({ slot, moName: this.#moName(slot) })) });
  }

  #startNext(events: FeedMillEvent[]): void {
    const next = this.#waiting.shift();
    if (!next) return;
    const { slot, targets } = next;
    const doses = this.#map.equipment.map(({ code, consumption }): Dose => {
      const target = Math.max(0, readInteger(targets, consumption, this.#order) ?? 0);
      return { equipment: code, field: consumption, final: this.#scattered(target, consumption) };
    });
    this.#run = new BatchRun({ slot, moName: this.#moName(slot), doses, ...this.#fate(slot) });
    events.push({ event: 'batch-started', slot, moName: this.#run.plan.moName });
  }

  /** How long a batch takes and what befalls it; drawn for every batch, so that one setting does not shift the others. */
  #fate(slot: number): Pick<BatchPlan, 'durationMs' | 'failsAt' | 'stallsAt'> {
    const [failure, failsAt, stall, stallsAt] = [this.#random(), this.#random(), this.#random(), this.#random()];
    const isDoomed = this.#doomed.delete(slot) || this.#doomed.delete('next');
    const fails = failure < this.#settings.failureProbability;
    return {
      durationMs: this.#settings.secondsPerBatch * 1000,
      failsAt: isDoomed ? 0.5 : fails ? failsAt : null,
      stallsAt: stall < this.#settings.stallProbability ? stallsAt : null,
    };
  }

  #advance(run: BatchRun, elapsedMs: number, events: FeedMillEvent[]): void {
    const { slot, failsAt, stallsAt } = run.plan;
    const before = run.progress;
    run.advance(elapsedMs, failsAt ?? 1);
    const block = shownBlock(this.#memory, this.#map, slot);
    for (const dose of run.plan.doses) writeInteger(block, dose.field, this.#order, run.shown(dose));
    const flickers = this.#failedFlagLeftMs > 0;
    this.#failedFlagLeftMs = Math.max(0, this.#failedFlagLeftMs - elapsedMs);
    const fails = this.#doomed.delete(slot) || (failsAt !== null && run.progress >= failsAt);
    const finishes = !fails && run.progress >= 1;
    block[this.#map.failedFlag.offset] = fails || (flickers && !finishes) ? 1 : 0;
    if (finishes) {
      writeInteger(block, this.#map.finishedWeight, this.#order, this.#finishedWeight(run));
      block[this.#map.finishedFlag.offset] = 1;
    }
    if (fails || finishes) this.#close(run, fails ? 'failed' : 'finished', events);
    else if (stallsAt !== null && before < stallsAt && run.progress >= stallsAt)
      this.stall(this.#settings.stallSeconds);
  }

  #close(run: BatchRun, state: 'finished' | 'failed', events: FeedMillEvent[]): void {
    const delivery = deliveryOf(run, state);
    this.#run = undefined;
    this.#failedFlagLeftMs = 0;
    this.#deliveries.push(delivery);
    if (this.#deliveries.length > keptDeliveries) this.#deliveries.shift();
    const { slot, moName, consumption, finishedWeightCentiKg } = delivery;
    events.push({ event: `batch-${state}`, slot, moName, consumption, finishedWeightCentiKg });
  }

  /** The weight in the units of its own field, which may be coarser than those of the silos. */
  #finishedWeight(run: BatchRun): number {
    return Math.floor((run.weight() * this.#map.finishedWeight.scale + 50) / 100);
  }

  /** A whole number of units near the target, never above what the scale can show. */
  #scattered(target: number, field: MassField): number {
    const factor = 1 + (this.#settings.scatterPercent / 100) * (2 * this.#random() - 1);
    const greatest = Math.floor((field.maxCentiKg * field.scale) / 100);
    return Math.max(0, Math.min(Math.round(target * factor), Math.max(greatest, target)));
  }

  #moName(slot: number): string {
    return shownName(this.#memory, this.#map, slot);
  }
}

/** A failed batch has no finished weight, but what it took from the silos is gone. */
function deliveryOf(run: BatchRun, state: Delivery['state']): Delivery {
  return {
    slot: run.plan.slot,
    moName: run.plan.moName,
    state,
    consumption: run.consumption(),
    finishedWeightCentiKg: state === 'finished' ? run.weight() : zeroMass,
  };
}
