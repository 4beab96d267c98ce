// Whether a database server answers: known at once to everybody, and found out again by itself.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { ServerWatch } from '../../nodes/store/server-watch.ts';

const againMs = 500;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the watch over a database server', () => {
  let answers: boolean;
  let probes: number;
  let watch: ServerWatch;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    probes = 0;
    watch = new ServerWatch(
      async () => {
        probes += 1;
        return answers;
      },
      { againMs },
    );
  });
  afterEach(() => {
    watch.stop();
    mock.timers.reset();
  });

  it('believes a suspicion only when the server does not answer', async () => {
    answers = true;
    watch.suspect();
    watch.suspect();
    await settle();
    assert.deepEqual([watch.isDown, probes], [false, 1]);
  });

  it('tells those who wait once, and looks again until the server answers', async () => {
    answers = false;
    let told = 0;
    watch.whenDown(() => {
      told += 1;
    })();
    const forget = watch.whenDown(() => {
      told += 1;
    });
    watch.suspect();
    await settle();
    assert.deepEqual([watch.isDown, told], [true, 1]);
    forget();
    for (const expected of [2, 3]) {
      mock.timers.tick(againMs);
      await settle();
      assert.deepEqual([watch.isDown, probes], [true, expected]);
    }
    answers = true;
    mock.timers.tick(againMs);
    await settle();
    assert.deepEqual([watch.isDown, told], [false, 1]);
    mock.timers.tick(againMs * 10);
    await settle();
    assert.equal(probes, 4);
  });

  it('takes a look that fails for no answer, and looks no more once it is stopped', async () => {
    const failing = new ServerWatch(() => Promise.reject(new Error('no route')), { againMs });
    failing.suspect();
    await settle();
    assert.equal(failing.isDown, true);
    failing.stop();
    mock.timers.tick(againMs);
    failing.suspect();
    await settle();
    assert.equal(failing.isDown, true);
  });
});
