// A process that migrates the database of argument 1 as soon as its parent says go.
import { sql } from 'kysely';
import { openStore } from '../../nodes/store/open-store.ts';

const store = await openStore(process.argv[2] ?? '');
process.once('message', () => {
  store
    .migrate('start', {
      '0001': {
        up: async (db) => {
          await sql`create table started (id integer)`.execute(db);
          await sql`insert into started (id) values (1)`.execute(db);
        },
      },
    })
    .then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
});
process.send?.('ready');
