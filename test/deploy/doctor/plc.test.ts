import assert from 'node:assert/strict';
import { variableReference } from '../../../deploy/doctor/deployed-nodes.ts';
import { freePort } from '../../../deploy/free-port.ts';
import { encodeBatch } from '../../../nodes/plc/block-codec.ts';
import { originalMemoryMap as map, type WordOrder } from '../../../nodes/plc/memory-map.ts';
import type { WordStore } from '../../../nodes/plc/simulator/modbus-answer.ts';
import { ModbusServer } from '../../../nodes/plc/simulator/modbus-server.ts';
import { PlcMemory } from '../../../nodes/plc/simulator/plc-memory.ts';
import { batchOf } from '../../plc/support/queues.ts';
import { Plant } from './support/visit.ts';

describe('the doctor at a PLC', () => {
  const plant = new Plant();
  const connection = (properties: object, index: number) => ({
    id: `c${index}`,
    type: 'plc-connection',
    ...properties,
  });

  /** A PLC that shows one batch from D6000 on, and everything that was ever written to it. */
  async function plcWithBatch(order: WordOrder = 'high-first', offset = 0) {
    const memory = new PlcMemory(new Uint16Array(10_000));
    memory.write(map.guardAddress + offset, Uint16Array.of(1));
    memory.write(6000 + offset, encodeBatch(map, order, batchOf(1)));
    const writes: number[] = [];
    const store: WordStore = {
      read: (address, count) => memory.read(address, count),
      write: (address, words) => {
        writes.push(address);
        return memory.write(address, words);
      },
    };
    const server = new ModbusServer(store);
    plant.whenOver(() => server.stop());
    return { url: `modbus-tcp://127.0.0.1:${await server.start()}?unit=1`, memory, writes, server };
  }

  it('shows the guard word and one block decoded, and leaves its memory and its line alone', async () => {
    const plc = await plcWithBatch();
    const before = plc.memory.words.slice();
    const { healthy, text } = await plant.visit({ PLC_URL: plc.url });
    assert.ok(text.includes(`PLC: ${plc.url}\n`), text);
    assert.match(text, /works +PLC reachable/);
    assert.match(text, /works +guard word D7076/);
    assert.match(text, /WH\/MO\/00001/);
    assert.equal(healthy, true);
    assert.deepEqual(plc.memory.words, before);
    assert.deepEqual(plc.writes, []);
    // The server learns a moment later that the line is free again; without that the test runs out of time.
    while (plc.server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('says which word order makes sense of what it sees', async () => {
    const plc = await plcWithBatch('low-first');
    const wrong = await plant.visit({ PLC_URL: plc.url, PLC_WORD_ORDER: 'high-first' });
    assert.match(wrong.text, /set its word order to low-first/);
    assert.equal(wrong.healthy, false);
    const right = await plant.visit({ PLC_URL: plc.url, PLC_WORD_ORDER: 'low-first' });
    assert.equal(right.healthy, true, right.text);
  });

  it('uses the settings that its connection was given in the editor', async () => {
    const plc = await plcWithBatch('high-first', 100);
    plant.deploy([{ name: 'north line', url: variableReference('PLC_URL'), addressOffset: '100' }].map(connection));
    const { healthy, text } = await plant.visit({ PLC_URL: plc.url });
    assert.match(text, /^PLC \(north line\): modbus-tcp/m);
    assert.equal(healthy, true, text);
  });

  it('examines every PLC that the flows connect to, and takes a variable that nobody set for the stand-in', async () => {
    const plc = await plcWithBatch();
    plant.deploy(
      [
        { name: 'north', url: variableReference('PLC_URL') },
        { name: 'south', url: plc.url },
      ].map(connection),
    );
    const { healthy, text } = await plant.visit();
    assert.match(text, /^PLC \(north\): not configured$/m);
    assert.match(text, /^PLC \(south\): modbus-tcp/m);
    assert.equal(healthy, true, text);
  });

  it('names the setting that a connection can not work with', async () => {
    plant.deploy([{ name: 'north', url: 'modbus-tcp://127.0.0.1:1?unit=1', wordsPerRequest: '10' }].map(connection));
    const { healthy, text } = await plant.visit();
    assert.match(text, /fails +settings +wordsPerRequest: 10 is less than the 77 words of a block/);
    assert.equal(healthy, false);
  });

  it('says when nobody is there', async () => {
    const { healthy, text } = await plant.visit({ PLC_URL: `modbus-tcp://127.0.0.1:${await freePort()}?unit=1` });
    assert.match(text, /fails +PLC reachable +No connection to the PLC: connect ECONNREFUSED/);
    assert.match(text, /-> Check address, port, unit number and cable/);
    assert.equal(healthy, false);
  });
});
