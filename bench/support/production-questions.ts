// What pages and routes ask of production and health, by name: the questions whose answers must be quick whatever the years behind them.
import type { Clock } from '../../nodes/core/clock.ts';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { parseHealthCommand } from '../../nodes/health/command-parser.ts';
import { parseHealthTriggerSettings } from '../../nodes/health/health-trigger-settings.ts';
import { openHealth } from '../../nodes/health/open-health.ts';
import { openRepair } from '../../nodes/health/open-repair.ts';
import { parseRepairCommand } from '../../nodes/health/repair-command-parser.ts';
import type { ShiftCalendar } from '../../nodes/production/calendar-contract.ts';
import { migrateIntakeTables } from '../../nodes/production/intake-migrations.ts';
import { ProductionQueries } from '../../nodes/production/production-queries.ts';
import { parseQuery } from '../../nodes/production/query-parser.ts';
import { migrateStateTables } from '../../nodes/production/states-participant.ts';
import { parseTrackerCommand, type ViewCommand } from '../../nodes/production/tracker-commands.ts';
import { trackerView } from '../../nodes/production/tracker-views.ts';
import type { Store } from '../../nodes/store/store.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** The nodes that answer: production-oee, cumulative-tracker, health-trigger, repair-estimate. */
export type Answerer = 'production' | 'counts' | 'health' | 'repair';

export interface PageQuestion {
  /** What a person would call it. */
  readonly name: string;
  readonly to: Answerer;
  readonly payload: object;
  /** Where no page waits for it: what it may take at most, in ms. */
  readonly p95Ms?: number;
}

/** Questions of an engineer that read every row of all years: every sum anew, every stop by its cause. */
const engineersMs = 250;
const ofEngineers: ReadonlySet<string> = new Set(['check', 'causes']);

/** A question from its outside form to the text that leaves over HTTP. */
export type Ask = (payload: object) => Promise<string>;

export async function askersOf(
  store: Store,
  calendar: ShiftCalendar,
  clock: Clock,
): Promise<Readonly<Record<Answerer, Ask>>> {
  await migrateIntakeTables(store);
  await migrateStateTables(store);
  const settings = { reasonAfterMs: 300_000, windowMs: 1_800_000 };
  const production = new ProductionQueries(store, calendar, clock, settings);
  const plant = plantTimeOf(calendar.timeZone);
  const repair = await openRepair(store, calendar.timeZone, { clock });
  const { queries: health } = await openHealth(store, parseHealthTriggerSettings({}), { clock });
  return {
    production: async (payload) => {
      const query = parseQuery(payload, plant, clock.now().getTime());
      return JSON.stringify((await production.execute(query, { name: 'bench', via: 'flow' })).payload);
    },
    counts: async (payload) => JSON.stringify(await trackerView(store, parseTrackerCommand(payload) as ViewCommand)),
    repair: async (payload) => {
      const command = parseRepairCommand(payload);
      switch (command.command) {
        case 'estimate':
          return JSON.stringify(await repair.room.estimate(command));
        case 'calibration':
          return JSON.stringify(await repair.room.calibration());
        case 'stops':
          return JSON.stringify(await repair.store.history.stops(command));
        case 'causes':
          return JSON.stringify(await repair.store.causes.list());
        case 'import-report':
          return JSON.stringify(
            await repair.store.imports.report(command.id, command.limit ?? 50, command.offset ?? 0),
          );
        default:
          return JSON.stringify(await repair.store.imports.list(50, 0));
      }
    },
    health: async (payload) => {
      const command = parseHealthCommand(payload);
      switch (command.command) {
        case 'list':
          return JSON.stringify(await health.list(command.machine));
        case 'get':
          return JSON.stringify(await health.get(command.component, command.machine));
        case 'components':
          return JSON.stringify(await health.components());
        case 'trend':
          return JSON.stringify(await health.trend(command));
        case 'history':
          return JSON.stringify(await health.history(command));
        default:
          return JSON.stringify(await health.view());
      }
    },
  };
}

