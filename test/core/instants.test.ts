// Instants of clocks that may be wrong: nothing of the future is fresh, and nothing is put off by a clock that was ahead.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ClockSteadiness, steadyEnoughMs } from '../../nodes/core/clock-steadiness.ts';
import { clockToleranceMs, isAhead, isDueAgain, isFresh } from '../../nodes/core/instants.ts';
import { ManualClock } from '../support/manual-clock.ts';

const now = Date.UTC(2026, 0, 5);
const minute = 60_000;

describe('an instant', () => {
  it('is fresh for as long as its limit, and not when it has not come yet', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 10), max: 10 ** 10 }), fc.nat(10 ** 9), (ageMs, limitMs) => {
        const isNow = ageMs >= -clockToleranceMs;
        assert.equal(isFresh(now - ageMs, now, limitMs), isNow && ageMs <= limitMs);
        assert.equal(isAhead(now - ageMs, now), !isNow);
      }),
    );
  });

  it('of the future puts off nothing that is due again', () => {
    assert.equal(isDueAgain(undefined, now, minute), true);
    assert.equal(isDueAgain(now - minute + 1, now, minute), false);
    assert.equal(isDueAgain(now - minute, now, minute), true);
    assert.equal(isDueAgain(now + 30 * 86_400_000, now, minute), true);
  });
});

describe('the clock of the server', () => {
  it('tells each jump once, forward and back, and is steady again after ten minutes', () => {
    const clock = new ManualClock();
    const steadiness = new ClockSteadiness(clock);
    assert.deepEqual([steadiness.look(), steadiness.isSteady], [0, true]);
    for (const byMs of [7 * minute, -7 * minute, 30 * 86_400_000]) {
      clock.jump(byMs);
      clock.advance(10_000);
      assert.equal(steadiness.look(), byMs);
      assert.equal(steadiness.look(), 0);
      clock.advance(steadyEnoughMs - 10_001);
      assert.equal(steadiness.isSteady, false);
      clock.advance(10_001);
      assert.equal(steadiness.isSteady, true);
    }
  });

  it('does not jump by being slewed, or by being looked at late', () => {
    const clock = new ManualClock();
    const steadiness = new ClockSteadiness(clock);
    for (let look = 0; look < 100; look += 1) {
      clock.advance(60 * minute);
      clock.jump(1_800);
      assert.equal(steadiness.look(), 0);
    }
  });
});
