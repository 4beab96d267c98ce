// Downtime, Pareto and trend against a brute-force look at every minute; stored figures against a rebuild from nothing.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CtpStatistics } from '../../../nodes/ctp/messages.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { minuteByMinute } from './minute-oracle.ts';
import { dayMs, minuteMs, ReadWorld } from './read-world.ts';
import { twoShifts } from './two-shift-calendar.ts';

/** Zones with a change of the clock inside the fortnight that begins at `firstMs`: at night, at midnight, by none. */
const places = [
  { zone: 'Asia/Jakarta', firstMs: Date.UTC(2026, 2, 20) },
  { zone: 'Europe/Berlin', firstMs: Date.UTC(2026, 2, 23) },
  { zone: 'America/New_York', firstMs: Date.UTC(2025, 9, 27) },
  { zone: 'America/Santiago', firstMs: Date.UTC(2025, 8, 1) },
  { zone: 'Australia/Lord_Howe', firstMs: Date.UTC(2026, 2, 30) },
] as const;
const spanDays = 14;
const spanMinutes = spanDays * 24 * 60;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      machine: fc.integer({ min: 1, max: 3 }),
      start: fc.integer({ min: 0, max: spanMinutes }),
      minutes: fc.option(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 300, max: 9_000 }))),
      response: fc.option(fc.integer({ min: 0, max: 60 })),
      severity: fc.constantFrom('stop' as const, 'slow' as const, 'minor' as const),
      code: fc.constantFrom(null, 'E-1', 'E-2'),
      category: fc.constantFrom(null, 'laser', 'processor'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      which: fc.nat(),
      how: fc.constantFrom('complete', 'reopen', 'void', 'severity', 'code', 'earlier', 'longer'),
      minutes: fc.integer({ min: 1, max: 3_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 60 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function play(world: ReadWorld, firstMs: number, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    if (one.do === 'wait') {
      world.nowMs += one.hours * 60 * minuteMs;
      await world.settle();
    } else if (one.do === 'report') {
      const start_ms = Math.min(firstMs + one.start * minuteMs, world.nowMs);
      const end_ms = one.minutes === null ? null : Math.min(world.nowMs, start_ms + one.minutes * minuteMs);
      const response_ms =
        one.response === null ? null : Math.min(end_ms ?? world.nowMs, start_ms + one.response * minuteMs);
      await world.report({
        machine_id: one.machine,
        severity: one.severity,
        error_code: one.code,
        category: one.category,
        status: end_ms === null ? 'ongoing' : 'completed',
        ...{ start_ms, end_ms, response_ms },
      });
    } else if (world.problems.size > 0) {
      const ids = [...world.problems.keys()];
      await alter(world, ids[one.which % ids.length] ?? 0, one.how, one.minutes);
    }
  }
}

async function alter(world: ReadWorld, id: number, how: string, minutes: number): Promise<void> {
  const problem = world.problem(id);
  const latest = Math.max(problem.start_ms, problem.response_ms ?? 0);
  const endMs = Math.max(latest, Math.min(world.nowMs, problem.start_ms + minutes * minuteMs));
  if (problem.status === 'void') return;
  if (how === 'complete') await world.change(id, { status: 'completed', end_ms: endMs });
  if (how === 'reopen' && problem.status === 'completed') await world.change(id, { status: 'reopened', end_ms: null });
  if (how === 'void') await world.change(id, { status: 'void' });
  if (how === 'severity') await world.change(id, { severity: problem.severity === 'stop' ? 'minor' : 'stop' });
  if (how === 'code') await world.change(id, { error_code: problem.error_code === 'E-1' ? null : 'E-1' });
  if (how === 'earlier') await world.change(id, { start_ms: problem.start_ms - minutes * minuteMs });
  if (how === 'longer' && problem.status === 'completed') await world.change(id, { end_ms: endMs });
}

function assertSame(figures: CtpStatistics, world: ReadWorld, machine: number | undefined): void {
  const nowMs = world.nowMs;
  const window = { fromMs: Date.parse(figures.from), toMs: Date.parse(figures.to), nowMs };
  const { calendar } = world;
  const planned = calendar?.plannedBusy('', window.fromMs, window.toMs);
  const isPlanned = (ms: number) => planned?.some(({ startMs, endMs }) => startMs <= ms && ms < endMs) ?? true;
  const sums = {
    all: 0,
    code: new Map<string, number>(),
    category: new Map<string, number>(),
    day: new Map<string, number>(),
  };
  for (const id of machine === undefined ? [1, 2, 3] : [machine]) {
    const own = [...world.problems.values()].filter(({ machine_id }) => machine_id === id);
    const truth = minuteByMinute(own, window, (ms) => world.plant.dateText(ms), isPlanned);
    sums.all += truth.downtimeMs;
    for (const name of ['code', 'category', 'day'] as const)
      for (const [key, ms] of truth[name]) sums[name].set(key, (sums[name].get(key) ?? 0) + ms);
  }
  const counted = [...world.problems.values()].filter(
    ({ machine_id, status, start_ms }) =>
      (machine === undefined || machine_id === machine) &&
      status !== 'void' &&
      start_ms >= window.fromMs &&
      start_ms < window.toMs,
  );
  const completed = counted.filter(({ end_ms }) => end_ms !== null);
  assert.equal(figures.downtime_s, sums.all / 1000);
  assert.deepEqual(figures.problems, {
    total: counted.length,
    open: counted.length - completed.length,
    completed: completed.length,
  });
  assert.equal(figures.mttr.denominator, completed.length);
  assert.equal(figures.mttr.value === null, completed.length === 0);
  const paretoSums = (rows: CtpStatistics['pareto']['category']) =>
    new Map(rows.filter(({ downtime_s }) => downtime_s > 0).map(({ key, downtime_s }) => [key, downtime_s * 1000]));
  assert.deepEqual(sorted(paretoSums(figures.pareto.error_code)), sorted(sums.code));
  assert.deepEqual(sorted(paretoSums(figures.pareto.category)), sorted(sums.category));
  const days = figures.trend
    .filter(({ downtime_s }) => downtime_s > 0)
    .map(({ from, downtime_s }) => [from, downtime_s * 1000]);
  assert.deepEqual(days, sorted(sums.day));
  for (const rows of Object.values(figures.pareto)) {
    const total = rows.reduce((sum: number, { downtime_s }) => sum + downtime_s, 0);
    assert.ok(Math.abs(total - figures.downtime_s) < 1e-6);
    if (total > 0) assert.equal(rows.at(-1)?.cumulative_percent, 100);
  }
}

function sorted(map: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`figures of the CTP log on ${engine}`, function () {
    this.timeout(600_000);
    let server: PostgresServer | undefined;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });

    const runs = engine === 'sqlite' ? 40 : 12;

    it('are what a look at every minute says, whatever happened in whatever order', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...places),
          fc.array(step, { minLength: 5, maxLength: 40 }),
          fc.constantFrom('no calendar', 'two shifts'),
          fc.integer({ min: 0, max: spanMinutes }),
          fc.integer({ min: 0, max: spanMinutes }),
          async ({ zone, firstMs }, steps, shifts, one, other) => {
            const world = await ReadWorld.open(zone, firstMs + 5 * dayMs, await server?.newDatabase());
            try {
              if (shifts === 'two shifts') world.calendar = twoShifts(world.plant);
              await play(world, firstMs, steps);
              const [from, to] = [Math.min(one, other), Math.max(one, other)];
              const window = {
                start_date: new Date(firstMs + from * minuteMs).toISOString(),
                end_date: new Date(firstMs + to * minuteMs).toISOString(),
                bucket: 'day',
              };
              for (const machine_id of [undefined, 1, 2]) {
                const input = { ...window, ...(machine_id !== undefined && { machine_id }) };
                assertSame(await world.queries.statistics(input, 'all'), world, machine_id);
              }
            } finally {
              await world.close();
            }
          },
        ),
        { numRuns: runs },
      );
    });

    it('are the same as after a rebuild from nothing', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...places),
          fc.array(step, { minLength: 5, maxLength: 40 }),
          async ({ zone, firstMs }, steps) => {
            const world = await ReadWorld.open(zone, firstMs + 5 * dayMs, await server?.newDatabase());
            try {
              await play(world, firstMs, steps);
              await world.settle();
              const kept = await world.kept();
              await world.rebuild();
              assert.deepEqual(kept, await world.kept());
            } finally {
              await world.close();
            }
          },
        ),
        { numRuns: runs },
      );
    });

    it('follow a changed shift calendar, and are right before they are rolled up again', async () => {
      const [, { zone, firstMs }] = places;
      const world = await ReadWorld.open(zone, firstMs + 12 * dayMs, await server?.newDatabase());
      try {
        world.calendar = twoShifts(world.plant);
        await world.report({ status: 'completed', start_ms: firstMs, end_ms: firstMs + 3 * dayMs, error_code: 'E-1' });
        await world.report({ start_ms: firstMs + 6 * dayMs, severity: 'slow', category: 'laser' });
        await world.settle();
        const ask = () =>
          world.queries.statistics(
            {
              start_date: new Date(firstMs).toISOString(),
              end_date: new Date(world.nowMs).toISOString(),
              bucket: 'day',
            },
            'all',
          );
        const before = await ask();
        assertSame(before, world, undefined);
        world.calendar = twoShifts(world.plant, 18);
        const between = await ask();
        assert.notEqual(between.downtime_s, before.downtime_s);
        assertSame(between, world, undefined);
        await world.settle();
        assert.deepEqual(await ask(), between);
        const kept = await world.kept();
        await world.rebuild();
        assert.deepEqual(kept, await world.kept());
      } finally {
        await world.close();
      }
    });
  });
}
