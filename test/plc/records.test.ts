// The PLC's reports outside the batches: decoded with every doubt said, marked as read only while they show what was committed.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CentiKg, centiKg } from '../../nodes/core/mass.ts';
import original from '../../nodes/plc/maps/original.json' with { type: 'json' };
import { originalMemoryMap as map, parseMemoryMap, writableRanges } from '../../nodes/plc/memory-map.ts';
import type { RecordAcknowledged } from '../../nodes/plc/messages.ts';
import { decodeFailure, decodeWeighing, encodeFailure, encodeWeighing } from '../../nodes/plc/record-codec.ts';
import { type RecordMap, recordRange } from '../../nodes/plc/record-map.ts';
import { acknowledgeRecord, readRecords } from '../../nodes/plc/record-reader.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { FakePlcLink } from './support/fake-plc-link.ts';

const mapWith = (changes: object) => ({ ...structuredClone(original), ...changes });
const happenedAt = { year: 2026, month: 1, day: 5, hour: 6, minute: 59, second: 30 };
const failureWords = () => encodeFailure({ code: 'silo103', info: 'START_FAILURE', happenedAt }, 'first-char-high');
const weighingMap = map.records.weighing ?? assert.fail('the original has weighings');
const weighingWords = (massCentiKg = 2_550) =>
  encodeWeighing(
    { slot: 3, moName: 'WH/MO/00012', productId: 70_001, massCentiKg: centiKg(massCentiKg) },
    weighingMap,
    'high-first',
    'first-char-high',
  );
const weighingOf = (words: ArrayLike<number>) => decodeWeighing(words, weighingMap, 'high-first', 'first-char-high');

describe('the records of the original memory map', () => {
  it('lie in D8000 to D8022 and D9000 to D9013, and of them only the read flags are ours to write', () => {
    assert.deepEqual(recordRange(map.records, 'failure'), { address: 8000, count: 23 });
    assert.deepEqual(recordRange(map.records, 'weighing'), { address: 9000, count: 14 });
    const above = writableRanges(map).filter(({ address }) => address >= 8000);
    assert.deepEqual(above, [
      { address: 8022, count: 1 },
      { address: 9013, count: 1 },
    ]);
  });

  it('may have a product of one word, which ends the record at the 13th', () => {
    const { records } = parseMemoryMap(mapWith({ records: { weighing: { address: 9000, productWords: 1 } } }));
    assert.deepEqual(recordRange(records, 'weighing'), { address: 9000, count: 13 });
    assert.equal(recordRange(records, 'failure'), undefined);
  });

  it('are refused where they lie on words of the batches, or on each other', () => {
    const refused = (records: object, message: RegExp) =>
      assert.throws(() => parseMemoryMap(mapWith({ records })), message);
    refused({ failure: { address: 7070 } }, /records\.failure: overlaps the write area with its words D7070-D7092/);
    refused({ weighing: { address: 6970 } }, /records\.weighing.*read area/);
    refused({ failure: { address: 8000 }, weighing: { address: 8022 } }, /records\.weighing.*failure/);
    refused({ failure: { adress: 8000 } }, /records\.failure\.adress/);
  });
});

describe('a failure record', () => {
  const decode = (words: ArrayLike<number>) => decodeFailure(words, 'first-char-high');

  it('is as the PLC wrote it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-zA-Z0-9_]{1,16}$/),
        fc.stringMatching(/^FAIL[A-Z0-9_]{0,12}$/),
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31T23:59:59Z'), noInvalidDate: true }),
        (code, info, date) => {
          const time = {
            year: date.getUTCFullYear(),
            month: date.getUTCMonth() + 1,
            day: date.getUTCDate(),
            hour: date.getUTCHours(),
            minute: date.getUTCMinutes(),
            second: date.getUTCSeconds(),
          };
          const reading = decode(encodeFailure({ code, info, happenedAt: time }, 'first-char-high'));
          assert.ok(reading.state === 'new');
          assert.deepEqual([reading.code, reading.info, reading.happenedAt, reading.reasons], [code, info, time, []]);
        },
      ),
    );
  });

  it('has BCD digits for its time', () => {
    assert.deepEqual([...failureWords().slice(16, 22)], [0x2026, 0x01, 0x05, 0x06, 0x59, 0x30]);
  });

  it('says nothing where the info means that nothing failed, and is read behind a raised flag', () => {
    assert.equal(decode(new Uint16Array(23)).state, 'empty');
    for (const info of ['0', 'NONE', 'NO_FAILURE', 'NO ERROR', 'none']) {
      assert.equal(decode(encodeFailure({ code: 'silo103', info, happenedAt }, 'first-char-high')).state, 'empty');
    }
    const words = failureWords();
    words[22] = 1;
    assert.equal(decode(words).state, 'read');
  });

  it('keeps its raw words and every doubt where something can not be true, and invents no time', () => {
    const words = failureWords();
    words[0] = 0x0102;
    words[17] = 0x13;
    words[22] = 7;
    const reading = decode(words);
    assert.ok(reading.state === 'new');
    assert.deepEqual([reading.code, reading.happenedAt, reading.words], ['', null, [...words]]);
    assert.equal(reading.reasons.length, 3);
    for (const [offset, word] of [
      [16, 0x0026],
      [18, 0x31],
      [19, 0x24],
      [20, 0x5a],
    ] as const) {
      const wrong = failureWords();
      wrong[offset] = word;
      if (offset === 18) wrong[17] = 0x02;
      const { happenedAt: shown } = decode(wrong) as { happenedAt: unknown };
      assert.equal(shown, null, `word ${offset}`);
    }
  });

  it('never makes the decoder throw, whatever the words', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65_535), { minLength: 23, maxLength: 23 }), (words) => {
        const { state } = decode(words);
        assert.ok(['empty', 'read', 'new'].includes(state));
      }),
    );
  });
});

