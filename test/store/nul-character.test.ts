// Texts that PostgreSQL can't hold: refused as the sender's fault, once for every room.
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { isContentFault } from '../../nodes/store/store-error.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

interface Schema {
  note: { id: number; text: string };
}

const nul = '\u0000';

describe('the character NUL on PostgreSQL', () => {
  let server: PostgresServer;
  let store: Store;
  before(async function () {
    server = await startPostgres(this);
    store = await openStore(await server.newDatabase());
    await sql`create table note (id integer primary key, text text)`.execute(store.db());
  });
  after(async () => {
    await store?.close();
    server?.stop();
  });

  it('is refused with 400 in what is written, asked for, listed and looked into, and nothing of it is kept', async () => {
    const tries: Record<string, () => Promise<unknown>> = {
      written: () =>
        store
          .db<Schema>()
          .insertInto('note')
          .values({ id: 1, text: `a${nul}b` })
          .execute(),
      'asked for': () => store.reader<Schema>().selectFrom('note').select('id').where('text', '=', nul).execute(),
      listed: () => sql`select 1 where 'a' = any(${[['a', nul]]}::text[])`.execute(store.db()),
      'in a transaction': () =>
        store.transaction<Schema, unknown>(async (transaction) => {
          await transaction.insertInto('note').values({ id: 2, text: 'kept?' }).execute();
          await transaction.insertInto('note').values({ id: 3, text: nul }).execute();
        }),
      'looked into': () => sql`select (${JSON.stringify([nul])}::json) ->> 0`.execute(store.db()),
    };
    for (const [how, attempt] of Object.entries(tries)) {
      await assert.rejects(
        attempt(),
        (error) => {
          assert.ok(error instanceof ShopfloorError);
          assert.deepEqual([error.code, error.httpStatus], ['nul-character', 400]);
          // What is at fault by its content is set aside, and never tried again for ever.
          assert.equal(isContentFault(error), true);
          return true;
        },
        how,
      );
    }
    assert.deepEqual(await store.db<Schema>().selectFrom('note').selectAll().execute(), []);
  });
});
