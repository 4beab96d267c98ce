// Packed sets of ids against plain sets: nothing is lost, nothing added, whatever the gaps between the ids are.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { idsAmong, packIds, unionOf, unpackIds } from '../../../nodes/ctp/queries/id-set.ts';

const ascending = (ids: Iterable<number>) => [...new Set(ids)].sort((left, right) => left - right);
/** Thick stretches, thin ones, and ids that need more than 32 bits. */
const idSet = fc
  .array(
    fc.record({
      from: fc.oneof(fc.nat(2_000), fc.nat(2 ** 32), fc.maxSafeNat()),
      step: fc.constantFrom(1, 1, 2, 7, 255, 256, 70_000),
      count: fc.nat(400),
    }),
    { maxLength: 5 },
  )
  .map((runs) =>
    ascending(
      runs.flatMap(({ from, step, count }) => Array.from({ length: count }, (_, index) => from + index * step)),
    ).filter(Number.isSafeInteger),
  );

describe('packed ids', () => {
  it('are the same when they are unpacked', () => {
    fc.assert(fc.property(idSet, (ids) => assert.deepEqual(unpackIds(packIds(ids)), ids)));
  });

  it('tell which ids are among them', () => {
    fc.assert(
      fc.property(idSet, idSet, fc.array(fc.nat()), (ids, others, picks) => {
        const asked = ascending([...others, ...picks.flatMap((pick) => ids[pick % Math.max(1, ids.length)] ?? [])]);
        const known = new Set(ids);
        assert.deepEqual(
          idsAmong(asked, packIds(ids)),
          asked.filter((id) => known.has(id)),
        );
      }),
    );
  });

  it('of 2,000 neighbours take a bit for each', () => {
    const packed = packIds(Array.from({ length: 2_048 }, (_, index) => 256 * 1_000 + index));
    assert.ok(packed.length <= 8 * 34 + 2, `${packed.length} bytes`);
  });

  it('are in a union once', () => {
    fc.assert(
      fc.property(fc.array(idSet, { minLength: 1, maxLength: 4 }), (sets) =>
        assert.deepEqual(unionOf(sets), ascending(sets.flat())),
      ),
    );
  });
});
