// A batch as 77 words and back: what is trusted, what is not, and why.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { centiKg } from '../../nodes/core/mass.ts';
import { decodeBlock, encodeBatch, toPlcUnits } from '../../nodes/plc/block-codec.ts';
import { originalMemoryMap as map, readBlockAddress, type WordOrder } from '../../nodes/plc/memory-map.ts';
import type { QueueBatch } from '../../nodes/plc/messages.ts';
import { batchOf, kg } from './support/queues.ts';

const codes = map.equipment.map(({ code }) => code);
const name = fc.stringMatching(/^[A-Z0-9/]{1,16}$/);
const batches: fc.Arbitrary<QueueBatch> = fc.record(
  {
    slot: fc.integer({ min: 1, max: 10 }),
    moName: name,
    bomCode: name,
    finishedGoods: name,
    quantityCentiKg: fc.integer({ min: 0, max: 1_000_000_000 }).map(centiKg),
    consumption: fc
      .array(fc.integer({ min: 0, max: 500_000 }), { minLength: 15, maxLength: 15 })
      .map((masses) => masses.map((mass, index) => ({ equipment: codes[index] ?? 0, massCentiKg: centiKg(mass) }))),
  },
  { noNullPrototype: true },
);
const orders = fc.constantFrom<WordOrder>('high-first', 'low-first');

function reasonsOf(words: Uint16Array, slot = 1): readonly string[] {
  const reading = decodeBlock(map, 'high-first', slot, words);
  assert.equal(reading.state, 'implausible');
  return reading.state === 'implausible' ? reading.reasons : [];
}

function changed(change: (words: Uint16Array) => void): Uint16Array {
  const words = encodeBatch(map, 'high-first', batchOf(1));
  change(words);
  return words;
}

describe('a batch written into a block', () => {
  it('comes back with every value', () => {
    fc.assert(
      fc.property(batches, orders, (batch, order) => {
        const words = encodeBatch(map, order, batch);
        const reading = decodeBlock(map, order, batch.slot, words);
        assert.equal(reading.state, 'plausible');
        if (reading.state !== 'plausible') return;
        const { finished, failed, finishedWeightCentiKg, read, ...queued } = reading.batch;
        assert.deepEqual(queued, batch);
        assert.deepEqual([finished, failed, finishedWeightCentiKg, read], [false, false, 0, false]);
      }),
    );
  });

  it('has the layout of the original plant', () => {
    const words = encodeBatch(map, 'high-first', batchOf(2, { moName: 'WH/MO/00002', quantityCentiKg: kg(1000) }));
    assert.equal(words.length, 77);
    assert.equal(words[0], 2);
    assert.equal(
      Buffer.from(Uint16Array.from(words.subarray(1, 9)).buffer)
        .swap16()
        .toString('latin1'),
      'WH/MO/00002\0\0\0\0\0',
    );
    assert.deepEqual([...words.subarray(25, 30)], [1, 34_464, 101, 0, 60_000]);
    assert.deepEqual([words[63], words[66], words[69]], [113, 114, 115]);
    assert.deepEqual([...words.subarray(72)], [0, 0, 0, 0, 0]);
  });

  it('names equipment that it does not use, with mass 0', () => {
    const words = encodeBatch(map, 'high-first', batchOf(1, { consumption: [] }));
    assert.deepEqual([...words.subarray(30, 33)], [102, 0, 0]);
  });

  it('is refused with the path of every fault', () => {
    const batch = batchOf(11, {
      moName: 'WH/MO/0000000000001',
      bomCode: 'Käse',
      quantityCentiKg: kg(10_000_000.01),
      consumption: [
        { equipment: 101, massCentiKg: kg(5000.01) },
        { equipment: 99, massCentiKg: kg(1) },
        { equipment: 102, massCentiKg: kg(-1) },
        { equipment: 103, massCentiKg: kg(1) },
        { equipment: 103, massCentiKg: kg(1) },
      ],
    });
    assert.throws(
      () => encodeBatch(map, 'high-first', batch, 'batches[4]'),
      (error: unknown) => {
        assert(error instanceof InvalidInput);
        assert.deepEqual(
          error.fields.map(({ field }) => field),
          [
            'batches[4].slot',
            'batches[4].moName',
            'batches[4].bomCode',
            'batches[4].quantityCentiKg',
            'batches[4].consumption[0]',
            'batches[4].consumption[1]',
            'batches[4].consumption[2]',
            'batches[4].consumption[4]',
          ],
        );
        return true;
      },
    );
    assert.throws(() => encodeBatch(map, 'high-first', batchOf(1, { moName: '' })), /without a name/);
  });

  it('rounds half away from zero where the PLC counts in coarser units', () => {
    const field = { ...map.quantity, scale: 10 as const };
    assert.equal(toPlcUnits(field, centiKg(104)), 10);
    assert.equal(toPlcUnits(field, centiKg(105)), 11);
    assert.equal(toPlcUnits({ ...field, scale: 1000 }, centiKg(105)), 1050);
  });
});

