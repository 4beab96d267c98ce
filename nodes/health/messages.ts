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

/** Answer of `configure`, and one of the list of `components`. */
export interface RegisteredComponent {
  readonly machine: string;
  readonly component: string;
  readonly rpn: number;
  /** Out of use: neither judged nor shown. */
  readonly retired: boolean;
  /** How its index is made, where that is not the machine's or the node's way. */
  readonly model: unknown;
  /** Goes up with each change. */
  readonly version: number;
  readonly changed_at: string;
  readonly changed_by: string;
}

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

/** Inputs of repair-estimate besides `health/alarm` (HealthAlarm: every alarm that begins is estimated once). */
export type RepairCommand =
  /** Body of `POST /api/predict/maintenance`; every field may be left out. */
  | ({ readonly command: 'estimate' } & EstimateRequest)
  /** A repair is over: the history learns from it. Instants are ISO 8601, without a zone in the plant's. */
  | {
      readonly command: 'finished';
      readonly machine: string;
      readonly cause: string;
      readonly start: string;
      readonly end: string;
      readonly shift?: string;
      readonly order?: string;
      /** Id of the estimate that was about it; else the machine's last one inside the stop. */
      readonly estimate?: string;
    }
  /** CSV text or its bytes; `mapping` names the columns of another shape. Answers with ImportReport when it is through. */
  | {
      readonly command: 'import';
      readonly csv: string | Uint8Array;
      readonly name?: string;
      readonly mapping?: Partial<ColumnMapping>;
    }
  | { readonly command: 'imports'; readonly limit?: number; readonly offset?: number }
  /** ImportReport with a page of its refused rows. */
  | { readonly command: 'import-report'; readonly id: string; readonly limit?: number; readonly offset?: number }
  /** Every cause that was seen with its class and its number of stops. */
  | { readonly command: 'causes' }
  /** Says what kind of stop a cause is, for past and future stops. */
  | { readonly command: 'classify'; readonly cause: string; readonly class: string }
  | { readonly command: 'calibration' }
  /** Stops of the past, newest first. */
  | {
      readonly command: 'stops';
      readonly machine?: string;
      readonly class?: string;
      readonly limit?: number;
      readonly offset?: number;
    };

export interface EstimateRequest {
  readonly machine?: string;
  readonly component?: string;
  /** Why it stands, the first that is there: error_message, failure_reason, downtime_reason, reason; else the component's usual cause. */
  readonly error_message?: string;
  readonly failure_reason?: string;
  readonly downtime_reason?: string;
  readonly reason?: string;
  readonly shift?: string | number;
  readonly health_index?: number;
  /** Of the running shift; both or none, whole, defects never above production. */
  readonly total_produksi?: number;
  readonly produk_cacat?: number;
}

/** Names of the columns in a file, mapped by what they are; how its dates are written. */
export interface ColumnMapping {
  readonly machine: string;
  readonly shift: string;
  readonly order: string;
  readonly start: string;
  readonly end: string;
  readonly minutes: string;
  readonly stop_cause: string;
  /** Order of `05/04/2025`. */
  readonly date_order: 'dmy' | 'mdy';
}

/** Second output of repair-estimate, topic `repair/progress`: for a progress bar. */
export interface ImportProgress {
  readonly id: string;
  readonly name: string;
  readonly status: 'running' | 'done' | 'failed';
  /** 0 to 100. */
  readonly percent: number;
  /** Lines of data that were read. */
  readonly rows: number;
  readonly imported: number;
  /** Known already: the same machine, cause, start and end. */
  readonly duplicates: number;
  /** Rows of production, without a stop. */
  readonly production: number;
  readonly refused: number;
}

/** What is wrong with one field of a row. */
export type RowFault = { readonly field: 'machine' | 'start' | 'end' | 'minutes' | 'stop_cause' } & (
  | { readonly code: 'length'; readonly least: number; readonly most: number }
  | { readonly code: 'no-instant' | 'no-minutes'; readonly given: string }
  | { readonly code: 'before-start' | 'future' }
  | { readonly code: 'too-long'; readonly days: number }
  /** Minutes by their column, and from start to end. */
  | { readonly code: 'minutes-differ'; readonly given: number; readonly span: number }
);

/** Why no row of a file can be read; columns as one text. */
export type FileFault =
  | { readonly code: 'empty' }
  | { readonly code: 'no-column' | 'no-end'; readonly wanted: string; readonly has: string };

export interface RefusedRow {
  readonly line: number;
  /** English. */
  readonly reason: string;
  /** The same for pages; empty for rows that an earlier version refused. */
  readonly faults: readonly RowFault[];
  readonly raw: string;
}

export interface ImportReport extends ImportProgress {
  readonly started_at: string;
  readonly actor: string;
  /** Imported stops that overlap another of the same machine; both are kept. */
  readonly overlapping: number;
  /** Imported stops mapped by class. */
  readonly classes: Readonly<Record<string, number>>;
  /** Refused rows, the first of them, with what is wrong. */
  readonly refusals: readonly RefusedRow[];
  /** Why it failed, English. */
  readonly error: string | null;
  /** The same for pages, where the file itself was the reason. */
  readonly file_fault: FileFault | null;
}
