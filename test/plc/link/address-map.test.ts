import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AddressMap } from '../../../nodes/plc/link/address-map.ts';
import { type AddressPresetName, addressPresets } from '../../../nodes/plc/link/address-presets.ts';

const at = (preset: AddressPresetName, offset = 0, base: 0 | 1 = 0) => new AddressMap({ preset, offset, base });

describe('D-words on the wire', () => {
  const published: readonly [AddressPresetName, number, number][] = [
    ['none', 7000, 7000],
    ['mitsubishi-fx5u', 7000, 7000],
    ['delta-dvp', 4095, 0x1fff],
    ['delta-dvp', 6000, 0x9000 + 1904],
    ['delta-dvp', 7000, 39_768],
    ['delta-dvp', 7076, 39_844],
    ['delta-dvp', 7976, 40_744],
    ['delta-as', 7000, 7000],
    ['fatek-d', 0, 6000],
    ['fatek-r', 4000, 4000],
    ['xinje-xc', 7000, 7000],
    ['xinje-xc', 8000, 0x4000],
    ['xinje-xd', 7000, 7000],
    ['inovance-h3u-h5u', 7000, 7000],
    ['keyence-kv', 7000, 7000],
    ['omron-dm', 7000, 0x1b58],
  ];
  for (const [preset, address, wire] of published) {
    it(`D${address} of ${preset} is ${wire}`, () => assert.equal(at(preset).resolve(address, 1), wire));
  }

  it('adds the offset, and takes one off where registers count from 1', () => {
    assert.equal(at('none', 100).resolve(7000, 77), 7100);
    assert.equal(at('none', 40_001 - 40_000, 1).resolve(7000, 77), 7000);
    assert.equal(at('none', -6000).resolve(6000, 77), 0);
  });

  it('lets no request cross the border of two segments', () => {
    const delta = at('delta-dvp');
    assert.equal(delta.resolve(4019, 77), 0x1000 + 4019);
    assert.match(String(delta.resolve(4020, 77)), /D4020-D4096 crosses .* after D4095.* delta-dvp needs two requests/);
  });

  it('says which words are out of reach', () => {
    assert.match(String(at('fatek-d').resolve(7000, 77)), /D7000 is out of reach: fatek-d has only D0-D2998/);
    assert.match(String(at('mitsubishi-fx5u').resolve(7950, 77)), /D7950-D8026 is out of reach: D7999 is the last/);
    assert.match(String(at('none', -7001).resolve(7000, 1)), /wire address -1: the offset -7001 is wrong/);
    assert.match(String(at('none', 60_000).resolve(7000, 1)), /wire address 67000/);
  });

  it('keeps neighbours neighbours and different words different, for every preset', () => {
    const presets = Object.keys(addressPresets) as AddressPresetName[];
    const word = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(fc.constantFrom(...presets), word, word, fc.integer({ min: 1, max: 125 }), (preset, a, b, count) => {
        const map = at(preset);
        const wireA = map.resolve(a, 1);
        const wireB = map.resolve(b, 1);
        if (a !== b && typeof wireA === 'number') assert.notEqual(wireA, wireB);
        const range = map.resolve(a, count);
        if (typeof range === 'number') assert.equal(map.resolve(a + count - 1, 1), range + count - 1);
      }),
    );
  });
});
