// A database of an earlier state with counts in it, on both engines: it is brought up to date, and every total goes on from where it was.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { intakeMigrations, intakeRoom } from '../../nodes/production/intake-migrations.ts';
import { packArrivals } from '../../nodes/production/journal-body.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { reading, TrackerWorld } from './tracker-world.ts';

const firstShift = { start: Date.parse('2026-01-04T23:00:00Z'), end: Date.parse('2026-01-05T07:00:00Z') };
const elevenMs = Date.parse('2026-01-05T04:00:00Z');
/** The line's number begins its journal's numbers. */
const firstSeq = 1e12;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`an older database of counts on ${engine}`, function () {
    this.timeout(30_000);
    let server: PostgresServer | undefined;
    let url: string;
    let world: TrackerWorld | undefined;
    const folder = mkdtempSync(join(tmpdir(), 'shopfloor-older-'));
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    let number = 0;
    beforeEach(async () => {
      number += 1;
      url = (await server?.newDatabase()) ?? `sqlite:${join(folder, `${number}.sqlite`)}`;
    });
    afterEach(async () => {
      await world?.close();
      world = undefined;
    });

    /** As it was after the first `count` migrations: M1 made 40 pieces up to 11:00, and 10 more are acknowledged and not folded. */
    const older = async (count: number) => {
      const store = await openStore(url);
      const migrations = Object.fromEntries(Object.entries(intakeMigrations(engine)).slice(0, count));
      await store.migrate(intakeRoom, migrations);
      const body = packArrivals([{ readings: [reading('11:01', 150)], refused: [], replayOf: null }], false);
      for (const statement of [
        sql`insert into production_machine values ('M1', 'Flexo', '', null, null, null, null, 1, '', ''), ('M2', 'Die-cut', '', null, null, null, null, 1, '', '')`,
        sql`insert into production_owner values ('plant', 1, 3, ${firstSeq})`,
        sql`insert into production_counter (machine, epoch, last_production, last_defects, last_source_ms, last_sequence, last_clock_trusted,
          last_arrived_ms, order_name, total_production, total_defects, messages, duplicates, late) values ('M1', 7, 140, null, ${elevenMs}, null, 1, ${elevenMs}, '', 40, 0, 9, 1, 0)`,
        sql`insert into production_shift (machine, shift_date, shift, start_ms, end_ms, production, defects, closed_at, revision, announced_revision)
          values ('M1', '2026-01-05', '1', ${firstShift.start}, ${firstShift.end}, 40, 0, null, 0, null)`,
        sql`insert into production_hour (machine, start_ms, production, defects) values ('M1', ${elevenMs}, 40, 0)`,
        sql`insert into production_minute (machine, start_ms, production, defects) values ('M1', ${elevenMs}, 40, 0)`,
        sql`insert into production_day (machine, start_ms, production, defects) values ('M1', ${Date.parse('2026-01-04T17:00:00Z')}, 40, 0)`,
        sql`insert into production_order values ('M1', '', 40, 0, ${elevenMs}, ${elevenMs})`,
        sql`insert into production_journal values (${firstSeq + 1}, ${body})`,
      ]) {
        await statement.execute(store.db());
      }
      await store.close();
    };
    const open = async () => {
      world = await TrackerWorld.open({ url, start: '2026-01-05T04:05:00Z' });
      return world;
    };

    for (const [count, name] of Object.keys(intakeMigrations('sqlite')).entries()) {
      it(`of the state after ${name} keeps its totals and counts on`, async () => {
        await older(count + 1);
        const { take, total, shifts, check, closed, clock, counter } = bound(await open());
        await take(reading('11:01', 150), reading('11:02', 165));
        assert.deepEqual(await total(), [65, 0]);
        assert.deepEqual(await shifts(), { '2026-01-05/1': 65 });
        assert.deepEqual(await check(), { holds: true, differences: [] });
        clock.advance(3 * 3_600_000);
        await counter.tick();
        assert.deepEqual(
          closed.map(({ shift, production, silent }) => [shift, production, silent]),
          [['1', 65, false]],
        );
      });
    }

    it('has its machines in use from their last messages on, and a silent shift of theirs is said so', async () => {
      await older(4);
      const { counter, clock, closed } = bound(await open());
      await counter.tick();
      clock.advance(31_000);
      await counter.tick();
      clock.advance(12 * 3_600_000);
      await counter.tick();
      assert.deepEqual(
        closed.map(({ machine, shift, silent }) => `${machine} ${shift} ${silent}`),
        ['M1 1 false', 'M1 2 true'],
        'M2 was never heard',
      );
    });

    if (engine === 'postgres') {
      it('keeps commits as they are, uncompressed, where it compressed them before', async () => {
        const storageOf = async () => {
          const store = await openStore(url);
          const { rows } = await sql<{ storage: string }>`select attstorage as storage from pg_attribute
            where attrelid = 'production_journal'::regclass and attname = 'body'`.execute(store.db());
          await store.close();
          return rows[0]?.storage;
        };
        await older(3);
        assert.equal(await storageOf(), 'x', 'extended: compressed');
        const { counter } = bound(await open());
        await counter.fold();
        assert.equal(await storageOf(), 'e', 'external');
      });
    }
  });
}

/** The parts of a world that a story uses. */
function bound(world: TrackerWorld) {
  return {
    counter: world.counter,
    clock: world.clock,
    closed: world.closed,
    take: world.take.bind(world),
    total: world.total.bind(world),
    shifts: world.shifts.bind(world),
    check: world.check.bind(world),
  };
}
