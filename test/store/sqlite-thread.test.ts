// A thread that holds a SQLite connection and dies: what it held is refused as no fault of its content, and another one takes over.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteThread } from '../../nodes/store/open-sqlite-thread.ts';
import { isContentFault, StoreError } from '../../nodes/store/store-error.ts';

const always = Number.POSITIVE_INFINITY;

describe('a thread with a SQLite connection', () => {
  let directory: string;
  let thread: SqliteThread;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-thread-'));
    thread = new SqliteThread({ file: join(directory, 'a.sqlite'), isReader: false }, 1);
    await thread.open();
    await ask('create table note (id integer primary key)');
  });
  afterEach(async () => {
    await thread.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = (sql: string) => thread.ask({ kind: 'statement', sql, parameters: [], untilMs: always });
  /** Hundreds of times longer than `stop` waits here, and not for ever: a thread in the middle of a statement can't be ended before the statement has. */
  const long =
    'with recursive up (n) as (select 1 union all select n + 1 from up where n < 5000000) select max(n) from up';

  it('refuses what was under way when it is given up, and answers the next question in another thread', async () => {
    const before = thread.generation;
    const held = ask(long);
    const queued = ask('insert into note (id) values (1)');
    const reason = new StoreError('slow', 'It takes too long.');
    thread.giveUp(reason);
    for (const lost of [held, queued]) await assert.rejects(lost, reason);
    assert.equal(isContentFault(reason), false);
    assert.deepEqual((await ask('select id from note')).rows, []);
    assert.equal(thread.generation, before + 1);
  });

  it('stops in the middle of a question that takes longer than anybody waits', async () => {
    const held = assert.rejects(ask(long), (error) => {
      assert.ok(error instanceof StoreError);
      assert.equal(error.fault, 'unreachable');
      return true;
    });
    await thread.stop();
    await held;
  });
});