describe('a block of the read area', () => {
  it('is empty without a name and without a flag', () => {
    assert.equal(decodeBlock(map, 'high-first', 3, new Uint16Array(77)).state, 'empty');
    assert.equal(decodeBlock(map, 'high-first', 3, new Uint16Array(77).fill(0x2020, 1, 9)).state, 'empty');
  });

  it('is not empty when a flag is set without a name', () => {
    const words = new Uint16Array(77);
    words[76] = 1;
    assert(reasonsOf(words).some((reason) => /^NO-MO at D6001-D6008 is empty/.test(reason)));
  });

  it('keeps its raw words, whatever it is', () => {
    const words = changed((block) => block.fill(0xffff, 28, 30));
    const reading = decodeBlock(map, 'high-first', 1, words);
    assert.deepEqual(reading.state === 'unreadable' ? [] : reading.words, [...words]);
  });

  it('in the wrong place is not trusted', () => {
    const [reason] = reasonsOf(encodeBatch(map, 'high-first', batchOf(1)), 4);
    assert.equal(reason, 'BATCH at D6300 is 1, must be 4, the slot number of this place');
  });

  it('with another equipment code is not trusted', () => {
    const [reason] = reasonsOf(changed((words) => words.fill(199, 63, 64)));
    assert.equal(reason, 'silo_m id at D6063 is 199, must be 113, its equipment code');
  });

  it('with a mass above its limit is not trusted and not repaired', () => {
    const [reason] = reasonsOf(changed((words) => words.set([34_464, 1], 28)));
    assert.match(reason ?? '', /^silo_a consumption at D6028-D6029 is -\d+\.\d\d kg, must be 0\.00 to 5000\.00 kg$/);
    assert.equal(reasonsOf(changed((words) => words.set([7, 41_249], 28))).length, 1, '5000.01 kg');
    const atLimit = changed((words) => words.set([7, 41_248], 28));
    assert.equal(decodeBlock(map, 'high-first', 1, atLimit).state, 'plausible', '5000.00 kg');
  });

  it('with a status word other than 0 or 1 is not trusted', () => {
    for (const [offset, field] of [
      [72, 'status_manufacturing'],
      [73, 'status_operation'],
      [76, 'status_read_data'],
    ] as const) {
      assert.deepEqual(reasonsOf(changed((words) => words.fill(2, offset, offset + 1))), [
        `${field} at D60${offset} is 2, must be 0 or 1`,
      ]);
    }
  });

  it('with an illegible name is not trusted; a legible one is shown to people', () => {
    assert.match(
      reasonsOf(changed((words) => words.fill(0x8001, 1, 2)))[0] ?? '',
      /^NO-MO at D6001-D6008 is hex 8001 /,
    );
    const other = decodeBlock(
      map,
      'high-first',
      1,
      changed((words) => words.fill(2, 72, 73)),
    );
    assert.equal(other.state === 'implausible' ? other.legibleMoName : '', 'WH/MO/00001');
  });

  it('read with the wrong word order is not trusted', () => {
    assert.equal(decodeBlock(map, 'low-first', 1, encodeBatch(map, 'high-first', batchOf(1))).state, 'implausible');
  });

  it('of another length is not trusted', () => {
    assert.match(reasonsOf(new Uint16Array(76))[0] ?? '', /76 words, not 77/);
  });

  it('of random words is never trusted with values that its words do not hold', () => {
    const anyWords = fc.uint16Array({ minLength: 77, maxLength: 77 });
    const bentBlocks = fc
      .tuple(batches, fc.array(fc.tuple(fc.nat(76), fc.nat(65_535)), { maxLength: 3 }))
      .map(([batch, bends]) => {
        const words = encodeBatch(map, 'high-first', batch);
        for (const [offset, value] of bends) words[offset] = value;
        return words;
      });
    fc.assert(
      fc.property(fc.oneof(anyWords, bentBlocks), fc.integer({ min: 1, max: 10 }), (words, slot) => {
        const reading = decodeBlock(map, 'high-first', slot, words);
        if (reading.state !== 'plausible') {
          if (reading.state === 'implausible') {
            assert(reading.reasons.length > 0);
            for (const reason of reading.reasons) assert.match(reason, /at D6\d+/);
          }
          return;
        }
        const { batch } = reading;
        const again = encodeBatch(map, 'high-first', batch);
        // Padding may be NUL or spaces; every other word is what the values say.
        const isText = (offset: number) => offset >= 1 && offset <= 24;
        const status = [
          batch.finished ? 1 : 0,
          batch.failed ? 1 : 0,
          batch.finishedWeightCentiKg >>> 16,
          batch.finishedWeightCentiKg & 0xffff,
          batch.read ? 1 : 0,
        ];
        again.set(status, 72);
        for (let offset = 0; offset < 77; offset++) if (!isText(offset)) assert.equal(words[offset], again[offset]);
        assert.equal(reading.address, readBlockAddress(map, slot));
      }),
      { numRuns: 1000 },
    );
  });
});
