// Downtime, Pareto and trend against a brute-force look at every minute, technicians and vendors against their problems one by one; stored figures against a rebuild from nothing.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CtpStatistics, TechnicianRow, VendorRow } from '../../../nodes/ctp/messages.ts';
import type { ProblemFact } from '../../../nodes/ctp/queries/problem-fact.ts';
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

/** Who repairs: two people of one firm, one of another, one without a firm, own ones (one with a firm that a correction left), nobody. */
const repairers = [
  { technician_type: 'vendor', technician_name: 'Budi', vendor_name: 'PT Laser' },
  { technician_type: 'vendor', technician_name: 'Sari', vendor_name: 'PT Laser' },
  { technician_type: 'vendor', technician_name: 'Budi', vendor_name: 'PT Rol' },
  { technician_type: 'vendor', technician_name: 'Agus', vendor_name: null },
  { technician_type: 'lokal', technician_name: 'Joko', vendor_name: null },
  { technician_type: 'lokal', technician_name: 'Dewi', vendor_name: 'PT Laser' },
  { technician_type: 'none', technician_name: null, vendor_name: null },
] as const;

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
      who: fc.constantFrom(...repairers),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      which: fc.nat(),
      how: fc.constantFrom('complete', 'reopen', 'void', 'severity', 'code', 'earlier', 'longer', 'technician'),
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
        ...one.who,
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
  if (how === 'technician') await world.change(id, repairers[minutes % repairers.length] ?? repairers[0]);
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
  assertCompared(figures, counted);
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

/** Finds each row's problems anew, and every problem's row. */
function assertCompared({ technicians, vendors }: CtpStatistics, counted: readonly ProblemFact[]): void {
  const rowsOf = { technicians: 0, vendors: 0 };
  for (const row of technicians) {
    const own = counted.filter(
      (problem) =>
        problem.technician_type === row.type &&
        problem.technician_name === row.name &&
        problem.vendor_name === row.vendor,
    );
    assertMeans(row, own);
    rowsOf.technicians += own.length;
  }
  for (const row of vendors) {
    const own = counted.filter(
      ({ technician_type, vendor_name }) =>
        technician_type === row.type && (row.type === 'lokal' || vendor_name === row.vendor),
    );
    assertMeans(row, own);
    rowsOf.vendors += own.length;
  }
  const repaired = counted.filter(({ technician_type }) => technician_type !== 'none');
  assert.deepEqual(rowsOf, { technicians: counted.length, vendors: repaired.length });
  for (const rows of [technicians, vendors]) {
    const most = rows.map(({ problems }) => problems);
    assert.deepEqual(
      most,
      most.toSorted((left, right) => right - left),
    );
  }
}

function assertMeans(row: VendorRow | TechnicianRow, own: readonly ProblemFact[]): void {
  const meanMinutes = (spans: readonly number[]) =>
    spans.length === 0 ? null : spans.reduce((sum, ms) => sum + ms, 0) / spans.length / minuteMs;
  const near = (value: number | null, expected: number | null) =>
    value === expected || (value !== null && expected !== null && Math.abs(value - expected) <= 0.005 + 1e-9);
  const repairs = own.flatMap(({ start_ms, end_ms }) => (end_ms === null ? [] : [end_ms - start_ms]));
  const waits = own.flatMap(({ start_ms, response_ms }) => (response_ms === null ? [] : [response_ms - start_ms]));
  assert.ok(row.problems > 0);
  assert.equal(row.problems, own.length);
  assert.ok(near(row.mttr_minutes, meanMinutes(repairs)), JSON.stringify(row));
  assert.ok(near(row.response_minutes, meanMinutes(waits)), JSON.stringify(row));
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

    it('compare a firm by the sums of its technicians, apart from the plant’s own and from vendors without a firm', async () => {
      const [{ zone, firstMs }] = places;
      const world = await ReadWorld.open(zone, firstMs + 5 * dayMs, await server?.newDatabase());
      try {
        const [budi, sari, , agus, joko, dewi, nobody] = repairers;
        let begun = 0;
        const repair = (who: (typeof repairers)[number], minutes: number | null, wait: number | null) => {
          const start_ms = firstMs + begun * 6 * 60 * minuteMs;
          begun += 1;
          return world.report({
            ...who,
            status: minutes === null ? 'ongoing' : 'completed',
            start_ms,
            end_ms: minutes === null ? null : start_ms + minutes * minuteMs,
            response_ms: wait === null ? null : start_ms + wait * minuteMs,
          });
        };
        // Budi repairs three times in 10 minutes each, Sari once in 50: 80 minutes in 4 repairs, where the mean of their means is 30.
        for (const wait of [4, 6, null]) await repair(budi, 10, wait);
        await repair(sari, 50, 20);
        await repair(sari, null, null);
        await repair(agus, null, 9);
        for (const minutes of [30, 45]) await repair(joko, minutes, null);
        await repair(dewi, 90, null);
        await repair(nobody, 300, null);
        const ask = () =>
          world.queries.statistics(
            { start_date: new Date(firstMs).toISOString(), end_date: new Date(world.nowMs).toISOString() },
            'all',
          );
        const expected = [
          { type: 'vendor', vendor: 'PT Laser', problems: 5, mttr_minutes: 20, response_minutes: 10 },
          { type: 'lokal', vendor: null, problems: 3, mttr_minutes: 55, response_minutes: null },
          { type: 'vendor', vendor: null, problems: 1, mttr_minutes: null, response_minutes: 9 },
        ];
        assert.deepEqual((await ask()).vendors, expected);
        await world.settle();
        assert.deepEqual((await ask()).vendors, expected);
      } finally {
        await world.close();
      }
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
