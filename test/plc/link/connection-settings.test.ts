import assert from 'node:assert/strict';
import { InvalidInput } from '../../../nodes/core/errors.ts';
import {
  type ConnectionSettings,
  type PlcConnectionProperties,
  parseConnectionSettings,
} from '../../../nodes/plc/link/connection-settings.ts';
import { resolvePreview } from '../../../nodes/plc/link/resolve-preview.ts';
import original from '../../../nodes/plc/maps/original.json' with { type: 'json' };

const url = 'modbus-tcp://192.168.1.20:502?unit=1';

function settings(
  properties: PlcConnectionProperties,
  { files = {}, watchOnly = false }: { files?: Record<string, string>; watchOnly?: boolean } = {},
): ConnectionSettings {
  return parseConnectionSettings(properties, {
    watchOnly,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file ${path}`);
      return text;
    },
  });
}

function fault(properties: PlcConnectionProperties): string {
  try {
    settings(properties);
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('The settings of a PLC connection', () => {
  it('have defaults for everything but the PLC', () => {
    const { memoryMap, ...rest } = settings({ url });
    assert.equal(memoryMap.blockWords, 77);
    assert.deepEqual(rest, {
      plcName: '192.168.1.20:502',
      endpoint: { protocol: 'modbus-tcp', host: '192.168.1.20', port: 502, unit: 1 },
      wordOrder: 'high-first',
      addresses: { preset: 'none', offset: 0, base: 0 },
      wordsPerRequest: 125,
      depth: 1,
      requestTimeoutMs: 2000,
      watchOnly: false,
    });
  });

  it('take what the editor saves as text', () => {
    const { memoryMap, endpoint, ...rest } = settings({
      name: 'Line 1',
      url,
      wordOrder: 'low-first',
      addressPreset: 'delta-dvp',
      addressOffset: '-2',
      addressBase: '1',
      wordsPerRequest: '100',
      depth: 'auto',
      requestTimeout: '500',
      memoryMapType: 'json',
      memoryMap: JSON.stringify({ ...original, name: 'another plant' }),
      watchOnly: true,
    });
    assert.deepEqual([endpoint.protocol, memoryMap.name], ['modbus-tcp', 'another plant']);
    assert.deepEqual(rest, {
      plcName: 'Line 1',
      wordOrder: 'low-first',
      addresses: { preset: 'delta-dvp', offset: -2, base: 1 },
      wordsPerRequest: 100,
      depth: 'auto',
      requestTimeoutMs: 500,
      watchOnly: true,
    });
  });

  it('read a memory map from a file', () => {
    const files = { 'map.json': JSON.stringify({ ...original, name: 'from file' }) };
    assert.equal(
      settings({ url, memoryMapType: 'file', memoryMap: 'map.json' }, { files }).memoryMap.name,
      'from file',
    );
    assert.match(fault({ url, memoryMapType: 'file', memoryMap: 'other.json' }), /memoryMap: ENOENT/);
  });

  it('obey watch-only mode from outside', () => assert.equal(settings({ url }, { watchOnly: true }).watchOnly, true));

  it('fall back to the default where an environment variable is not set, but not for the PLC', () => {
    // Node-RED leaves the name of an unset variable in place.
    const unset = ['$', '{PLC_WORD_ORDER}'].join('');
    assert.equal(settings({ url, wordOrder: unset }).wordOrder, 'high-first');
    assert.match(fault({ url: ['$', '{PLC_URL}'].join('') }), /url: the environment variable PLC_URL is not set/);
  });

  it('are refused with every field at fault', () => {
    const message = fault({
      url: 'plc',
      wordOrder: 'middle',
      depth: '9',
      requestTimeout: 'soon',
      addressOffset: '1.5',
    });
    for (const field of ['url', 'wordOrder', 'depth', 'requestTimeout', 'addressOffset']) {
      assert.match(message, new RegExp(`${field}: "`), field);
    }
    assert.match(fault({}), /url: is missing, as in modbus-tcp:/);
    assert.match(fault({ url, addressPreset: 'siemens' }), /addressPreset: "siemens" is not one of none, /);
    assert.match(fault({ url, wordsPerRequest: 126 }), /wordsPerRequest: "126" is not a whole number from 1 to 125/);
    assert.match(fault({ url, memoryMapType: 'json', memoryMap: '{' }), /memoryMap: /);
    assert.match(fault({ url, memoryMapType: 'json', memoryMap: '{}' }), /The PLC connection is refused/);
  });

  it('are refused where a block would take two requests', () => {
    assert.match(fault({ url, wordsPerRequest: '60' }), /wordsPerRequest: 60 is less than the 77 words of a block/);
  });

  it('are refused where the PLC does not have the words of the map', () => {
    assert.match(fault({ url, addressPreset: 'fatek-d' }), /D7000-D7076 of the memory map: D7000 is out of reach/);
  });

  it('are refused where a serial line is slower than the deadline', () => {
    const serial = 'modbus-rtu:/dev/ttyUSB0?baud=1200&unit=1';
    assert.match(
      fault({ url: serial, requestTimeout: '1000' }),
      /requestTimeout: 1000 ms is too short: a block takes \d+ ms at 1200/,
    );
    assert.equal(fault({ url: serial, requestTimeout: '2000' }), 'accepted');
  });
});

