// Marks of a machine as text, beside its counter and in rows of their own: what every mark says in a place, what few say by a letter.

import { type CountedMark, type MarkChunk, MarkLine, type Standing } from './counted-marks.ts';
import { noCounterState } from './counter-rules.ts';
import type { CounterLevel, Valley } from './counter-steps.ts';
import { FallWindow } from './fall-window.ts';

/** Flags as bits. */
const trusted = 1;
const saysState = 2;
const gone = 4;
const counts = 8;
const run = 16;
const plain = 32;
const first = 64;
const unheard = 128;
const returned = 256;

const version = 1;

/** Pieces per ms are kept to so many digits. */
const paceDigits = 4;

/** What is true of a mark unless it says otherwise. */
interface Extra {
  readonly own?: readonly [production: number, defects: number];
  readonly order?: string;
  readonly inForce?: string;
  readonly last?: readonly [production: number | null, defects: number | null];
  readonly held?: readonly [production: number | null, defects: number | null];
  readonly valleys?: readonly [production: readonly Valley[], defects: readonly Valley[]];
  readonly counter?: readonly [lastMs: number | null, clockTrusted: 0 | 1, sequence: number | null];
  readonly heard?: number | null;
  readonly silent?: number | null;
}

type PackedMark = readonly [
  sinceMs: number,
  production: number | null,
  defects: number | null,
  sequence: number | null,
  flags: number,
  countedProduction: number,
  countedDefects: number,
  extra?: Extra,
];

type Packed = readonly [startMs: number, pace: readonly [number, number], marks: readonly PackedMark[]];

export const noStanding: Standing = { state: noCounterState, order: '', heardMs: null, silentUntilMs: null };

export function packMarks(marks: readonly CountedMark[]): string {
  return JSON.stringify(packed(marks));
}

/** The marks of one row, each in `chunk`; undefined where its text is none. */
export function unpackMarks(body: string, chunk: MarkChunk): CountedMark[] | undefined {
  try {
    return unpacked(JSON.parse(body) as Packed, chunk);
  } catch {
    return undefined;
  }
}

/** What lies with the counter: the era of its line, its newest marks, and how often it fell lately. */
export function packLine(line: MarkLine, falls: FallWindow): string {
  return JSON.stringify([version, line.era, falls.packed(), packed(line.inTail())]);
}

/**
 * The line as it was. @param text null: of a counter that was counted before there were marks, or not yet
 * @param now what stands behind its last reading
 */
export function unpackLine(
  text: string | null,
  now: Standing,
): { readonly line: MarkLine; readonly falls: FallWindow } {
  const [, era, falls, tail] = lineOf(text);
  const line = new MarkLine(era);
  const marks = tail ? unpacked(tail, line.tail) : [];
  line.prepend(marks, marks[0]?.isFirst ?? (now.state.lastSourceMs === null && era === 0));
  // What was before is known by its outcome only: nothing can be placed there.
  if (marks.length === 0 && now.state.lastSourceMs !== null) {
    line.isWhole = false;
    line.append(
      wallShown(now.state.lastSourceMs, now),
      { ...now, production: 0, defects: 0, isUnheard: false, isReturn: false },
      false,
      0,
    );
  }
  return { line, falls: new FallWindow(falls) };
}

type Line = readonly [number, number, ReturnType<FallWindow['packed']> | null, Packed | null];

/** A text that is none is a line without marks: late readings then change nothing, and one damaged row stops no machine. */
function lineOf(text: string | null): Line {
  if (text === null) return [version, 0, null, null];
  try {
    return JSON.parse(text) as Line;
  } catch {
    return [version, damagedEra, null, null];
  }
}

/** Of a line whose own era is lost: none of its rows is read. */
const damagedEra = 1_000_000;

/** The text of a line that begins anew behind a baseline that a person set. */
export function lineAfterBaseline(text: string | null): string {
  const [, era] = lineOf(text);
  return JSON.stringify([version, era + 1, null, null]);
}

/** The text of a line in which an order begins at an instant behind its last mark; unchanged where there is none, or a newer one. */
export function lineWithOrder(text: string | null, atMs: number, order: string): string | null {
  if (text === null) return null;
  const { line, falls } = unpackLine(text, noStanding);
  const { last } = line;
  if (!last || last.shown.atMs > atMs) return text;
  const shown = { ...wallShown(atMs, last.counted), production: null, defects: null, counts: false, order };
  line.append(
    shown,
    { ...last.counted, order, production: 0, defects: 0, isUnheard: false, isReturn: false },
    false,
    0,
  );
  return packLine(line, falls);
}

