// The settings of one line's ledger.

export interface LedgerSettings {
  /** Name of the line; each line has a PLC of its own. */
  readonly line: string;
  /** PLC slots of the line, 1..10. */
  readonly slots: number;
  /** Most orders in one queue, 1..slots. */
  readonly queueLimit: number;
  /** Consecutive readings that a failed flag must hold before it counts. */
  readonly failedCycles: number;
  /** Consecutive implausible readings before a batch is quarantined. */
  readonly quarantineCycles: number;
  /** A batch in the PLC, or a push, older than this is reported. */
  readonly overdueMinutes: number;
  readonly watchOnly: boolean;
}

export const defaultSettings: LedgerSettings = {
  line: 'line-1',
  slots: 10,
  queueLimit: 10,
  failedCycles: 3,
  quarantineCycles: 3,
  overdueMinutes: 15,
  watchOnly: false,
};
