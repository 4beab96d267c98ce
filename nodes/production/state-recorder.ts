// Writes what machines say of themselves into their timelines: as one of those who record a commit of readings, and by the clock.
import { clockToleranceMs } from '../core/instants.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import type { SeenReading } from './count-reads.ts';
import type { MachineReading } from './messages.ts';
import { StateAccounts } from './state-accounts.ts';
import type { StateRecords } from './state-records.ts';
import {
  type Condition,
  foundSilent,
  type Gap,
  goesOn,
  isBeforeMarks,
  judge,
  keptMarks,
  type MachineTrack,
  type Mark,
  painted,
  type ReasonOf,
  type Stroke,
  sameCondition,
  silence,
  type TimelineSpan,
} from './state-timeline.ts';
import { StopReasons } from './stop-reasons.ts';

export interface RecorderSettings {
  readonly calendar: ShiftCalendar;
  /** Longer than this without a message, and nobody knows what the machine did. */
  readonly silenceMs: number;
}

/** What changed on a timeline, for the node's events. */
export interface StateNews {
  readonly machine: string;
  readonly atMs: number;
  /** `late-state`: history was corrected; `late-ignored`: too late to be judged. */
  readonly type: 'state-changed' | 'late-state' | 'late-ignored';
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One machine while a commit is being recorded. */
interface Draft {
  track: MachineTrack | undefined;
  strokes: Stroke[];
  /** Marks behind the track's that say the same as its last one: nearly all, and nothing but the newest of them is kept. */
  more: Mark[];
  /** What the track says of its newest message, once it is finished. */
  newest: MachineReading | undefined;
}

export class StateRecorder {
  readonly #settings: RecorderSettings;

  constructor(settings: RecorderSettings) {
    this.#settings = settings;
  }

