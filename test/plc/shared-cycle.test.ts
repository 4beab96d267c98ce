// One cycle at a time: triggers that come too early share the next one.
import assert from 'node:assert/strict';
import { SharedCycle } from '../../nodes/plc/shared-cycle.ts';

/** A cycle that a test ends by hand, and that counts how many run at once. */
function manualCycle() {
  const ends: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  let running = 0;
  let most = 0;
  const cycle = new SharedCycle(async () => {
    running += 1;
    most = Math.max(most, running);
    try {
      return await new Promise<number>((resolve, reject) => ends.push({ resolve, reject }));
    } finally {
      running -= 1;
    }
  });
  return { cycle, ends, most: () => most };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a shared cycle', () => {
  it('runs at once for the first trigger', async () => {
    const { cycle, ends } = manualCycle();
    const result = cycle.trigger();
    ends[0]?.resolve(1);
    assert.deepEqual(await result, { value: 1, merged: 0 });
  });

  it('runs one next cycle for all triggers that come meanwhile, and counts them', async () => {
    const { cycle, ends, most } = manualCycle();
    const first = cycle.trigger();
    const others = [cycle.trigger(), cycle.trigger(), cycle.trigger()];
    assert.equal(ends.length, 1);
    ends[0]?.resolve(1);
    await until(() => ends.length === 2);
    ends[1]?.resolve(2);
    assert.deepEqual(await first, { value: 1, merged: 0 });
    assert.deepEqual(await Promise.all(others), Array(3).fill({ value: 2, merged: 2 }));
    assert.equal(ends.length, 2);
    assert.equal(cycle.mergedInAll, 2);
    assert.equal(most(), 1);
  });

  it('goes on after a cycle that failed', async () => {
    const { cycle, ends } = manualCycle();
    const first = cycle.trigger();
    const second = cycle.trigger();
    ends[0]?.reject(new Error('no answer'));
    await assert.rejects(first, /no answer/);
    await until(() => ends.length === 2);
    ends[1]?.resolve(2);
    assert.deepEqual(await second, { value: 2, merged: 0 });
  });

  it('never runs two cycles at once, whenever triggers come', async () => {
    const { cycle, ends, most } = manualCycle();
    const results: Promise<unknown>[] = [];
    const chain = (): Promise<unknown> => cycle.trigger().then(() => results.length < 40 && results.push(chain()));
    results.push(chain(), chain());
    for (let index = 0; index < 60; index++) {
      ends.at(-1)?.resolve(index);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(most(), 1);
  });
});
