// The writer of a SQLite file over a thread that hangs: who asks is released in time, and nobody else comes in between.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { changeMs, Patience } from '../../nodes/store/deadlines.ts';
import type { Rows } from '../../nodes/store/open-sqlite-thread.ts';
import type { SqliteQuestion } from '../../nodes/store/sqlite-questions.ts';
import { SqliteWriter } from '../../nodes/store/sqlite-writer.ts';
import { WriteTurns } from '../../nodes/store/write-turns.ts';

interface Asked {
  readonly kind: SqliteQuestion['kind'];
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

class HangingThread {
  generation = 1;
  readonly asked: Asked[] = [];

  ask({ kind }: Omit<SqliteQuestion, 'id'>): Promise<Rows> {
    return new Promise((resolve, reject) => {
      this.asked.push({ kind, answer: () => resolve({ rows: [] }), fail: reject });
    });
  }

  get kinds(): readonly string[] {
    return this.asked.map(({ kind }) => kind);
  }

  /** The one that waits longest. */
  get next(): Asked {
    const next = this.asked.shift();
    assert.ok(next, 'nothing was asked');
    return next;
  }
}

describe('the writer of a SQLite file', () => {
  let thread: HangingThread;
  let writer: SqliteWriter;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    thread = new HangingThread();
    writer = new SqliteWriter({ thread, turns: new WriteTurns(), patience: new Patience(), hasDeadlines: true });
  });
  afterEach(() => mock.timers.reset());

  /** Lets everything run that waits for no timer. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );

  it('says that the disk is slow, and lets nobody in before the thread has answered', async () => {
    const first = codeOf(writer.run('change', 'insert', []));
    await settle();
    mock.timers.tick(changeMs);
    assert.equal(await first, 'store-slow');
    const second = codeOf(writer.run('change', 'insert', []));
    await settle();
    assert.deepEqual(thread.kinds, ['change']);
    thread.next.answer();
    await settle();
    assert.deepEqual(thread.kinds, ['change']);
    thread.next.answer();
    assert.equal(await second, 'done');
  });

  it('takes back a transaction that began after nobody waited for it', async () => {
    const late = codeOf(writer.begin());
    await settle();
    mock.timers.tick(changeMs);
    assert.equal(await late, 'store-slow');
    thread.next.answer();
    await settle();
    assert.deepEqual(thread.kinds, ['rollback']);
    const next = codeOf(writer.run('change', 'insert', []));
    thread.next.answer();
    await settle();
    thread.next.answer();
    assert.equal(await next, 'done');
  });

  it('gives the turn on when a commit that was late has ended, and not before', async () => {
    const begun = writer.begin();
    await settle();
    thread.next.answer();
    const transaction = await begun;
    const commit = codeOf(transaction.commit());
    await settle();
    mock.timers.tick(changeMs);
    assert.equal(await commit, 'store-slow');
    const rollback = codeOf(transaction.rollback());
    const next = codeOf(writer.run('change', 'insert', []));
    await settle();
    assert.deepEqual(thread.kinds, ['commit', 'rollback']);
    thread.next.answer();
    thread.next.answer();
    await settle();
    thread.next.answer();
    assert.deepEqual([await rollback, await next], ['done', 'done']);
  });

  it('refuses what is left of a transaction whose thread has died, and goes on with the next one', async () => {
    const begun = writer.begin();
    await settle();
    thread.next.answer();
    const transaction = await begun;
    thread.generation = 2;
    assert.equal(await codeOf(transaction.run('insert', [])), 'store-unreachable');
    assert.equal(await codeOf(transaction.rollback()), 'done');
    const next = codeOf(writer.run('change', 'insert', []));
    await settle();
    thread.next.answer();
    assert.equal(await next, 'done');
  });
});
