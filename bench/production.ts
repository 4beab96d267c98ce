// `npm run bench -- production [--machines 100] [--days 365] [--rounds 40]`: every page query over a year of machines, on both engines.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { systemClock } from '../nodes/core/clock.ts';
import { plantTimeOf } from '../nodes/core/plant-time.ts';
import { parseCalendarSettings } from '../nodes/production/calendar-settings.ts';
import { ProductionQueries } from '../nodes/production/production-queries.ts';
import { parseQuery } from '../nodes/production/query-parser.ts';
import { WallCalendar } from '../nodes/production/wall-calendar.ts';
import { openStore } from '../nodes/store/open-store.ts';
import type { Store } from '../nodes/store/store.ts';
import { pageQuestions } from './support/production-questions.ts';
import { fillPast } from './support/production-year.ts';

const p95TargetMs = 50;
const stallTargetMs = 20;
const settings = { silenceMs: 60_000, reasonAfterMs: 300_000, windowMs: 1_800_000 };
/** The sampler's own grain. */
const samplerMs = 1;

interface Measured {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly stallMs: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      machines: { type: 'string', default: '100' },
      days: { type: 'string', default: '365' },
      rounds: { type: 'string', default: '40' },
      postgres: { type: 'string' },
    },
  });
  const options = { machines: Number(values.machines), days: Number(values.days), rounds: Number(values.rounds) };
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-production-'));
  const missed: string[] = [];
  try {
    missed.push(...(await onEngine('SQLite', `sqlite:${join(folder, 'year.sqlite')}`, options)));
    const postgres = values.postgres ?? process.env.TEST_POSTGRES_URL;
    if (postgres) missed.push(...(await onEngine('PostgreSQL', postgres, options)));
    else say('PostgreSQL: name an empty database with --postgres or TEST_POSTGRES_URL.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(missed.length === 0 ? '\nEvery target is met.' : `\nMissed: ${missed.join('; ')}.`);
}

async function onEngine(
  name: string,
  url: string,
  options: { readonly machines: number; readonly days: number; readonly rounds: number },
): Promise<readonly string[]> {
  const store = await openStore(url);
  try {
    const calendar = new WallCalendar(parseCalendarSettings({ timeZone: 'Asia/Jakarta' }));
    const nowMs = Date.now();
    const begun = performance.now();
    await fillPast(store, calendar, { ...options, nowMs, seed: 1, minuteDays: 7 });
    const spans = await sizeOf(store);
    say(
      `${name}: ${options.machines} machines, ${options.days} days, ${spans} spans of states, filled in ${Math.round((performance.now() - begun) / 1000)} s`,
    );
    const queries = new ProductionQueries(store, calendar, systemClock, settings);
    const plant = plantTimeOf(calendar.timeZone);
    const ask = (payload: object) =>
      queries.execute(parseQuery(payload, plant, Date.now()), { name: 'bench', via: 'flow' });
    const missed: string[] = [];
    say('query                           p50 ms    p95 ms  longest stall ms');
    for (const [question, payload] of pageQuestions(nowMs)) {
      const { p50Ms, p95Ms, stallMs } = await measure(() => ask(payload), options.rounds);
      const figures = [p50Ms, p95Ms, stallMs].map((ms) => ms.toFixed(1).padStart(9)).join(' ');
      say(`${question.padEnd(28)} ${figures}`);
      if (p95Ms > p95TargetMs) missed.push(`${name}, ${question}: p95 ${p95Ms.toFixed(1)} ms`);
      if (stallMs > stallTargetMs) missed.push(`${name}, ${question}: stall ${stallMs.toFixed(1)} ms`);
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

async function sizeOf(store: Store): Promise<number> {
  const row = await store
    .reader<{ state_span: { id: number } }>()
    .selectFrom('state_span')
    .select((span) => span.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(row.rows);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