describe('The preview in the editor', () => {
  it('shows where the words of the map lie on the wire', () => {
    const { addresses, peer } = resolvePreview({
      url,
      addressPreset: 'delta-dvp',
      addressOffset: '0',
      addressBase: '0',
    });
    assert.equal(peer, 'modbus-tcp 192.168.1.20:502');
    assert.deepEqual(addresses, [
      { word: 'D6000', wire: 38_768, hex: '0x9770' },
      { word: 'D7000', wire: 39_768, hex: '0x9b58' },
      { word: 'D7076', wire: 39_844, hex: '0x9ba4' },
    ]);
  });

  it('shows the words of the map that is being edited', () => {
    const memoryMap = JSON.stringify({ ...original, readBase: 1000, writeBase: 3000, guardAddress: 3076 });
    const { addresses } = resolvePreview({ url, memoryMapType: 'json', memoryMap });
    assert.deepEqual(
      addresses.map(({ word }) => word),
      ['D1000', 'D3000', 'D3076'],
    );
    const unfinished = resolvePreview({ url, memoryMapType: 'json', memoryMap: '{"readBase": 1' });
    assert.equal(unfinished.addresses[0]?.word, 'D6000');
  });

  it('says what is out of reach', () => {
    const { addresses } = resolvePreview({ url, addressPreset: 'fatek-d' });
    assert.match(addresses[1]?.problem ?? '', /D7000 is out of reach/);
  });

  it('says how long a cycle takes on a serial line', () => {
    const { cycleMs } = resolvePreview({ url: 'modbus-rtu:/dev/ttyUSB0?baud=9600' });
    assert.ok(cycleMs && cycleMs > 1900 && cycleMs < 2100, String(cycleMs));
    assert.equal(resolvePreview({ url }).cycleMs, undefined);
  });

  it('does without a PLC that only the environment knows', () => {
    assert.equal(resolvePreview({ url: ['$', '{PLC_URL}'].join('') }).peer, undefined);
  });

  it('refuses a body that is not the settings', () => {
    for (const body of [undefined, null, 'x', [], 7]) assert.throws(() => resolvePreview(body), InvalidInput);
    assert.throws(() => resolvePreview({ addressPreset: 'toString' }), InvalidInput);
    assert.throws(() => resolvePreview({ addressOffset: {}, addressPreset: 'nope' }), InvalidInput);
    assert.throws(() => resolvePreview({ url: 'plc' }), InvalidInput);
  });
});
