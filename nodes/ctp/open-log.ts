// Puts the problem log on a store: tables up to date, reading side and files joined; one log for each store and settings.
import { installedAttachments } from '../attachments/attachments-contract.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { ShiftCalendar } from '../production/calendar-contract.ts';
import type { Store } from '../store/store.ts';
import { CtpReadings } from './ctp-readings.ts';
import type { LogParts, LogSettings } from './log-parts.ts';
import { livesOf } from './machine-life.ts';
import { ctpMigrations, ctpRoom } from './migrations.ts';
import { ProblemLog } from './problem-log.ts';
import { CtpProjections } from './projections.ts';
import { CtpQueries } from './queries/ctp-queries.ts';
import { RollupGate } from './queries/planned-months.ts';
import { RollUp } from './queries/roll-up.ts';

export interface OpenLogOptions {
  readonly clock?: Clock;
  /** The calendar that is wired now; undefined where all time is planned. */
  readonly calendar?: () => ShiftCalendar | undefined;
}

/** Migrates and hands over the log. */
export async function openProblemLog(
  store: Store,
  settings: LogSettings,
  options: OpenLogOptions = {},
): Promise<ProblemLog> {
  await store.migrate(ctpRoom, ctpMigrations(store.engine));
  const { clock = systemClock, calendar: calendarNow = () => undefined } = options;
  const lives = livesOf(store);
  await lives.refresh();
  const calendar = () => lives.calendar(calendarNow());
  const { plant } = settings;
  const gate = new RollupGate();
  const files: LogParts['files'] = async () => installedAttachments()?.on(store);
  const readings = new CtpReadings({ store, files, nowMs: () => clock.now().getTime() });
  const side = { engine: store.engine, plant, calendar, gate };
  // A problem is taken whatever is wrong with the calendar: without one its days are rolled up again when it is mended.
  const calendarOrNone = () => {
    try {
      return calendar();
    } catch (error) {
      if (error instanceof ShopfloorError && error.code === 'settings-wrong') return undefined;
      throw error;
    }
  };
  const problems = (ids: readonly number[]) => readings.problems(ids);
  return new ProblemLog({
    store,
    clock,
    settings,
    readings,
    files,
    lives,
    queries: new CtpQueries({
      store,
      clock,
      plant,
      calendar,
      gate,
      problems,
      bornMs: (machines) => lives.bornMs(machines),
    }),
    projections: new CtpProjections({ ...side, calendar: calendarOrNone }),
    rollUp: new RollUp(store, side),
  });
}

/** Logs that are open, mapped by store and by what they were opened with: nodes of one flow share their figures. */
const opened = new WeakMap<Store, Map<string, Promise<ProblemLog>>>();

/** The log of `store` with these settings, opened once. @param key what tells settings and calendar apart */
export function sharedProblemLog(
  store: Store,
  key: string,
  settings: LogSettings,
  calendar: OpenLogOptions['calendar'],
): Promise<ProblemLog> {
  const logs = opened.get(store) ?? new Map<string, Promise<ProblemLog>>();
  opened.set(store, logs);
  const opening = logs.get(key) ?? openProblemLog(store, settings, calendar ? { calendar } : {});
  logs.set(key, opening);
  opening.catch(() => logs.delete(key));
  return opening;
}
