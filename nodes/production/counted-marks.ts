// The readings of one machine that were counted, in the order of their source: what a late one is judged by, and what it changes.
import type { CounterState } from './counter-rules.ts';

/** What stands behind a reading, in the order of the source. */
export interface Standing {
  readonly state: CounterState;
  /** The order that pieces are made for. */
  readonly order: string;
  /** When the machine said last how it is; null: never, or since then a last will said that it is gone. */
  readonly heardMs: number | null;
  /** When it was heard again after its last silence. */
  readonly silentUntilMs: number | null;
}

/** What a reading shows; none of it changes when others are placed before it. Whoever gives it to a line gives it away. */
export interface MarkShown {
  readonly atMs: number;
  /** Of its counters; null: not in it. */
  readonly production: number | null;
  readonly defects: number | null;
  readonly sequence: number | null;
  readonly isTrusted: boolean;
  readonly saysState: boolean;
  /** A last will: the machine is gone. */
  readonly isGone: boolean;
  /** Whether it counts at all, or only says that the machine was there. */
  readonly counts: boolean;
  /** Pieces and defects that come as such. */
  ownProduction: number;
  ownDefects: number;
  /** The order that begins with it; null: it says nothing about that. */
  order: string | null;
}

/** What a reading counts where it stands. */
export interface MarkCounted extends Standing {
  production: number;
  defects: number;
  /** Its pieces were made while nobody heard the machine. */
  readonly isUnheard: boolean;
  /** An old value returned with it. */
  readonly isReturn: boolean;
}

export interface CountedMark {
  shown: MarkShown;
  counted: MarkCounted;
  /** It stands for all that came between the mark before it and itself, within one minute: each a step forward. */
  isRun: boolean;
  /** A step forward that says nothing else. */
  readonly isPlain: boolean;
  /** The first one ever. One that is older than the oldest mark, where that is no first one, stands behind something that nobody knows. */
  isFirst: boolean;
  chunk: MarkChunk;
}

/** Marks that lie together in one row. */
export interface MarkChunk {
  /** Key of its row: of the first mark that it was made with; marks that come late may be older. Null for the newest, which lie with the counter. */
  readonly startMs: number | null;
}

/** The newest marks lie with the counter's row, which is written with every fold: few of them. */
const mostInTail = 16;
const closedAtOnce = 8;
/** A row that late readings have filled is cut in two. */
const mostInChunk = 64;
/** What is kept in memory of a machine without late readings. */
const keptMarks = 32;
const minuteMs = 60_000;

export class MarkLine {
  /** Counts how often nothing of before may be used any more: a new baseline, a clock that went back. */
  era: number;
  /** In the order of the source; the newest of this era, all of them where `isWhole`. */
  readonly marks: CountedMark[] = [];
  isWhole = true;
  #tail: MarkChunk = { startMs: null };
  readonly #changed = new Set<MarkChunk>();

  constructor(era: number) {
    this.era = era;
  }

  get last(): CountedMark | undefined {
    return this.marks.at(-1);
  }

  get tail(): MarkChunk {
    return this.#tail;
  }

  /** Whether an old value returned at an instant or later. */
  hasReturnFrom(atMs: number): boolean {
    const newest = this.marks.findLast(({ shown, counted }) => counted.isReturn || shown.atMs < atMs);
    return newest !== undefined && newest.shown.atMs >= atMs;
  }

