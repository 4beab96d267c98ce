// Messages of repair-estimate: what a repair will take, how well that was foretold, and what it is asked and told.
import type { ColumnMapping, ImportWord } from './import-messages.ts';

/** Minutes of a repair: what to expect and how sure that is. */
export interface RepairEstimate {
  readonly id: string;
  readonly machine: string;
  readonly component: string | null;
  readonly cause: string;
  /** The cause in words; one that nobody reported is said to be assumed. */
  readonly cause_name: { readonly id: string; readonly 'en-US': string };
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
  | ({
      readonly command: 'import';
      readonly csv: string | Uint8Array;
      readonly name?: string;
      readonly mapping?: Partial<ColumnMapping>;
    } & ImportWord)
  /** Answers with ImportPreview: what the file is, and between which readings its sender has to choose. */
  | {
      readonly command: 'import-preview';
      readonly csv: string | Uint8Array;
      readonly mapping?: Partial<ColumnMapping>;
    }
  /** Takes the stops of an import back. Answers with ImportUndone. */
  | { readonly command: 'import-undo'; readonly id: string }
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
