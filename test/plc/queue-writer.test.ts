// The queue hand-over: nothing half, nothing twice, wherever it is cut.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { encodeBatch } from '../../nodes/plc/block-codec.ts';
import original from '../../nodes/plc/maps/original.json' with { type: 'json' };
import { originalMemoryMap as map, parseMemoryMap, slotsOf, writeBlockAddress } from '../../nodes/plc/memory-map.ts';
import type { PlcWriteCommand, PlcWriteResult } from '../../nodes/plc/messages.ts';
import { PlcLinkError } from '../../nodes/plc/plc-link.ts';
import { QueueWriteError } from '../../nodes/plc/queue-write-error.ts';
import { writeQueue } from '../../nodes/plc/queue-writer.ts';
import { FeedMill } from '../../nodes/plc/simulator/feed-mill.ts';
import { PlcMemory } from '../../nodes/plc/simulator/plc-memory.ts';
import { FakePlcLink, type PlannedFailure } from './support/fake-plc-link.ts';
import { batchOf, queueOf } from './support/queues.ts';

const guard = 7076;
const queue = queueOf([1, 2, 3]);

function write(link: FakePlcLink, command: PlcWriteCommand = queue, watchOnly = false): Promise<PlcWriteResult> {
  return writeQueue({ link, map, wordOrder: 'high-first', command, watchOnly });
}

/** As after a person has said that this PLC never took a queue. */
function writeFirst(link: FakePlcLink): Promise<PlcWriteResult> {
  return writeQueue({ link, map, wordOrder: 'high-first', command: queue, watchOnly: false, firstStart: true });
}

/** A PLC that has made an older, longer queue and waits for the next one. */
function readyPlc(): FakePlcLink {
  const link = new FakePlcLink();
  for (const slot of slotsOf(map)) {
    const block = encodeBatch(map, 'high-first', batchOf(slot, { moName: `OLD/${slot}` }));
    link.memory.set(block, 7000 + 100 * (slot - 1));
    link.memory.set(block, 6000 + 100 * (slot - 1));
    link.memory.fill(1, 6000 + 100 * (slot - 1) + 72, 6000 + 100 * (slot - 1) + 73);
  }
  link.memory[guard] = 1;
  return link;
}

/** What the write area must hold in the end: the queue's blocks, zeros in all other slots. */
function assertHolds(memory: Uint16Array, command: PlcWriteCommand): void {
  for (const slot of slotsOf(map)) {
    const batch = command.batches.find((candidate) => candidate.slot === slot);
    const expected = batch ? encodeBatch(map, 'high-first', batch) : new Uint16Array(77);
    const base = writeBlockAddress(map, slot);
    const found = memory.slice(base, base + 77);
    if (slot === 1) found[76] = 0;
    assert.deepEqual([...found], [...expected], `slot ${slot}`);
  }
}

