// How one counter goes from what it showed last to what it shows now: forward, back by a little, to a reset, around, or back to an old value.

/** A larger fall that may have been a reset, until the counter climbs past the old value or is suddenly back at it. */
export interface Valley {
  /** What had to be passed when it fell. */
  readonly value: number;
  /** What it fell to. */
  readonly low: number;
  /** When it showed that: what was counted from then on is taken back when the old value returns. */
  readonly sinceMs: number;
  /** When it showed the old value last. */
  readonly beforeMs: number;
  /** It landed so high that no reset explains it. */
  readonly isDoubtful: boolean;
}

export interface CounterLevel {
  /** Null before the first. */
  readonly last: number | null;
  /** After a small step back: nothing is counted until this is passed. */
  readonly held: number | null;
  /** The outermost first. */
  readonly valleys: readonly Valley[];
  /** The most pieces per ms that it made lately; 0: not known. */
  readonly pace: number;
}

export interface StepLimits {
  /** The counter returns to 0 when it would reach this; null: it never rolls over. */
  readonly modulus: number | null;
  /** Pieces per hour that can't be exceeded; null where any jump is believed. */
  readonly maxPerHour: number | null;
  /** Whether a counter that was reset brings what it shows now. */
  readonly countAfterReset: boolean;
}

export interface StepTime {
  readonly atMs: number;
  readonly lastMs: number;
  /** In which what was made was made: more than the time between, where clocks are not believed. */
  readonly possibleMs: number;
  readonly isClocked: boolean;
}

/** What the other counter of the same message does. */
export type Beside = 'advances' | 'falls' | 'returns' | 'unknown';

/** A restart near the top of a counter's range: both readings of it. */
export interface Ambiguity {
  readonly modulus: number;
  readonly asRollover: number;
  readonly asReset: number;
}

export type Step =
  | {
      readonly kind: 'none' | 'forward' | 'held' | 'baseline';
      readonly pieces: number;
      readonly level: CounterLevel;
      /** It shows less than before. */
      readonly isFall: boolean;
    }
  | {
      readonly kind: 'rollover' | 'reset';
      readonly pieces: number;
      readonly level: CounterLevel;
      readonly isFall: boolean;
      readonly ambiguity: Ambiguity | null;
    }
  /** What was counted since `valley` is taken back. */
  | {
      readonly kind: 'returned';
      readonly pieces: number;
      readonly level: CounterLevel;
      readonly isFall: false;
      readonly valley: Valley;
    }
  | {
      readonly kind: 'absurd';
      readonly pieces: 0;
      readonly level: CounterLevel;
      readonly isFall: false;
      readonly from: number;
      readonly to: number;
      readonly most: number;
    };

export const noLevel: CounterLevel = { last: null, held: null, valleys: [], pace: 0 };

/** Clocks and counters are read at different moments: this much more time is granted to every delta. */
const slackMs = 2_000;
/** The top tenth of a counter's range: from there a smaller value is a roll-over, if the way around is short enough. */
const rolloverMargin = 0.1;
/** A few per cent below a usual end of range, and a restart may have been a roll-over whose modulus nobody has set. */
const nearTop = 0.98;
/** Ends of range that counters have: decimal digits, 15, 16, 31 and 32 bit. */
const usualModuli = [10_000, 32_768, 65_536, 100_000, 1_000_000, 10_000_000, 2_147_483_648, 4_294_967_296];
/** Nested falls that are told apart; more are no counter. */
const mostValleys = 3;
/** So much faster than before a machine may run; it does not suddenly run at three times its pace; ten times leaves room for a pace that was measured badly. */
const usual = 1.5;
const unusual = 3;
const impossible = 10;
/** The pace of an hour of messages ago counts by half: one odd step is forgotten. */
const paceKept = 0.999;

/** The most that can have been made in `elapsedMs`; undefined when nobody has set a limit. */
export function mostIn(elapsedMs: number, maxPerHour: number | null): number | undefined {
  return maxPerHour === null ? undefined : Math.ceil(((Math.max(0, elapsedMs) + slackMs) * maxPerHour) / 3_600_000);
}

/**
 * @param raw null: the message has no such counter
 * @param whole open falls of the other counter, where this one counts a part of what that one counts: a step back while that one goes on is a
 * correction by hand, and where both have fallen, they return together; null: it is no part
 */
export function stepOf(
  raw: number | null,
  level: CounterLevel,
  time: StepTime,
  limits: StepLimits,
  beside: Beside,
  whole: readonly Valley[] | null,
): Step {
  const { last } = level;
  if (raw === null) return { kind: 'none', pieces: 0, level, isFall: false };
  if (last === null)
    return { kind: 'baseline', pieces: 0, level: { ...noLevel, last: raw, pace: level.pace }, isFall: false };
  return raw >= last
    ? rise(raw, last, level, time, limits, beside, whole ?? [])
    : fall(raw, last, level, time, limits, beside, whole !== null);
}

