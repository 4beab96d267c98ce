// What the doctor says about a PLC: which setting is right, and what to do when none is.
import assert from 'node:assert/strict';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { encodeBatch } from '../../nodes/plc/block-codec.ts';
import { diagnosePlc } from '../../nodes/plc/diagnose.ts';
import { originalMemoryMap as map, type WordOrder } from '../../nodes/plc/memory-map.ts';
import { FakePlcLink } from './support/fake-plc-link.ts';
import { batchOf } from './support/queues.ts';

/** A PLC whose batch in slot 2 lies `shift` words from where the map says. */
function plc(order: WordOrder = 'high-first', shift = 0): FakePlcLink {
  const link = new FakePlcLink();
  link.memory[7076] = 1;
  link.memory.set(encodeBatch(map, order, batchOf(2)), 6100 + shift);
  return link;
}

async function examine(link: FakePlcLink, wordOrder: WordOrder = 'high-first'): Promise<readonly Diagnosis[]> {
  const diagnoses = await diagnosePlc({ link, map, wordOrder });
  assert.deepEqual(link.writes, [], 'it changes nothing');
  for (const { check, verdict, advice } of diagnoses) assert.equal(advice === undefined, verdict === 'works', check);
  return diagnoses;
}

function lineOf(diagnoses: readonly Diagnosis[], check: RegExp): Diagnosis {
  const line = diagnoses.find((diagnosis) => check.test(diagnosis.check));
  assert(line, String(check));
  return line;
}

describe('the examination of a PLC', () => {
  it('finds that all works', async () => {
    const diagnoses = await examine(plc());
    assert.deepEqual(
      diagnoses.map(({ check, verdict }) => [check, verdict]),
      [
        ['PLC reachable', 'works'],
        ['guard word D7076', 'works'],
        ['write area D7000-D7976', 'works'],
        ['read area D6000-D6976', 'works'],
        ['one block decoded', 'works'],
      ],
    );
    assert.match(lineOf(diagnoses, /decoded/).found, /offset 0, high-first: batch WH\/MO\/00002, quantity 1000\.00 kg/);
  });

  for (const [shift, order, configured, advice] of [
    [0, 'low-first', 'high-first', /set its word order to low-first\.$/],
    [0, 'high-first', 'low-first', /set its word order to high-first\.$/],
    [1, 'high-first', 'high-first', /address offset by \+1\.$/],
    [-1, 'high-first', 'high-first', /address offset by -1\.$/],
    [1, 'low-first', 'high-first', /address offset by \+1 and set its word order to low-first\.$/],
  ] as const) {
    it(`tells the right setting when memory is ${order} at ${shift} and the connection ${configured}`, async () => {
      const line = lineOf(await examine(plc(order, shift), configured), /decoded/);
      assert.equal(line.verdict, 'fails');
      assert.match(line.advice ?? '', advice);
    });
  }

  it('cannot judge an empty read area', async () => {
    const link = new FakePlcLink();
    const line = lineOf(await examine(link), /decoded/);
    assert.equal(line.verdict, 'doubtful');
  });

  it('cannot judge a block that fits both word orders', async () => {
    const link = new FakePlcLink();
    link.memory.set(
      encodeBatch(map, 'high-first', { ...batchOf(1, { consumption: [] }), quantityCentiKg: 0 as never }),
      6000,
    );
    assert.equal(lineOf(await examine(link), /decoded/).verdict, 'doubtful');
  });

  it('says when no setting makes sense of the memory', async () => {
    const link = plc();
    link.memory.fill(0xbeef, 6000, 6977);
    const line = lineOf(await examine(link), /decoded/);
    assert.deepEqual([line.verdict, /No setting/.test(line.advice ?? '')], ['fails', true]);
  });

  it('names a guard word that is none', async () => {
    const link = plc();
    link.memory[7076] = 513;
    const line = lineOf(await examine(link), /guard/);
    assert.deepEqual([line.verdict, line.found], ['fails', '513']);
  });

  it('says only that, when the PLC is not reachable', async () => {
    const link = plc();
    link.failure = { atRequest: 0, how: 'lost', kind: 'disconnected', stays: true };
    const diagnoses = await examine(link);
    assert.deepEqual(
      diagnoses.map(({ check, verdict }) => [check, verdict]),
      [['PLC reachable', 'fails']],
    );
    assert.equal(link.requests.length, 3, 'a dead PLC is not asked twenty times');
  });

  it('tells refused addresses from a dead PLC', async () => {
    const link = plc();
    link.failure = { atRequest: 0, how: 'lost', kind: 'refused', stays: true };
    const diagnoses = await examine(link);
    assert.equal(lineOf(diagnoses, /reachable/).verdict, 'works');
    assert.match(lineOf(diagnoses, /read area/).advice ?? '', /address base, offset/);
  });

  it('names the first block of an area that cannot be read', async () => {
    const link = plc();
    link.failure = { atRequest: 13, how: 'lost', kind: 'refused' };
    const line = lineOf(await examine(link), /read area/);
    assert.match(line.found, /^9 of 10 blocks read; D6200-D6276: /);
  });
});
