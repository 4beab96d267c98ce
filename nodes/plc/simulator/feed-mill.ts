// The simulated feed mill: takes a queue from the write area, makes it slot by slot, shows it in the read area.

import { zeroMass } from '../../core/mass.ts';
import {
  type FlagField,
  type MassField,
  type MemoryMap,
  readBlockAddress,
  slotsOf,
  type WordOrder,
  writeBlockAddress,
} from '../memory-map.ts';
import { readAscii, readInteger, writeInteger } from '../word-codec.ts';
import { BatchRun, type Dose } from './batch-run.ts';
import { Garbling } from './garbling.ts';
import { type Delivery, defaultFeedMillSettings, type FeedMillEvent, type FeedMillSettings } from './mill-messages.ts';
import type { WordStore } from './modbus-answer.ts';
import type { PlcMemory } from './plc-memory.ts';
import { seededRandom } from './seeded-random.ts';

export interface FeedMillOptions {
  readonly memory: PlcMemory;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
  readonly seed: number;
  readonly settings?: Partial<FeedMillSettings>;
}

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
  readonly #deliveries: Delivery[] = [];
  /** Batches of the taken queue that wait for their turn, with their write block as it was when taken. */
  #waiting: { readonly slot: number; readonly targets: Uint16Array }[] = [];
  #run: BatchRun | undefined;
  #lastScanMs: number | undefined;
  #stalled = false;
  #stallLeftMs = 0;
  #failedFlagLeftMs = 0;
  /** Slots that a command dooms before their turn, and whichever batch starts next. */
  readonly #doomed = new Set<number | 'next'>();
  #stallRequested: number | undefined;
  #resumeRequested = false;

  constructor(options: FeedMillOptions) {
    this.#memory = options.memory;
    this.#map = options.map;
    this.#order = options.wordOrder;
    this.#settings = { ...defaultFeedMillSettings, ...options.settings };
    this.#random = seededRandom(options.seed);
    this.#garbling = new Garbling(
      options.map,
      seededRandom(options.seed ^ 0x5bd1e995),
      this.#settings.garbleProbability,
    );
  }

  /** Every run that ever started, oldest first. A batch made twice is here twice. */
  get deliveries(): readonly Delivery[] {
    const run = this.#run;
    return run ? [...this.#deliveries, delivery(run, 'running')] : [...this.#deliveries];
  }

  /** True when no batch runs and none waits. */
  get isIdle(): boolean {
    return this.#run === undefined && this.#waiting.length === 0;
  }

  read(address: number, count: number): Uint16Array | undefined {
    const words = this.#memory.read(address, count);
    return words && this.#garbling.apply(address, words);
  }

  write(address: number, words: Uint16Array): boolean {
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
    this.#stallRequested = seconds * 1000;
  }

  resume(): void {
    this.#resumeRequested = true;
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
    const events: FeedMillEvent[] = [];
    const sinceLastMs = this.#lastScanMs === undefined ? 0 : Math.max(0, nowMs - this.#lastScanMs);
    this.#lastScanMs = nowMs;
    const elapsedMs = this.#standStill(sinceLastMs, events);
    if (this.#stalled) return events;
    if (this.isIdle) this.#takeQueue(events);
    if (this.#run) this.#advance(this.#run, elapsedMs, events);
    else this.#startNext(events);
    return events;
  }

  /** Spends `elapsedMs` on a standstill and returns what is left for production. */
  #standStill(elapsedMs: number, events: FeedMillEvent[]): number {
    if (this.#stallRequested !== undefined) {
      this.#stallLeftMs = this.#stallRequested;
      this.#stallRequested = undefined;
      if (!this.#stalled) events.push({ event: 'stalled' });
      this.#stalled = true;
    } else if (this.#stalled) {
      const stood = Math.min(elapsedMs, this.#stallLeftMs);
      this.#stallLeftMs -= stood;
      if (this.#resumeRequested || this.#stallLeftMs <= 0) {
        this.#stalled = false;
        events.push({ event: 'resumed' });
      }
      this.#resumeRequested = false;
      return this.#stalled ? 0 : elapsedMs - stood;
    }
    this.#resumeRequested = false;
    return elapsedMs;
  }

  /** Both handshakes: only with guard 0, only when every finished block has been read; guard 1 in the same scan. */
  #takeQueue(events: FeedMillEvent[]): void {
    const map = this.#map;
    if (this.#memory.words[map.guardAddress] !== 0) return;
    const slots = slotsOf(map);
    const named = slots.filter((slot) => this.#isNamed(writeBlockAddress(map, slot)));
    if (named.length === 0) return;
    if (slots.some((slot) => this.#flag(slot, map.finishedFlag) === 1 && this.#flag(slot, map.readFlag) === 0)) return;
    for (const slot of slots) {
      const block = this.#readBlock(slot);
      if (!named.includes(slot)) {
        block.fill(0);
        continue;
      }
      block.set(this.#memory.view(writeBlockAddress(map, slot), map.blockWords));
      for (const { consumption } of map.equipment) writeInteger(block, consumption, this.#order, 0);
      writeInteger(block, map.finishedWeight, this.#order, 0);
      for (const flag of [map.finishedFlag, map.failedFlag, map.readFlag]) block[flag.offset] = 0;
    }
    this.#memory.words[map.guardAddress] = 1;
    this.#waiting = named.map((slot) => ({
      slot,
      targets: this.#memory.view(writeBlockAddress(map, slot), map.blockWords).slice(),
    }));
    events.push({ event: 'queue-taken', slots: named.map((slot) => ({ slot, moName: this.#moName(slot) })) });
  }

  #startNext(events: FeedMillEvent[]): void {
    const next = this.#waiting.shift();
    if (!next) return;
    const { slot, targets } = next;
    const doses = this.#map.equipment.map(({ code, consumption }): Dose => {
      const target = Math.max(0, readInteger(targets, consumption, this.#order) ?? 0);
      return { equipment: code, field: consumption, target, final: this.#scattered(target, consumption) };
    });
    // Drawn for every batch, so that one setting does not change what another one draws.
    const [failure, failsAt, stall, stallsAt] = [this.#random(), this.#random(), this.#random(), this.#random()];
    const isDoomed = this.#doomed.delete(slot) || this.#doomed.delete('next');
    this.#run = new BatchRun({
      slot,
      moName: this.#moName(slot),
      doses,
      durationMs: this.#settings.secondsPerBatch * 1000,
      failsAt: isDoomed ? 0.5 : failure < this.#settings.failureProbability ? failsAt : undefined,
      stallsAt: stall < this.#settings.stallProbability ? stallsAt : undefined,
    });
    events.push({ event: 'batch-started', slot, moName: this.#run.plan.moName });
  }

  #advance(run: BatchRun, elapsedMs: number, events: FeedMillEvent[]): void {
    const { slot, failsAt, stallsAt } = run.plan;
    const before = run.progress;
    run.run(elapsedMs, failsAt);
    const block = this.#readBlock(slot);
    for (const dose of run.plan.doses) writeInteger(block, dose.field, this.#order, run.shown(dose));
    if (this.#failedFlagLeftMs > 0) {
      block[this.#map.failedFlag.offset] = 1;
      this.#failedFlagLeftMs = Math.max(0, this.#failedFlagLeftMs - elapsedMs);
    } else block[this.#map.failedFlag.offset] = 0;

    if (this.#doomed.delete(slot) || (failsAt !== undefined && run.progress >= failsAt)) {
      block[this.#map.failedFlag.offset] = 1;
      this.#close(run, 'failed', events);
    } else if (run.progress >= 1) {
      block[this.#map.failedFlag.offset] = 0;
      writeInteger(block, this.#map.finishedWeight, this.#order, this.#finishedWeight(run));
      block[this.#map.finishedFlag.offset] = 1;
      this.#close(run, 'finished', events);
    } else if (stallsAt !== undefined && before < stallsAt && run.progress >= stallsAt) {
      this.stall(this.#settings.stallSeconds);
    }
  }

  #close(run: BatchRun, state: 'finished' | 'failed', events: FeedMillEvent[]): void {
    const record = delivery(run, state);
    this.#run = undefined;
    this.#failedFlagLeftMs = 0;
    this.#deliveries.push(record);
    const { slot, moName, consumption, finishedWeightCentiKg } = record;
    events.push({ event: `batch-${state}`, slot, moName, consumption, finishedWeightCentiKg });
  }

  /** The weight in the units of its own field, which may be coarser than those of the silos. */
  #finishedWeight(run: BatchRun): number {
    return Math.floor((run.weight() * this.#map.finishedWeight.scale + 50) / 100);
  }

  /** A whole number of units near the target, never above what the scale shows. */
  #scattered(target: number, field: MassField): number {
    const factor = 1 + (this.#settings.scatterPercent / 100) * (2 * this.#random() - 1);
    const greatest = Math.floor((field.maxCentiKg * field.scale) / 100);
    return Math.max(0, Math.min(Math.round(target * factor), Math.max(greatest, target)));
  }

  #readBlock(slot: number): Uint16Array {
    return this.#memory.view(readBlockAddress(this.#map, slot), this.#map.blockWords);
  }

  #flag(slot: number, field: FlagField): number | undefined {
    return this.#readBlock(slot)[field.offset];
  }

  #isNamed(blockAddress: number): boolean {
    const name = this.#memory.view(blockAddress + this.#map.moName.offset, this.#map.moName.words);
    return name.some((word) => word !== 0 && word !== 0x2020);
  }

  #moName(slot: number): string {
    return readAscii(this.#readBlock(slot), this.#map.moName, this.#map.asciiByteOrder) ?? 'illegible';
  }
}

function delivery(run: BatchRun, state: Delivery['state']): Delivery {
  return {
    slot: run.plan.slot,
    moName: run.plan.moName,
    state,
    consumption: run.consumption(),
    finishedWeightCentiKg: state === 'finished' ? run.weight() : zeroMass,
  };
}
