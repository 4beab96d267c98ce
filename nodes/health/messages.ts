// Messages of the health room: an index per component, alarms by transition, and what a repair will take.

export const bands = ['excellent', 'good', 'fair', 'poor', 'critical', 'unknown'] as const;
export type HealthBand = (typeof bands)[number];

/** ISA-18.2 states of an alarm; `normal` is no alarm. */
export const alarmStates = [
  'normal',
  'unacknowledged',
  'acknowledged',
  'returned-unacknowledged',
  'shelved',
  'suppressed',
] as const;
export type AlarmState = (typeof alarmStates)[number];

/** One measured input; anything but `good` makes the index unknown or lowers what it is based on, never healthy. */
export interface HealthMeasure {
  readonly machine: string;
  /** Absent: of the whole machine. */
  readonly component?: string;
  /** Such as `oee`, `vibration_mm_s`, `temperature_c`. */
  readonly name: string;
  readonly value: number | null;
  readonly at: string;
  readonly quality: 'good' | 'bad' | 'stale';
  /** Planned stop or idle: the measure says nothing about degradation. */
  readonly planned?: boolean;
}

/** One component as `GET /api/health/{component}` and the page Health show it. */
export interface ComponentHealth {
  readonly machine: string;
  readonly component: string;
  readonly rpn: number;
  /** 0 to 100, two decimals; null: unknown. */
  readonly index: number | null;
  /** What the trigger looks at after smoothing. */
  readonly smoothed: number | null;
  readonly band: HealthBand;
  readonly at: string;
  readonly threshold: number;
  readonly hysteresis: number;
  readonly alarm: AlarmState;
  readonly alarm_since: string | null;
  /** Each input with its weight and what it contributed. */
  readonly inputs: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly weight: number;
    readonly quality: 'good' | 'bad' | 'stale';
  }[];
  readonly advice: { readonly code: string; readonly id: string; readonly 'en-US': string };
  readonly auto_prediction: {
    readonly triggered: boolean;
    readonly trigger_threshold: number;
    readonly prediction_result: RepairEstimate | null;
  };
}

/** Second output of health-trigger, topic `health/alarm`: transitions only, each once. */
export interface HealthAlarm {
  readonly id: string;
  readonly machine: string;
  readonly component: string;
  readonly state: AlarmState;
  readonly previous: AlarmState;
  readonly at: string;
  readonly index: number | null;
  readonly threshold: number;
  /** 1 for the first alarm of a disturbance; which one began it. */
  readonly first_out: number;
  readonly actor: string;
  readonly reason: string | null;
}

/** Minutes of a repair: what to expect and how sure that is. */
export interface RepairEstimate {
  readonly id: string;
  readonly machine: string;
  readonly component: string | null;
  readonly cause: string;
  readonly at: string;
  readonly p10_minutes: number;
  readonly p50_minutes: number;
  readonly p90_minutes: number;
  /** Expected value, the figure that the mean absolute error is measured on. */
  readonly mean_minutes: number;
  readonly basis: {
    /** `history`: enough like stops; `mixed`: prior and history; `prior`: the severity table alone. */
    readonly kind: 'history' | 'mixed' | 'prior';
    readonly stops: number;
    readonly level: string;
    readonly shift: string | null;
    readonly health_index: number | null;
    readonly production: number | null;
    readonly defects: number | null;
    /** Sentences in both languages that say what it is based on. */
    readonly id: readonly string[];
    readonly 'en-US': readonly string[];
  };
}

/** How well past estimates did, over finished repairs. */
export interface Calibration {
  readonly repairs: number;
  readonly mean_absolute_error_minutes: number | null;
  /** Share of repairs inside P10 to P90, percent. */
  readonly coverage_percent: number | null;
}

/** Topic `health/view`: the widget ui-health. */
export interface HealthView {
  readonly at: string;
  readonly components: readonly ComponentHealth[];
  readonly alarms: readonly (HealthAlarm & {
    readonly shelved_until: string | null;
    readonly estimate: RepairEstimate | null;
  })[];
  readonly calibration: Calibration;
}