describe('a queue for a PLC that waits for one', () => {
  it('is written, old batches cleared, and the guard word set to 0', async () => {
    const link = readyPlc();
    assert.deepEqual(await write(link), {
      queueId: 'queue-1',
      outcome: 'handed-over',
      slots: queue.batches.map(({ slot, moName }) => ({ slot, moName })),
    });
    assertHolds(link.memory, queue);
    assert.equal(link.memory[guard], 0);
  });

  it('is written with the guard word last and alone, after every block was read back', async () => {
    const link = readyPlc();
    await write(link);
    const touchesGuard = link.writes.filter(({ address, words }) => address <= guard && address + words.length > guard);
    assert.deepEqual(
      touchesGuard.map(({ address, words }) => [address, words]),
      [[guard, [0]]],
    );
    const last = link.requests.findLastIndex(({ kind }) => kind === 'write');
    const before = link.requests.slice(0, last);
    const lastBlockWrite = before.findLastIndex(({ kind }) => kind === 'write');
    for (const slot of slotsOf(map)) {
      const readBack = before.findIndex(
        ({ kind, address }, index) =>
          index > lastBlockWrite && kind === 'read' && address === writeBlockAddress(map, slot),
      );
      assert.notEqual(readBack, -1, `slot ${slot} was read back`);
    }
    assert(link.requests.every(({ priority }) => priority === 'command'));
    assert(link.writes.every(({ words }) => words.length <= 123));
  });

  it('touches no word outside the write area', async () => {
    const link = readyPlc();
    const before = link.memory.slice();
    await write(link);
    link.memory.forEach((word, address) => {
      const offset = (address - 7000) % 100;
      const isWriteBlock = address >= 7000 && address < 8000 && offset < 77;
      if (!isWriteBlock) assert.equal(word, before[address], `D${address}`);
    });
  });

  it('may be taken by the PLC at once', async () => {
    const link = readyPlc();
    link.between = () => {
      if (link.memory[guard] === 0) link.memory[guard] = 1;
    };
    assert.equal((await write(link)).outcome, 'handed-over');
  });

  it('is not handed over when the PLC holds another word, and says which', async () => {
    const link = readyPlc();
    link.between = () => link.memory.fill(9, 7128, 7129);
    await assert.rejects(write(link), (error: unknown) => {
      assert(error instanceof QueueWriteError);
      assert.deepEqual(
        [error.code, error.slot, error.address, error.expected, error.found],
        ['plc-queue-verify', 2, 7128, 0, 9],
      );
      return true;
    });
    assert.equal(link.memory[guard], 1);
  });

  it('is not handed over when something else lowered the guard word meanwhile', async () => {
    const link = readyPlc();
    link.between = () => {
      if (link.writes.length === 5) link.memory[guard] = 0;
    };
    await assert.rejects(
      write(link),
      (error: unknown) => error instanceof QueueWriteError && error.code === 'plc-queue-guard',
    );
    assert.equal(link.writes.filter(({ address }) => address === guard).length, 0);
  });

  it('waits for its turn when another queue is being written over the same link', async () => {
    const link = readyPlc();
    const [first, second] = await Promise.all([write(link), write(link, queueOf([4, 5], 'queue-2'))]);
    assert.deepEqual([first?.outcome, second?.outcome], ['handed-over', 'busy']);
    assertHolds(link.memory, queue);
  });
});

describe('a queue is refused before anything is read or written', () => {
  const refused = async (command: PlcWriteCommand, field: RegExp): Promise<void> => {
    const link = readyPlc();
    await assert.rejects(write(link, command), (error: unknown) => {
      assert(error instanceof InvalidInput);
      assert(
        error.fields.some((fault) => field.test(`${fault.field}: ${fault.message}`)),
        error.message,
      );
      return true;
    });
    assert.equal(link.requests.length, 0);
  };

  it('without batches', () => refused({ ...queue, batches: [] }, /^batches: /));
  it('with a slot twice', () =>
    refused({ ...queue, batches: [batchOf(1), batchOf(1, { moName: 'B' })] }, /^batches\[1\]\.slot: /));
  it('with a name twice', () =>
    refused({ ...queue, batches: [batchOf(1), { ...batchOf(1), slot: 2 }] }, /^batches\[1\]\.moName: /));
  it('with an eleventh slot', () => refused(queueOf([11]), /^batches\[0\]\.slot: /));
  it('with a name that does not fit', () =>
    refused({ ...queue, batches: [batchOf(1, { moName: 'WH/MO/00001-BACKORDER' })] }, /moName: .*21 characters.*16/));
});

describe('a PLC that has not taken the last queue', () => {
  it('is busy, and nothing is written', async () => {
    const link = readyPlc();
    link.memory[guard] = 0;
    assert.equal((await write(link)).outcome, 'busy');
    assert.deepEqual(link.writes, []);
  });

  it('at its first start is left alone until a person has said that it is one', async () => {
    const link = new FakePlcLink();
    const slots = queue.batches.map(({ slot, moName }) => ({ slot, moName }));
    assert.deepEqual(await write(link), { queueId: 'queue-1', outcome: 'first-start', slots, guardAddress: guard });
    assert.deepEqual(link.writes, []);
  });

  it('that shows an order is not at its first start, whatever a person said', async () => {
    const link = new FakePlcLink();
    link.memory.set(encodeBatch(map, 'high-first', batchOf(3, { moName: 'OLD/3' })), 6200);
    assert.equal((await writeFirst(link)).outcome, 'busy');
    assert.deepEqual(link.writes, []);
  });

  it('at its first start gets the guard word raised before the first block', async () => {
    const link = new FakePlcLink();
    assert.equal((await writeFirst(link)).outcome, 'handed-over');
    assert.deepEqual([link.writes[0]?.address, link.writes[0]?.words], [guard, [1]]);
    assertHolds(link.memory, queue);
    assert.equal(link.memory[guard], 0);
  });

  it('with empty slots but a read flag set is busy, not at its first start', async () => {
    const link = new FakePlcLink();
    link.memory[6376] = 1;
    assert.equal((await write(link)).outcome, 'busy');
    assert.deepEqual(link.writes, []);
  });

  it('with a guard word other than 0 or 1 is left alone', async () => {
    const link = readyPlc();
    link.memory[guard] = 77;
    await assert.rejects(write(link), (error: unknown) => {
      assert(error instanceof QueueWriteError);
      assert.deepEqual([error.code, error.address, error.found], ['plc-queue-guard', guard, 77]);
      return true;
    });
    assert.deepEqual(link.writes, []);
  });
});

