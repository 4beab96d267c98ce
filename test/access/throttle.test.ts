import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Attempts,
  accountPolicy,
  addressPolicy,
  decideTry,
  type ThrottlePolicy,
} from '../../nodes/access/throttle.ts';

const start = new Date('2026-01-05T00:00:00Z');
const instant = (ms: number) => new Date(start.getTime() + ms);

/** Tries as fast as allowed; returns the waits, in ms, that came between. */
function waits(policy: ThrottlePolicy, tries: number): readonly number[] {
  let known: Attempts | undefined;
  let now = start;
  return Array.from({ length: tries }, () => {
    let waited = 0;
    for (;;) {
      const decision = decideTry(policy, known, now);
      if (decision.allowed) {
        known = decision.next;
        return waited;
      }
      waited += decision.waitMs;
      now = new Date(now.getTime() + decision.waitMs);
    }
  });
}

describe('how often somebody may guess', () => {
  it('is five times for nothing, then twice as long each time, up to a quarter of an hour', () => {
    const seconds = waits(accountPolicy, 12).map((ms) => ms / 1000);
    assert.deepEqual(seconds, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
  });

  it('is twenty times for an address, behind which a department may sit', () => {
    assert.deepEqual(waits(addressPolicy, 22).slice(19), [0, 30_000, 60_000]);
  });

  it('starts anew when nobody has tried for long enough', () => {
    const blocked: Attempts = { failures: 9, lastAt: start, blockedUntil: instant(900_000) };
    const decision = decideTry(accountPolicy, blocked, instant(accountPolicy.forgetAfterMs));
    assert.deepEqual(decision, {
      allowed: true,
      next: { failures: 1, lastAt: instant(accountPolicy.forgetAfterMs), blockedUntil: undefined },
    });
  });

  it('allows an attacker at most a hundred guesses a day of one account, whenever they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_600_000 }), { maxLength: 400 }), (gaps) => {
        let known: Attempts | undefined;
        let elapsed = 0;
        let allowed = 0;
        for (const gap of gaps) {
          elapsed += gap;
          if (elapsed >= accountPolicy.forgetAfterMs) break;
          const decision = decideTry(accountPolicy, known, instant(elapsed));
          if (!decision.allowed) continue;
          known = decision.next;
          allowed += 1;
        }
        assert.ok(allowed <= 5 + 5 + (24 * 60) / 15, String(allowed));
      }),
    );
  });
});

describe('a block that a clock which was ahead has dated', () => {
  for (const policy of [accountPolicy, addressPolicy]) {
    it(`keeps nobody out for longer than any block lasts (${policy.free} free tries)`, () => {
      const dated = (ms: number): Attempts => ({ failures: 30, lastAt: instant(ms), blockedUntil: instant(ms) });
      assert.equal(decideTry(policy, dated(policy.longestWaitMs), start).allowed, false);
      const month = decideTry(policy, dated(30 * 86_400_000), start);
      assert.ok(month.allowed);
      assert.equal(month.next.failures, 31, 'its failures are not forgotten');
    });
  }
});
