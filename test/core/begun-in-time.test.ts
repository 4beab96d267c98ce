// Work that waits behind something held up: refused with the reason and never done, or done in its turn.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { begunInTime } from '../../nodes/core/begun-in-time.ts';

const limitMs = 100;

describe('work that waits for its turn', () => {
  let before: Promise<void>;
  let end: () => void;
  let done: number;
  const queue = (turn: () => Promise<void>) => before.then(turn);
  const work = async () => {
    done += 1;
    return 'done';
  };
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    before = new Promise((resolve) => {
      end = resolve;
    });
    done = 0;
  });
  afterEach(() => mock.timers.reset());

  it('is refused with the reason for which nothing goes on, and is not done afterwards', async () => {
    const asked = begunInTime(queue, work, () => new Error('the disk is full'), limitMs);
    mock.timers.tick(limitMs);
    await assert.rejects(asked, /the disk is full/);
    end();
    await before;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(done, 0);
  });

  it('waits on while there is no such reason', async () => {
    const asked = begunInTime(queue, work, () => undefined, limitMs);
    mock.timers.tick(limitMs * 10);
    end();
    assert.deepEqual([await asked, done], ['done', 1]);
  });

  it('fails with what fails, in the work or before it', async () => {
    const failing = begunInTime(
      queue,
      async () => {
        throw new Error('of the work');
      },
      () => undefined,
      limitMs,
    );
    end();
    await assert.rejects(failing, /of the work/);
    await assert.rejects(
      begunInTime(
        () => Promise.reject(new Error('of the queue')),
        work,
        () => undefined,
        limitMs,
      ),
      /of the queue/,
    );
  });
});
