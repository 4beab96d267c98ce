// One step of one component among the others: which alarm of a disturbance came first, and when so many come that more would only hide.
import type { HealthAlarm } from './messages.ts';
import {
  newTriggerState,
  standing,
  step,
  type TriggerInput,
  type TriggerSettings,
  type TriggerState,
} from './trigger.ts';

/** ISA-18.2 and EEMUA 191 call more than ten alarms in ten minutes a flood: nobody can act on them. */
export interface FloodLimit {
  readonly alarms: number;
  readonly windowMs: number;
}

export const defaultFlood: FloodLimit = { alarms: 10, windowMs: 600_000 };

export interface DeskStep {
  readonly machine: string;
  readonly component: string;
  /** Undefined: never seen before. */
  readonly before: TriggerState | undefined;
  readonly input: TriggerInput;
  /** The machine's other components. */
  readonly others: readonly TriggerState[];
  /** When alarms were annunciated lately, at this desk. */
  readonly annunciatedMs: readonly number[];
  readonly nowMs: number;
  readonly actor: string;
  readonly reason: string | null;
}

export interface DeskOutcome {
  readonly state: TriggerState;
  readonly transition: HealthAlarm | null;
}

export const floodReason = 'Terlalu banyak alarm sekaligus / more alarms at once than people can handle';

export class AlarmDesk {
  readonly #settings: TriggerSettings;
  readonly #flood: FloodLimit;
  readonly #newId: () => string;

  constructor(settings: TriggerSettings, flood: FloodLimit, newId: () => string) {
    this.#settings = settings;
    this.#flood = flood;
    this.#newId = newId;
  }

  /** Decides one step; at most one transition comes of it. */
  take(given: DeskStep): DeskOutcome {
    const before = given.before ?? newTriggerState;
    const stepped = step(before, this.#input(before, given), this.#settings, given.nowMs, this.#newId);
    const numbered = this.#firstOut(before, stepped, given.others);
    const announces = numbered.shown === 'unacknowledged' && before.shown !== 'unacknowledged';
    const state = announces && this.#isFlood(given) ? silenced(before, numbered) : numbered;
    return { state, transition: state.shown === before.shown ? null : this.#transition(before, state, given) };
  }

  /** A flood's silence ends once half as many came in the same time, so that it doesn't begin again at once. */
  #input(before: TriggerState, given: DeskStep): TriggerInput {
    if (given.input.kind !== 'tick' || before.suppressed?.cause !== 'flood') return given.input;
    const calm = this.#recent(given) < Math.max(1, Math.floor(this.#flood.alarms / 2));
    return calm ? { kind: 'unsuppress' } : given.input;
  }

  #firstOut(before: TriggerState, state: TriggerState, others: readonly TriggerState[]): TriggerState {
    if (!state.alarm || state.alarm.id === before.alarm?.id) return state;
    const firstOut = 1 + Math.max(0, ...others.map((other) => other.alarm?.firstOut ?? 0));
    return { ...state, alarm: { ...state.alarm, firstOut } };
  }

  #isFlood(given: DeskStep): boolean {
    return this.#flood.alarms > 0 && this.#recent(given) >= this.#flood.alarms;
  }

  #recent({ annunciatedMs, nowMs }: DeskStep): number {
    return annunciatedMs.filter((at) => at > nowMs - this.#flood.windowMs).length;
  }

  #transition(before: TriggerState, state: TriggerState, given: DeskStep): HealthAlarm {
    const alarm = state.alarm ?? before.alarm;
    const id = alarm?.id ?? `${given.machine}/${given.component}/0`;
    const wasSilenced = state.suppressed?.cause === 'flood' && before.suppressed?.cause !== 'flood';
    return {
      id,
      transition: `${given.machine}/${given.component}/${state.transitions}`,
      machine: given.machine,
      component: given.component,
      state: state.shown,
      previous: before.shown,
      at: new Date(given.nowMs).toISOString(),
      index: state.smoothed === null || state.index === null ? null : Math.round(state.smoothed * 100) / 100,
      threshold: this.#settings.threshold,
      first_out: alarm?.firstOut ?? 0,
      actor: given.actor,
      reason: wasSilenced ? floodReason : given.reason,
    };
  }
}

/** Alarms that stand, whether they are shown or silent. */
export function isRaised(state: TriggerState): boolean {
  return standing(state) !== 'normal';
}

function silenced(before: TriggerState, state: TriggerState): TriggerState {
  const suppressed = { cause: 'flood', reason: floodReason } as const;
  const isNew = before.shown !== 'suppressed';
  return { ...state, suppressed, shown: 'suppressed', transitions: before.transitions + (isNew ? 1 : 0) };
}
