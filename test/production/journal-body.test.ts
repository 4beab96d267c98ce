// What a row of the journal says: the readings come back as they were, also from rows of an earlier state.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Arrival, packArrivals, unpackArrivals } from '../../nodes/production/journal-body.ts';
import { machineStates } from '../../nodes/production/messages.ts';
import { reading } from './tracker-world.ts';

const rate = fc.option(fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0));
const pieces = fc.option(fc.integer({ min: 0, max: 1e12 }));
const words = fc.option(fc.string({ minLength: 1, unit: 'binary' }));
const instant = fc.integer({ min: 0, max: 4e12 });

const anyReading = fc.record(
  {
    // Few names, so that most come again; any of them may look like a number or a list.
    machine: fc.constantFrom('M1', 'M2', '17', '[1]', 'null'),
    state: fc.option(fc.constantFrom(...machineStates)),
    performanceRate: rate,
    qualityRate: rate,
    availabilityRate: rate,
    cumulativeProduction: pieces,
    cumulativeDefects: pieces,
    intervalProduction: pieces,
    intervalDefects: pieces,
    pulses: pieces,
    sourceMs: instant,
    clockTrusted: fc.boolean(),
    arrivedMs: instant,
    sequence: pieces,
    messageId: words,
    order: words,
    errorMessage: words,
    failureReason: words,
    isCritical: fc.option(fc.boolean()),
    retained: fc.boolean(),
    redelivered: fc.boolean(),
    raw: fc.string(),
  },
  { noNullPrototype: true },
);
const anyRefusal = fc.record(
  {
    source: fc.string(),
    code: fc.string(),
    message: fc.string(),
    raw: fc.string(),
    arrivedMs: instant,
    machine: fc.option(fc.string()),
    replayOf: fc.constant(null),
  },
  { noNullPrototype: true },
);
const anyArrival: fc.Arbitrary<Arrival> = fc.record(
  {
    readings: fc.array(anyReading),
    refused: fc.array(anyRefusal, { maxLength: 3 }),
    replayOf: fc.option(fc.integer({ min: 1 })),
  },
  { noNullPrototype: true },
);

describe('a row of the journal', () => {
  it('gives every reading back as it was', () => {
    fc.assert(
      fc.property(fc.array(anyArrival, { maxLength: 4 }), fc.boolean(), (arrivals, keepsRaw) => {
        const expected = arrivals.map((arrival) => ({
          ...arrival,
          readings: arrival.readings.map((one) => ({
            ...one,
            raw: keepsRaw || arrival.replayOf !== null ? one.raw : '',
          })),
        }));
        assert.deepEqual(unpackArrivals(packArrivals(arrivals, keepsRaw)), expected);
      }),
    );
  });

  it('gives the same, whatever the order in which readings of the same machines lie', () => {
    const readings = ['11:00', '11:01', '11:02'].map((at, index) => reading(at, index * 10, { raw: '' }));
    for (const same of [readings, readings.slice(0, 1), [], readings.toReversed()]) {
      const [arrival] = unpackArrivals(packArrivals([{ readings: same, refused: [], replayOf: null }], false));
      assert.deepEqual(
        arrival?.readings,
        same.map((one) => ({ ...one, redelivered: false })),
      );
    }
  });

  it('says what all readings have in common once', () => {
    const readings = Array.from({ length: 500 }, (_, n) => reading('11:00', 1_000, { machine: `M${n % 3}` }));
    assert.ok(packArrivals([{ readings, refused: [], replayOf: null }], false).length < 500 * 3);
  });

  it('is read also as an earlier state wrote it', () => {
    const at = Date.parse('2026-01-05T04:00:00Z');
    const body = JSON.stringify([
      [
        [
          ['M1', 0, at, 250, 1, 120, 3, null, null, 81.5, 96, null],
          ['M2', -1, at, 0, 6, null, null, 5, 1, null, null, null, 7, null, 'id-7', 'WO-1', null, null, 1, '{"a":1}'],
        ],
        [{ source: 's', code: 'not-json', message: 'm', raw: 'x', arrivedMs: at, machine: null, replayOf: null }],
        null,
      ],
    ]);
    const [arrival] = unpackArrivals(body);
    assert.deepEqual(arrival?.readings, [
      reading('11:00', 120, {
        state: machineStates[0] ?? null,
        cumulativeDefects: 3,
        performanceRate: 81.5,
        qualityRate: 96,
        arrivedMs: at + 250,
        redelivered: false,
        raw: '',
      }),
      reading('11:00', null, {
        machine: 'M2',
        state: null,
        intervalProduction: 5,
        intervalDefects: 1,
        clockTrusted: false,
        sequence: 7,
        messageId: 'id-7',
        order: 'WO-1',
        isCritical: true,
        retained: true,
        redelivered: true,
        raw: '{"a":1}',
      }),
    ]);
    assert.equal(arrival?.refused.length, 1);
    assert.throws(() => unpackArrivals('no body'), SyntaxError);
  });
});
