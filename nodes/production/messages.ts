// Messages of the production room: readings of machines, counts per shift, OEE. Counts are whole pieces, instants on the wire are
// ISO 8601 UTC, `Ms` fields are milliseconds UTC.

/** States of a machine as its messages name them (any letter case); `offline` is ours, for silence and last wills. */
export const machineStates = [
  'running',
  'error',
  'maintenance',
  'stopped',
  'idle',
  'setup',
  'changeover',
  'downtime',
  'offline',
] as const;
export type MachineState = (typeof machineStates)[number];

/** One message of one machine, parsed and narrowed; null: not in the message. */
export interface MachineReading {
  readonly machine: string;
  readonly state: MachineState | null;
  /** Percent 0 to 100. */
  readonly performanceRate: number | null;
  readonly qualityRate: number | null;
  readonly availabilityRate: number | null;
  /** The source's own counters. */
  readonly cumulativeProduction: number | null;
  readonly cumulativeDefects: number | null;
  readonly intervalProduction: number | null;
  readonly intervalDefects: number | null;
  /** Pulses since the last message, for a machine that has no counter. */
  readonly pulses: number | null;
  /** By the source's clock; `clockTrusted` false where it was missing or absurd and the arrival stands in for it. */
  readonly sourceMs: number;
  readonly clockTrusted: boolean;
  readonly arrivedMs: number;
  readonly sequence: number | null;
  /** Identifies the message of a source without counter, for recognising a second delivery. */
  readonly messageId: string | null;
  readonly order: string | null;
  readonly errorMessage: string | null;
  readonly failureReason: string | null;
  readonly isCritical: boolean | null;
  /** MQTT retain flag on subscribe: a state, not a new event. */
  readonly retained: boolean;
  /** The broker sends it again (MQTT dup): a hint, needed where nothing else tells a second delivery from a second message. */
  readonly redelivered?: boolean;
  /** A clock jumped: it is the newest message, and what was dated later is not believed. */
  readonly isNewest?: boolean;
  /** As it came, for the quarantine. Most of what a reading holds in memory, so it is given up ('') once nobody needs it. */
  raw: string;
}

/** A message that can't be a reading. */
export interface RefusedReading {
  readonly source: string;
  /** Such as `not-json`, `missing-field`, `rate-out-of-range`, `defects-exceed-production`, `unknown-machine`, `absurd-jump`. */
  readonly code: string;
  readonly message: string;
  readonly raw: string;
  readonly arrivedMs: number;
  /** Null where it could not be told. */
  readonly machine: string | null;
  /** When it was sent, as the intake found it; absent for a text that was no reading. */
  readonly clock?: Pick<MachineReading, 'sourceMs' | 'clockTrusted'>;
}

/** Output of machine-status-in, topic `machine/readings`; one message carries what arrived in one wake-up. */
export interface ReadingBatch {
  readonly readings: readonly MachineReading[];
  readonly refused: readonly RefusedReading[];
  /** To be settled (`settleDelivery`) by whoever commits; null when nobody waits. */
  readonly delivery: string | null;
}

/** What one shift of one machine made so far, or made. */
export interface ShiftTotal {
  readonly machine: string;
  readonly shift: string;
  readonly shift_date: string;
  readonly start: string;
  readonly end: string;
  readonly closed: boolean;
  readonly production: number;
  readonly defects: number;
  /** Of `production`: counted when the machine was heard again after a silence, and made before. */
  readonly unheard: number;
  /** Increases with every correction after the close. */
  readonly revision: number;
  /** It ended without a message of the machine: the zeros say that nobody knows, not that nothing was made. */
  readonly silent: boolean;
}

