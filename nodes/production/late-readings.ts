// A reading that comes after newer ones is placed where its source made it, and those behind it are judged anew until nothing changes:
// the counts are those of the same readings in their order.

import type { CountedMark, MarkCounted, MarkLine, MarkShown, Standing } from './counted-marks.ts';
import { type CounterLimits, type CounterNote, type Judgement, stepCounters } from './counter-rules.ts';
import type { CounterLevel, Valley } from './counter-steps.ts';
import { noStanding } from './mark-rows.ts';

/** What a mark has in the totals. */
export interface MarkBooking {
  readonly shown: MarkShown;
  readonly counted: Pick<MarkCounted, 'production' | 'defects' | 'isUnheard' | 'order'>;
  /** Since when its counters made that; null: they made nothing. */
  readonly fromMs: number | null;
}

export interface Rebooked {
  /** Null: the mark is new. */
  readonly before: MarkBooking | null;
  readonly after: MarkBooking;
}

export type Placement =
  | {
      readonly kind: 'placed';
      readonly rebooked: readonly Rebooked[];
      readonly notes: readonly CounterNote[];
      /** What stands behind the newest reading, where that is something else now. */
      readonly standing: Standing | null;
    }
  /** `known`: it changes nothing; `beyond`: nobody knows any more what it stands between. */
  | { readonly kind: 'known' | 'beyond' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

interface Judged {
  readonly mark: CountedMark | null;
  readonly shown: MarkShown;
  readonly fromMs: number | null;
  readonly beforeFromMs: number | null;
  counted: MarkCounted;
  readonly takesBack: (Judgement & { kind: 'counted' })['takesBack'];
  readonly notes: readonly CounterNote[];
}

export function placeLate(line: MarkLine, shown: MarkShown, limits: CounterLimits, silenceMs: number): Placement {
  const { marks } = line;
  const index = placeOf(marks, shown);
  const previous = marks[index - 1];
  const next = marks[index];
  if (!previous && !(line.isWhole && next?.isFirst)) return { kind: 'beyond' };
  if (shown.counts && ![previous, next].every((one) => !one?.shown.counts || one.shown.isTrusted))
    return { kind: 'beyond' };
  if (isKnown(shown, previous, next)) return { kind: 'known' };
  // Where an old value returns later, the fall before it is judged anew as a whole: what it counted depends on that.
  const endsLater = line.hasReturnFrom(shown.atMs);
  let trial = judgeFrom(
    line,
    endsLater ? startOfFall(marks, previous, index) : index,
    index,
    shown,
    limits,
    silenceMs,
    endsLater,
  );
  if (!endsLater && trial.kind === 'judged' && trial.judged.some(({ takesBack }) => takesBack))
    trial = judgeFrom(line, startOfFall(marks, previous, index), index, shown, limits, silenceMs, true);
  if (trial.kind !== 'judged') return trial;
  const { judged, start, isEnd, standing } = trial;
  takeBack(judged);
  const rebooked = judged.map(rebookedBy);
  for (const { mark, counted } of judged) {
    if (!mark) continue;
    mark.counted = counted;
    line.changed(mark);
  }
  const placed = judged[index - start];
  if (placed)
    line.insert(index, { shown, counted: placed.counted, isRun: false, isPlain: false, isFirst: index === 0 });
  return { kind: 'placed', rebooked, notes: placed?.notes ?? [], standing: isEnd ? standing : null };
}

type Trial =
  | {
      readonly kind: 'judged';
      readonly judged: readonly Judged[];
      readonly start: number;
      readonly isEnd: boolean;
      readonly standing: Standing;
    }
  | (Placement & { kind: 'refused' });

/** Judges the marks from `start` on, with `shown` before that at `index`. @param whole falls that are open are judged up to their end */
function judgeFrom(
  { marks }: MarkLine,
  start: number,
  index: number,
  shown: MarkShown,
  limits: CounterLimits,
  silenceMs: number,
  whole: boolean,
): Trial {
  const judged: Judged[] = [];
  let standing: Standing = marks[start - 1]?.counted ?? noStanding;
  let oldStanding = standing;
  for (let at = start; at <= marks.length; at += 1) {
    const isLate = judged.length === index - start;
    const mark = (isLate ? null : marks[at - (judged.length > index - start ? 1 : 0)]) ?? null;
    if (!isLate && !mark) break;
    const counted = countedAt(mark?.shown ?? shown, standing, limits, silenceMs, mark);
    if (counted.kind === 'refused')
      return mark
        ? contradicts(mark, counted.message)
        : { kind: 'refused', code: counted.code, message: counted.message };
    judged.push({ ...counted, mark, shown: mark?.shown ?? shown, beforeFromMs: oldStanding.state.lastSourceMs });
    standing = counted.counted;
    if (!mark) continue;
    oldStanding = mark.counted;
    const isBehind = judged.length > index - start + 1;
    const isClosed = !whole || (!outermost(standing) && !outermost(oldStanding));
    if (isBehind && isClosed && isSame(standing, oldStanding))
      return { kind: 'judged', judged, start, isEnd: false, standing };
  }
  return { kind: 'judged', judged, start, isEnd: true, standing };
}

/** Index of the first mark of a fall that is open behind `previous`; `index` where there is none, or it began before what is known. */
function startOfFall(marks: readonly CountedMark[], previous: CountedMark | undefined, index: number): number {
  const valley = previous && outermost(previous.counted);
  if (!valley) return index;
  const since = marks.findIndex((mark) => mark.shown.atMs >= valley.sinceMs);
  return since > 0 || marks[since]?.isFirst ? since : index;
}

/** Where an old value returned to the newest reading: the marks of that fall, with nothing counted. */
export function takenBack(line: MarkLine, back: Judged['takesBack']): readonly Rebooked[] {
  const { marks } = line;
  const rebooked: Rebooked[] = [];
  for (const [at, mark] of marks.entries()) {
    const counted = withoutFall(mark.shown, mark.counted, back);
    if (counted === mark.counted) continue;
    const fromMs = marks[at - 1]?.counted.state.lastSourceMs ?? null;
    rebooked.push({
      before: { shown: mark.shown, counted: mark.counted, fromMs },
      after: { shown: mark.shown, counted, fromMs },
    });
    mark.counted = counted;
    line.changed(mark);
  }
  return rebooked;
}

/** Where a counter can't be believed any more: its marks from `sinceMs` on show nothing of it, and stand where the one before them stood. */
export function uncounted(line: MarkLine, sinceMs: number): readonly Rebooked[] {
  const rebooked: Rebooked[] = [];
  const from = Math.max(
    1,
    line.marks.findIndex(({ shown }) => shown.atMs >= sinceMs),
  );
  const before = line.marks[from - 1]?.counted;
  if (!before || (line.last?.shown.atMs ?? sinceMs) < sinceMs) return rebooked;
  for (const mark of line.marks.slice(from)) {
    const { shown, counted } = mark;
    const { ownProduction, ownDefects } = shown;
    mark.shown = { ...shown, production: null, defects: null, counts: false };
    mark.counted = { ...counted, state: before.state, production: ownProduction, defects: ownDefects };
    line.changed(mark);
    rebooked.push({
      before: { shown, counted, fromMs: before.state.lastSourceMs },
      after: { shown: mark.shown, counted: mark.counted, fromMs: null },
    });
  }
  return rebooked;
}

/** Index of the first mark that its source made later. */
function placeOf(marks: readonly CountedMark[], shown: MarkShown): number {
  let from = 0;
  let to = marks.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const mark = marks[middle];
    if (mark && isLater(mark.shown, shown)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Of one instant, the sequence decides, then the counters: they go up. */
function isLater(one: MarkShown, other: MarkShown): boolean {
  if (one.atMs !== other.atMs) return one.atMs > other.atMs;
  if (one.sequence !== null && other.sequence !== null && one.sequence !== other.sequence)
    return one.sequence > other.sequence;
  const made = (one.production ?? other.production ?? 0) - (other.production ?? one.production ?? 0);
  const spoilt = (one.defects ?? other.defects ?? 0) - (other.defects ?? one.defects ?? 0);
  return made === 0 ? spoilt > 0 : made > 0;
}

function isKnown(shown: MarkShown, previous: CountedMark | undefined, next: CountedMark | undefined): boolean {
  if (shown.ownProduction !== 0 || shown.ownDefects !== 0) return false;
  const one = previous?.shown;
  const isAgain =
    one?.atMs === shown.atMs &&
    (!shown.counts || (one.production === shown.production && one.defects === shown.defects)) &&
    (one.sequence === shown.sequence || one.sequence === null || shown.sequence === null);
  return isAgain || (previous !== undefined && next?.isRun === true && isWithin(shown, previous, next));
}

/** Within steps forward that are one mark: the totals of their minute tell no more. */
function isWithin(shown: MarkShown, previous: CountedMark, next: CountedMark): boolean {
  const between = (value: number | null, from: number | null, to: number | null) =>
    value === null || (from !== null && to !== null && value >= from && value <= to);
  return (
    !shown.isGone &&
    (shown.order === null || shown.order === next.counted.order) &&
    between(shown.production, previous.shown.production, next.shown.production) &&
    between(shown.defects, previous.shown.defects, next.shown.defects)
  );
}

type CountedAt =
  | (Pick<Judged, 'counted' | 'fromMs' | 'takesBack' | 'notes'> & { readonly kind: 'counted' })
  | (Judgement & { kind: 'refused' });

/** What a reading counts behind `before`. @param mark what it is so far, where it was judged already */
function countedAt(
  shown: MarkShown,
  before: Standing,
  limits: CounterLimits,
  silenceMs: number,
  mark: CountedMark | null,
): CountedAt {
  const heard = heardAt(shown, before, silenceMs, mark);
  const order = shown.order ?? before.order;
  const { lastSourceMs } = before.state;
  const isUnheard = heard.silentUntilMs !== null && (lastSourceMs === null || lastSourceMs < heard.silentUntilMs);
  const { ownProduction, ownDefects } = shown;
  const own = { ...heard, order, isUnheard, isReturn: false, production: ownProduction, defects: ownDefects };
  if (!shown.counts)
    return { kind: 'counted', counted: { ...own, state: before.state }, fromMs: null, takesBack: null, notes: [] };
  if (shown.production === null && shown.defects === null) {
    const { atMs: lastMs, isTrusted: lastClockTrusted, sequence: lastSequence } = shown;
    const state = { ...before.state, lastSourceMs: lastMs, lastClockTrusted, lastSequence };
    return { kind: 'counted', counted: { ...own, state }, fromMs: null, takesBack: null, notes: [] };
  }
  const step = stepCounters(
    {
      cumulativeProduction: shown.production,
      cumulativeDefects: shown.defects,
      sourceMs: shown.atMs,
      clockTrusted: shown.isTrusted,
      arrivedMs: shown.atMs,
      sequence: shown.sequence,
    },
    before.state,
    limits,
  );
  if (step.kind === 'refused') return step;
  if (step.kind !== 'counted') throw new Error(`A step of counters can't be ${step.kind}.`);
  const { state, fromMs, takesBack, notes } = step;
  const production = ownProduction + step.production;
  const defects = ownDefects + step.defects;
  return {
    kind: 'counted',
    counted: { ...own, state, production, defects, isReturn: takesBack !== null },
    fromMs,
    takesBack,
    notes,
  };
}

function heardAt(shown: MarkShown, before: Standing, silenceMs: number, mark: CountedMark | null) {
  let { heardMs, silentUntilMs } = before;
  if (shown.saysState && shown.isGone) heardMs = null;
  else if (shown.saysState && (heardMs === null || shown.atMs >= heardMs)) {
    if (heardMs === null || (mark?.isRun !== true && shown.atMs - heardMs > silenceMs)) silentUntilMs = shown.atMs;
    heardMs = shown.atMs;
  }
  // Messages without counts that came behind it have no marks of their own.
  const known = mark?.counted.heardMs ?? null;
  if (known !== null && heardMs !== null && known > heardMs) heardMs = known;
  return { heardMs, silentUntilMs };
}

function takeBack(judged: readonly Judged[]): void {
  for (const [at, { takesBack }] of judged.entries()) {
    if (!takesBack) continue;
    for (const one of judged.slice(0, at)) one.counted = withoutFall(one.shown, one.counted, takesBack);
  }
}

/** The same where it is no part of a fall that is taken back. */
function withoutFall(shown: MarkShown, counted: MarkCounted, back: Judged['takesBack']): MarkCounted {
  const isPart = ({ valleys }: CounterLevel, valley: Valley | null | undefined) =>
    valley != null && valleys.some(({ sinceMs, value }) => sinceMs === valley.sinceMs && value === valley.value);
  const production = isPart(counted.state.production, back?.production) ? shown.ownProduction : counted.production;
  const defects = isPart(counted.state.defects, back?.defects) ? shown.ownDefects : counted.defects;
  if (production === counted.production && defects === counted.defects) return counted;
  return { ...counted, production, defects };
}

function rebookedBy({ mark, shown, counted, fromMs, beforeFromMs }: Judged): Rebooked {
  const before = mark && { shown, counted: mark.counted, fromMs: beforeFromMs };
  return { before, after: { shown, counted, fromMs } };
}

function outermost({ state }: Standing): Valley | undefined {
  const [made] = state.production.valleys;
  const [spoilt] = state.defects.valleys;
  return made && spoilt ? (made.sinceMs <= spoilt.sinceMs ? made : spoilt) : (made ?? spoilt);
}

function isSame(one: Standing, other: Standing): boolean {
  return (
    isSameLevel(one.state.production, other.state.production) &&
    isSameLevel(one.state.defects, other.state.defects) &&
    one.state.lastSourceMs === other.state.lastSourceMs &&
    one.state.lastSequence === other.state.lastSequence &&
    one.order === other.order &&
    one.heardMs === other.heardMs &&
    openSilence(one) === openSilence(other)
  );
}

function isSameLevel(one: CounterLevel, other: CounterLevel): boolean {
  return (
    one.last === other.last &&
    one.held === other.held &&
    one.valleys.length === other.valleys.length &&
    one.valleys.every(
      ({ sinceMs, value }, at) => sinceMs === other.valleys[at]?.sinceMs && value === other.valleys[at].value,
    )
  );
}

/** The end of a silence whose pieces have not been counted yet; an earlier one says nothing more. */
function openSilence({ state, silentUntilMs }: Standing): number | null {
  const { lastSourceMs } = state;
  return silentUntilMs !== null && (lastSourceMs === null || silentUntilMs > lastSourceMs) ? silentUntilMs : null;
}

function contradicts({ shown }: CountedMark, why: string): Placement & { kind: 'refused' } {
  return {
    kind: 'refused',
    code: 'late-contradiction',
    message: `it does not fit before what was counted at ${new Date(shown.atMs).toISOString()}: ${why}`,
  };
}
