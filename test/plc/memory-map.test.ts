// The memory map as data: the original plant's, and which maps are refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import schema from '../../nodes/plc/maps/memory-map.schema.json' with { type: 'json' };
import original from '../../nodes/plc/maps/original.json' with { type: 'json' };
import {
  originalMemoryMap as map,
  parseMemoryMap,
  readableRanges,
  readBlockAddress,
  readFlagAddress,
  slotOfGuard,
  writableRanges,
  writeBlockAddress,
} from '../../nodes/plc/memory-map.ts';
import { isValid } from './support/json-schema.ts';

type Json = Record<string, unknown>;

function mapWith(changes: Json): Json {
  return { ...structuredClone(original), ...changes };
}

/** The original map with one field changed; a property that becomes undefined is removed. */
function mapWithField(name: string, changes: Json): Json {
  const fields = original.fields.map((field) => (field.name === name ? { ...field, ...changes } : field));
  return mapWith({ fields: JSON.parse(JSON.stringify(fields)) });
}

function faultsOf(json: unknown): string[] {
  try {
    parseMemoryMap(json);
    return [];
  } catch (error) {
    assert(error instanceof InvalidInput, String(error));
    return error.fields.map(({ field, message }) => `${field}: ${message}`);
  }
}

describe('the memory map of the original plant', () => {
  it('puts batch 10 at D7900-D7976 and D6900-D6976', () => {
    assert.deepEqual([writeBlockAddress(map, 1), writeBlockAddress(map, 10)], [7000, 7900]);
    assert.deepEqual([readBlockAddress(map, 1), readBlockAddress(map, 10)], [6000, 6900]);
    assert.equal(readFlagAddress(map, 10), 6976);
    assert.deepEqual([map.guardAddress, slotOfGuard(map)], [7076, 1]);
  });

  it('fills all 77 words with 39 fields, no gap, no overlap', () => {
    assert.equal(map.fields.length, 39);
    let next = 0;
    for (const { offset, words } of map.fields) {
      assert.equal(offset, next);
      next = offset + words;
    }
    assert.equal(next, 77);
  });

  it('has silos A to M as 101 to 113 and the two tanks as 114 and 115', () => {
    assert.deepEqual(
      map.equipment.map(({ code, id, consumption }) => [code, id.offset, consumption.offset]),
      Array.from({ length: 15 }, (_, k) => [101 + k, 27 + 3 * k, 28 + 3 * k]),
    );
  });

  it('may be written in the write blocks, in the ten read flags and in those of the two records, nowhere else', () => {
    const words = writableRanges(map).flatMap(({ address, count }) =>
      Array.from({ length: count }, (_, i) => address + i),
    );
    const expected = Array.from({ length: 10_000 }, (_, address) => address).filter((address) => {
      const offset = address % 100;
      if (address === 8022 || address === 9013) return true;
      return (address >= 7000 && address < 8000 && offset < 77) || (address >= 6000 && address < 7000 && offset === 76);
    });
    assert.deepEqual(
      words.sort((a, b) => a - b),
      expected,
    );
  });

  it('may be read in all blocks of both areas', () => {
    const ranges = readableRanges(map);
    assert.equal(ranges.length, 20);
    assert(
      ranges.every(({ address, count }) => count === 77 && address % 100 === 0 && address >= 6000 && address <= 7900),
    );
  });
});

