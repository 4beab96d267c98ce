// What a network and a controller do to messages: drop, double, swap, delay, garble, fall silent, restart; on demand or at random.
import type { SimulatedMachine } from './simulated-machine.ts';

export const lineFaults = ['drop', 'duplicate', 'reorder', 'late', 'malformed', 'reset', 'silence'] as const;
export type LineFault = (typeof lineFaults)[number];

/** Chance of each fault for a message, percent. */
export type FaultRates = Readonly<Partial<Record<LineFault, number>>>;

/** What left the machine in one interval, in the order of the wire. */
export interface WireText {
  readonly text: string;
  /** Pieces that a perfect listener can know after this text: made until then; null for a text that says nothing. */
  readonly known: { readonly production: number; readonly defects: number } | null;
}

/** Messages that wait for later ones to overtake them. */
interface Held {
  readonly wire: WireText;
  ticksLeft: number;
}

/** Intervals that a late message stays behind. */
const lateTicks = 4;
const garbled = ['{"machine_id": "', 'not json at all', '[]', '{"machine_status": "Running"}', '\u0000\u0001'] as const;

export class FaultyLine {
  readonly machine: SimulatedMachine;
  readonly #rates: FaultRates;
  readonly #random: () => number;
  /** Messages still to be hit, mapped by fault. */
  readonly #ordered = new Map<LineFault, number>();
  /** How often each fault struck, mapped by fault. */
  readonly #struck = new Map<LineFault, number>();
  #held: Held[] = [];

  constructor(machine: SimulatedMachine, rates: FaultRates, random: () => number) {
    this.machine = machine;
    this.#rates = rates;
    this.#random = random;
  }

  get struck(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#struck);
  }

  /** The next `times` messages meet `fault`; `silence` keeps the machine from sending for as many intervals. */
  order(fault: LineFault, times: number): void {
    this.#ordered.set(fault, (this.#ordered.get(fault) ?? 0) + times);
  }

  /** Ends what was ordered; held messages still come. */
  clear(): void {
    this.#ordered.clear();
  }

  /** One interval: what goes over the wire now. */
  tick(nowMs: number): readonly WireText[] {
    const text = JSON.stringify(this.machine.tick(nowMs));
    const wire: WireText = { text, known: this.machine.made };
    const sent = this.#meet(wire);
    const overtaken = this.#overtaken();
    return [...sent, ...overtaken];
  }

  /** Everything that was held back. */
  flush(): readonly WireText[] {
    const rest = this.#held.map(({ wire }) => wire);
    this.#held = [];
    return rest;
  }

  #meet(wire: WireText): readonly WireText[] {
    if (this.#strikes('silence')) return [];
    if (this.#strikes('drop')) return [];
    if (this.#strikes('late')) return this.#hold(wire, lateTicks);
    if (this.#strikes('reorder')) return this.#hold(wire, 1);
    const sent = [wire];
    if (this.#strikes('malformed')) sent.unshift({ text: this.#garbage(), known: null });
    if (this.#strikes('duplicate')) sent.push(wire);
    // A controller that restarts has sent its last count, and has counted so far that its new count lies below the last for a
    // while: otherwise nobody could know what it made, and there would be no truth to hold a listener to.
    if (this.#held.length === 0 && this.machine.hasCountedFar && this.#strikes('reset')) this.machine.resetCounters();
    return sent;
  }

  #hold(wire: WireText, ticks: number): readonly WireText[] {
    this.#held.push({ wire, ticksLeft: ticks + 1 });
    return [];
  }

  #overtaken(): readonly WireText[] {
    for (const held of this.#held) held.ticksLeft -= 1;
    const due = this.#held.filter(({ ticksLeft }) => ticksLeft <= 0).map(({ wire }) => wire);
    this.#held = this.#held.filter(({ ticksLeft }) => ticksLeft > 0);
    return due;
  }

  #strikes(fault: LineFault): boolean {
    const ordered = this.#ordered.get(fault) ?? 0;
    const strikes = ordered > 0 || this.#random() * 100 < (this.#rates[fault] ?? 0);
    if (ordered > 0) this.#ordered.set(fault, ordered - 1);
    if (strikes) this.#struck.set(fault, (this.#struck.get(fault) ?? 0) + 1);
    return strikes;
  }

  #garbage(): string {
    return garbled[Math.floor(this.#random() * garbled.length)] ?? garbled[0];
  }
}
