// Pages of the CTP log: every filter and combination against a plain filter in memory, cursors, totals and who may see what.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ShopfloorError } from '../../../nodes/core/errors.ts';
import type { CtpProblem, ProblemFilter } from '../../../nodes/ctp/messages.ts';
import type { MachineScope } from '../../../nodes/ctp/queries/filter.ts';
import type { ProblemFact } from '../../../nodes/ctp/queries/problem-fact.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { dayMs, hourMs, ReadWorld } from './read-world.ts';

/** Berlin's clock goes back on 25 October 2026. */
const zone = 'Europe/Berlin';
const nowMs = Date.UTC(2026, 10, 21, 8);
const nicknames = ['', 'suprasetter', 'platesetter', 'trendsetter'];

async function seed(world: ReadWorld): Promise<void> {
  const statuses = ['completed', 'completed', 'ongoing', 'reopened', 'void', 'completed'] as const;
  for (let index = 0; index < 150; index += 1) {
    const status = statuses[index % statuses.length] ?? 'completed';
    // Several share a second, some a whole year apart; 11 h steps cross midnights and the change of the clock.
    const start_ms = nowMs - hourMs - Math.floor(index / 3) * 11 * hourMs * (index % 7 === 0 ? 30 : 1);
    await world.report({
      machine_id: 1 + ((index * 7) % 3),
      status,
      severity: (['stop', 'slow', 'minor'] as const)[(index * 5) % 3] ?? 'stop',
      technician_type: (['lokal', 'vendor', 'none'] as const)[Math.floor(index / 4) % 3] ?? 'none',
      start_ms,
      end_ms: status === 'completed' ? start_ms + hourMs / 2 : null,
      problem_description: `Masalah ${index}`,
    });
  }
}

function fits(world: ReadWorld, filter: ProblemFilter, scope: MachineScope, problem: ProblemFact): boolean {
  const date = world.plant.dateText(problem.start_ms);
  const open = problem.status === 'ongoing' || problem.status === 'reopened';
  return (
    (scope === 'all' || scope.includes(problem.machine_id)) &&
    (filter.machine_id === undefined || filter.machine_id === problem.machine_id) &&
    (filter.machine_nickname === undefined || nicknames[problem.machine_id] === filter.machine_nickname) &&
    (filter.status === undefined
      ? problem.status !== 'void'
      : filter.status === 'open'
        ? open
        : problem.status === filter.status) &&
    (filter.severity === undefined || problem.severity === filter.severity) &&
    (filter.technician_type === undefined || problem.technician_type === filter.technician_type) &&
    (filter.start_date === undefined || date >= filter.start_date) &&
    (filter.end_date === undefined || date <= filter.end_date) &&
    (filter.year === undefined || date.startsWith(String(filter.year))) &&
    (filter.month === undefined || Number(date.slice(5, 7)) === filter.month)
  );
}

function newestFirst(left: ProblemFact, right: ProblemFact): number {
  return Math.floor(right.start_ms / 1000) - Math.floor(left.start_ms / 1000) || right.id - left.id;
}

async function everyPage(world: ReadWorld, filter: ProblemFilter, limit: number, scope: MachineScope = 'all') {
  const found: CtpProblem[] = [];
  const totals = new Set<number>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await world.queries.list({ ...filter, limit, ...(cursor !== undefined && { cursor }) }, scope);
    assert.ok(page.data.length <= limit);
    found.push(...page.data);
    totals.add(page.total);
    assert.equal(page.total_exact, true);
    cursor = page.next_cursor;
  }
  assert.equal(totals.size, 1);
  return { ids: found.map(({ id }) => id), total: [...totals][0] };
}

const optional = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });

