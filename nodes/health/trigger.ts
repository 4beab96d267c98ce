// The alarm of one component after ISA-18.2: smoothing, delays, hysteresis, latch, shelving; a pure state machine, time given from outside.
import { isAhead } from '../core/instants.ts';
import type { AlarmState } from './messages.ts';

/** Alarm below the threshold; spans in ms, 0 switches one off. */
export interface TriggerSettings {
  readonly threshold: number;
  /** Deadband: the alarm ends above threshold + hysteresis. */
  readonly hysteresis: number;
  /** Time constant of the EWMA: a step has come through to 63 % after so long. */
  readonly smoothingMs: number;
  readonly onDelayMs: number;
  readonly onSamples: number;
  readonly offDelayMs: number;
  readonly offSamples: number;
  /** After an alarm has ended, how long none begins. */
  readonly coolDownMs: number;
  /** An alarm that has returned waits for its acknowledgement. */
  readonly latch: boolean;
  /** An acknowledged alarm that still stands asks again after so long. */
  readonly reAlarmMs: number;
}

export const defaultTrigger: TriggerSettings = {
  threshold: 40,
  hysteresis: 5,
  smoothingMs: 120_000,
  onDelayMs: 60_000,
  onSamples: 3,
  offDelayMs: 120_000,
  offSamples: 3,
  coolDownMs: 600_000,
  latch: true,
  reAlarmMs: 0,
};

export interface TriggerState {
  /** Last known index; held through planned stops, null while unknown. */
  readonly index: number | null;
  readonly smoothed: number | null;
  /** When `smoothed` last took time into account. */
  readonly smoothedMs: number;
  /** The condition after hysteresis and delays. */
  readonly active: boolean;
  /** On the way to the other condition: time of evidence in a row, and samples in it that say so themselves. */
  readonly pending: { readonly ms: number; readonly samples: number } | null;
  /** What the last sample said, and until when that has been counted. */
  readonly evidence: 'bad' | 'good' | 'between' | 'none';
  readonly evidenceMs: number;
  /** The alarm, from raised to closed. */
  readonly alarm: {
    readonly id: string;
    readonly acknowledged: boolean;
    readonly raisedMs: number;
    readonly acknowledgedMs: number;
    readonly firstOut: number;
  } | null;
  readonly coolDownUntilMs: number;
  readonly shelved: { readonly untilMs: number; readonly reason: string; readonly by: string } | null;
  /** Why it is silent: a person's reason, or a flood. */
  readonly suppressed: { readonly cause: 'person' | 'flood'; readonly reason: string } | null;
  /** What is shown and since when, and how many transitions this component has had. */
  readonly shown: AlarmState;
  readonly shownSinceMs: number;
  readonly transitions: number;
}

export const newTriggerState: TriggerState = {
  index: null,
  smoothed: null,
  smoothedMs: 0,
  active: false,
  pending: null,
  evidence: 'none',
  evidenceMs: 0,
  alarm: null,
  coolDownUntilMs: 0,
  shelved: null,
  suppressed: null,
  shown: 'normal',
  shownSinceMs: 0,
  transitions: 0,
};

export type TriggerInput =
  | { readonly kind: 'sample'; readonly index: number }
  /** Planned stop or idle. */
  | { readonly kind: 'held' }
  | { readonly kind: 'unknown' }
  /** Nothing new but the time. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'shelve'; readonly untilMs: number; readonly reason: string; readonly by: string }
  | { readonly kind: 'unshelve' }
  | { readonly kind: 'suppress'; readonly cause: 'person' | 'flood'; readonly reason: string }
  | { readonly kind: 'unsuppress' };

/** What the alarm is without shelving and suppression. */
export function standing(state: TriggerState): AlarmState {
  if (!state.alarm) return 'normal';
  if (!state.active) return 'returned-unacknowledged';
  return state.alarm.acknowledged ? 'acknowledged' : 'unacknowledged';
}

/**
 * One step. `newId` names an alarm that is raised. The shown state changes at most once in a step, and only the caller announces it.
 */
export function step(
  before: TriggerState,
  input: TriggerInput,
  settings: TriggerSettings,
  atMs: number,
  newId: () => string,
): TriggerState {
  const known = setBack(before, atMs);
  // Two messages of one clock may be overtaken by each other: then it stands still here until it has caught up.
  const nowMs = Math.max(atMs, known.evidenceMs, known.smoothedMs);
  const counted = passTime(known, nowMs);
  const decided = settled(apply(counted, input, settings, nowMs), settings, nowMs, newId);
  return shownAs(decided, nowMs);
}

/** The next moment at which time alone may change something; Infinity when only news can. */
export function nextDueMs(state: TriggerState, settings: TriggerSettings): number {
  const due: number[] = [];
  if (state.shelved) due.push(state.shelved.untilMs);
  const { pending, evidence, evidenceMs } = state;
  const advances = evidence === (state.active ? 'good' : 'bad');
  const needed = state.active ? settings.offDelayMs : settings.onDelayMs;
  const samples = state.active ? settings.offSamples : settings.onSamples;
  // Without its samples no time proves it.
  if (pending && advances && pending.samples >= samples) due.push(evidenceMs + Math.max(0, needed - pending.ms));
  if (state.active && !state.alarm) due.push(state.coolDownUntilMs);
  if (settings.reAlarmMs > 0 && state.active && state.alarm?.acknowledged) {
    due.push(state.alarm.acknowledgedMs + settings.reAlarmMs);
  }
  return Math.min(Number.POSITIVE_INFINITY, ...due);
}