function wallShown(atMs: number, { state, order }: Standing) {
  return {
    atMs,
    production: state.production.last,
    defects: state.defects.last,
    sequence: state.lastSequence,
    isTrusted: state.lastClockTrusted,
    saysState: false,
    isGone: false,
    counts: true,
    ownProduction: 0,
    ownDefects: 0,
    order,
  };
}

function packed(marks: readonly CountedMark[]): Packed | null {
  const [oldest] = marks;
  const newest = marks.at(-1);
  if (!oldest || !newest) return null;
  const startMs = oldest.shown.atMs;
  const { production, defects } = newest.counted.state;
  let before: Standing = noStanding;
  const rows = marks.map((mark): PackedMark => {
    const { shown, counted } = mark;
    const flags =
      (shown.isTrusted ? trusted : 0) |
      (shown.saysState ? saysState : 0) |
      (shown.isGone ? gone : 0) |
      (shown.counts ? counts : 0) |
      (mark.isRun ? run : 0) |
      (mark.isPlain ? plain : 0) |
      (mark.isFirst ? first : 0) |
      (counted.isUnheard ? unheard : 0) |
      (counted.isReturn ? returned : 0);
    const extra = extraOf(mark, before);
    before = counted;
    const row = [
      shown.atMs - startMs,
      shown.production,
      shown.defects,
      shown.sequence,
      flags,
      counted.production,
      counted.defects,
    ] as const;
    return extra ? [...row, extra] : row;
  });
  return [startMs, [rounded(production.pace), rounded(defects.pace)], rows];
}

function extraOf({ shown, counted }: CountedMark, before: Standing): Extra | undefined {
  const { state } = counted;
  const { production, defects } = state;
  const isOther = {
    last: production.last !== shown.production || defects.last !== shown.defects,
    held: production.held !== null || defects.held !== null,
    valleys: production.valleys.length > 0 || defects.valleys.length > 0,
    counter:
      state.lastSourceMs !== shown.atMs ||
      state.lastClockTrusted !== shown.isTrusted ||
      state.lastSequence !== shown.sequence,
  };
  const extra: Extra = {
    ...((shown.ownProduction !== 0 || shown.ownDefects !== 0) && { own: [shown.ownProduction, shown.ownDefects] }),
    ...(shown.order !== null && { order: shown.order }),
    ...(counted.order !== before.order && { inForce: counted.order }),
    ...(isOther.last && { last: [production.last, defects.last] }),
    ...(isOther.held && { held: [production.held, defects.held] }),
    ...(isOther.valleys && { valleys: [production.valleys, defects.valleys] }),
    ...(isOther.counter && { counter: [state.lastSourceMs, state.lastClockTrusted ? 1 : 0, state.lastSequence] }),
    ...(counted.heardMs !== shown.atMs && { heard: counted.heardMs }),
    ...(counted.silentUntilMs !== before.silentUntilMs && { silent: counted.silentUntilMs }),
  };
  return Object.keys(extra).length > 0 ? extra : undefined;
}

function unpacked([startMs, [productionPace, defectsPace], rows]: Packed, chunk: MarkChunk): CountedMark[] {
  let before: Standing = noStanding;
  return rows.map(([sinceMs, production, defects, sequence, flags, made, spoilt, extra = {}]) => {
    const atMs = startMs + sinceMs;
    const is = (flag: number) => (flags & flag) !== 0;
    const level = (index: 0 | 1, shown: number | null, pace: number): CounterLevel => ({
      last: extra.last ? extra.last[index] : shown,
      held: extra.held?.[index] ?? null,
      valleys: extra.valleys?.[index] ?? [],
      pace,
    });
    const [lastSourceMs, lastTrusted, lastSequence] = extra.counter ?? [atMs, is(trusted) ? 1 : 0, sequence];
    const standing: Standing = {
      state: {
        production: level(0, production, productionPace),
        defects: level(1, defects, defectsPace),
        lastSourceMs,
        lastClockTrusted: lastTrusted === 1,
        lastSequence,
      },
      order: extra.inForce ?? before.order,
      heardMs: extra.heard === undefined ? atMs : extra.heard,
      silentUntilMs: extra.silent === undefined ? before.silentUntilMs : extra.silent,
    };
    before = standing;
    const [ownProduction, ownDefects] = extra.own ?? [0, 0];
    return {
      shown: {
        atMs,
        production,
        defects,
        sequence,
        isTrusted: is(trusted),
        saysState: is(saysState),
        isGone: is(gone),
        counts: is(counts),
        ownProduction,
        ownDefects,
        order: extra.order ?? null,
      },
      counted: { ...standing, production: made, defects: spoilt, isUnheard: is(unheard), isReturn: is(returned) },
      isRun: is(run),
      isPlain: is(plain),
      isFirst: is(first),
      chunk,
    };
  });
}

function rounded(pace: number): number {
  return Number(pace.toPrecision(paceDigits));
}