describe("another plant's memory map", () => {
  it('may have its guard word outside the blocks, and it becomes readable and writable', () => {
    const other = parseMemoryMap(mapWith({ guardAddress: 5000 }));
    assert.equal(slotOfGuard(other), undefined);
    assert(writableRanges(other).some(({ address, count }) => address === 5000 && count === 1));
    assert(readableRanges(other).some(({ address, count }) => address === 5000 && count === 1));
  });

  it('may have its guard word in the spare words between two blocks', () => {
    const other = parseMemoryMap(mapWith({ guardAddress: 7090 }));
    assert.equal(slotOfGuard(other), undefined);
  });

  it('may have other slots, strides and limits', () => {
    const other = parseMemoryMap(
      mapWith({ slotCount: 4, stride: 77, writeBase: 100, readBase: 500, guardAddress: 176 }),
    );
    assert.equal(readBlockAddress(other, 4), 731);
  });

  const refused: readonly { why: string; json: unknown; fault: RegExp }[] = [
    { why: 'that is no object', json: [], fault: /^map: must be an object$/ },
    { why: 'without a name', json: mapWith({ name: '' }), fault: /^name: / },
    { why: 'with a misspelt property', json: mapWith({ strid: 3 }), fault: /^strid: is not a known property$/ },
    {
      why: 'with a block of more than 125 words',
      json: mapWith({ blockWords: 126 }),
      fault: /^blockWords: .*1 to 125/,
    },
    { why: 'without slots', json: mapWith({ slotCount: 0 }), fault: /^slotCount: / },
    { why: 'with half a slot', json: mapWith({ slotCount: 2.5 }), fault: /^slotCount: / },
    { why: 'whose blocks overlap', json: mapWith({ stride: 76 }), fault: /^stride: 76 is less than a block of 77/ },
    {
      why: 'whose areas overlap',
      json: mapWith({ readBase: 6024 }),
      fault: /^readBase: .*D6024-D7000 overlaps.*D7000-D7976/,
    },
    { why: 'that ends above the last word', json: mapWith({ writeBase: 64_560 }), fault: /^writeBase: .*D65536/ },
    {
      why: 'whose guard word lies in the read area',
      json: mapWith({ guardAddress: 6076 }),
      fault: /^guardAddress: D6076/,
    },
    {
      why: 'whose guard word lies on a name',
      json: mapWith({ guardAddress: 7101 }),
      fault: /^guardAddress: .*"NO-MO"/,
    },
    {
      why: 'with a field outside its block',
      json: mapWith({ blockWords: 76 }),
      fault: /"status_read_data": ends at word 76/,
    },
    {
      why: 'with overlapping fields',
      json: mapWithField('NO-BoM', { offset: 8 }),
      fault: /"NO-BoM": overlaps "NO-MO" at word 8/,
    },
    {
      why: 'with a field under a longer one',
      json: mapWithField('NO-MO', { words: 30 }),
      fault: /"finished_goods": overlaps "NO-MO"/,
    },
    {
      why: 'with a field name twice',
      json: mapWithField('NO-BoM', { name: 'NO-MO' }),
      fault: /"NO-MO": the name is used twice/,
    },
    {
      why: 'without a role',
      json: mapWith({ fields: original.fields.slice(1) }),
      fault: /"slot-number" must occur once, it occurs 0/,
    },
    {
      why: 'with a role twice',
      json: mapWithField('NO-BoM', { role: 'mo-name' }),
      fault: /"mo-name" must occur once, it occurs 2/,
    },
    {
      why: 'with an equipment code twice',
      json: mapWithField('silo_b id', { equipment: 101 }),
      fault: /equipment 101 has two fields "equipment-id"/,
    },
    {
      why: 'with an id without a consumption',
      json: mapWithField('silo_b consumption', { equipment: 120 }),
      fault: /equipment 102 has no consumption/,
    },
    {
      why: 'with a consumption without an id',
      json: mapWithField('silo_b consumption', { equipment: 120 }),
      fault: /equipment 120 has no equipment-id/,
    },
    {
      why: 'with a 32-bit value in one word',
      json: mapWithField('quantity', { words: 1 }),
      fault: /^fields\[4\]\.words: int32 takes 2 words/,
    },
    { why: 'with a text as a mass', json: mapWithField('quantity', { type: 'ascii' }), fault: /^fields\[4\]\.type: / },
    { why: 'with an unknown role', json: mapWithField('NO-MO', { role: 'order' }), fault: /^fields\[1\]\.role: / },
    { why: 'with an unknown scale', json: mapWithField('quantity', { scale: 50 }), fault: /^fields\[4\]\.scale: / },
    {
      why: 'with limits the wrong way round',
      json: mapWithField('quantity', { minKg: 2, maxKg: 1 }),
      fault: /^fields\[4\]\.minKg: 2 is above maxKg 1/,
    },
    {
      why: 'with a limit finer than 10 g',
      json: mapWithField('quantity', { maxKg: 0.005 }),
      fault: /^fields\[4\]\.maxKg: .*two decimals/,
    },
    {
      why: 'with a limit that its field cannot hold',
      json: mapWithField('quantity', { maxKg: 30_000_000 }),
      fault: /^fields\[4\]\.maxKg: needs 3000000000/,
    },
    {
      why: 'with a mass that lacks its limits',
      json: mapWithField('quantity', { maxKg: undefined }),
      fault: /^fields\[4\]\.maxKg: /,
    },
    {
      why: 'with limits on a text',
      json: mapWithField('NO-MO', { maxKg: 1 }),
      fault: /^fields\[1\]\.maxKg: is not a known property/,
    },
  ];
  for (const { why, json, fault } of refused) {
    it(`is refused ${why}`, () => {
      const faults = faultsOf(json);
      assert(
        faults.some((text) => fault.test(text)),
        `${faults.join(' | ') || 'accepted'}`,
      );
    });
  }

  it('is never a crash, whatever JSON it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void faultsOf(json)));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(original)), fc.jsonValue(), (property, value) => {
        faultsOf(mapWith({ [property]: value }));
      }),
    );
  });
});

