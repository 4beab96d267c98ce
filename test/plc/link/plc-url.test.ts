import assert from 'node:assert/strict';
import { InvalidInput } from '../../../nodes/core/errors.ts';
import { formatPlcUrl, parsePlcUrl, plcUrlExamples } from '../../../nodes/plc/link/plc-url.ts';

function fault(url: string): string {
  try {
    parsePlcUrl(url);
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('The PLC URL', () => {
  it('names a Modbus/TCP server', () => {
    assert.deepEqual(parsePlcUrl('modbus-tcp://plc.plant.local:1502?unit=17'), {
      protocol: 'modbus-tcp',
      host: 'plc.plant.local',
      port: 1502,
      unit: 17,
    });
    assert.deepEqual(parsePlcUrl('modbus-tcp://10.0.0.7'), {
      protocol: 'modbus-tcp',
      host: '10.0.0.7',
      port: 502,
      unit: 1,
    });
    assert.equal(parsePlcUrl('modbus-tcp://[fe80::1]:502').protocol, 'modbus-tcp');
  });

  it('names a serial device; without parity a second stop bit takes its place', () => {
    const expected = {
      protocol: 'modbus-rtu',
      path: '/dev/ttyUSB0',
      baud: 19_200,
      parity: 'even',
      stopBits: 1,
      unit: 3,
    };
    assert.deepEqual(parsePlcUrl('modbus-rtu:/dev/ttyUSB0?baud=19200&unit=3'), expected);
    assert.deepEqual(parsePlcUrl('modbus-rtu:///dev/ttyUSB0?baud=19200&unit=3'), expected);
    assert.deepEqual(parsePlcUrl('modbus-rtu:COM3?parity=none'), {
      protocol: 'modbus-rtu',
      path: 'COM3',
      baud: 9600,
      parity: 'none',
      stopBits: 2,
      unit: 1,
    });
  });

  it('names an Omron PLC with both node numbers', () => {
    assert.deepEqual(parsePlcUrl('fins://192.168.1.2?node=2&client=10'), {
      protocol: 'fins',
      host: '192.168.1.2',
      port: 9600,
      node: 2,
      client: 10,
    });
  });

  it('is the same after it was written out', () => {
    for (const example of Object.values(plcUrlExamples)) {
      const endpoint = parsePlcUrl(example);
      assert.deepEqual(parsePlcUrl(formatPlcUrl(endpoint)), endpoint);
    }
    const ipv6 = parsePlcUrl('modbus-tcp://[::1]:5020');
    assert.deepEqual(parsePlcUrl(formatPlcUrl(ipv6)), ipv6);
  });

  it('is refused with the part at fault and an example', () => {
    assert.match(fault('http://plc'), /PLC_URL: "http:\/\/plc" does not begin with modbus-tcp:.*modbus-tcp:\/\/192/);
    assert.match(fault(''), /does not begin with/);
    assert.match(fault('modbus-tcp://'), /PLC_URL host: .*as in modbus-tcp:\/\//);
    assert.match(fault('modbus-tcp://plc:70000'), /PLC_URL port: 70000 is not from 1 to 65535/);
    assert.match(fault('modbus-tcp://plc?unit=256'), /PLC_URL unit: "256" is not a whole number from 0 to 255/);
    assert.match(fault('modbus-rtu:?baud=9600'), /PLC_URL path: /);
    assert.match(fault('modbus-rtu:/dev/ttyS0?baud=fast'), /PLC_URL baud: "fast"/);
    assert.match(fault('modbus-rtu:/dev/ttyS0?parity=mark'), /PLC_URL parity: "mark" is not one of even, odd, none/);
    assert.match(fault('modbus-rtu:/dev/ttyS0?unit=0'), /PLC_URL unit: "0" is not a whole number from 1 to 247/);
    assert.match(fault('fins://plc?node=300'), /PLC_URL node: "300".*as in fins:\/\//);
  });

  it('has no parameter that is silently ignored', () => {
    assert.match(fault('modbus-tcp://plc?Unit=2'), /PLC_URL Unit: is unknown; known are unit/);
  });
});
