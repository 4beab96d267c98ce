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
  /** Of the alarm, from its beginning to its end; what `acknowledge` and the estimate refer to. */
  readonly id: string;
  /** Of this transition: the same after a restart, so that whoever receives it twice knows it (`dedupeKey` of notify). */
  readonly transition: string;
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
  /** What to expect, on the log scale, so that one very long repair doesn't rule; the figure that the mean absolute error is measured on. */
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

/** Inputs of health-trigger besides `production/window` (ProductionWindow) and `health/measure` (HealthMeasure or a list of them). */
export type HealthCommand =
  /** Components with index, band, alarm, advice; `machine` narrows. */
  | { readonly command: 'list'; readonly machine?: string }
  /** One component by name; `machine` where two machines have one of the same name. */
  | { readonly command: 'get'; readonly component: string; readonly machine?: string }
  /** The registry: machines, components, RPN, models. */
  | { readonly command: 'components' }
  /** HealthView for the widget, topic `health/view`. */
  | { readonly command: 'view' }
  /** HealthTrend, topic `health/trend`; `from` and `to` are ISO 8601. */
  | {
      readonly command: 'trend';
      readonly machine: string;
      readonly component: string;
      readonly from?: string;
      readonly to?: string;
    }
  /** Transitions, newest first. */
  | {
      readonly command: 'history';
      readonly machine?: string;
      readonly component?: string;
      readonly limit?: number;
      readonly offset?: number;
    }
  | { readonly command: 'measure'; readonly measures: readonly HealthMeasure[] }
  | ({ readonly command: 'acknowledge' } & HealthDecision)
  /** Silent for `minutes`, with a reason. */
  | ({ readonly command: 'shelve'; readonly minutes: number } & HealthDecision)
  | ({ readonly command: 'unshelve' } & HealthDecision)
  /** Silent until `unsuppress`, for a machine that is out of service. */
  | ({ readonly command: 'suppress' } & HealthDecision)
  | ({ readonly command: 'unsuppress' } & HealthDecision)
  /** Adds or changes one component (`rpn`), takes it out of use (`retired`), or sets how the index is made (`model`). */
  | {
      readonly command: 'configure';
      readonly machine: string;
      readonly component?: string;
      readonly rpn?: number;
      readonly retired?: boolean;
      /** Null: back to the node's own. */
      readonly model?: Readonly<Record<string, unknown>> | null;
      readonly reason?: string;
      readonly commandId?: string;
    };

/** What a person decides about one component's alarm. */
export interface HealthDecision {
  readonly machine: string;
  readonly component: string;
  readonly reason?: string;
  readonly commandId?: string;
}

/** Answer of `trend`: a point a minute or an hour, oldest first. */
export interface HealthTrend {
  readonly machine: string;
  readonly component: string;
  readonly grain: 'minute' | 'hour';
  readonly threshold: number;
  /** The alarm ends above threshold + hysteresis. */
  readonly hysteresis: number;
  readonly points: readonly {
    readonly at: string;
    /** Null: unknown for the whole of it. */
    readonly mean: number | null;
    readonly min: number | null;
    readonly max: number | null;
    readonly smoothed: number | null;
    /** Share of samples that were unknown, 0 to 1. */
    readonly unknown: number;
  }[];
  readonly alarms: readonly HealthAlarm[];
}

/** Fourth output of health-trigger, topic `health/advice`: when the band of a component changes. */
export interface HealthAdvice {
  readonly machine: string;
  readonly component: string;
  readonly at: string;
  readonly band: HealthBand;
  readonly previous: HealthBand;
  readonly advice: ComponentHealth['advice'];
}
