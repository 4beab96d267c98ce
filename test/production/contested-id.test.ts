// How two clients with one id are told from a broker that is away or restarts.
import assert from 'node:assert/strict';
import { ContestedId, undisputedMs } from '../../nodes/production/contested-id.ts';

describe('a client id', () => {
  /** Connections by how long each lasted, and who ended it; `refused` is an attempt that the broker did not take. */
  const withEnds = (...ends: readonly (number | 'refused' | 'by us' | 'lasts')[]): ContestedId => {
    const id = new ContestedId();
    let nowMs = 1_000;
    for (const end of ends) {
      if (end === 'refused') {
        id.ended(nowMs, false);
        continue;
      }
      id.opened(nowMs);
      if (end === 'lasts') {
        id.lasted();
        continue;
      }
      nowMs += end === 'by us' ? 100 : end;
      id.ended(nowMs, end === 'by us');
    }
    return id;
  };

  it('is suspected from the third connection that the broker ended soon', () => {
    assert.equal(withEnds(1_000, 29_000).isSuspected, false);
    assert.equal(withEnds(1_000, 29_000, 59_999).isSuspected, true);
    assert.equal(withEnds(500, 500, 500, 500).shortInRow, 4);
  });

  it('is undisputed again once a connection has lasted', () => {
    assert.equal(withEnds(1, 1, 1, undisputedMs).isSuspected, false);
    assert.equal(withEnds(1, 1, 1, 'lasts').isSuspected, false);
    assert.equal(withEnds(1, 1, undisputedMs, 1, 1).isSuspected, false);
  });

  it('is not suspected of a broker that is away between two connections', () => {
    assert.equal(withEnds(1, 1, 'refused', 1, 1).isSuspected, false);
    assert.equal(withEnds(1, 1, 1, 'refused').isSuspected, false);
  });

  it('is not suspected of connections that this side ended', () => {
    assert.equal(withEnds('by us', 'by us', 'by us', 'by us').isSuspected, false);
    assert.equal(withEnds(1, 'by us', 1).isSuspected, false);
    assert.equal(withEnds(1, 'by us', 1, 1).isSuspected, true);
  });
});