describe('the schema for the editor', () => {
  const judgedBySchema = (json: unknown): boolean => isValid(schema, json);

  it('accepts the original map, as the check does', () => {
    assert.equal(judgedBySchema(original), true);
    assert.deepEqual(faultsOf(original), []);
  });

  it('agrees with the check on every single property of the map and of a field of each role', () => {
    const values: unknown[] = [
      undefined,
      null,
      '',
      'x',
      -1,
      0,
      1,
      2,
      3,
      0.5,
      0.005,
      77,
      100,
      126,
      65_536,
      true,
      [],
      {},
      'int16',
      'bcd',
      'ascii',
      'first-char-low',
      'read-flag',
    ];
    const samples: Json[] = [];
    for (const property of [...Object.keys(original), 'unknown']) {
      for (const value of values) samples.push(JSON.parse(JSON.stringify(mapWith({ [property]: value }))));
    }
    for (const name of [
      'BATCH',
      'NO-MO',
      'quantity',
      'silo_a id',
      'silo_a consumption',
      'status_read_data',
      'weight_finished_good',
    ]) {
      const field = original.fields.find((candidate) => candidate.name === name);
      for (const property of [...Object.keys(field ?? {}), 'unknown', 'equipment', 'maxKg']) {
        for (const value of values) samples.push(mapWithField(name, { [property]: value }));
      }
    }
    // Relations between fields are the check's alone; such a map is valid under the schema and refused by the check.
    const isRelation = (fault: string): boolean =>
      /^fields "|^fields: (the role|equipment|no equipment)|overlaps|less than a block|above D|lies |is above maxKg|needs \d+, but/.test(
        fault,
      );
    let accepted = 0;
    for (const sample of samples) {
      const shapeFaults = faultsOf(sample).filter((fault) => !isRelation(fault));
      assert.equal(
        judgedBySchema(sample),
        shapeFaults.length === 0,
        `${JSON.stringify(sample)}: ${shapeFaults.join(' | ')}`,
      );
      if (shapeFaults.length === 0) accepted += 1;
    }
    assert(accepted > 20 && accepted < samples.length / 2, `${accepted} of ${samples.length}`);
  }).timeout(60_000);
});
