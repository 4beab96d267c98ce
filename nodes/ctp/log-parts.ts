// What the commands of the problem log are built from.
import type { AttachmentBook } from '../attachments/attachments-contract.ts';
import type { Clock } from '../core/clock.ts';
import type { PlantTime } from '../core/plant-time.ts';
import type { Store } from '../store/store.ts';
import type { CtpReadings } from './ctp-readings.ts';
import { CtpRecords, type Stamp } from './ctp-records.ts';
import type { MachineLives } from './machine-life.ts';
import type { EscalationLimits, NoticeSettings } from './notices.ts';
import type { CtpProjections } from './projections.ts';
import type { CtpQueries } from './queries/ctp-queries.ts';
import type { RollUp } from './queries/roll-up.ts';
import { type CtpSchema, ctpTurns } from './tables.ts';

export interface LogSettings {
  readonly plant: PlantTime;
  readonly limits: EscalationLimits;
  readonly notices: NoticeSettings;
}

export interface LogParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: LogSettings;
  readonly readings: CtpReadings;
  readonly queries: CtpQueries;
  readonly projections: CtpProjections;
  readonly rollUp: RollUp;
  readonly lives: MachineLives;
  /** Undefined where this Node-RED keeps no files. */
  readonly files: () => Promise<AttachmentBook | undefined>;
}

/** Runs `work` over the records, after whoever asked earlier; all of it is committed or none. It may run again after a lost race. */
export function withRecords<Result>(
  { store, projections }: Pick<LogParts, 'store' | 'projections'>,
  stamp: Stamp,
  work: (records: CtpRecords) => Promise<Result>,
): Promise<Result> {
  return store.transaction<CtpSchema, Result>(
    (transaction) => work(new CtpRecords(transaction, projections, stamp)),
    ctpTurns,
  );
}