describe('a queue that the PLC already has', () => {
  it('is recognised while it waits, whatever the status words say', async () => {
    const link = readyPlc();
    await write(link);
    link.memory[7072] = 1;
    const written = link.writes.length;
    assert.equal((await write(link)).outcome, 'recognised');
    assert.equal(link.writes.length, written);
  });

  it('is recognised after the PLC accepted it', async () => {
    const link = readyPlc();
    await write(link);
    link.memory.copyWithin(6000, 7000, 8000);
    link.memory[guard] = 1;
    const written = link.writes.length;
    assert.equal((await write(link)).outcome, 'recognised');
    assert.equal(link.writes.length, written);
  });

  it('is recognised when the PLC accepts it between two of our reads', async () => {
    for (let moment = 0; moment < 25; moment++) {
      const link = readyPlc();
      await write(link);
      link.requests.length = 0;
      link.between = () => {
        if (link.requests.length !== moment) return;
        link.memory.copyWithin(6000, 7000, 8000);
        link.memory[guard] = 1;
      };
      assert.equal((await write(link)).outcome, 'recognised', `accepted before request ${moment}`);
      assert.deepEqual(link.writes, []);
    }
  });

  it('in another slot is neither recognised nor written', async () => {
    const link = readyPlc();
    link.memory.set(encodeBatch(map, 'high-first', batchOf(7, { moName: 'WH/MO/00002' })), 6600);
    await assert.rejects(
      write(link),
      (error: unknown) => error instanceof QueueWriteError && error.code === 'plc-queue-slot',
    );
    assert.deepEqual(link.writes, []);
  });

  it('cannot be ruled out while none of its names is legible', async () => {
    const link = readyPlc();
    for (const base of [6000, 6100, 6200]) link.memory.fill(0x8080, base, base + 77);
    await assert.rejects(
      write(link),
      (error: unknown) => error instanceof QueueWriteError && error.code === 'plc-queue-unclear',
    );
    assert.deepEqual(link.writes, []);
    link.memory.set(encodeBatch(map, 'high-first', batchOf(2, { moName: 'OLD/2' })), 6100);
    assert.equal((await write(link)).outcome, 'handed-over', 'one garbled slot does not stop the plant');
  });
});

describe('in watch-only mode', () => {
  it('nothing is asked or written, and every planned write is shown, the guard word last', async () => {
    const link = readyPlc();
    const result = await write(link, queue, true);
    assert.equal(result.outcome, 'watch-only');
    assert.equal(link.requests.length, 0);
    for (const { address, words } of result.wouldWrite ?? []) link.memory.set(words, address);
    assertHolds(link.memory, queue);
    assert.deepEqual(result.wouldWrite?.at(-1), { address: guard, words: [0] });
  });
});