  /** Records in the order given; readings of one commit may be of any machine and any time. */
  async record(records: StateRecords, readings: readonly MachineReading[]): Promise<readonly StateNews[]> {
    const machines = new Set<string>();
    for (const reading of readings) if (saysState(reading)) machines.add(reading.machine);
    if (machines.size === 0) return [];
    const tracks = await records.tracks([...machines]);
    const writer = new TimelineWriter(records, this.#settings.calendar);
    /** Mapped by machine. */
    const drafts = new Map<string, Draft>();
    const news: StateNews[] = [];
    for (const reading of readings) {
      const mark = markOf(reading);
      if (!mark) continue;
      const { machine } = reading;
      let draft = drafts.get(machine);
      if (!draft) {
        draft = { track: tracks.get(machine), strokes: [], more: [], newest: undefined };
        drafts.set(machine, draft);
      }
      if (draft.track && !mark.isNewest && goesOn(draft.track, draft.more.at(-1), mark, this.#settings.silenceMs)) {
        draft.more.push(mark);
        draft.newest = reading;
        continue;
      }
      const known = trackOf(draft);
      const gap =
        known && !mark.isNewest && isBeforeMarks(known, mark.atMs) ? await this.#gap(writer, draft, mark) : undefined;
      const before = known?.marks.at(-1);
      const { track, strokes, verdict } = judge(known, machine, mark, this.#settings.silenceMs, gap);
      if (track.marks.at(-1) === mark || mark.isNewest) draft.newest = reading;
      draft.track = track;
      draft.more = [];
      draft.strokes.push(...strokes);
      const told = newsOf(machine, mark, before, verdict);
      if (told) news.push(told);
    }
    await this.#finish(records, writer, drafts);
    return news;
  }

  /** The clock's part: machines that have said nothing for longer than the limit are silent from now on. */
  async sweep(records: StateRecords, nowMs: number, skipped: readonly string[] = []): Promise<readonly StateNews[]> {
    const { silenceMs, calendar } = this.#settings;
    const isSkipped = new Set(skipped);
    const quiet = (await records.quietSince(nowMs - silenceMs, nowMs + clockToleranceMs)).filter(
      (machine) => !isSkipped.has(machine),
    );
    const writer = new TimelineWriter(records, calendar);
    /** Mapped by machine. */
    const drafts = new Map<string, Draft>();
    for (const [machine, track] of await records.tracks(quiet)) {
      const found = foundSilent(track, nowMs, silenceMs);
      if (found) drafts.set(machine, { track: found.track, strokes: [...found.strokes], more: [], newest: undefined });
    }
    await this.#finish(records, writer, drafts);
    return [...drafts.keys()].map((machine) => ({
      machine,
      atMs: nowMs,
      type: 'state-changed',
      detail: { state: 'offline', cause: 'silence' },
    }));
  }

  async #gap(writer: TimelineWriter, draft: Draft, mark: Mark): Promise<Gap | undefined> {
    const machine = draft.track?.machine ?? '';
    await writer.draw(machine, draft.strokes);
    draft.strokes = [];
    return writer.gapAround(machine, mark.atMs);
  }

  async #finish(records: StateRecords, writer: TimelineWriter, drafts: ReadonlyMap<string, Draft>): Promise<void> {
    for (const [machine, { strokes }] of drafts) await writer.draw(machine, strokes);
    await writer.finish();
    const tracks = [...drafts.values()].flatMap((draft) => finished(draft) ?? []);
    await records.saveTracks(tracks, this.#settings.silenceMs);
  }
}

/** The track with all its marks. */
function trackOf({ track, more }: Draft): MachineTrack | undefined {
  return track && more.length > 0 ? { ...track, marks: [...track.marks, ...more].slice(-keptMarks) } : track;
}

function finished(draft: Draft): MachineTrack | undefined {
  const track = trackOf(draft);
  return track && draft.newest ? { ...track, latest: JSON.stringify(seenOf(draft.newest)) } : track;
}

/** Draws strokes on stored timelines and books what that changes. */
export class TimelineWriter {
  readonly #records: StateRecords;
  readonly #accounts: StateAccounts;
  #reasons: StopReasons | undefined;

  constructor(records: StateRecords, calendar: ShiftCalendar) {
    this.#records = records;
    this.#accounts = new StateAccounts(calendar, plantTimeOf(calendar.timeZone));
  }

  async draw(machine: string, strokes: readonly Stroke[]): Promise<void> {
    if (strokes.length === 0) return;
    this.#reasons ??= new StopReasons(await this.#records.reasons());
    const reasons = this.#reasons;
    const reasonOf: ReasonOf = ({ words }) => {
      const reason = reasons.codeOf(words);
      return { reason, planned: reasons.isPlanned(reason) };
    };
    const fromMs = Math.min(...strokes.map((stroke) => stroke.fromMs));
    const toMs = Math.max(...strokes.map((stroke) => stroke.toMs));
    const before = await this.#records.spansAround(machine, fromMs, toMs);
    let after = before;
    for (const stroke of strokes) after = painted(after, stroke, reasonOf);
    await this.replace(machine, before, after);
  }

  async replace(machine: string, before: readonly TimelineSpan[], after: readonly TimelineSpan[]): Promise<void> {
    const known = new Set(before);
    const stays = new Set(after);
    for (const span of before) if (!stays.has(span)) this.#accounts.book(machine, span, -1);
    for (const span of after) if (!known.has(span)) this.#accounts.book(machine, span, 1);
    await this.#records.replaceSpans(machine, before, after);
  }

  /** Books everything that was drawn. */
  async finish(): Promise<void> {
    await this.#records.book(this.#accounts.times, this.#accounts.stops);
  }

  /** A silence whose borders are messages; undefined where the machine was heard. */
  async gapAround(machine: string, atMs: number): Promise<Gap | undefined> {
    const spans = await this.#records.spansAround(machine, atMs, atMs);
    const index = spans.findIndex(({ startMs, endMs }) => startMs < atMs && atMs < endMs);
    const gap = spans[index];
    if (!gap || !sameCondition(gap, silence)) return undefined;
    const before = spans[index - 1];
    return {
      fromMs: gap.startMs,
      toMs: gap.endMs,
      before: before ? { state: before.state, words: before.words } : null,
    };
  }
}

function seenOf(reading: MachineReading): SeenReading {
  return {
    machine: reading.machine,
    state: reading.state,
    performanceRate: reading.performanceRate,
    qualityRate: reading.qualityRate,
    availabilityRate: reading.availabilityRate,
    cumulativeProduction: reading.cumulativeProduction,
    cumulativeDefects: reading.cumulativeDefects,
    intervalProduction: reading.intervalProduction,
    intervalDefects: reading.intervalDefects,
    order: reading.order,
    errorMessage: reading.errorMessage,
    failureReason: reading.failureReason,
    sourceMs: reading.sourceMs,
    arrivedMs: reading.arrivedMs,
  };
}

/** Whether `markOf` makes a mark of it. */
export function saysState(reading: MachineReading): boolean {
  const { state, pulses, intervalProduction } = reading;
  if (isUndated(reading)) return false;
  return state !== null || pulses !== null || intervalProduction !== null;
}

/**
 * A broker hands a retained message to every new session, however old it is. One that says no time of its own says nothing of now;
 * a last will does, since the broker replaces it when the machine comes back.
 */
export function isUndated({ retained, clockTrusted, state }: MachineReading): boolean {
  return retained && !clockTrusted && state !== 'offline';
}

/** What a reading says of the machine's state; undefined when it says nothing. */
export function markOf(reading: MachineReading): Mark | undefined {
  if (isUndated(reading)) return undefined;
  const { state, sourceMs: atMs, sequence, redelivered = false, isNewest } = reading;
  const mark = { atMs, sequence, redelivered, ...(isNewest && { isNewest }) };
  if (state === 'offline') return { ...mark, state, words: 'last-will' };
  if (state === 'running') return { ...mark, state, words: null };
  if (state !== null) return { ...mark, state, words: wordsOf(reading) };
  // A machine that only reports pieces tells by them whether it runs.
  const pieces = reading.pulses ?? reading.intervalProduction;
  if (pieces === null) return undefined;
  return { ...mark, state: pieces > 0 ? 'running' : 'stopped', words: null };
}

/** The reason that the machine itself gives; its error text may change with every message and makes no new stop. */
function wordsOf({ failureReason }: MachineReading): string | null {
  return failureReason?.trim().slice(0, 100) || null;
}

function newsOf(
  machine: string,
  mark: Mark,
  before: Condition | undefined,
  verdict: 'known' | 'news' | 'late' | 'ignored',
): StateNews | undefined {
  const { atMs, state, words } = mark;
  if (verdict === 'late') return { machine, atMs, type: 'late-state', detail: { state, words } };
  if (verdict === 'ignored') return { machine, atMs, type: 'late-ignored', detail: { state, words } };
  if (verdict === 'known' || (before && sameCondition(before, mark))) return undefined;
  return { machine, atMs, type: 'state-changed', detail: { state, words, from: before?.state ?? null } };
}
