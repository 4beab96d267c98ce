// One cycle over the read area, and the read flag of finished batches.
import assert from 'node:assert/strict';
import { acknowledge, readSnapshot } from '../../nodes/plc/batch-reader.ts';
import { encodeBatch } from '../../nodes/plc/block-codec.ts';
import { originalMemoryMap as map } from '../../nodes/plc/memory-map.ts';
import type { AcknowledgeResult } from '../../nodes/plc/messages.ts';
import { PlcLinkError } from '../../nodes/plc/plc-link.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { FakePlcLink } from './support/fake-plc-link.ts';
import { batchOf } from './support/queues.ts';

const finishedFlag = 72;
const readFlag = 76;

/** A PLC that shows batches 1 (finished), 2 (running) and nothing else. */
function plcWithTwoBatches(): FakePlcLink {
  const link = new FakePlcLink();
  link.memory.set(encodeBatch(map, 'high-first', batchOf(1)), 6000);
  link.memory.set(encodeBatch(map, 'high-first', batchOf(2)), 6100);
  link.memory[6000 + finishedFlag] = 1;
  return link;
}

function snapshotOf(link: FakePlcLink) {
  return readSnapshot({ link, map, wordOrder: 'high-first', plcName: 'Mill', clock: new ManualClock() });
}

describe('a read cycle', () => {
  it('is one request for each of the ten blocks and nothing else', async () => {
    const link = plcWithTwoBatches();
    const snapshot = await snapshotOf(link);
    assert.deepEqual(
      link.requests.map(({ kind, address }) => [kind, address]),
      [6000, 6100, 6200, 6300, 6400, 6500, 6600, 6700, 6800, 6900].map((address) => ['read', address]),
    );
    assert.equal(snapshot.plc, 'Mill');
    assert.equal(snapshot.readAt, '2026-01-05T00:00:00.000Z');
    assert.deepEqual(
      snapshot.blocks.map(({ state }) => state),
      ['plausible', 'plausible', ...Array(8).fill('empty')],
    );
  });

  it('hands all requests to the link before the first answer', async () => {
    let waiting = 0;
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const link = new FakePlcLink();
    const readWords = link.readWords.bind(link);
    link.readWords = async (address, count) => {
      waiting += 1;
      if (waiting === 10) release();
      await gate;
      return readWords(address, count);
    };
    assert.equal((await snapshotOf(link)).blocks.length, 10);
  });

  it('goes on when one block does not answer, and says which', async () => {
    const link = plcWithTwoBatches();
    link.deaf.add(6100);
    const { blocks } = await snapshotOf(link);
    assert.deepEqual(blocks[1], { slot: 2, address: 6100, state: 'unreadable', reasons: ['D6100: timeout.'] });
    assert.deepEqual([blocks[0]?.state, blocks[2]?.state], ['plausible', 'empty']);
  });

  it('fails with the link error when no block answers', async () => {
    const link = plcWithTwoBatches();
    link.failure = { atRequest: 0, how: 'lost', kind: 'disconnected', stays: true };
    await assert.rejects(
      snapshotOf(link),
      (error: unknown) => error instanceof PlcLinkError && error.kind === 'disconnected',
    );
  });

  it('does not call a defect of the program an unreadable block', async () => {
    const link = plcWithTwoBatches();
    link.between = () => {
      throw new TypeError('defect');
    };
    await assert.rejects(snapshotOf(link), TypeError);
  });
});

