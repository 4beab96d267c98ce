// A SQLite file whose lock another program holds: writes are refused in time, reads go on, and so does everything else of the process.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sql } from 'kysely';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { StoreError } from '../../nodes/store/store-error.ts';
import { lockFile } from '../support/locked-file.ts';

interface Schema {
  note: { id: number; text: string };
}

/** What the promise says, for every question. */
const answerMs = 5_000;

describe('a SQLite store whose file another program has locked', function () {
  this.timeout(60_000);
  let directory: string;
  let file: string;
  let store: Store;
  let letGo: () => Promise<void>;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-locked-'));
    file = join(directory, 'a.sqlite');
    store = await openStore(`sqlite:${file}`);
    await sql`create table note (id integer primary key, text text)`.execute(store.db());
    await add(0);
    letGo = await lockFile(file);
  });
  afterEach(async () => {
    await letGo();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const add = (id: number) => store.db<Schema>().insertInto('note').values({ id, text: 'x' }).execute();
  const addInTransaction = (id: number) =>
    store.transaction<Schema, unknown>((transaction) =>
      transaction.insertInto('note').values({ id, text: 'x' }).execute(),
    );
  const ids = async (from: 'db' | 'reader') =>
    (await store[from]<Schema>().selectFrom('note').select('id').orderBy('id').execute()).map(({ id }) => id);
  const timed = async (work: () => Promise<unknown>): Promise<{ readonly ms: number; readonly code: string }> => {
    const beganMs = performance.now();
    const code = await work().then(
      () => 'done',
      (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
    );
    return { ms: performance.now() - beganMs, code };
  };

  it('refuses every write as busy within five seconds, however many there are, and makes none of them later', async () => {
    const writes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => timed(() => (index % 2 === 0 ? add : addInTransaction)(index + 1))),
    );
    assert.deepEqual([...new Set(writes.map(({ code }) => code))], ['store-busy']);
    assert.ok(Math.max(...writes.map(({ ms }) => ms)) < answerMs, JSON.stringify(writes));
    await letGo();
    await add(100);
    assert.deepEqual(await ids('db'), [0, 100]);
  });

  it('answers reads at once meanwhile, and holds up nothing else of the process', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const writing = timed(() => add(1));
    for (let isOver = false; !isOver; ) {
      const reads = await Promise.all([timed(() => ids('db')), timed(() => ids('reader'))]);
      assert.deepEqual(
        reads.map(({ code }) => code),
        ['done', 'done'],
      );
      isOver = await Promise.race([writing.then(() => true), new Promise<false>((go) => setTimeout(go, 20, false))]);
    }
    delay.disable();
    const { ms, code } = await writing;
    assert.equal(code, 'store-busy');
    // The wait itself was many times longer than the longest moment in which nothing else could run.
    assert.ok(delay.max / 1e6 < ms / 4, `${delay.max / 1e6} ms of ${ms} ms`);
  });

  it('goes on by itself once the lock is gone, with what waited for it', async () => {
    const waiting = timed(() => add(1));
    await letGo();
    assert.equal((await waiting).code, 'done');
    assert.deepEqual(await ids('db'), [0, 1]);
  });

  it('refuses sooner once it is known that nothing goes on', async () => {
    assert.equal((await timed(() => add(1))).code, 'store-busy');
    const second = await timed(() => add(2));
    assert.equal(second.code, 'store-busy');
    assert.ok(second.ms < 2_000, `${second.ms} ms`);
  });
});
