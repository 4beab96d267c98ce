// `npm run bench -- production`: every question of pages and routes over a year of machines, on both engines.
// Options: --engine=sqlite|postgres, --machines=100, --days=365, --rounds=40, --only=WORDS (questions whose name holds them),
// --keep=FOLDER (the SQLite file, to use again), --url=postgres://... (a database that an earlier run filled, or an empty one).
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { type Clock, systemClock } from '../nodes/core/clock.ts';
import { parseCalendarSettings } from '../nodes/production/calendar-settings.ts';
import { WallCalendar } from '../nodes/production/wall-calendar.ts';
import { openStore } from '../nodes/store/open-store.ts';
import type { Store } from '../nodes/store/store.ts';
import { outsideSuite, startPostgres } from '../test/support/postgres.ts';
import { measureInTurn } from './support/ctp/measuring.ts';
import { fillOrders } from './support/orders-year.ts';
import { askersOf, pageQuestions } from './support/production-questions.ts';
import { fillPast, machineName, pastEndMs } from './support/production-year.ts';
import { fillRepairs } from './support/repair-year.ts';

const p95TargetMs = 50;
const stallTargetMs = 20;
interface Options {
  readonly machines: number;
  readonly days: number;
  readonly rounds: number;
  readonly only: string;
}

/**
 * Exit code 1 when a question misses a target: 50 ms, or for the two of an engineer that read everything anew, 250. Times are those of the clock on the wall, so a busy machine shows in them; a stall is
 * a stretch of this thread's own work; the last column is the work of all threads of this process for one answer in twenty.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string' },
      machines: { type: 'string', default: '100' },
      days: { type: 'string', default: '365' },
      rounds: { type: 'string', default: '40' },
      only: { type: 'string', default: '' },
      keep: { type: 'string' },
      url: { type: 'string' },
    },
  });
  const { engine, keep, url, only } = values;
  const options = { machines: Number(values.machines), days: Number(values.days), rounds: Number(values.rounds), only };
  const missed: string[] = [];
  if (engine !== 'postgres') missed.push(...(await onSqlite(keep, options)));
  if (engine !== 'sqlite') missed.push(...(await onPostgres(url, options)));
  say(missed.length === 0 ? '\nEvery target is met.' : `\nMissed: ${missed.join('; ')}.`);
  if (missed.length > 0) process.exitCode = 1;
}

async function onSqlite(keep: string | undefined, options: Options): Promise<readonly string[]> {
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'shopfloor-production-'));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `production-${options.machines}-${options.days}.sqlite`);
  const isFilled = existsSync(file);
  try {
    return await onStore(await openStore(`sqlite:${file}`), isFilled, options);
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function onPostgres(url: string | undefined, options: Options): Promise<readonly string[]> {
  const server = url === undefined ? await startPostgres(outsideSuite, { durable: true }) : undefined;
  try {
    const store = await openStore(url ?? (await server?.newDatabase()) ?? '');
    const tables = await store.db<unknown>().introspection.getTables();
    return await onStore(
      store,
      tables.some(({ name }) => name === 'production_machine'),
      options,
    );
  } finally {
    server?.stop();
  }
}

async function onStore(store: Store, isFilled: boolean, options: Options): Promise<readonly string[]> {
  try {
    const calendar = new WallCalendar(parseCalendarSettings({ timeZone: 'Asia/Jakarta' }));
    const begun = performance.now();
    if (!isFilled)
      await fillPast(store, calendar, {
        ...options,
        nowMs: Date.now(),
        seed: 1,
        minuteDays: 35,
        rawDays: 1,
        trendDays: 7,
      });
    const nowMs = await pastEndMs(store);
    const machines = Array.from({ length: options.machines }, (_, index) => machineName(index));
    await fillOrders(store, { days: options.days, nowMs });
    await fillRepairs(store, { machines, days: options.days, nowMs });
    if (store.engine === 'postgres' && !isFilled) await sql`vacuum analyze`.execute(store.db());
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    say(`${store.engine}: ${options.machines} machines, ${options.days} days ready after ${seconds} s`);
    // The clock goes on from where the past ends, whenever that was.
    const opened = performance.now();
    const clock: Clock = { ...systemClock, now: () => new Date(nowMs + performance.now() - opened) };
    const ask = await askersOf(store, calendar, clock);
    const missed: string[] = [];
    say(`${'ms'.padEnd(32)}   p50       p95     stall      work`);
    for (const { name, to, payload, p95Ms = p95TargetMs } of pageQuestions(nowMs)) {
      if (!name.includes(options.only)) continue;
      const [measured] = await measureInTurn([() => ask[to](payload)], options.rounds);
      if (!measured) continue;
      const { p50, p95, stall, work } = measured;
      say(`${name.padEnd(28)} ${[p50, p95, stall, work].map((ms) => ms.toFixed(1).padStart(9)).join(' ')}`);
      if (p95 > p95Ms) missed.push(`${store.engine}, ${name}: p95 ${p95.toFixed(1)} ms`);
      if (stall > stallTargetMs) missed.push(`${store.engine}, ${name}: stall ${stall.toFixed(1)} ms`);
    }
    return missed;
  } finally {
    await store.close();
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
