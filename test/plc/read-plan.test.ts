// Requests never ask for more words than the PLC takes, nor for a word that is none of ours.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { originalMemoryMap, readableRanges, readBlockAddress, slotsOf } from '../../nodes/plc/memory-map.ts';
import { PlcLinkError } from '../../nodes/plc/plc-link.ts';
import { describeRange, mostWordsPerRead, planRequests, withoutWord } from '../../nodes/plc/read-plan.ts';

const ranges = fc.array(fc.record({ address: fc.nat(9000), count: fc.integer({ min: 1, max: 900 }) }), {
  minLength: 1,
  maxLength: 12,
});
const everywhere = [{ address: 0, count: 20_000 }];

describe('a read plan', () => {
  it('covers each range in order, every word once, never over the words of one request', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 125 }), (wanted, mostWords) => {
        const plan = planRequests(wanted, mostWords, everywhere);
        const words = (list: readonly { address: number; count: number }[]) =>
          list.flatMap(({ address, count }) => Array.from({ length: count }, (_, index) => address + index));
        assert.deepEqual(words(plan), words(wanted));
        assert(plan.every(({ count }) => count >= 1 && count <= mostWords));
        assert.equal(
          plan.length,
          wanted.reduce((sum, { count }) => sum + Math.ceil(count / mostWords), 0),
        );
      }),
    );
  });

  it('never leaves the areas', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.record({ address: fc.nat(9000), count: fc.integer({ min: 1, max: 2000 }) }),
        (wanted, area) => {
          const isInside = wanted.every(
            (range) => range.address >= area.address && range.address + range.count <= area.address + area.count,
          );
          if (isInside) assert.doesNotThrow(() => planRequests(wanted, 125, [area]));
          else {
            assert.throws(
              () => planRequests(wanted, 125, [area]),
              (error: unknown) => error instanceof PlcLinkError && error.kind === 'out-of-range',
            );
          }
        },
      ),
    );
  });

  it('asks for each block of the original plant in one request', () => {
    const blocks = slotsOf(originalMemoryMap).map((slot) => ({
      address: readBlockAddress(originalMemoryMap, slot),
      count: 77,
    }));
    assert.deepEqual(planRequests(blocks, mostWordsPerRead, readableRanges(originalMemoryMap)), blocks);
  });

  it('goes around a word that must not be touched', () => {
    assert.deepEqual(withoutWord({ address: 7000, count: 77 }, 7076), [{ address: 7000, count: 76 }]);
    assert.deepEqual(withoutWord({ address: 7000, count: 77 }, 7000), [{ address: 7001, count: 76 }]);
    assert.deepEqual(withoutWord({ address: 10, count: 5 }, 12), [
      { address: 10, count: 2 },
      { address: 13, count: 2 },
    ]);
    assert.deepEqual(withoutWord({ address: 10, count: 5 }, 15), [{ address: 10, count: 5 }]);
  });

  it('names ranges as the PLC programmer does', () => {
    assert.equal(describeRange({ address: 7000, count: 77 }), 'D7000-D7076');
    assert.equal(describeRange({ address: 7076, count: 1 }), 'D7076');
  });
});