describe('acknowledging a finished batch', () => {
  const batch1 = { slot: 1, moName: 'WH/MO/00001' };
  const acknowledgeOn = (link: FakePlcLink, blocks = [batch1], watchOnly = false): Promise<AcknowledgeResult> =>
    acknowledge({ link, map, watchOnly, blocks });

  it('writes its read flag alone and reads it back', async () => {
    const link = plcWithTwoBatches();
    assert.deepEqual(await acknowledgeOn(link), { acknowledged: [batch1], refused: [], watchOnly: false });
    assert.deepEqual(
      link.requests.map(({ kind, address, words, priority }) => [kind, address, words, priority]),
      [
        ['read', 6000, [], 'command'],
        ['write', 6076, [1], 'command'],
        ['read', 6000, [], 'command'],
      ],
    );
  });

  it('again writes nothing', async () => {
    const link = plcWithTwoBatches();
    link.memory[6000 + readFlag] = 1;
    assert.deepEqual((await acknowledgeOn(link)).acknowledged, [batch1]);
    assert.deepEqual(link.writes, []);
  });

  it('is refused when the block shows another batch, an unfinished one, none, or nonsense', async () => {
    const link = plcWithTwoBatches();
    link.memory.fill(0x8080, 6301, 6309);
    const other = { slot: 1, moName: 'WH/MO/00009' };
    const result = await acknowledgeOn(link, [
      other,
      { slot: 2, moName: 'WH/MO/00002' },
      { slot: 3, moName: 'X' },
      { slot: 4, moName: 'X' },
      { slot: 11, moName: 'X' },
    ]);
    assert.deepEqual(
      result.refused.map(({ reason }) => reason),
      [
        'the block shows batch WH/MO/00001',
        'the finished flag is 0, not 1',
        'the block shows no batch',
        'the block shows an illegible name',
        '11 is not a slot from 1 to 10',
      ],
    );
    assert.deepEqual(link.writes, []);
  });

  it('works for a quarantined block whose name and finished flag are right', async () => {
    const link = plcWithTwoBatches();
    link.memory.fill(0xffff, 6028, 6030);
    assert.deepEqual((await acknowledgeOn(link)).acknowledged, [batch1]);
  });

  it('in watch-only mode writes nothing and says so', async () => {
    const link = plcWithTwoBatches();
    const result = await acknowledgeOn(link, [batch1], true);
    assert.equal(result.watchOnly, true);
    assert.deepEqual(result.acknowledged, []);
    assert.match(result.refused[0]?.reason ?? '', /watch only: the read flag D6076 was not written/);
    assert.deepEqual(link.writes, []);
  });

  it('counts when the answer was lost but the flag is up', async () => {
    const link = plcWithTwoBatches();
    link.failure = { atRequest: 1, how: 'answer-lost', kind: 'timeout' };
    assert.deepEqual((await acknowledgeOn(link)).acknowledged, [batch1]);
    assert.equal(link.writes.length, 1);
  });

  it('fails when the write was lost, and is never repeated by itself', async () => {
    const link = plcWithTwoBatches();
    link.failure = { atRequest: 1, how: 'lost', kind: 'timeout' };
    await assert.rejects(acknowledgeOn(link), PlcLinkError);
    assert.equal(link.writes.length, 1);
    link.failure = undefined;
    assert.deepEqual((await acknowledgeOn(link)).acknowledged, [batch1]);
  });

  it('counts when the PLC reused the block as soon as the flag was up', async () => {
    const link = plcWithTwoBatches();
    link.between = () => {
      if (link.memory[6076] === 1)
        link.memory.set(encodeBatch(map, 'high-first', batchOf(1, { moName: 'WH/MO/00050' })), 6000);
    };
    assert.deepEqual((await acknowledgeOn(link)).acknowledged, [batch1]);
  });

  it('is refused when the PLC does not keep the flag', async () => {
    const link = plcWithTwoBatches();
    link.between = () => link.memory.fill(0, 6076, 6077);
    assert.deepEqual((await acknowledgeOn(link)).refused, [
      { ...batch1, reason: 'the PLC did not keep the read flag: D6076 is 0' },
    ]);
  });

  it('of one block does not stop the others', async () => {
    const link = plcWithTwoBatches();
    link.memory[6100 + finishedFlag] = 1;
    link.deaf.add(6000);
    const result = await acknowledgeOn(link, [batch1, { slot: 2, moName: 'WH/MO/00002' }]);
    assert.deepEqual(result.refused, [{ ...batch1, reason: 'D6000: timeout.' }]);
    assert.deepEqual(result.acknowledged, [{ slot: 2, moName: 'WH/MO/00002' }]);
  });
});