/** Every question that a page, a route or a clock of the flow production-health asks, with its largest windows and lists. */
export function pageQuestions(nowMs: number): readonly PageQuestion[] {
  const ago = (days: number) => new Date(nowMs - days * dayMs).toISOString();
  const date = (days: number) => ago(days).slice(0, 10);
  const production: readonly (readonly [string, object])[] = [
    ['cards of all machines', { command: 'current' }],
    ['card of one machine', { command: 'current', machine: 'M001' }],
    ['windows of the health room', { command: 'windows' }],
    ['newest messages', { command: 'sensor-current' }],
    ['messages of all, 100', { command: 'sensor-realtime' }],
    ['messages of all, 1,000', { command: 'sensor-realtime', limit: 1000 }],
    ['messages of one, 1,000', { command: 'sensor-realtime', machine: 'M042', limit: 1000 }],
    ['messages of one gone silent', { command: 'sensor-realtime', machine: 'M100', limit: 100 }],
    ['OEE of all, last 24 h', { command: 'oee', from: ago(1) }],
    ['OEE of all, last week', { command: 'oee', from: ago(7.3) }],
    ['OEE of all, last year', { command: 'oee', from: ago(364.6) }],
    ['OEE of one, last 24 h', { command: 'oee', machine: 'M001', from: ago(1) }],
    ['OEE of one, last year', { command: 'oee', machine: 'M001', from: ago(364.6) }],
    ['shifts of one, newest 10', { command: 'shifts', machine: 'M001', limit: 10 }],
    ['shifts of all, newest 100', { command: 'shifts', limit: 100 }],
    ['shifts of all, newest 1,000', { command: 'shifts', limit: 1000 }],
    ['shifts of one, a year back', { command: 'shifts', machine: 'M001', limit: 100, offset: 900 }],
    ['shifts of one, whole year', { command: 'shifts', machine: 'M001', limit: 1000 }],
    ['shifts of all, a year back', { command: 'shifts', from: ago(364), to: ago(363), limit: 100 }],
    ['timeline of one, a day', { command: 'timeline', machine: 'M001', from: ago(1) }],
    ['timeline of one, 8 days', { command: 'timeline', machine: 'M001', from: ago(7.99) }],
    ['timeline of one, long ago', { command: 'timeline', machine: 'M002', from: ago(300), to: ago(299) }],
    ['stops without a reason', { command: 'stops', limit: 50 }],
    ['such stops, 1,000', { command: 'stops', limit: 1000 }],
    ['such stops of one machine', { command: 'stops', machine: 'M003', limit: 50 }],
    ['history of stops', { command: 'downtime-history', limit: 50 }],
    ['history of stops, 1,000', { command: 'downtime-history', start_date: date(364), limit: 1000 }],
    [
      'history of one component',
      { command: 'downtime-history', component: 'System', start_date: date(364), limit: 100 },
    ],
    ['history of one machine', { command: 'downtime-history', machine: 'M003', start_date: date(364), limit: 100 }],
    ['figures of stops, 30 days', { command: 'downtime-statistics' }],
    ['figures of stops, a year', { command: 'downtime-statistics', start_date: date(364) }],
    ['figures of one, a year', { command: 'downtime-statistics', machine: 'M003', start_date: date(364) }],
    ['reasons', { command: 'reasons' }],
  ];
  const counts: readonly (readonly [string, object])[] = [
    ['machines', { command: 'machines' }],
    ['totals of all machines', { command: 'totals' }],
    ['quarantine', { command: 'quarantine' }],
    ['quarantine, 500', { command: 'quarantine', limit: 500 }],
    ['orders, newest 100', { command: 'orders' }],
    ['orders of one machine', { command: 'orders', machine: 'M042' }],
    ['one order on all machines', { command: 'orders', order: 'WH/MO/500' }],
    ['check of every sum', { command: 'check' }],
  ];
  const health: readonly (readonly [string, object])[] = [
    ['health: page', { command: 'view' }],
    ['health: components', { command: 'list' }],
    ['health: of one machine', { command: 'list', machine: 'M001' }],
    ['health: one component', { command: 'get', component: 'motor', machine: 'M001' }],
    ['health: registry', { command: 'components' }],
    ['health: trend, 8 h', { command: 'trend', machine: 'M001', component: 'motor', from: ago(8 / 24) }],
    ['health: trend, 24 h', { command: 'trend', machine: 'M001', component: 'motor', from: ago(1) }],
    ['health: trend, a week', { command: 'trend', machine: 'M001', component: 'motor', from: ago(7) }],
    ['health: trend, 30 days', { command: 'trend', machine: 'M001', component: 'motor', from: ago(30) }],
    ['health: alarms', { command: 'history', limit: 50 }],
  ];
  const repair: readonly (readonly [string, object])[] = [
    ['repair: estimate', { command: 'estimate', machine: 'M001', component: 'motor' }],
    ['repair: estimate of a cause', { command: 'estimate', machine: 'M001', failure_reason: 'CAUSE 4', shift: 2 }],
    ['repair: calibration', { command: 'calibration' }],
    ['repair: stops', { command: 'stops', limit: 50 }],
    ['repair: stops, long ago', { command: 'stops', limit: 50, offset: 100_000 }],
    ['repair: stops of one machine', { command: 'stops', machine: 'M042', limit: 50 }],
    ['repair: stops that are repairs', { command: 'stops', class: 'repair', limit: 50 }],
    ['repair: such of one machine', { command: 'stops', machine: 'M042', class: 'repair', limit: 50 }],
    ['repair: causes', { command: 'causes' }],
    ['repair: imports', { command: 'imports' }],
    ['repair: refused rows', { command: 'import-report', id: 'i1', limit: 500 }],
  ];
  const asked = (to: Answerer) => (pair: readonly [string, object]) => ({
    name: pair[0],
    to,
    payload: pair[1],
    ...('command' in pair[1] && ofEngineers.has(String(pair[1].command)) && { p95Ms: engineersMs }),
  });
  return [
    ...production.map(asked('production')),
    ...counts.map(asked('counts')),
    ...health.map(asked('health')),
    ...repair.map(asked('repair')),
  ];
}
