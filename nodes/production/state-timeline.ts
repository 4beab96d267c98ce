// The timeline of one machine's states: what a message says about the time before and after it, in whatever order messages come.
import { isFresh } from '../core/instants.ts';
import type { MachineState } from './messages.ts';

/** What a span of time was; the words are the machine's own reason. */
export interface Condition {
  readonly state: MachineState;
  readonly words: string | null;
}

/** Half-open [startMs, endMs); Infinity: it lasts. Spans of a machine lie end to end from its first message on. */
export interface TimelineSpan extends Condition {
  /** Null: not written down yet. */
  readonly id: number | null;
  readonly startMs: number;
  readonly endMs: number;
  /** Code of the stop reason; null: none yet. */
  readonly reason: string | null;
  /** Who chose it; null: the machine's own words, or nobody. */
  readonly reasonBy: string | null;
  /** By the reason, when it was given: later changes of the list change no history. */
  readonly planned: boolean;
}

/** What a machine's own words stand for. */
export type ReasonOf = (condition: Condition) => Pick<TimelineSpan, 'reason' | 'planned'>;

/** A silence whose borders are messages, and what the message at its beginning said. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly before: Condition | null;
}

/** When a message came by its source's clock, and what it said. */
export interface Mark extends Condition {
  readonly atMs: number;
  /** Of its source, where it counts its messages: tells the order of two of one instant. */
  readonly sequence: number | null;
  /** The broker sends it again: of one instant with another, nobody knows that it is the newer one. */
  readonly redelivered?: boolean;
  /** A clock jumped: what was dated later is not believed. */
  readonly isNewest?: boolean;
}

/** One machine as its messages left it. */
export interface MachineTrack {
  readonly machine: string;
  readonly firstMs: number;
  /** The clock has found it silent since its last message. */
  readonly silent: boolean;
  /** The newest messages, oldest first, at most `keptMarks`: what a late one is judged by. Never empty. */
  readonly marks: readonly Mark[];
  /** JSON of what the newest message said besides; kept for whoever shows it. */
  readonly latest: string;
}

