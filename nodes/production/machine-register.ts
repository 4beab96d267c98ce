// The machines that a tracker counts for: all that are registered at its start, and a new one when it first sends.
import type { Clock } from '../core/clock.ts';
import { type CounterLimits, noCounterState } from './counter-rules.ts';
import { noLevel } from './counter-steps.ts';
import { type Counting, seenFromMs } from './counting.ts';
import type { Arrival } from './journal-body.ts';
import { LiveMachine } from './live-machine.ts';
import { neededFromMs } from './mark-store.ts';
import { storable } from './storable-text.ts';
import type { CounterTable, MachineTable } from './tables.ts';
import type { TrackerSettings } from './tracker-settings.ts';
import type { TrackerStore } from './tracker-store.ts';

/** Where nobody registers by sending, unknown machines are looked up anew at most this often. */
const lookAgainMs = 5_000;

export class MachineRegister {
  readonly #store: TrackerStore;
  readonly #settings: TrackerSettings;
  readonly #clock: Clock;
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(store: TrackerStore, settings: TrackerSettings, clock: Clock) {
    this.#store = store;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** All machines with their counters, and the ids of messages that may come again, into a new counting. */
  async readInto(counting: Counting, nowMs: number): Promise<void> {
    const { machines, counters, seen } = await this.#store.known(seenFromMs(nowMs, this.#settings.dedupeMs));
    const known = new Set(counters.map(({ machine }) => machine));
    await this.#store.openCounters(machines.map(({ id }) => id).filter((id) => !known.has(id)));
    this.#take(counting, machines, counters);
    for (const { machine, message_id: id, seen_ms: seenMs } of seen)
      counting.machines.get(machine)?.seen.set(id, seenMs);
  }

  /** Marks of before that late readings stand between, and falls that end: into memory. Nothing may be folded meanwhile. */
  async reach(counting: Counting, arrivals: readonly Arrival[]): Promise<void> {
    for (const [live, fromMs] of neededMarks(counting, arrivals)) await this.#store.loadMarks(live, fromMs);
  }

  /** Machines that nobody has registered: looked up again, and registered where the settings accept them. */
  async admit(counting: Counting, arrivals: readonly Arrival[]): Promise<void> {
    const strangers = new Set<string>();
    for (const { readings } of arrivals) {
      for (const { machine } of readings) {
        // A name that no table takes is never registered: its message is refused like any other stranger's.
        if (!counting.machines.has(machine) && storable(machine) === machine) strangers.add(machine);
      }
    }
    if (strangers.size === 0) return;
    const accepts = this.#settings.unknownMachine === 'accept';
    if (!accepts && this.#clock.monotonicMs() - this.#readMs < lookAgainMs) return;
    if (accepts) await this.#store.register([...strangers], this.#clock.now().toISOString(), 'tracker');
    const { machines, counters } = await this.#store.known(Number.MAX_SAFE_INTEGER);
    const found = machines.filter(({ id }) => strangers.has(id));
    await this.#store.openCounters(found.map(({ id }) => id));
    this.#take(counting, found, counters);
  }

  #take(counting: Counting, machines: readonly MachineTable[], counters: readonly CounterTable[]): void {
    const rows = new Map(counters.map((counter) => [counter.machine, counter]));
    for (const machine of machines) {
      counting.machines.set(machine.id, liveMachine(machine, rows.get(machine.id), this.#settings));
    }
    this.#readMs = this.#clock.monotonicMs();
  }
}

/** From when on marks are needed that are not in memory. */
export function neededMarks(counting: Counting, arrivals: readonly Arrival[]): ReadonlyMap<LiveMachine, number> {
  const needed = new Map<LiveMachine, number>();
  for (const { readings } of arrivals) {
    for (const reading of readings) {
      const live = counting.machines.get(reading.machine);
      const fromMs = live && neededFromMs(live, reading);
      if (live && fromMs !== undefined) needed.set(live, Math.min(fromMs, needed.get(live) ?? fromMs));
    }
  }
  return needed;
}

function liveMachine(machine: MachineTable, counter: CounterTable | undefined, settings: TrackerSettings): LiveMachine {
  const limits: CounterLimits = {
    modulus: machine.counter_modulus,
    maxPerHour: machine.max_per_hour ?? settings.maxPerHour,
    gapMs: settings.gapMs,
    countFirst: settings.countFirst,
    countAfterReset: settings.countAfterReset,
  };
  const state =
    counter === undefined
      ? noCounterState
      : {
          production: { ...noLevel, last: counter.last_production },
          defects: { ...noLevel, last: counter.last_defects },
          lastSourceMs: counter.last_source_ms,
          lastClockTrusted: counter.last_clock_trusted === 1,
          lastSequence: counter.last_sequence,
        };
  return new LiveMachine({
    machine: machine.id,
    epoch: counter?.epoch ?? 0,
    limits,
    state,
    arrivedMs: counter?.last_arrived_ms ?? null,
    order: counter?.order_name ?? '',
    production: counter?.total_production ?? 0,
    defects: counter?.total_defects ?? 0,
    messages: counter?.messages ?? 0,
    duplicates: counter?.duplicates ?? 0,
    late: counter?.late ?? 0,
    heardMs: counter?.heard_ms ?? null,
    silentUntilMs: counter?.silent_until_ms ?? null,
    marks: counter?.marks ?? null,
  });
}