function rise(
  raw: number,
  last: number,
  level: CounterLevel,
  time: StepTime,
  limits: StepLimits,
  beside: Beside,
  whole: readonly Valley[],
): Step {
  const { valleys, pace } = level;
  const index =
    valleys.length === 0
      ? -1
      : valleys.findIndex((one) => mayReturn(one, beside, whole) && hasReturned(raw, last, one, pace, time, beside));
  const valley = valleys[index];
  if (valley) {
    const pieces = Math.max(0, raw - valley.value);
    const most = mostIn(time.atMs - valley.beforeMs, limits.maxPerHour);
    if (most !== undefined && pieces > most) return absurd(level, valley.value, raw, most);
    const held = raw < valley.value ? valley.value : null;
    return {
      kind: 'returned',
      pieces,
      level: { last: raw, held, valleys: valleys.slice(0, index), pace },
      isFall: false,
      valley,
    };
  }
  const base = level.held ?? last;
  if (raw < base) return { kind: 'held', pieces: 0, level: { ...level, last: raw }, isFall: false };
  const pieces = raw - base;
  const most = mostIn(time.possibleMs, limits.maxPerHour);
  if (most !== undefined && pieces > most) return absurd(level, base, raw, most);
  const open = valleys.length > 0 && valleys.some(({ value }) => raw >= value);
  const next = {
    last: raw,
    held: null,
    valleys: open ? valleys.filter(({ value }) => raw < value) : valleys,
    pace: pieces > 0 && time.isClocked ? paceAfter(pace, pieces, time) : pace,
  };
  return { kind: 'forward', pieces, level: next, isFall: false };
}

function fall(
  raw: number,
  last: number,
  level: CounterLevel,
  time: StepTime,
  limits: StepLimits,
  beside: Beside,
  isPart: boolean,
): Step {
  const { modulus, countAfterReset } = limits;
  const base = level.held ?? last;
  const most = mostIn(time.possibleMs, limits.maxPerHour);
  if (modulus !== null && last >= modulus * (1 - rolloverMargin)) {
    const around = modulus - last + raw;
    if (around <= (most ?? modulus * rolloverMargin)) {
      const isOdd = level.pace > 0 && around > unusual * inTime(level.pace, time.possibleMs);
      const ambiguity = isOdd ? { modulus, asRollover: around, asReset: raw } : null;
      return {
        kind: 'rollover',
        pieces: around,
        level: { ...noLevel, last: raw, pace: level.pace },
        isFall: false,
        ambiguity,
      };
    }
  }
  const isSmall = isNear(raw, last) && beside !== 'falls';
  const isCorrection = isPart && beside === 'advances' && raw * 2 >= last;
  if (isSmall || isCorrection)
    return { kind: 'held', pieces: 0, level: { ...level, last: raw, held: base }, isFall: true };
  const pieces = countAfterReset ? raw : 0;
  if (most !== undefined && pieces > most) return absurd(level, last, raw, most);
  const isDoubtful = raw * 2 > base && (level.pace === 0 || raw > impossible * inTime(level.pace, time.possibleMs));
  const valley = { value: base, low: raw, sinceMs: time.atMs, beforeMs: time.lastMs, isDoubtful };
  const valleys = [...level.valleys.slice(0, mostValleys - 1), valley];
  return {
    kind: 'reset',
    pieces,
    level: { last: raw, held: null, valleys, pace: level.pace },
    isFall: true,
    ambiguity: ambiguityOf(raw, last, modulus),
  };
}

function mayReturn({ sinceMs }: Valley, beside: Beside, whole: readonly Valley[]): boolean {
  return beside === 'returns' || !whole.some((one) => one.sinceMs === sinceMs);
}

/**
 * Whether a counter that fell is back at what it showed before: by the other counter, which is back too; by a fall that no reset
 * explains; by a leap that ends just there; or by one that is far beyond the machine's pace. A counter that was reset and climbs past its old value
 * in its usual steps has not returned.
 */
function hasReturned(raw: number, last: number, valley: Valley, pace: number, time: StepTime, beside: Beside): boolean {
  const { value, low, isDoubtful } = valley;
  if (!isNear(raw, value)) return false;
  if (beside === 'returns' || (isDoubtful && raw >= value)) return true;
  if (isNear(last, value)) return false;
  const step = raw - last;
  const off = Math.abs(raw - value);
  if (pace > 0 && step <= usual * inTime(pace, time.possibleMs)) return false;
  if ((last - low) * 4 <= step && off * 10 <= step) return true;
  if (step * 2 <= value) return false;
  return pace === 0 ? off * 10 <= value : step > unusual * inTime(pace, time.possibleMs);
}

/** Home Assistant's bound for `total_increasing` sensors: a fall of at most a tenth of the former value is no reset. */
export function isNear(raw: number, former: number): boolean {
  return raw * 10 >= former * 9;
}

function ambiguityOf(raw: number, last: number, modulus: number | null): Ambiguity | null {
  if (modulus !== null) return null;
  const top = usualModuli.find((one) => last < one && last >= one * nearTop && raw <= one * (1 - nearTop));
  return top === undefined ? null : { modulus: top, asRollover: top - last + raw, asReset: raw };
}

function paceAfter(pace: number, pieces: number, { atMs, lastMs }: StepTime): number {
  return Math.max(pace * paceKept, pieces / (Math.max(0, atMs - lastMs) + slackMs));
}

function inTime(pace: number, ms: number): number {
  return pace * (Math.max(0, ms) + slackMs);
}

function absurd(level: CounterLevel, from: number, to: number, most: number): Step {
  return { kind: 'absurd', pieces: 0, level, isFall: false, from, to, most };
}