describe('a queue hand-over that is cut', () => {
  const worlds = [
    { name: 'on a PLC that waits', build: readyPlc, isFirstStart: false },
    { name: 'at the first start', build: () => new FakePlcLink(), isFirstStart: true },
  ];
  const cuts: readonly Omit<PlannedFailure, 'atRequest'>[] = [
    { how: 'lost', kind: 'timeout' },
    { how: 'answer-lost', kind: 'timeout' },
    { how: 'lost', kind: 'disconnected', stays: true },
    { how: 'answer-lost', kind: 'disconnected', stays: true },
    { how: 'lost', kind: 'refused' },
  ];
  for (const { name, build, isFirstStart } of worlds) {
    for (const cut of cuts) {
      it(`${name}, ${cut.how} by ${cut.kind}${cut.stays ? ' for good' : ''}, at any request: guard untouched, next run completes`, async () => {
        const whole = build();
        await writeFirst(whole);
        const requests = whole.requests.length;
        assert(requests > 40);
        for (let atRequest = 0; atRequest < requests; atRequest++) {
          const link = build();
          link.failure = { ...cut, atRequest };
          const guardBefore = link.memory[guard];
          const error: unknown = await writeFirst(link).then(
            () => assert.fail(`request ${atRequest} was not cut`),
            (thrown: unknown) => thrown,
          );
          assert(error instanceof QueueWriteError || error instanceof PlcLinkError, String(error));
          const cutRequest = link.requests[atRequest];
          const wasLastWrite =
            cutRequest?.kind === 'write' && cutRequest.address === guard && cutRequest.words[0] === 0;
          const isHandedOver = (wasLastWrite && cut.how === 'answer-lost') || atRequest === requests - 1;
          // At first start the guard word is raised to claim the write area before anything else is written.
          const isLostWrite = cutRequest?.kind === 'write' && cut.how === 'lost';
          const claimed = isFirstStart && link.writes.length > (isLostWrite ? 1 : 0);
          assert.equal(
            link.memory[guard],
            isHandedOver ? 0 : claimed ? 1 : guardBefore,
            `guard after request ${atRequest}`,
          );
          if (error instanceof PlcLinkError)
            assert.deepEqual(link.writes, [], 'a plain link error means nothing written');

          link.failure = undefined;
          const rerun = await writeFirst(link);
          assert.equal(rerun.outcome, isHandedOver ? 'recognised' : 'handed-over', `rerun after request ${atRequest}`);
          assertHolds(link.memory, queue);
          assert.equal(link.memory[guard], 0);
        }
      });
    }
  }

  it('beside a PLC that takes queues as it likes: every batch is made exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            atRequest: fc.nat(70),
            how: fc.constantFrom('lost' as const, 'answer-lost' as const),
            stays: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (failures, requestsPerScan, isFirstStart) => {
          const link = new FakePlcLink();
          if (!isFirstStart) link.memory[guard] = 1;
          const memory = new PlcMemory(link.memory);
          const mill = new FeedMill({
            memory,
            map,
            wordOrder: 'high-first',
            seed: 1,
            settings: { secondsPerBatch: 1 },
          });
          let requests = 0;
          link.between = () => {
            requests += 1;
            if (requests % requestsPerScan === 0) mill.scan(requests * 100);
          };
          for (const failure of failures) {
            link.requests.length = 0;
            link.failure = { ...failure, kind: 'timeout' };
            await writeFirst(link).catch((error: unknown) =>
              assert(error instanceof QueueWriteError || error instanceof PlcLinkError, String(error)),
            );
          }
          link.failure = undefined;
          assert.match((await writeFirst(link)).outcome, /handed-over|recognised/);
          for (let scan = 1; scan <= 20; scan++) mill.scan(1e6 + scan * 1000);
          assert.deepEqual(
            mill.deliveries.map(({ moName, state }) => [moName, state]),
            queue.batches.map(({ moName }) => [moName, 'finished']),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('on the map of another plant', () => {
  it('a guard word outside the blocks and blocks of 125 words are honoured', async () => {
    const other = parseMemoryMap({
      ...original,
      slotCount: 3,
      stride: 130,
      blockWords: 125,
      writeBase: 1000,
      readBase: 2000,
      guardAddress: 900,
    });
    const link = new FakePlcLink();
    link.memory[900] = 1;
    const result = await writeQueue({
      link,
      map: other,
      wordOrder: 'low-first',
      command: queueOf([2]),
      watchOnly: false,
    });
    assert.equal(result.outcome, 'handed-over');
    assert.deepEqual([...link.memory.subarray(1130, 1255)], [...encodeBatch(other, 'low-first', batchOf(2))]);
    assert.equal(link.memory[900], 0);
    assert(link.writes.every(({ words }) => words.length <= 123));
  });
});
