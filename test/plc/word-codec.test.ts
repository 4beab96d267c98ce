// Single values in PLC words: every type, both word orders, and what must be refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IntegerType } from '../../nodes/plc/memory-map.ts';
import { FieldOverflow, readAscii, readInteger, writeAscii, writeInteger } from '../../nodes/plc/word-codec.ts';

const orders = fc.constantFrom('high-first' as const, 'low-first' as const);
const byteOrders = fc.constantFrom('first-char-high' as const, 'first-char-low' as const);
const integerFields: readonly { type: IntegerType; words: number; min: number; max: number }[] = [
  { type: 'int16', words: 1, min: -32_768, max: 32_767 },
  { type: 'uint16', words: 1, min: 0, max: 65_535 },
  { type: 'int32', words: 2, min: -2_147_483_648, max: 2_147_483_647 },
  { type: 'uint32', words: 2, min: 0, max: 4_294_967_295 },
  { type: 'bcd', words: 1, min: 0, max: 9999 },
  { type: 'bcd', words: 2, min: 0, max: 99_999_999 },
];

describe('a value in PLC words', () => {
  for (const { type, words, min, max } of integerFields) {
    describe(`as ${type} of ${words} word${words > 1 ? 's' : ''}`, () => {
      const place = { offset: 1, words, type };

      it('comes back as it was written, its neighbours untouched', () => {
        fc.assert(
          fc.property(fc.integer({ min, max }), orders, (value, order) => {
            const memory = new Uint16Array(words + 2).fill(0xa5a5);
            writeInteger(memory, place, order, value);
            assert.equal(readInteger(memory, place, order), value);
            assert.deepEqual([memory[0], memory[words + 1]], [0xa5a5, 0xa5a5]);
          }),
        );
      });

      it('is refused beyond its range, and memory stays as it was', () => {
        for (const value of [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          const memory = new Uint16Array(words + 2).fill(7);
          assert.throws(() => writeInteger(memory, place, 'high-first', value), FieldOverflow);
          assert.deepEqual([...memory], Array(words + 2).fill(7));
        }
      });
    });
  }

  it('puts the high word first: 1000.00 kg is 1, 34464', () => {
    const memory = new Uint16Array(2);
    writeInteger(memory, { offset: 0, words: 2, type: 'int32' }, 'high-first', 100_000);
    assert.deepEqual([...memory], [1, 34_464]);
  });

  it('puts the low word first when the connection says so', () => {
    const memory = new Uint16Array(2);
    writeInteger(memory, { offset: 0, words: 2, type: 'int32' }, 'low-first', 100_000);
    assert.deepEqual([...memory], [34_464, 1]);
  });

  it('is no BCD number when a nibble is above 9', () => {
    assert.equal(readInteger([0x1a34], { offset: 0, words: 1, type: 'bcd' }, 'high-first'), undefined);
    assert.equal(readInteger([0x1234, 0x0f00], { offset: 0, words: 2, type: 'bcd' }, 'high-first'), undefined);
    assert.equal(readInteger([0x1234, 0x5678], { offset: 0, words: 2, type: 'bcd' }, 'high-first'), 12_345_678);
    assert.equal(readInteger([0x1234, 0x5678], { offset: 0, words: 2, type: 'bcd' }, 'low-first'), 56_781_234);
  });
});

describe('a text in PLC words', () => {
  const place = { offset: 0, words: 8 };
  const printable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 16,
  });

  it('comes back as it was written, in both byte orders', () => {
    fc.assert(
      fc.property(printable, byteOrders, (text, order) => {
        fc.pre(!text.endsWith(' '));
        const memory = new Uint16Array(8).fill(0xffff);
        writeAscii(memory, place, order, text);
        assert.equal(readAscii(memory, place, order), text);
      }),
    );
  });

  it('has its first character in the high byte unless the map says otherwise', () => {
    const memory = new Uint16Array(8);
    writeAscii(memory, place, 'first-char-high', 'WH/MO/00002');
    assert.equal(memory[0], 0x5748);
    writeAscii(memory, place, 'first-char-low', 'WH/MO/00002');
    assert.equal(memory[0], 0x4857);
  });

  it('is refused, never cut, when it is longer than its field', () => {
    const memory = new Uint16Array(8);
    assert.throws(
      () => writeAscii(memory, place, 'first-char-high', 'WH/MO/0000000017'.concat('x')),
      /17 characters.*16/,
    );
    assert.deepEqual([...memory], Array(8).fill(0));
  });

  it('is refused when it is not printable ASCII or would read back shorter', () => {
    for (const text of ['Käse', 'a\tb', 'a\0', 'emoji🙂', 'padded ']) {
      assert.throws(() => writeAscii(new Uint16Array(8), place, 'first-char-high', text), FieldOverflow, text);
    }
  });

  it('is read without NULs or spaces that pad it', () => {
    assert.equal(readAscii([0x4142, 0x2020, 0x2000, 0], { offset: 0, words: 4 }, 'first-char-high'), 'AB');
    assert.equal(readAscii([0, 0], { offset: 0, words: 2 }, 'first-char-high'), '');
  });

  it('is illegible with a control character, a high bit, or characters behind a NUL', () => {
    for (const words of [[0x4107], [0xc141], [0x4100, 0x4200], [0x0041]]) {
      assert.equal(readAscii(words, { offset: 0, words: words.length }, 'first-char-high'), undefined);
    }
  });
});
