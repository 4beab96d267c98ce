// What the intake refuses of a broker's messages before anything of them is kept: too long, no text, no machine.
import assert from 'node:assert/strict';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import type { ArrivedMessage } from '../../nodes/production/intake-link.ts';
import { parseIntakeSettings } from '../../nodes/production/intake-settings.ts';
import { type LinkChange, MachineLiveness } from '../../nodes/production/machine-liveness.ts';
import type { ReadingBatch } from '../../nodes/production/messages.ts';
import { defaultParserSettings, longestPayload, ReadingParser } from '../../nodes/production/reading-parser.ts';
import { StatusIntake } from '../../nodes/production/status-intake.ts';
import { ManualClock } from '../support/manual-clock.ts';

const longName = 'm'.repeat(65);

describe('the intake of status messages', () => {
  let intake: StatusIntake;
  let batches: ReadingBatch[];
  let changes: LinkChange[];
  let deferred: (() => void)[];
  beforeEach(() => {
    batches = [];
    changes = [];
    deferred = [];
    intake = new StatusIntake({
      parser: new ReadingParser({
        ...defaultParserSettings,
        plant: plantTimeOf('Asia/Jakarta'),
        topicFilters: ['plant/+/status'],
      }),
      liveness: new MachineLiveness(60_000),
      willTopics: ['plant/+/will'],
      clock: new ManualClock(),
      defer: (work) => deferred.push(work),
      awaitsCommit: false,
      send: (batch) => batches.push(batch),
      onChange: (change) => changes.push(change),
      acknowledge: () => {},
      redeliver: () => {},
    });
  });
  const batchOf = (): ReadingBatch => {
    for (let work = deferred.shift(); work; work = deferred.shift()) work();
    return batches.at(-1) ?? assert.fail('nothing was sent');
  };
  const refusedBy = (message: Partial<ArrivedMessage>) => {
    intake.arrived({
      topic: 'plant/M1/status',
      text: '{}',
      isUtf8: true,
      retain: false,
      dup: false,
      ticket: null,
      ...message,
    });
    const { readings, refused } = batchOf();
    assert.deepEqual(readings, []);
    return refused.map(({ code, machine }) => ({ code, machine }));
  };

  it('refuses by its length what the link let pass by', () => {
    assert.deepEqual(refusedBy({ text: '{"machine_id":', fullBytes: 5_000_000 }), [
      { code: 'too-long', machine: null },
    ]);
  });

  it('refuses a long buffer of the flow without reading it', () => {
    intake.given(Buffer.alloc(4 * longestPayload + 1, 0x20), 'plant/M1/status', () => {});
    assert.deepEqual(
      batchOf().refused.map(({ code, raw }) => [code, raw.length]),
      [['too-long', 1_000]],
    );
  });

  it('takes no name of more than 64 characters from a topic', () => {
    const wrong = [{ code: 'wrong-topic', machine: null }];
    assert.deepEqual(refusedBy({ topic: `plant/${longName}/status`, text: '{"machine_status":"Running"}' }), wrong);
    const named = '{"machine_id":"M1","machine_status":"Running"}';
    assert.deepEqual(refusedBy({ topic: `plant/${longName}/status`, text: named }), wrong);
  });

  it('watches no machine with such a name for its last will', () => {
    const wrong = [{ code: 'wrong-topic', machine: null }];
    assert.deepEqual(refusedBy({ topic: `plant/${longName}/will`, text: 'offline' }), wrong);
    assert.deepEqual(refusedBy({ topic: 'plant//will', text: 'offline' }), wrong);
    assert.deepEqual(changes, []);
  });
});

describe('the largest message of machine-status-in', () => {
  const bytesFor = (maxMessageKib?: string) =>
    parseIntakeSettings(
      { url: 'mqtt://broker:1883', clientId: 'intake', ...(maxMessageKib !== undefined && { maxMessageKib }) },
      {},
      {},
    ).link?.maxMessageBytes;

  it('is 256 KiB where nobody set it', () => {
    assert.equal(bytesFor(), 262_144);
    assert.equal(bytesFor(''), 262_144);
    assert.equal(bytesFor('4'), 4_096);
  });

  it('is refused outside of 1 to 65536 KiB', () => {
    for (const wrong of ['0', '65537', 'much']) assert.throws(() => bytesFor(wrong), /maxMessageKib/);
  });
});

describe('a machine of which nothing is heard', () => {
  it('is offline after the limit, whatever the clock was when it was heard last', () => {
    const minute = 60_000;
    for (const aheadMs of [0, 7 * 60 * minute, 30 * 24 * 60 * minute]) {
      const liveness = new MachineLiveness(minute);
      liveness.heard('M1', aheadMs);
      assert.deepEqual(liveness.sweep(10_000), []);
      assert.deepEqual(
        liveness.sweep(10_000 + minute + 1).map(({ machine, state, reason }) => [machine, state, reason]),
        [['M1', 'offline', 'silence']],
      );
    }
  });
});
