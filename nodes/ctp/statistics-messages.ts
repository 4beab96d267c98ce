// Figures of the CTP room: what `statistics` answers, each with how it was made.
import type { TechnicianType } from './messages.ts';

/** A figure with how it was made; `value` null is shown as "–". */
export interface Kpi {
  readonly value: number | null;
  readonly unit: 'percent' | 'hours' | 'minutes' | 'count';
  /** Shown on screen, such as `APT / PBT`. */
  readonly formula: string;
  /** Numerator and denominator as they were, in the unit of the formula. */
  readonly numerator: number | null;
  readonly denominator: number | null;
}

export interface StatisticsBucket {
  /** Start of the day, week (Monday) or month as plant date. */
  readonly from: string;
  readonly problems: number;
  readonly downtime_s: number;
}

export interface ParetoRow {
  readonly key: string;
  readonly problems: number;
  readonly downtime_s: number;
  /** Running share of the downtime up to this row, percent with one decimal. */
  readonly cumulative_percent: number;
}

export interface TechnicianRow {
  readonly type: TechnicianType;
  readonly name: string | null;
  readonly vendor: string | null;
  readonly problems: number;
  readonly mttr_minutes: number | null;
  readonly response_minutes: number | null;
}

/** A vendor's firm, the plant's own technicians together, or vendors' technicians without a firm: one row each. */
export interface VendorRow {
  readonly type: Exclude<TechnicianType, 'none'>;
  /** Null for the plant's own, and for vendors' technicians whose firm nobody wrote down. */
  readonly vendor: string | null;
  readonly problems: number;
  /** Sum of all repair times / completed repairs, never a mean of the technicians' means. */
  readonly mttr_minutes: number | null;
  /** Sum of all waits / problems that a technician came to. */
  readonly response_minutes: number | null;
}

export interface CtpStatistics {
  readonly from: string;
  readonly to: string;
  readonly machine_id: number | null;
  readonly problems: { readonly total: number; readonly open: number; readonly completed: number };
  readonly downtime_s: number;
  readonly planned_s: number;
  readonly availability: Kpi;
  readonly mttr: Kpi;
  readonly mtbf: Kpi;
  readonly response: Kpi;
  readonly trend: readonly StatisticsBucket[];
  readonly pareto: {
    readonly error_code: readonly ParetoRow[];
    readonly category: readonly ParetoRow[];
    readonly machine: readonly ParetoRow[];
  };
  readonly technicians: readonly TechnicianRow[];
  readonly vendors: readonly VendorRow[];
}