/** Second output of cumulative-tracker, topic `production/event`. */
export interface ProductionEvent {
  readonly seq: number;
  readonly machine: string;
  readonly at: string;
  /** Such as `baseline`, `counter-reset`, `counter-rollover`, `gap`, `late-correction`, `shift-closed`, `quarantined`, `manual-correction`, `state-changed`, `stop-reason`. */
  readonly type: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A number from 0 to 1, or null where it is undefined ("–"). */
export type Ratio = number | null;

/** Milliseconds of a span by what they were; they sum to `totalMs`. */
export interface TimeSplit {
  readonly totalMs: number;
  /** Outside shifts, breaks, holidays, and stops whose reason is planned. */
  readonly plannedStopMs: number;
  readonly runningMs: number;
  readonly unplannedStopMs: number;
  /** Silence: neither uptime nor downtime. */
  readonly unknownMs: number;
}

/** OEE by ISO 22400-2 with what it was made of. */
export interface Oee {
  readonly availability: Ratio;
  readonly effectiveness: Ratio;
  readonly quality: Ratio;
  readonly oee: Ratio;
  /** Why the OEE is undefined; null where it is a number. */
  readonly undefinedReason:
    | 'defects-exceed-production'
    | 'no-known-time'
    | 'no-ideal-rate'
    | 'pieces-of-a-silence'
    | 'no-pieces'
    | null;
  readonly time: TimeSplit;
  readonly production: number;
  readonly defects: number;
  /** Of `production`: made in time of which nobody knows anything, and left out of the effectiveness as that time is. */
  readonly unheard: number;
  /** Ideal pieces per hour; null when nobody has set it, then effectiveness is undefined. */
  readonly idealPerHour: number | null;
  /** Losses as a waterfall, in ms of planned busy time: from planned busy time down to value-adding time. */
  readonly waterfall: readonly {
    readonly loss: 'planned-busy' | 'unplanned-stop' | 'unknown' | 'speed' | 'quality' | 'value-adding';
    readonly ms: number;
  }[];
}

/** Third output of cumulative-tracker, topic `production/window`: what the health room uses; at most one a machine and period. */
export interface ProductionWindow {
  readonly machine: string;
  readonly at: string;
  /** Over the window that the node names (default 30 minutes), planned stops left out. */
  readonly windowMs: number;
  readonly availability: Ratio;
  readonly effectiveness: Ratio;
  readonly quality: Ratio;
  readonly oee: Ratio;
  readonly state: MachineState;
  /** The machine is in a planned stop, idle without order, or outside its shift: no degradation. */
  readonly planned: boolean;
  readonly stale: boolean;
  readonly shift: string | null;
  readonly shiftProduction: number | null;
  readonly shiftDefects: number | null;
  readonly cause: string | null;
}

/** One machine as the page Production and `GET /api/production/current` show it. */
export interface ProductionCard {
  readonly machine: string;
  readonly name: string;
  readonly state: MachineState;
  readonly state_since: string | null;
  readonly reason: string | null;
  /** The stop that is under way waits for a reason. */
  readonly reason_needed: boolean;
  readonly last_message: string | null;
  readonly stale: boolean;
  readonly shift: ShiftTotal | null;
  /**
   * Pieces planned for the shift, and how many of them should be made by now, breaks, planned stops and the time before the machine was
   * first heard left out; null where nobody has set a target.
   */
  readonly target: number | null;
  readonly target_by_now: number | null;
  /** Pieces per hour over the last 15 minutes, or since the machine was first heard; null without a count in them. */
  readonly pace_per_hour: number | null;
  readonly order: string | null;
  readonly oee: Oee | null;
  /** Hour by hour of the running shift. */
  readonly hours: readonly { readonly start: string; readonly production: number; readonly defects: number }[];
  /** The running shift's states, oldest first. */
  readonly timeline: readonly StateSpan[];
}

export interface StateSpan {
  readonly id: number | null;
  readonly start: string;
  /** Null while it lasts. */
  readonly end: string | null;
  readonly state: MachineState;
  readonly planned: boolean;
  readonly reason: string | null;
  readonly reason_by: string | null;
}

/** Topic `production/view`: an engineer can wire any source that sends this to the widget ui-production. */
export interface ProductionView {
  readonly at: string;
  readonly cards: readonly ProductionCard[];
  /** How many refused messages wait for a decision, and the id of the newest; absent where a source has no quarantine. */
  readonly quarantine?: { readonly waiting: number; readonly newest: number | null };
}

export interface StopReason {
  readonly code: string;
  readonly label: { readonly id: string; readonly 'en-US': string };
  readonly planned: boolean;
}
