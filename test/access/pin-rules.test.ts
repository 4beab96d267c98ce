// Which PINs are refused, and for whom they are long enough.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { roles } from '../../nodes/access/messages.ts';
import { isEasyPin, isPinOutgrown, pinDigitsFor, pinFaults } from '../../nodes/access/pin-rules.ts';

describe('a PIN', () => {
  for (const pin of [
    ...['0000', '1234', '4321', '7890', '1357', '2468', '9630'],
    ...['1212', '6969', '1122', '7788', '1221', '2580', '0852', '1397', '7931'],
    ...['1900', '1987', '2026', '2099', '2000'],
    ...['123456', '654321', '121212', '123123', '112233', '111222', '147258', '159753', '789456', '123654', '123321'],
  ]) {
    it(`is easy to guess as ${pin}`, () => assert.ok(isEasyPin(pin)));
  }

  for (const pin of ['4711', '0815', '7392', '471108', '620493', '905174']) {
    it(`is good enough as ${pin}`, () => assert.ok(!isEasyPin(pin)));
  }

  it('needs six digits of everybody who may do more than work at a machine', () => {
    const short = roles.filter((role) => pinFaults('4711', [role]).length === 0);
    assert.deepEqual(short, ['operator', 'ctp']);
    for (const role of roles) {
      assert.deepEqual(pinFaults('620493', [role]), []);
      assert.equal(pinDigitsFor(['operator', role]), role === 'operator' || role === 'ctp' ? 4 : 6);
    }
  });

  it('leaves more than nine of ten to choose from', () => {
    const left = Array.from({ length: 10_000 }, (_, pin) => String(pin).padStart(4, '0')).filter(
      (pin) => !isEasyPin(pin),
    );
    assert.ok(left.length > 9_000, String(left.length));
  });

  it('of letters, too short, or too long is said so, never thrown', () => {
    fc.assert(
      fc.property(fc.string(), fc.subarray([...roles]), (pin, own) => {
        const faults = pinFaults(pin, own);
        if (!/^\d{4,10}$/.test(pin)) assert.equal(faults[0]?.code, 'not-a-pin');
      }),
    );
  });

  it('is outgrown by longer rules, and so is one whose length nobody kept', () => {
    const kept = (pin_digits: number | null) => ({ pin_hash: 'hash', pin_digits });
    assert.ok(isPinOutgrown(kept(4), ['supervisor']));
    assert.ok(isPinOutgrown(kept(null), ['supervisor']));
    assert.ok(!isPinOutgrown(kept(6), ['supervisor']));
    assert.ok(!isPinOutgrown(kept(null), ['operator']));
    assert.ok(!isPinOutgrown({ pin_hash: null, pin_digits: null }, ['admin']));
  });
});
