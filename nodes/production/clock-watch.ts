// Tells a clock that jumped from a message that is late, the server's and each machine's, so that no instant is believed for ever.
import { clockToleranceMs, isAhead } from '../core/instants.ts';
import type { LiveMachine } from './live-machine.ts';
import type { MachineReading } from './messages.ts';

/** What arrived so lately that the clock which dated its arrival is the one of now. */
const justNowMs = 60_000;
/** A connection's delay varies by less; a clock that is set back adds more. */
const setBackMs = 5_000;
/** Late messages in a row, over at least so long, at one distance: a backlog comes faster than it was sent. */
const proof = { messages: 3, ms: 5_000 };
/** Where the counter fell meanwhile, as after a power cut, late messages look alike: then it takes more of them. */
const proofOfFallen = { messages: 10, ms: 60_000 };
/** The distance may drift by this share of the time over which it is measured. */
const drift = 0.2;

/** Late messages in a row. */
interface Run {
  readonly messages: number;
  readonly firstArrivedMs: number;
  readonly firstLagMs: number;
  readonly hasFallen: boolean;
}

/** What is known of a machine's clock beside the server's. */
interface Known {
  /** How far its last message in order lay behind its arrival; undefined before the first. */
  lagMs: number | undefined;
  run: Run | undefined;
  /** Set back and not believed. */
  isWrong: boolean;
  /** The newest message arrived at the moment in which it was judged, by the clock of then. */
  isNewestLive: boolean;
}

export interface ClockNews {
  readonly type: 'clock-jumped' | 'clock-right';
  readonly clock: 'server' | 'machine';
  /** How far back it was set; 0 where it is right again. */
  readonly byMs: number;
}

export interface Dated {
  /** As it came, or dated by its arrival, where the clock of its source is wrong. */
  readonly reading: MachineReading;
  /** What was known before lies in a future that never came: this one is the newest. */
  readonly isNewest: boolean;
  /** It comes later than it says by more than the messages before it: late, or of a clock that was set back. */
  readonly isDoubtful?: boolean;
  readonly news: ClockNews | undefined;
}

export class ClockWatch {
  /** Mapped by machine. */
  readonly #known = new Map<string, Known>();

  /** @param live the machine as it is known before `reading`; @param isReplay a person has an old message judged again */
  date(reading: MachineReading, live: LiveMachine, nowMs: number, isReplay: boolean): Dated {
    const asItCame: Dated = { reading, isNewest: false, news: undefined };
    if (isReplay || reading.retained) return asItCame;
    const { newestMs } = live;
    const known = this.#of(live, newestMs);
    const isLive = Math.abs(nowMs - reading.arrivedMs) <= justNowMs;
    if (newestMs !== null && wasServerAhead(reading, live, newestMs, isLive && known.isNewestLive)) {
      this.#known.set(live.machine, { lagMs: undefined, run: undefined, isWrong: false, isNewestLive: isLive });
      const byMs = newestMs - reading.arrivedMs;
      return { reading, isNewest: true, news: { type: 'clock-jumped', clock: 'server', byMs } };
    }
    if (newestMs === null || reading.sourceMs >= newestMs) known.isNewestLive = isLive;
    return reading.clockTrusted ? this.#byItsLag(reading, live, newestMs) : asItCame;
  }

  #byItsLag(reading: MachineReading, live: LiveMachine, newestMs: number | null): Dated {
    const known = this.#of(live, newestMs);
    const lagMs = reading.arrivedMs - reading.sourceMs;
    if (known.isWrong) {
      if (lagMs > clockToleranceMs) return { reading: byArrival(reading), isNewest: false, news: undefined };
      this.#known.set(live.machine, { ...known, lagMs, run: undefined, isWrong: false });
      const news: ClockNews = { type: 'clock-right', clock: 'machine', byMs: 0 };
      // The arrival that stood in for it may be of a moment later than its message.
      return { reading, isNewest: newestMs !== null && reading.sourceMs < newestMs, news };
    }
    if (newestMs === null || reading.sourceMs >= newestMs) {
      known.lagMs = lagMs;
      known.run = undefined;
      return { reading, isNewest: false, news: undefined };
    }
    if (known.lagMs === undefined || lagMs - known.lagMs < setBackMs)
      return { reading, isNewest: false, news: undefined };
    known.run = longer(known.run, reading, lagMs, live);
    if (!isProved(known.run, reading)) return { reading, isNewest: false, isDoubtful: true, news: undefined };
    const news: ClockNews = { type: 'clock-jumped', clock: 'machine', byMs: lagMs - known.lagMs };
    // It was ahead, and is right now.
    if (lagMs <= clockToleranceMs) {
      this.#known.set(live.machine, { ...known, lagMs, run: undefined, isWrong: false });
      return { reading, isNewest: true, news };
    }
    known.isWrong = true;
    return { reading: byArrival(reading), isNewest: reading.arrivedMs < newestMs, news };
  }

  #of({ machine, state, arrivedMs }: LiveMachine, newestMs: number | null): Known {
    const known = this.#known.get(machine);
    if (known) return known;
    const isKnown = state.lastClockTrusted && arrivedMs !== null && newestMs !== null;
    const begun = {
      lagMs: isKnown ? arrivedMs - newestMs : undefined,
      run: undefined,
      isWrong: false,
      isNewestLive: false,
    };
    this.#known.set(machine, begun);
    return begun;
  }
}

/**
 * Nothing is dated more than the tolerance ahead of its arrival, and messages are judged in the order of arrival: an instant further
 * ahead of one that comes now is of a server's clock that was ahead. Where both were dated by their source, both must have been
 * judged at their arrival, because it may have been given by hand.
 */
function wasServerAhead(
  { arrivedMs, clockTrusted }: MachineReading,
  { state }: LiveMachine,
  newestMs: number,
  areLive: boolean,
): boolean {
  return isAhead(newestMs, arrivedMs) && (!clockTrusted || !state.lastClockTrusted || areLive);
}

function byArrival(reading: MachineReading): MachineReading {
  return { ...reading, sourceMs: reading.arrivedMs, clockTrusted: false };
}

function longer(run: Run | undefined, reading: MachineReading, lagMs: number, { state }: LiveMachine): Run {
  const { arrivedMs, cumulativeProduction: made, cumulativeDefects: spoilt } = reading;
  const falls = (made ?? Infinity) < (state.production.last ?? 0) || (spoilt ?? Infinity) < (state.defects.last ?? 0);
  const elapsedMs = run ? arrivedMs - run.firstArrivedMs : 0;
  if (!run || elapsedMs < 0 || Math.abs(lagMs - run.firstLagMs) > Math.max(1_000, elapsedMs * drift))
    return { messages: 1, firstArrivedMs: arrivedMs, firstLagMs: lagMs, hasFallen: falls };
  return { ...run, messages: run.messages + 1, hasFallen: run.hasFallen || falls };
}

function isProved({ messages, firstArrivedMs, hasFallen }: Run, { arrivedMs }: MachineReading): boolean {
  const needed = hasFallen ? proofOfFallen : proof;
  return messages >= needed.messages && arrivedMs - firstArrivedMs >= needed.ms;
}