/** What a clock that was ahead has dated is as long ago, or as far away, as it was by that clock. */
function setBack(state: TriggerState, atMs: number): TriggerState {
  const newestMs = Math.max(state.evidenceMs, state.smoothedMs);
  if (!isAhead(newestMs, atMs)) return state;
  const byMs = newestMs - atMs;
  const { alarm, shelved } = state;
  return {
    ...state,
    evidenceMs: state.evidenceMs - byMs,
    smoothedMs: state.smoothedMs - byMs,
    alarm: alarm && {
      ...alarm,
      raisedMs: alarm.raisedMs - byMs,
      acknowledgedMs: alarm.acknowledged ? alarm.acknowledgedMs - byMs : alarm.acknowledgedMs,
    },
    coolDownUntilMs: state.coolDownUntilMs - byMs,
    shelved: shelved && { ...shelved, untilMs: shelved.untilMs - byMs },
    shownSinceMs: state.shownSinceMs - byMs,
  };
}

/** Time counts as evidence as long as the last sample stands for it. */
function passTime(state: TriggerState, nowMs: number): TriggerState {
  const { pending, evidence, evidenceMs, active } = state;
  const advances = pending !== null && evidence === (active ? 'good' : 'bad');
  const more = advances ? { ...pending, ms: pending.ms + (nowMs - evidenceMs) } : pending;
  return { ...state, pending: more, evidenceMs: nowMs };
}

function apply(state: TriggerState, input: TriggerInput, settings: TriggerSettings, nowMs: number): TriggerState {
  switch (input.kind) {
    case 'sample':
      return sampled(state, input.index, settings, nowMs);
    case 'held':
      // The stop itself is no time that degradation could have shown in.
      return { ...state, smoothedMs: state.smoothed === null ? state.smoothedMs : nowMs, evidence: 'none' };
    case 'unknown':
      // What was on the way to healthy has to be proved anew; what was on the way to an alarm is not forgotten.
      return { ...state, index: null, evidence: 'none', pending: state.active ? null : state.pending };
    case 'tick':
      return state;
    case 'acknowledge':
      return state.alarm ? { ...state, alarm: { ...state.alarm, acknowledged: true, acknowledgedMs: nowMs } } : state;
    case 'shelve':
      return { ...state, shelved: { untilMs: input.untilMs, reason: input.reason, by: input.by } };
    case 'unshelve':
      return { ...state, shelved: null };
    case 'suppress':
      return { ...state, suppressed: { cause: input.cause, reason: input.reason } };
    case 'unsuppress':
      return { ...state, suppressed: null };
  }
}

function sampled(state: TriggerState, index: number, settings: TriggerSettings, nowMs: number): TriggerState {
  const { smoothed: last, smoothedMs } = state;
  const alpha = settings.smoothingMs > 0 ? 1 - Math.exp(-(nowMs - smoothedMs) / settings.smoothingMs) : 1;
  const smoothed = last === null ? index : last + alpha * (index - last);
  const evidence = evidenceOf(smoothed, settings);
  const wanted = state.active ? 'good' : 'bad';
  // At the start and after a gap one sample is all that the smoothed index is made of, and those that follow wear it off slowly:
  // only samples that say it themselves are counted.
  const says = evidenceOf(index, settings) === wanted ? 1 : 0;
  const pending =
    evidence === wanted ? { ms: state.pending?.ms ?? 0, samples: (state.pending?.samples ?? 0) + says } : null;
  return { ...state, index, smoothed, smoothedMs: nowMs, evidence, pending };
}

function evidenceOf(smoothed: number, { threshold, hysteresis }: TriggerSettings): 'bad' | 'good' | 'between' {
  if (smoothed < threshold) return 'bad';
  return smoothed > threshold + hysteresis || (hysteresis === 0 && smoothed === threshold) ? 'good' : 'between';
}

/** Delays that have run out, an alarm raised or closed, shelving that has expired. */
function settled(state: TriggerState, settings: TriggerSettings, nowMs: number, newId: () => string): TriggerState {
  let { active, pending, alarm, shelved, suppressed, coolDownUntilMs } = state;
  const delayMs = active ? settings.offDelayMs : settings.onDelayMs;
  const samples = active ? settings.offSamples : settings.onSamples;
  // An acknowledgement, shelving or the like never proves a condition: only a sample that says so, and time after it.
  const proved = state.evidence === (active ? 'good' : 'bad');
  if (pending && proved && pending.ms >= delayMs && pending.samples >= samples) {
    active = !active;
    pending = null;
  }
  if (shelved && nowMs >= shelved.untilMs) shelved = null;
  if (active && !alarm && nowMs >= coolDownUntilMs) {
    alarm = { id: newId(), acknowledged: false, raisedMs: nowMs, acknowledgedMs: 0, firstOut: 0 };
  } else if (!active && alarm && (alarm.acknowledged || !settings.latch)) {
    alarm = null;
    coolDownUntilMs = nowMs + settings.coolDownMs;
    // A flood's silence was about this alarm.
    if (suppressed?.cause === 'flood') suppressed = null;
  }
  if (alarm?.acknowledged && settings.reAlarmMs > 0 && nowMs >= alarm.acknowledgedMs + settings.reAlarmMs) {
    alarm = { ...alarm, acknowledged: false };
  }
  return { ...state, active, pending, alarm, shelved, suppressed, coolDownUntilMs };
}

function shownAs(state: TriggerState, nowMs: number): TriggerState {
  const shown = state.shelved ? 'shelved' : state.suppressed ? 'suppressed' : standing(state);
  if (shown === state.shown) return state;
  return { ...state, shown, shownSinceMs: nowMs, transitions: state.transitions + 1 };
}