const filters = fc
  .record({
    machine_id: optional(1, 2, 3),
    machine_nickname: optional('suprasetter', 'trendsetter'),
    status: optional('ongoing' as const, 'completed' as const, 'reopened' as const, 'void' as const, 'open' as const),
    severity: optional('stop' as const, 'slow' as const, 'minor' as const),
    technician_type: optional('lokal' as const, 'vendor' as const, 'none' as const),
    start_date: optional('2025-12-31', '2026-10-24', '2026-11-01'),
    end_date: optional('2026-10-25', '2026-11-20', '2027-01-01'),
    year: optional(2025, 2026),
    month: optional(10, 11),
  })
  .filter(({ machine_id, machine_nickname }) => machine_id === undefined || machine_nickname === undefined)
  .filter(({ start_date, end_date }) => start_date === undefined || end_date === undefined || start_date <= end_date)
  .map(({ month, ...rest }) => ({ ...rest, ...(rest.year !== undefined && { month }) }))
  .map(
    (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as ProblemFilter,
  );

const refused = (field: string) => (error: unknown) =>
  error instanceof ShopfloorError && error.httpStatus === 400 && error.fields.some((fault) => fault.field === field);

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`the list of the CTP log on ${engine}`, function () {
    this.timeout(120_000);
    let server: PostgresServer | undefined;
    let world: ReadWorld;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
      world = await ReadWorld.open(zone, nowMs, await server?.newDatabase());
      await seed(world);
    });
    after(async function () {
      this.timeout(60_000);
      await world.close();
      server?.stop();
    });

    it('gives every fitting problem once, the newest start first, with its exact total', async () => {
      await fc.assert(
        fc.asyncProperty(
          filters,
          fc.integer({ min: 1, max: 40 }),
          optional<readonly number[]>([1], [2, 3], []),
          async (filter, limit, scope) => {
            const seen = scope ?? 'all';
            const isForeign = (id: number) => seen !== 'all' && !seen.includes(id);
            const asked = filter.machine_id ?? nicknames.indexOf(filter.machine_nickname ?? '-');
            fc.pre(asked < 1 || !isForeign(asked));
            const expected = [...world.problems.values()]
              .filter((one) => fits(world, filter, seen, one))
              .sort(newestFirst);
            const { ids, total } = await everyPage(world, filter, limit, seen);
            assert.deepEqual(
              ids,
              expected.map(({ id }) => id),
            );
            assert.equal(total, expected.length);
          },
        ),
        { numRuns: engine === 'sqlite' ? 150 : 60 },
      );
    });

    it('takes instants as limits, to the second', async () => {
      const [newest, second] = [...world.problems.values()].filter(({ status }) => status !== 'void').sort(newestFirst);
      assert.ok(newest && second);
      const start_date = new Date(newest.start_ms).toISOString();
      const fitting = (problem: ProblemFact) => problem.start_ms >= newest.start_ms && problem.status !== 'void';
      const { ids, total } = await everyPage(world, { start_date }, 25);
      assert.deepEqual(
        ids,
        [...world.problems.values()]
          .filter(fitting)
          .sort(newestFirst)
          .map(({ id }) => id),
      );
      assert.equal(total, ids.length);
      const later = new Date(newest.start_ms + 1).toISOString();
      assert.equal((await world.queries.list({ start_date: later }, 'all')).total, 0);
    });

    it('keeps its place when problems are added and removed between two pages', async () => {
      const other = await ReadWorld.open(zone, nowMs, await server?.newDatabase());
      try {
        for (let index = 0; index < 10; index += 1) await other.report({ start_ms: nowMs - (index + 2) * hourMs });
        const first = await other.queries.list({ limit: 4 }, 'all');
        await other.report({ start_ms: nowMs - hourMs });
        await other.change(6, { status: 'void' });
        const second = await other.queries.list({ limit: 4, cursor: first.next_cursor }, 'all');
        assert.deepEqual(
          [...first.data, ...second.data].map(({ id }) => id),
          [1, 2, 3, 4, 5, 7, 8, 9],
        );
        assert.equal(second.total, 10);
      } finally {
        await other.close();
      }
    });

    it('follows a corrected start to its new place', async () => {
      const other = await ReadWorld.open(zone, nowMs, await server?.newDatabase());
      try {
        for (let index = 0; index < 3; index += 1) await other.report({ start_ms: nowMs - (index + 2) * dayMs });
        await other.change(3, { start_ms: nowMs - dayMs });
        assert.deepEqual((await everyPage(other, {}, 2)).ids, [3, 1, 2]);
        const date = other.plant.dateText(nowMs - dayMs);
        assert.deepEqual(await everyPage(other, { start_date: date, end_date: date }, 2), { ids: [3], total: 1 });
      } finally {
        await other.close();
      }
    });

    it('tells two problems of the same second and the same place apart', async () => {
      const other = await ReadWorld.open(zone, nowMs, await server?.newDatabase());
      try {
        await other.report({ start_ms: nowMs });
        await other.report({ start_ms: nowMs + 999 });
        assert.deepEqual((await everyPage(other, {}, 1)).ids, [2, 1]);
      } finally {
        await other.close();
      }
    });

    for (const [name, input, field] of [
      ['a cursor that no reply carried', { cursor: 'bm90aGluZw' }, 'cursor'],
      ['a cursor of signs', { cursor: "' or 1=1 --" }, 'cursor'],
      ['an endless cursor', { cursor: 'A'.repeat(5_000) }, 'cursor'],
      ['a list as a cursor', { cursor: ['a'] }, 'cursor'],
      ['a limit of 0', { limit: 0 }, 'limit'],
      ['a limit of 101', { limit: '101' }, 'limit'],
      ['a day that does not exist', { start_date: '2026-02-30' }, 'start_date'],
      ['an end before the start', { start_date: '2026-03-02', end_date: '2026-03-01' }, 'end_date'],
      ['a month without a year', { month: 3 }, 'month'],
      ['a thirteenth month', { year: 2026, month: 13 }, 'month'],
      ['an unknown status', { status: 'done' }, 'status'],
      ['an unknown severity', { severity: 'huge' }, 'severity'],
      ['a machine that is no number', { machine_id: '1; drop table' }, 'machine_id'],
      ['a search of a book', { search: 'x'.repeat(1_001) }, 'search'],
    ] as const) {
      it(`refuses ${name} and names the field`, () => assert.rejects(world.queries.list(input, 'all'), refused(field)));
    }

    it('refuses the cursor of another filter', async () => {
      const { next_cursor } = await world.queries.list({ limit: 2 }, 'all');
      await assert.rejects(
        world.queries.list({ limit: 2, severity: 'stop', cursor: next_cursor }, 'all'),
        refused('cursor'),
      );
      await assert.rejects(world.queries.list({ limit: 2, cursor: next_cursor }, [1, 2]), refused('cursor'));
    });

    it('names all faults at once', () =>
      assert.rejects(world.queries.list({ status: 'x', year: 'y', severity: 'z' }, 'all'), (error: unknown) => {
        assert.ok(error instanceof ShopfloorError);
        assert.deepEqual(error.fields.map(({ field }) => field).sort(), ['severity', 'status', 'year']);
        return true;
      }));

    it('answers 404 for an unknown machine and 403 for one that is not the actor’s', async () => {
      await assert.rejects(world.queries.list({ machine_id: 99 }, 'all'), { httpStatus: 404 });
      await assert.rejects(world.queries.list({ machine_nickname: 'nowhere' }, 'all'), { httpStatus: 404 });
      await assert.rejects(world.queries.list({ machine_id: 2 }, [1]), { httpStatus: 403 });
      await assert.rejects(world.queries.statistics({ machine_nickname: 'platesetter' }, [1]), { httpStatus: 403 });
      await assert.rejects(world.queries.exportProblems({ machine_id: 2, format: 'csv' }, [1]), { httpStatus: 403 });
    });

    it('shows an actor nothing of other machines in statistics', async () => {
      const own = await world.queries.statistics({ year: 2026 }, [1]);
      assert.deepEqual(
        own.pareto.machine.map(({ key }) => key),
        ['suprasetter'],
      );
      const alone = await world.queries.statistics({ year: 2026, machine_id: 1 }, 'all');
      assert.equal(own.downtime_s, alone.downtime_s);
    });
  });
}
