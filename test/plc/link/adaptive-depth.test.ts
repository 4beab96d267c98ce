import assert from 'node:assert/strict';
import { AdaptiveDepth } from '../../../nodes/plc/link/adaptive-depth.ts';

/** Runs cycles of ten requests whose time depends on the depth, until the search is over. */
function search(depth: AdaptiveDepth, timeAt: (depth: number) => number): number[] {
  const used: number[] = [];
  for (let cycle = 0; cycle < 100 && !depth.settled; cycle += 1) {
    used.push(depth.depth);
    depth.cycle({ requests: 10, durationMs: timeAt(depth.depth) });
  }
  return used;
}

describe('Measured pipelining', () => {
  it('keeps every step that saves a fifth of the time', () => {
    const depth = new AdaptiveDepth();
    search(depth, (inFlight) => 50 / inFlight);
    assert.equal(depth.depth, 16);
  });

  it('stays at 1 with a PLC that answers one request per scan', () => {
    const depth = new AdaptiveDepth();
    search(depth, () => 50);
    assert.equal(depth.depth, 1);
  });

  it('does not keep a gain that is too small', () => {
    const depth = new AdaptiveDepth();
    search(depth, (inFlight) => (inFlight === 1 ? 50 : 41));
    assert.equal(depth.depth, 1);
  });

  it('leaves a depth that is many times slower after two cycles', () => {
    const depth = new AdaptiveDepth();
    const used = search(depth, (inFlight) => (inFlight === 1 ? 0.13 : 44));
    assert.equal(depth.depth, 1);
    assert.deepEqual(used, [1, 1, 1, 1, 1, 1, 2, 1, 2, 1, 4, 1, 4, 1, 8, 1, 8, 1, 16, 1, 16]);
  });

  it('goes by the median, so that one slow cycle decides nothing', () => {
    const depth = new AdaptiveDepth();
    let cycle = 0;
    search(depth, (inFlight) => (cycle++ % 7 === 2 ? 120 : 50 / inFlight));
    assert.equal(depth.depth, 16);
  });

  it('does not mistake a plant that becomes faster for a gain', () => {
    const depth = new AdaptiveDepth();
    let cycle = 0;
    search(depth, () => 1000 / (10 + cycle++));
    assert.equal(depth.depth, 1);
  });

  it('compares only cycles of the same size', () => {
    const depth = new AdaptiveDepth();
    for (let cycle = 0; cycle < 5; cycle += 1) depth.cycle({ requests: 10, durationMs: 50 });
    depth.cycle({ requests: 10, durationMs: 50 });
    assert.equal(depth.depth, 2);
    for (let cycle = 0; cycle < 9; cycle += 1) depth.cycle({ requests: 3, durationMs: 1 });
    assert.equal(depth.depth, 2);
    for (let cycle = 0; cycle < 10; cycle += 1) depth.cycle({ requests: 10, durationMs: 50 });
    assert.equal(depth.depth, 4);
  });

  it('learns nothing from single requests', () => {
    const depth = new AdaptiveDepth();
    for (let cycle = 0; cycle < 50; cycle += 1) depth.cycle({ requests: 1, durationMs: 1 });
    assert.equal(depth.depth, 1);
    assert.equal(depth.settled, false);
  });

  it('returns to 1 at a fault and stays there on this connection', () => {
    const depth = new AdaptiveDepth();
    search(depth, (inFlight) => 50 / inFlight);
    depth.fault();
    assert.equal(depth.depth, 1);
    search(depth, (inFlight) => 50 / inFlight);
    assert.equal(depth.depth, 1);
  });

  it('measures anew on the next connection, but not after faults while pipelining on two', () => {
    const depth = new AdaptiveDepth();
    for (const kept of [16, 16, 1, 1]) {
      depth.connected();
      search(depth, (inFlight) => 50 / inFlight);
      assert.equal(depth.depth, kept);
      depth.fault();
    }
  });

  it('forgives faults that met single requests', () => {
    const depth = new AdaptiveDepth();
    for (let connection = 0; connection < 5; connection += 1) {
      depth.connected();
      depth.fault();
    }
    depth.connected();
    search(depth, (inFlight) => 50 / inFlight);
    assert.equal(depth.depth, 16);
  });
});
