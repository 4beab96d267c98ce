// Many people at the log in the same instant: everyone is answered, and nobody's work is done twice because of the others.
import assert from 'node:assert/strict';
import type { KyselyPlugin } from 'kysely';
import type { CtpProblem } from '../../nodes/ctp/messages.ts';
import type { Store } from '../../nodes/store/store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { LogWorld } from './log-world.ts';

interface Counts {
  /** How often transactions ran. */
  readonly runs: () => number;
  /** How many statements went out in them. */
  readonly statements: () => number;
}

/** The same store, counting. */
function counted(store: Store): Counts & { readonly store: Store } {
  let runs = 0;
  let statements = 0;
  const counter: KyselyPlugin = {
    transformQuery({ node }) {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const counting: Store = {
    engine: store.engine,
    location: store.location,
    db: () => store.db(),
    reader: () => store.reader(),
    migrate: (room, migrations) => store.migrate(room, migrations),
    transaction: (work, options) =>
      store.transaction((transaction) => {
        runs += 1;
        return work(transaction.withPlugin(counter) as never);
      }, options),
    close: () => store.close(),
  };
  return { store: counting, runs: () => runs, statements: () => statements };
}

/**
 * Of a report that stops its machine, under a commandId. Read: the command's memory, machine, codes, open problems, a free place, words,
 * figures, what is open now. Written: problem, place, postings, words, counts, two events, machine, its history, notice, memory.
 */
const mostStatements = 19;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`twenty people at the log on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let world: LogWorld;
    let runs: Counts['runs'];
    let statements: Counts['statements'];
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      const url = await server?.newDatabase();
      world = await LogWorld.open({
        ...(url !== undefined && { url }),
        through: (store) => {
          const counting = counted(store);
          ({ runs, statements } = counting);
          return counting.store;
        },
      });
    });
    afterEach(() => world.close());

    const people = Array.from({ length: 20 }, (_, person) => person);

    it('report and complete in the same instant, each in one transaction', async function () {
      this.timeout(30_000);
      await world.report({ problem_description: 'the first of the day' });
      const before = runs();
      const reported = await Promise.all(
        people.map((person) => world.report({ problem_description: `stopped, says ${person}`, severity: 'minor' })),
      );
      assert.equal(runs() - before, people.length);
      assert.equal(new Set(reported.map(({ id }) => id)).size, people.length);
      assert.equal((await world.machine()).open_problems, people.length + 1);

      const done = await Promise.all(
        reported.map(({ id, version }) => world.ask<CtpProblem>({ command: 'complete', id, version })),
      );
      assert.equal(runs() - before, 2 * people.length);
      assert.deepEqual(new Set(done.map(({ status }) => status)), new Set(['completed']));
      assert.equal((await world.machine()).open_problems, 1);
    });

    it('send out no statement that tells a report nothing new', async () => {
      await world.report({ problem_description: 'the first of the day' });
      const before = statements();
      await world.report({ error_code: 'E-42', severity: 'stop', commandId: 'one', machine_nickname: 'platesetter' });
      const sent = statements() - before;
      assert.ok(sent <= mostStatements, `${sent} statements`);
    });

    it('report the same stop: one is taken, the others are shown it', async function () {
      this.timeout(30_000);
      const outcomes = await Promise.allSettled(people.map(() => world.report({ error_code: 'E-42' })));
      const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      assert.equal(refusals.length, people.length - 1);
      assert.deepEqual(new Set(refusals.map(({ code }) => code)), new Set(['second-open-problem']));
      assert.equal(runs(), people.length);
    });
  });
}