  /** Behind all others. Within a minute, steps forward without anything else are one mark: the totals tell no more of them. */
  append(shown: MarkShown, counted: MarkCounted, isPlain: boolean, silenceMs: number): void {
    const { marks } = this;
    const last = marks.at(-1);
    if (last && shown.atMs < last.shown.atMs) this.begin();
    else if (last && isPlain && last.isPlain && this.#isRun(last, shown, counted, silenceMs)) {
      shown.ownProduction += last.shown.ownProduction;
      shown.ownDefects += last.shown.ownDefects;
      shown.order = last.shown.order;
      counted.production += last.counted.production;
      counted.defects += last.counted.defects;
      last.shown = shown;
      last.counted = counted;
      last.isRun = true;
      return;
    }
    const isFirst = marks.length === 0 && this.isWhole;
    marks.push({ shown, counted, isRun: false, isPlain, isFirst, chunk: this.#tail });
    this.#close();
  }

  /** A message without counts: the machine was heard. Only after a silence, or where it says more, it needs a mark of its own. */
  hear(shown: MarkShown, standing: Standing, silenceMs: number): void {
    const { last } = this;
    const heardMs = last?.counted.heardMs ?? null;
    const goesOn = heardMs !== null && shown.atMs >= heardMs && shown.atMs - heardMs <= silenceMs && !shown.isGone;
    if (last && goesOn) last.counted = { ...last.counted, heardMs: shown.atMs };
    else if (!last || shown.atMs >= last.shown.atMs)
      this.append(
        shown,
        { ...standing, production: 0, defects: 0, isUnheard: false, isReturn: false },
        false,
        silenceMs,
      );
  }

  /** Puts a mark in front of that at `index`. */
  insert(index: number, mark: Omit<CountedMark, 'chunk'>): CountedMark {
    const chunk = (this.marks[index - 1] ?? this.marks[index])?.chunk ?? this.#tail;
    const placed = { ...mark, chunk };
    const next = this.marks[index];
    if (index === 0 && next) next.isFirst = false;
    this.marks.splice(index, 0, placed);
    this.changed(placed);
    return placed;
  }

  changed({ chunk }: CountedMark): void {
    if (chunk !== this.#tail) this.#changed.add(chunk);
  }

  /** Older marks, the oldest first, each with its chunk. @param isWhole there are none before them */
  prepend(older: readonly CountedMark[], isWhole: boolean): void {
    this.marks.unshift(...older);
    this.isWhole = isWhole;
  }

  /** What the rows of changed chunks must hold from now on, mapped by the start of each. */
  takeChanged(): ReadonlyMap<number, readonly CountedMark[]> {
    if (this.#changed.size === 0) return new Map();
    /** Mapped by chunk. */
    const chunks = new Map<MarkChunk, CountedMark[]>();
    for (const mark of this.marks) {
      if (!this.#changed.has(mark.chunk)) continue;
      const known = chunks.get(mark.chunk);
      if (known) known.push(mark);
      else chunks.set(mark.chunk, [mark]);
    }
    this.#changed.clear();
    const rows = new Map<number, readonly CountedMark[]>();
    for (const [{ startMs }, marks] of chunks) for (const row of this.#halved(startMs ?? 0, marks)) rows.set(...row);
    return rows;
  }

  /**
   * Whether a counter that showed `production` at an instant would have had to fall to the mark behind it, where it rose from the one
   * before: then nothing was counted back, and the instant is wrong.
   */
  contradicts(atMs: number, production: number | null): boolean {
    const index = this.marks.findIndex(({ shown }) => shown.atMs > atMs);
    const next = this.marks[index]?.shown.production ?? null;
    if (production === null || next === null || production <= next) return false;
    const previous = this.marks[index - 1];
    // Behind a fall that is still open, the old value may return before the next message: a single zero, then a reset.
    if (previous && previous.counted.state.production.valleys.length > 0) return false;
    return (previous?.shown.production ?? 0) <= next;
  }

  /** The marks that lie with the counter. */
  inTail(): readonly CountedMark[] {
    const first = this.marks.findIndex(({ chunk }) => chunk === this.#tail);
    return first < 0 ? [] : this.marks.slice(first);
  }

  /** Forgets what is in the tables and will hardly be asked for. */
  trim(): void {
    const { marks } = this;
    if (marks.length <= 2 * keptMarks || this.#changed.size > 0) return;
    const chunk = marks[marks.length - keptMarks]?.chunk;
    const index = marks.findIndex((mark) => mark.chunk === chunk);
    if (index <= 0) return;
    marks.splice(0, index);
    this.isWhole = false;
  }

  #isRun(last: CountedMark, shown: MarkShown, counted: MarkCounted, silenceMs: number): boolean {
    const { marks } = this;
    const before = marks[marks.length - 2];
    if (!before || before.chunk !== this.#tail || last.chunk !== this.#tail) return false;
    const minute = Math.floor(shown.atMs / minuteMs);
    return (
      Math.floor(before.shown.atMs / minuteMs) === minute &&
      (last.counted.heardMs === null || shown.atMs - last.counted.heardMs <= silenceMs) &&
      last.shown.isTrusted === shown.isTrusted &&
      last.counted.order === counted.order &&
      last.counted.isUnheard === counted.isUnheard &&
      (last.shown.production === null) === (shown.production === null) &&
      (last.shown.defects === null) === (shown.defects === null)
    );
  }

  /** Nothing of before may be used any more: the clock of the source went back, or its counter has a new baseline. */
  begin(): void {
    this.marks.length = 0;
    this.#changed.clear();
    this.#tail = { startMs: null };
    this.era += 1;
    this.isWhole = false;
  }

  #close(): void {
    const { marks } = this;
    if (marks.length < mostInTail || marks[marks.length - mostInTail]?.chunk !== this.#tail) return;
    const first = marks.findIndex(({ chunk }) => chunk === this.#tail);
    const start = marks[first]?.shown.atMs;
    if (start === undefined || start === marks[first - 1]?.chunk.startMs) return;
    const chunk = { startMs: start };
    for (const mark of marks.slice(first, first + closedAtOnce)) mark.chunk = chunk;
    this.#changed.add(chunk);
  }

  *#halved(startMs: number, marks: readonly CountedMark[]): Generator<readonly [number, readonly CountedMark[]]> {
    const half = marks[Math.floor(marks.length / 2)]?.shown.atMs ?? startMs;
    if (marks.length <= mostInChunk || half <= startMs) {
      yield [startMs, marks];
      return;
    }
    const later = marks.filter(({ shown }) => shown.atMs >= half);
    const chunk = { startMs: half };
    for (const mark of later) mark.chunk = chunk;
    yield* this.#halved(startMs, marks.slice(0, marks.length - later.length));
    yield* this.#halved(half, later);
  }
}
