// `npm run bench -- production`: every question of pages and routes over a year of machines, on both engines.
// Options: --engine=sqlite|postgres, --machines=100, --days=365, --rounds=40, --only=WORDS (questions whose name holds them),
// --keep=FOLDER (the SQLite file, to use again), --url=postgres://... (a database that an earlier run filled, or an empty one).
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Clock, systemClock } from '../nodes/core/clock.ts';
import { parseCalendarSettings } from '../nodes/production/calendar-settings.ts';
import { WallCalendar } from '../nodes/production/wall-calendar.ts';
import { openStore } from '../nodes/store/open-store.ts';
import type { Store } from '../nodes/store/store.ts';
import { outsideSuite, startPostgres } from '../test/support/postgres.ts';
import { askersOf, pageQuestions } from './support/production-questions.ts';
import { fillPast, pastEndMs } from './support/production-year.ts';

const p95TargetMs = 50;
const stallTargetMs = 20;
/** The sampler's own grain. */
const samplerMs = 1;

interface Measured {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly stallMs: number;
}

interface Options {
  readonly machines: number;
  readonly days: number;
  readonly rounds: number;
  readonly only: string;
}

/** Exit code 1 when a question misses a target. */
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
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    say(`${store.engine}: ${options.machines} machines, ${options.days} days ready after ${seconds} s`);
    // The clock goes on from where the past ends, whenever that was.
    const opened = performance.now();
    const clock: Clock = { ...systemClock, now: () => new Date(nowMs + performance.now() - opened) };
    const ask = await askersOf(store, calendar, clock);
    const missed: string[] = [];
    say('query                           p50 ms    p95 ms  longest stall ms');
    for (const { name, to, payload } of pageQuestions(nowMs)) {
      if (!name.includes(options.only)) continue;
      const { p50Ms, p95Ms, stallMs } = await measure(() => ask[to](payload), options.rounds);
      const figures = [p50Ms, p95Ms, stallMs].map((ms) => ms.toFixed(1).padStart(9)).join(' ');
      say(`${name.padEnd(28)} ${figures}`);
      if (p95Ms > p95TargetMs) missed.push(`${store.engine}, ${name}: p95 ${p95Ms.toFixed(1)} ms`);
      if (stallMs > stallTargetMs) missed.push(`${store.engine}, ${name}: stall ${stallMs.toFixed(1)} ms`);
    }
    return missed;
  } finally {
    await store.close();
  }
}

/** The first two answers warm caches and compiler up. */
async function measure(ask: () => Promise<unknown>, rounds: number): Promise<Measured> {
  await ask();
  await ask();
  const sampler = monitorEventLoopDelay({ resolution: samplerMs });
  sampler.enable();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await ask();
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  sampler.disable();
  times.sort((left, right) => left - right);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), stallMs: sampler.max / 1e6 };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
