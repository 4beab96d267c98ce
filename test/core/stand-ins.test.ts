import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { standInStarts, standInsReady } from '../../nodes/core/stand-ins.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A promise and what settles it. */
function pending() {
  let resolve = () => {};
  let reject = (_error: Error) => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('whoever waits for the stand-ins', () => {
  const waiting = (clock: ManualClock) => {
    let done = false;
    void standInsReady(clock).then(() => {
      done = true;
    });
    return async () => {
      await setImmediate();
      return done;
    };
  };

  it('goes on at once when none is starting', async () => assert.ok(await waiting(new ManualClock())()));

  it('goes on when the last one listens or has failed', async () => {
    const [one, other] = [pending(), pending()];
    standInStarts(one.promise);
    standInStarts(other.promise);
    const isDone = waiting(new ManualClock());
    one.resolve();
    assert.equal(await isDone(), false);
    other.reject(new Error('the port is taken'));
    assert.equal(await isDone(), true);
    assert.ok(await waiting(new ManualClock())(), 'what has ended is forgotten');
  });

  it('goes on after the limit, whatever a stand-in does', async () => {
    const never = pending();
    standInStarts(never.promise);
    const clock = new ManualClock();
    const isDone = waiting(clock);
    clock.advance(9_999);
    assert.equal(await isDone(), false);
    clock.advance(1);
    assert.equal(await isDone(), true);
    never.resolve();
  });
});
