// Messages of the health room: an index per component and alarms by transition; those of repairs and imports are in files of their own.
import type { Calibration, RepairEstimate } from './repair-messages.ts';

export type {
  ColumnMapping,
  FileFault,
  FileVariant,
  ImportPreview,
  ImportProgress,
  ImportReport,
  ImportUndone,
  ImportWord,
  PreviewRow,
  RefusedRow,
  RowFault,
} from './import-messages.ts';
export type { Calibration, EstimateRequest, RepairCommand, RepairEstimate } from './repair-messages.ts';

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

/** One component; `GET /api/health/{component}` and the page Health show it with the machine's name. */
export interface ComponentHealth {
  readonly machine: string;
  readonly component: string;
  readonly rpn: number;
  /** 0 to 100, two decimals; null: unknown. */
  readonly index: number | null;
  /** What the trigger looks at after smoothing. */
  readonly smoothed: number | null;
  readonly band: HealthBand;
  /** When any of this last changed; null: nothing was ever heard of it. */
  readonly at: string | null;
  /** When an index was last calculated, also where it is unknown by now; null: never. */
  readonly calculated_at: string | null;
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

/** The same for people, who know machines by name. */
export interface NamedComponent extends ComponentHealth, NamedMachine {}

export interface NamedMachine {
  /** As it is registered; its id where nobody has named it. */
  readonly machine_name: string;
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

/** Topic `health/view`: the widget ui-health. */
export interface HealthView {
  readonly at: string;
  readonly components: readonly NamedComponent[];
  readonly alarms: readonly (HealthAlarm &
    NamedMachine & {
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
  /** What was asked for; points may begin later and end earlier. */
  readonly from: string;
  readonly to: string;
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
