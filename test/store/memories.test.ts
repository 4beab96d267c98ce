// What rooms remember for a while only, on both engines: forgotten when it is due, in pieces, and nothing else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import '../../nodes/batch/migrations.ts';
import '../../nodes/ctp/migrations.ts';
import { batchMigrations } from '../../nodes/batch/migrations.ts';
import { healthMigrations } from '../../nodes/health/migrations.ts';
import { declaredMemories, declareMemory, forgetMemories, type Memory } from '../../nodes/store/memories.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const nowMs = Date.UTC(2026, 5, 1);
const dayMs = 24 * 60 * 60 * 1000;
const memory = (table: string, form: Memory['form']): Memory => ({
  table,
  key: 'id',
  at: 'at',
  form,
  keptMs: 90 * dayMs,
});

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`memories on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let store: Store;
    const folder = mkdtempSync(join(tmpdir(), 'shopfloor-memories-'));

    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(folder, 'a.sqlite')}`);
      await sql`create table said_iso (id text primary key, at text not null)`.execute(store.db());
      await sql`create table said_ms (id text primary key, at bigint not null)`.execute(store.db());
    });
    after(async function () {
      this.timeout(60_000);
      await store?.close();
      server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const idsOf = async (table: string) => {
      const { rows } = await sql<{ id: string }>`select id from ${sql.table(table)} order by id`.execute(store.db());
      return rows.map(({ id }) => id);
    };

    it('forget what is older than it is kept, whatever its number and however instants are written', async () => {
      const old = nowMs - 90 * dayMs - 1;
      await sql`insert into said_ms with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1203)
        select 'old' || n, cast(${old} as bigint) from numbers`.execute(store.db());
      await sql`insert into said_ms values ('kept', ${old + 1})`.execute(store.db());
      await sql`insert into said_iso values ('kept', ${new Date(old + 1).toISOString()}), ('old', ${new Date(old).toISOString()})`.execute(
        store.db(),
      );
      const memories = [memory('said_iso', 'iso'), memory('said_ms', 'ms'), memory('never_made', 'ms')];
      assert.equal(await forgetMemories(store, nowMs, memories), 1204);
      assert.deepEqual([await idsOf('said_iso'), await idsOf('said_ms')], [['kept'], ['kept']]);
      assert.equal(await forgetMemories(store, nowMs, memories), 0);
    });

    it('forget the commands of rooms in the tables that the rooms have made', async () => {
      await store.migrate('batch', batchMigrations(engine));
      await store.migrate('health', healthMigrations(engine));
      const old = new Date(nowMs - 91 * dayMs).toISOString();
      for (const table of ['batch_command', 'health_command']) {
        await sql`insert into ${sql.table(table)} (command_id, actor, request, reply, at)
          values ('old', 'sri', '', '', ${old}), ('new', 'sri', '', '', ${new Date(nowMs).toISOString()})`.execute(
          store.db(),
        );
      }
      await sql`insert into watched_write (line, at, kind, payload) values ('1', ${old}, 'write', '{}')`.execute(
        store.db(),
      );
      assert.equal(await forgetMemories(store, nowMs), 3);
    });
  });
}

describe('the memories of the package', () => {
  it('are those of every room that answers a retry', () => {
    const tables = declaredMemories().map(({ table }) => table);
    for (const table of ['batch_command', 'ctp_command', 'health_command', 'watched_write']) {
      assert.ok(tables.includes(table), table);
    }
  });

  it('have names that can be no SQL', () => {
    assert.throws(() => declareMemory({ ...memory('x; drop table y', 'ms') }), /can't name/);
  });
});
