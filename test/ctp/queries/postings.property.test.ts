// PostgreSQL's packed postings: kept by every change as a rebuild makes them, asked with the same answer as a plain scan, and made
// for the problems of a database of an earlier release.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { ProblemFilter } from '../../../nodes/ctp/messages.ts';
import { ctpMigrations, ctpRoom } from '../../../nodes/ctp/migrations.ts';
import { searchableWords, wordsOf } from '../../../nodes/ctp/queries/words.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { dayMs, type NewProblem, ReadWorld } from './read-world.ts';

const nowMs = Date.UTC(2026, 10, 21, 8);
const statuses = ['ongoing', 'completed', 'reopened', 'void'] as const;

const texts = fc
  .array(fc.constantFrom('mesin', 'macet', 'laser', 'las', 'drum', 'e', 'rol', 'rola', 'rolbe', '19', '1999', 'ék'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((words) => words.join(' '));
/** Some in the same span of 24 days, some far apart, and some in the same second. */
const fields: fc.Arbitrary<NewProblem> = fc
  .record({
    machine_id: fc.integer({ min: 1, max: 3 }),
    status: fc.constantFrom(...statuses),
    severity: fc.constantFrom('stop', 'slow', 'minor'),
    technician_type: fc.constantFrom('lokal', 'vendor', 'none'),
    problem_description: texts,
    solution: fc.option(texts),
    error_code: fc.option(fc.constantFrom('E-1', 'E-19')),
    start_ms: fc.integer({ min: 0, max: 60 }).map((steps) => nowMs - steps * steps * (dayMs / 8)),
  })
  .map((problem) => ({ ...problem, end_ms: problem.status === 'completed' ? problem.start_ms + 60_000 : null }));
const steps = fc.array(fc.record({ at: fc.option(fc.nat()), fields }), { minLength: 1, maxLength: 25 });
const questions = fc.record({
  search: fc
    .array(fc.constantFrom('mesin', 'mac', 'las', 'l', 'ro', 'rol', 'e', '1', '19', 'E-1', 'drum', 'xyz'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((words) => words.join(' ')),
  filter: fc.record(
    {
      machine_id: fc.integer({ min: 1, max: 3 }),
      status: fc.constantFrom(...statuses, 'open' as const),
      severity: fc.constantFrom('stop' as const, 'slow' as const),
      year: fc.constantFrom(2025, 2026),
    },
    { requiredKeys: [] },
  ),
  limit: fc.integer({ min: 1, max: 9 }),
});

/** Ids by a look at every problem, newest first. */
function scanned(world: ReadWorld, search: string, filter: ProblemFilter): readonly number[] {
  const typed = wordsOf(search);
  const last = typed.at(-1) ?? '';
  return [...world.problems.values()]
    .filter((fact) => {
      const words = searchableWords(fact);
      const isOpen = fact.status === 'ongoing' || fact.status === 'reopened';
      return (
        typed.slice(0, -1).every((word) => words.includes(word)) &&
        words.some((word) => word.startsWith(last)) &&
        (filter.status === undefined
          ? fact.status !== 'void'
          : filter.status === 'open'
            ? isOpen
            : fact.status === filter.status) &&
        (filter.machine_id === undefined || fact.machine_id === filter.machine_id) &&
        (filter.severity === undefined || fact.severity === filter.severity) &&
        (filter.year === undefined || world.plant.dateText(fact.start_ms).startsWith(String(filter.year)))
      );
    })
    .sort((one, other) => Math.floor(other.start_ms / 1000) - Math.floor(one.start_ms / 1000) || other.id - one.id)
    .map(({ id }) => id);
}

async function postingsOf(world: ReadWorld) {
  const { rows } = await sql<{ word: string; span: number; problems: number; ids: string }>`
    select word, span, problems, encode(ids, 'hex') as ids from ctp_posting order by word, span`.execute(
    world.store.db<unknown>(),
  );
  return rows.map((row) => ({ ...row }));
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`the search index on ${engine}`, function () {
    this.timeout(180_000);
    let server: PostgresServer | undefined;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });

    /** Gives a world in which the changes happened one after the other to `work`. */
    const inWorld = async (
      changes: readonly { readonly at: number | null; readonly fields: NewProblem }[],
      work: (world: ReadWorld) => Promise<void>,
    ): Promise<void> => {
      const world = await ReadWorld.open('Asia/Jakarta', nowMs, await server?.newDatabase());
      try {
        for (const change of changes) {
          const known = [...world.problems.keys()];
          const id = change.at === null ? undefined : known[change.at % Math.max(1, known.length)];
          if (id === undefined) await world.report(change.fields);
          else await world.change(id, change.fields);
        }
        await work(world);
      } finally {
        await world.close();
      }
    };

    it('answers every question with the pages and the total of a plain scan', () =>
      fc.assert(
        fc.asyncProperty(steps, fc.array(questions, { minLength: 5, maxLength: 8 }), (changes, asked) =>
          inWorld(changes, async (world) => {
            for (const { search, filter, limit } of asked) {
              const wanted = scanned(world, search, filter);
              const found: number[] = [];
              for (let cursor: string | null | undefined; cursor !== null; ) {
                const question = { ...filter, search, limit, ...(cursor !== undefined && { cursor }) };
                const page = await world.queries.list(question, 'all');
                assert.deepEqual([page.total, page.total_exact], [wanted.length, true], search);
                found.push(...page.data.map(({ id }) => id));
                cursor = page.next_cursor;
              }
              assert.deepEqual(found, wanted, JSON.stringify({ search, filter }));
            }
          }),
        ),
        { numRuns: 25 },
      ));

    if (engine === 'postgres') {
      it('is after every change what a rebuild makes of the problems', () =>
        fc.assert(
          fc.asyncProperty(steps, (changes) =>
            inWorld(changes, async (world) => {
              const kept = await postingsOf(world);
              await world.rebuild();
              assert.deepEqual(kept, await postingsOf(world));
            }),
          ),
          { numRuns: 25 },
        ));

      it('is made for the problems of a database of the release before', async () => {
        const url = (await server?.newDatabase()) ?? '';
        const store = await openStore(url);
        const {
          '0005-search-postings': packed,
          '0006-search-vendor': vendors,
          ...released
        } = ctpMigrations('postgres');
        assert.ok(packed && vendors);
        await store.migrate(ctpRoom, released);
        await sql`insert into ctp_problem (machine_id, problem_ms, severity, problem_description, technician_type, start_ms, status,
            void_reason, parts, opening, open_since_ms, escalated, created_by, created_ms, updated_ms, version)
          select 1, cast(${nowMs} as bigint), 'slow', 'rol ' || n || case when n % 2 = 0 then ' genap' else ' ganjil' end, 'none', ${nowMs} - n * cast(${dayMs} as bigint),
            case when n % 5 = 0 then 'void' else 'ongoing' end, case when n % 5 = 0 then 'salah' end, '[]', 1, 0, 0, 'a', 0, 0, 1
          from generate_series(1, 300) as n`.execute(store.db<unknown>());
        await sql`insert into ctp_fact (place, id, machine_id, facet, start_ms, span_class)
          select start_ms / 1000 * 2097152 + id, id, machine_id, case status when 'void' then 27 else 0 end, start_ms, 0
          from ctp_problem`.execute(store.db<unknown>());
        await store.close();
        const world = await ReadWorld.open('Asia/Jakarta', nowMs, url);
        try {
          const made = await postingsOf(world);
          assert.ok(made.length > 300);
          await world.rebuild();
          assert.deepEqual(made, await postingsOf(world));
        } finally {
          await world.close();
        }
      });
    }
  });
}
