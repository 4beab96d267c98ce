// A queue over a real link to the simulated PLC, cut at every write: each batch is made exactly once.
import assert from 'node:assert/strict';
import { systemClock } from '../../nodes/core/clock.ts';
import { acknowledge, readSnapshot } from '../../nodes/plc/batch-reader.ts';
import { parseConnectionSettings } from '../../nodes/plc/link/connection-settings.ts';
import { openLink } from '../../nodes/plc/link/open-link.ts';
import type { ScheduledLink } from '../../nodes/plc/link/scheduled-link.ts';
import { originalMemoryMap as map } from '../../nodes/plc/memory-map.ts';
import type { PlcWriteResult } from '../../nodes/plc/messages.ts';
import { QueueWriteError } from '../../nodes/plc/queue-write-error.ts';
import { writeQueue } from '../../nodes/plc/queue-writer.ts';
import { PlcSimulator } from '../../nodes/plc/simulator/plc-simulator.ts';
import { queueOf } from './support/queues.ts';

const queue = queueOf([1, 2, 3]);
/** Raising the guard word at the first start, ten blocks, the guard word. */
const writesOfFirstStart = 12;

describe('a queue over Modbus TCP', () => {
  let simulator: PlcSimulator;
  const links: ScheduledLink[] = [];

  async function startPlc(): Promise<void> {
    simulator = new PlcSimulator({ scanIntervalMs: 2, mill: { secondsPerBatch: 0.01 } });
    await simulator.start();
  }

  function connect(): ScheduledLink {
    const properties = { name: 'Mill', url: `modbus-tcp://127.0.0.1:${simulator.port}?unit=1` };
    const settings = parseConnectionSettings(properties, { readFile: () => '', watchOnly: false });
    const link = openLink(settings, systemClock);
    links.push(link);
    link.start();
    return link;
  }

  const write = (link: ScheduledLink, firstStart = false): Promise<PlcWriteResult> =>
    writeQueue({ link, map, wordOrder: 'high-first', command: queue, watchOnly: false, firstStart });

  /** Resolves when the mill has made all it has and says what it delivered. */
  async function made(): Promise<string[]> {
    while (simulator.mill.deliveries.length < queue.batches.length || !simulator.mill.isIdle) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return simulator.mill.deliveries.map(({ moName, state }) => `${moName} ${state}`);
  }

  afterEach(async () => {
    for (const link of links.splice(0)) await link.close();
    await simulator.stop();
  });

  const once = queue.batches.map(({ moName }) => `${moName} finished`);

  it('is handed over, made, read back as delivered, and acknowledged', async () => {
    await startPlc();
    const link = connect();
    assert.equal((await write(link)).outcome, 'handed-over');
    assert.deepEqual(await made(), once);
    const snapshot = await readSnapshot({ link, map, wordOrder: 'high-first', plcName: 'Mill', clock: systemClock });
    const shown = snapshot.blocks.flatMap((block) => (block.state === 'plausible' ? [block.batch] : []));
    assert.deepEqual(
      shown.map(({ consumption, finishedWeightCentiKg }) => ({ consumption, finishedWeightCentiKg })),
      simulator.mill.deliveries.map(({ consumption, finishedWeightCentiKg }) => ({
        consumption,
        finishedWeightCentiKg,
      })),
    );
    const blocks = shown.map(({ slot, moName }) => ({ slot, moName }));
    assert.deepEqual((await acknowledge({ link, map, watchOnly: false, blocks })).acknowledged, blocks);
    assert.deepEqual(
      [simulator.memory.words[6076], simulator.memory.words[6176], simulator.memory.words[6276]],
      [1, 1, 1],
    );
  });

  for (let writes = 1; writes <= writesOfFirstStart; writes++) {
    it(`cut at write ${writes} of ${writesOfFirstStart} is completed by the next run, and made once`, async () => {
      await startPlc();
      simulator.memory.words[map.guardAddress] = 0;
      await simulator.server.inject({ kind: 'drop-in-queue-write', writes });
      await assert.rejects(write(connect(), true), QueueWriteError);
      if (writes < writesOfFirstStart) {
        assert.equal(simulator.memory.words[map.guardAddress], 1);
        assert.deepEqual(simulator.mill.deliveries, [], 'half a queue is never taken');
      }
      const { outcome } = await write(connect(), true);
      assert.equal(outcome, writes < writesOfFirstStart ? 'handed-over' : 'recognised');
      assert.deepEqual(await made(), once);
    });
  }
});
