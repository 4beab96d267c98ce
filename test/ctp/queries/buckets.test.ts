// The buckets that a database makes of days are those of the calendar, from 1970 to 2106 and on both engines.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { bucketOf, bucketSql, buckets } from '../../../nodes/ctp/queries/buckets.ts';
import { daysBetween } from '../../../nodes/ctp/queries/plant-days.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';

const days = daysBetween(19_700_101, 21_060_101);
/** Days of one statement. */
const atOnce = 5_000;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`buckets of days on ${engine}`, function () {
    this.timeout(60_000);
    let server: PostgresServer | undefined;
    let directory: string;
    let store: Store;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-buckets-'));
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'store.sqlite')}`);
    });
    after(async () => {
      await store.close();
      server?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    for (const bucket of buckets) {
      it(`numbers each ${bucket} once`, async () => {
        const db = store.db<unknown>();
        const numbers = new Map<number, number>();
        for (let from = 0; from < days.length; from += atOnce) {
          const list = sql.raw(days.slice(from, from + atOnce).join('), ('));
          const { rows } = await sql<{ period: number; number: number }>`
            with day (period) as (values (${list})) select period, ${bucketSql(bucket)} as number from day`.execute(db);
          for (const { period, number } of rows) numbers.set(period, Number(number));
        }
        assert.equal(numbers.size, days.length);
        const firstOf = new Map<number, number>();
        for (const day of days) {
          const number = numbers.get(day) ?? Number.NaN;
          const first = bucketOf(bucket, day);
          assert.equal(firstOf.get(number) ?? first, first, `${day} and ${firstOf.get(number)} share ${number}`);
          firstOf.set(number, first);
        }
        assert.equal(firstOf.size, new Set(days.map((day) => bucketOf(bucket, day))).size);
      });
    }
  });
}
