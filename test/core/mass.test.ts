import assert from 'node:assert/strict';
import fc from 'fast-check';
import { centiKg, formatKg, fromCentiKg, roundToCentiKg, sumMass } from '../../nodes/core/mass.ts';

describe('masses', () => {
  it('round half away from zero on the decimal a person wrote, not on the float that stands for it', () => {
    assert.equal(roundToCentiKg(0.29), 29);
    assert.equal(roundToCentiKg(1.005), 101);
    assert.equal(roundToCentiKg(-1.005), -101);
    assert.equal(roundToCentiKg(6.6000000000000005), 660);
    assert.equal(roundToCentiKg(8.345), 835);
    assert.equal(roundToCentiKg(1.5, 0.1), 0);
    assert.equal(roundToCentiKg(5, 0.1), 1);
    assert.equal(roundToCentiKg(1.2345, 100_000), 123_450);
  });

  it('refuse what is no mass', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e300])
      assert.throws(() => roundToCentiKg(value), RangeError);
    for (const value of [0.5, Number.NaN, 2 ** 60]) assert.throws(() => centiKg(value), RangeError);
  });

  it('survive the way to kilograms and back, whatever the mass', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (mass) => {
        assert.equal(roundToCentiKg(fromCentiKg(centiKg(mass))), centiKg(mass));
        assert.equal(Number(formatKg(centiKg(mass))), mass / 100);
      }),
    );
  });

  it('agree with integer arithmetic for every decimal of three places', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (thousandths) => {
        const expected = Math.floor(thousandths / 10) + (thousandths % 10 >= 5 ? 1 : 0);
        assert.equal(roundToCentiKg(Number((thousandths / 1000).toFixed(3))), expected);
      }),
    );
  });

  it('add up exactly', () => {
    assert.equal(sumMass([10, 20, 30].map(centiKg)), 60);
    assert.equal(formatKg(centiKg(5)), '0.05');
    assert.equal(formatKg(centiKg(-12345)), '-123.45');
  });
});