describe('a weighing record', () => {
  it('is as the PLC wrote it, in both lengths of the product and both word orders', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1 as const, 2 as const),
        fc.constantFrom('high-first' as const, 'low-first' as const),
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 1, max: 500_000 }),
        (productWords, order, productId, mass) => {
          const own = { ...weighingMap, productWords };
          const weighing = { slot: 2, moName: 'WH/MO/00001', productId, massCentiKg: mass as CentiKg };
          const reading = decodeWeighing(
            encodeWeighing(weighing, own, order, 'first-char-high'),
            own,
            order,
            'first-char-high',
          );
          assert.ok(reading.state === 'new');
          const { slot, moName, massCentiKg, reasons } = reading;
          assert.deepEqual({ slot, moName, productId: reading.productId, massCentiKg }, weighing);
          assert.deepEqual(reasons, []);
        },
      ),
    );
  });

  it('is none without order, product or mass, and in doubt above what a scale shows', () => {
    for (const offset of [1, 10, 12]) {
      const words = weighingWords();
      if (offset === 1) words.fill(0, 1, 9);
      else words.fill(0, offset - 1, offset + 1);
      assert.equal(weighingOf(words).state, 'empty', `word ${offset}`);
    }
    const heavy = weighingOf(weighingWords(500_001));
    assert.ok(heavy.state === 'new' && heavy.reasons.length === 1);
    const read = weighingWords();
    read[13] = 1;
    assert.equal(weighingOf(read).state, 'read');
  });
});

describe('reading the records', () => {
  let link: FakePlcLink;
  beforeEach(() => {
    link = new FakePlcLink();
    link.memory.set(failureWords(), 8000);
  });
  const read = (records: RecordMap = map.records) =>
    readRecords({ link, map: { ...map, records }, wordOrder: 'high-first', plcName: 'Mill', clock: new ManualClock() });
  const acknowledge = (watchOnly = false): Promise<RecordAcknowledged> =>
    acknowledgeRecord({
      link,
      map,
      watchOnly,
      command: { command: 'acknowledge', record: 'failure', id: 17, words: [...failureWords()] },
    });

  it('is one request for each record that the map has', async () => {
    const { failure, weighing } = await read();
    assert.deepEqual([failure?.state, weighing?.state], ['new', 'empty']);
    assert.deepEqual(
      link.requests.map(({ kind, address }) => [kind, address]),
      [
        ['read', 8000],
        ['read', 9000],
      ],
    );
    const none = await read({ failure: null, weighing: null });
    assert.deepEqual([none.failure, none.weighing], [null, null]);
    assert.equal(link.requests.length, 2);
  });

  it('raises the flag of a record that shows the committed words, and counts one that is up already', async () => {
    assert.deepEqual(await acknowledge(), { record: 'failure', id: 17, done: true, reason: null, watchOnly: false });
    assert.equal(link.memory[8022], 1);
    const before = link.writes.length;
    assert.equal((await acknowledge()).done, true);
    assert.equal(link.writes.length, before);
  });

  it('never raises the flag of a record that nobody has committed', async () => {
    link.memory[8001] = 0x4141;
    const { done, reason } = await acknowledge();
    assert.equal(done, false);
    assert.match(reason ?? '', /shows something else/);
    assert.equal(link.memory[8022], 0);
  });

  it('writes nothing while it only watches', async () => {
    assert.match((await acknowledge(true)).reason ?? '', /watch only/);
    assert.deepEqual(link.writes, []);
  });

  it('believes what it reads back, not the answer to its write', async () => {
    link.failure = { atRequest: 1, how: 'answer-lost', kind: 'timeout' };
    assert.equal((await acknowledge()).done, true);
    link.memory[8022] = 0;
    link.failure = { atRequest: link.requests.length + 1, how: 'lost', kind: 'timeout' };
    await assert.rejects(acknowledge(), /D8022/);
    assert.equal(link.memory[8022], 0);
  });
});
