// What a simulated Odoo keeps over a restart, as text.
import type { DatabaseSnapshot, SimulatedSeries } from './records.ts';

/** Where the text is kept; a text that was saved is there after a crash. */
export interface OdooStateFile {
  /** Undefined before the first save. */
  load(): string | undefined;
  save(text: string): void;
}

interface KeptState {
  readonly format: 1;
  readonly series: SimulatedSeries;
  readonly database: DatabaseSnapshot;
}

export function packState(series: SimulatedSeries, database: DatabaseSnapshot): string {
  return JSON.stringify({ format: 1, series, database } satisfies KeptState);
}

/** Undefined for no state, another format or another series, whose records mean something else. */
export function unpackState(text: string | undefined, series: SimulatedSeries): DatabaseSnapshot | undefined {
  if (text === undefined) return undefined;
  const kept = JSON.parse(text) as Partial<KeptState>;
  return kept.format === 1 && kept.series === series ? kept.database : undefined;
}