/** A part of the timeline that is to be what it wasn't. */
export interface Stroke extends Condition {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Judgement {
  readonly track: MachineTrack;
  readonly strokes: readonly Stroke[];
  /** `ignored`: so late that nobody knows its neighbours, and it contradicts what is written. */
  readonly verdict: 'known' | 'news' | 'late' | 'ignored';
}

/** Reordering and bursts of a broker lie within a few messages; 32 of 5 s are the last 160 s, and take 300 bytes. */
export const keptMarks = 32;
export const silence: Condition = { state: 'offline', words: null };

export function sameCondition(left: Condition, right: Condition): boolean {
  return left.state === right.state && left.words === right.words;
}

/**
 * A message holds until the next; when that is further away than `silenceMs`, nobody
 * knows what the machine did between them. `gap` is the silence that surrounds a message older than the kept
 * marks (`isBeforeMarks`), if there is one.
 */
export function judge(
  track: MachineTrack | undefined,
  machine: string,
  mark: Mark,
  silenceMs: number,
  gap?: Gap,
): Judgement {
  if (!track) {
    const begun = { machine, firstMs: mark.atMs, silent: false, marks: [mark], latest: '{}' };
    return { track: begun, strokes: [{ ...conditionOf(mark), fromMs: mark.atMs, toMs: Infinity }], verdict: 'news' };
  }
  if (mark.isNewest === true) return newest(track, mark, silenceMs);
  const last = track.marks.at(-1) as Mark;
  if (mark.atMs < track.firstMs) {
    const marks = track.marks[0]?.atMs === track.firstMs ? [mark, ...track.marks].slice(-keptMarks) : track.marks;
    const earlier = { ...track, firstMs: mark.atMs, marks };
    return { track: earlier, strokes: [held(mark, track.firstMs, silenceMs)], verdict: 'late' };
  }
  if (mark.atMs > last.atMs) return inOrder(track, last, mark, silenceMs);
  const sameIndex = track.marks.findIndex(({ atMs }) => atMs === mark.atMs);
  if (sameIndex >= 0) return atOnce(track, sameIndex, mark, silenceMs);
  const oldest = track.marks[0] as Mark;
  if (mark.atMs < oldest.atMs) return beforeMarks(track, mark, silenceMs, gap);
  const nextIndex = track.marks.findIndex(({ atMs }) => atMs > mark.atMs);
  const previous = track.marks[nextIndex - 1] as Mark;
  const next = track.marks[nextIndex] as Mark;
  const marks = [...track.marks.slice(0, nextIndex), mark, ...track.marks.slice(nextIndex)].slice(-keptMarks);
  const strokes = [held(previous, mark.atMs, silenceMs), held(mark, next.atMs, silenceMs)];
  return { track: { ...track, marks }, strokes, verdict: 'late' };
}

/** What a clock that was ahead has dated later is cut off. */
function newest(track: MachineTrack, { isNewest: _flag, ...mark }: Mark, silenceMs: number): Judgement {
  const believed = track.marks.filter(({ atMs }) => atMs < mark.atMs);
  const previous = believed.at(-1);
  const strokes = [
    ...(previous ? [held(previous, mark.atMs, silenceMs)] : []),
    { ...conditionOf(mark), fromMs: mark.atMs, toMs: Infinity },
  ];
  const marks = [...believed, mark].slice(-keptMarks);
  return {
    track: { ...track, firstMs: Math.min(track.firstMs, mark.atMs), silent: false, marks },
    strokes,
    verdict: 'news',
  };
}

/** Two messages of one instant, as a coarse clock gives them: the newer one holds. */
function atOnce(track: MachineTrack, index: number, mark: Mark, silenceMs: number): Judgement {
  const known = track.marks[index] as Mark;
  if (!isNewer(mark, known)) return { track, strokes: [], verdict: 'known' };
  const replaced = { ...track, marks: track.marks.with(index, mark) };
  if (sameCondition(known, mark)) return { track: replaced, strokes: [], verdict: 'known' };
  const next = track.marks[index + 1];
  if (next) return { track: replaced, strokes: [held(mark, next.atMs, silenceMs)], verdict: 'late' };
  // What the clock has found silent since then stays so until the next message.
  if (track.silent) return { track: replaced, strokes: [], verdict: 'known' };
  return { track: replaced, strokes: [{ ...conditionOf(mark), fromMs: mark.atMs, toMs: Infinity }], verdict: 'news' };
}

/** The sequence decides where both have one, else the arrival: the same order as that of counts. */
function isNewer(mark: Mark, known: Mark): boolean {
  if (mark.sequence !== null && known.sequence !== null) return mark.sequence > known.sequence;
  return mark.redelivered !== true;
}

function inOrder(track: MachineTrack, last: Mark, mark: Mark, silenceMs: number): Judgement {
  const marks = [...track.marks, mark].slice(-keptMarks);
  if (goesOn(track, last, mark, silenceMs)) return { track: { ...track, marks }, strokes: [], verdict: 'known' };
  const strokes = [held(last, mark.atMs, silenceMs), { ...conditionOf(mark), fromMs: mark.atMs, toMs: Infinity }];
  return { track: { ...track, silent: false, marks }, strokes, verdict: 'news' };
}

/**
 * Whether a message only says once more what the newest one said, and changes nothing but the list of marks.
 * @param last the newest mark; undefined: the last one of the track
 */
export function goesOn(track: MachineTrack, last: Mark | undefined, mark: Mark, silenceMs: number): boolean {
  const newest = last ?? (track.marks.at(-1) as Mark);
  const sinceMs = mark.atMs - newest.atMs;
  // The clock may have found the machine silent while its message was still on the way: that is then taken back.
  return sinceMs > 0 && sinceMs <= silenceMs && !track.silent && sameCondition(newest, mark);
}

/** Whether `judge` needs to know the silence around the message. */
export function isBeforeMarks(track: MachineTrack, atMs: number): boolean {
  return atMs >= track.firstMs && atMs < (track.marks[0] as Mark).atMs;
}

/** Older than what is kept: inside a silence its neighbours are known all the same, because they are its borders. */
function beforeMarks(track: MachineTrack, mark: Mark, silenceMs: number, gap: Gap | undefined): Judgement {
  if (!gap) return { track, strokes: [], verdict: 'ignored' };
  const { fromMs, toMs, before } = gap;
  const strokes = [
    ...(before ? [held({ ...before, atMs: fromMs }, mark.atMs, silenceMs)] : []),
    held(mark, toMs, silenceMs),
  ];
  return { track, strokes, verdict: 'late' };
}

/** The clock's own finding: nothing came for longer than `silenceMs`. Undefined while it is not so, or already known. */
export function foundSilent(track: MachineTrack, nowMs: number, silenceMs: number): Judgement | undefined {
  const last = track.marks.at(-1) as Mark;
  if (track.silent || isFresh(last.atMs, nowMs, silenceMs)) return undefined;
  // A clock that was ahead has dated it: nothing is known of now.
  const strokes = [{ ...silence, fromMs: Math.min(last.atMs, nowMs), toMs: Infinity }];
  return { track: { ...track, silent: true }, strokes, verdict: 'news' };
}

/** What `mark` says about the time until the next message. */
function held(mark: Omit<Mark, 'sequence'>, untilMs: number, silenceMs: number): Stroke {
  const said = untilMs - mark.atMs > silenceMs ? silence : conditionOf(mark);
  return { ...said, fromMs: mark.atMs, toMs: untilMs };
}

function conditionOf({ state, words }: Condition): Condition {
  return { state, words };
}

/**
 * The timeline after `stroke`: what it covers is cut out, neighbours of the same condition and reason grow together.
 * @param spans the machine's spans that touch or border the stroke, in order
 * @param reasonOf the reason that the machine's own words stand for
 */
export function painted(spans: readonly TimelineSpan[], stroke: Stroke, reasonOf: ReasonOf): readonly TimelineSpan[] {
  if (stroke.toMs <= stroke.fromMs) return spans;
  const same = spans.find(
    (span) => span.startMs <= stroke.fromMs && span.endMs >= stroke.toMs && sameCondition(span, stroke),
  );
  if (same) return spans;
  const before = spans.flatMap((span) =>
    span.startMs < stroke.fromMs ? [span.endMs <= stroke.fromMs ? span : { ...span, endMs: stroke.fromMs }] : [],
  );
  const after = spans.flatMap((span) => {
    if (span.endMs <= stroke.toMs) return [];
    if (span.startMs >= stroke.toMs) return [span];
    const isCut = span.startMs < stroke.fromMs;
    return [{ ...span, id: isCut ? null : span.id, startMs: stroke.toMs }];
  });
  const { fromMs, toMs, state, words } = stroke;
  const drawn = { id: null, startMs: fromMs, endMs: toMs, state, words, ...reasonOf(stroke), reasonBy: null };
  return grownTogether([...before, drawn, ...after]);
}

function grownTogether(spans: readonly TimelineSpan[]): readonly TimelineSpan[] {
  const joined: TimelineSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const isOne = last && last.endMs === span.startMs && sameCondition(last, span) && mayJoin(last, span);
    if (last && isOne) {
      const chosen = last.reasonBy === null ? span : last;
      joined[joined.length - 1] = {
        ...last,
        id: last.id ?? span.id,
        endMs: span.endMs,
        reason: chosen.reason,
        reasonBy: chosen.reasonBy,
        planned: chosen.planned,
      };
    } else joined.push(span);
  }
  return joined;
}

/** What a person said of one stop is never stretched over another. */
function mayJoin(left: TimelineSpan, right: TimelineSpan): boolean {
  if (left.reasonBy === null && right.reasonBy === null) return left.reason === right.reason;
  const isNew = (left.id === null) !== (right.id === null);
  return isNew || (left.reason === right.reason && left.reasonBy === right.reasonBy);
}
