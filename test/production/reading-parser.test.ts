// What the border of the intake makes of odd payloads and of times: a refusal that says why, or the right instant.
import assert from 'node:assert/strict';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { willText } from '../../nodes/production/machine-liveness.ts';
import { defaultParserSettings, isRefused, ReadingParser } from '../../nodes/production/reading-parser.ts';

const arrival = Date.parse('2026-03-04T05:06:07Z');

function parserOf(zone = 'Asia/Jakarta') {
  const parser = new ReadingParser({
    ...defaultParserSettings,
    plant: plantTimeOf(zone),
    topicFilters: ['plant/+/status'],
  });
  return (payload: string | object, arrivedMs = arrival) =>
    parser.parse(payload, { source: 'plant/M1/status', arrivedMs, retained: false, redelivered: false });
}

describe('a payload in a frame', () => {
  const text = '{"machine_status":"Running","cumulative_production":5}';

  for (const [name, framed] of [
    ['a byte order mark before it', `\uFEFF${text}`],
    ['a NUL behind it', `${text}\0`],
    ['a buffer of NULs and a line end behind it', `${text}\r\n\0\0\0\0`],
    ['both', `\uFEFF${text}\0`],
  ] as const) {
    it(`is read with ${name}`, () => {
      const reading = parserOf()(framed);
      assert.ok(!isRefused(reading), JSON.stringify(reading));
      assert.equal(reading.cumulativeProduction, 5);
    });
  }

  it('is no JSON with a NUL inside it', () => {
    const refused = parserOf()(text.replace(',', ',\0'));
    assert.equal(isRefused(refused) && refused.code, 'not-json');
  });

  it('is a last will, too', () => {
    assert.equal(willText('\uFEFFoffline\0'), false);
    assert.equal(willText('{"online":true}\0\0'), true);
  });
});

describe('a timestamp', () => {
  const at = (timestamp: unknown) => parserOf()({ cumulative_production: 5, timestamp });

  for (const timestamp of ['gestern', '2026-13-45T99:00:00', '2026-02-30T10:00:00Z', 'null', true, {}, [], -5]) {
    it(`${JSON.stringify(timestamp)} is no time: the message is refused with the reason`, () => {
      const refused = at(timestamp);
      assert.ok(isRefused(refused));
      assert.equal(refused.code, 'unreadable-timestamp');
      assert.ok(refused.message.includes(JSON.stringify(timestamp)), refused.message);
      assert.equal(refused.machine, 'M1');
    });
  }

  for (const timestamp of [undefined, null, '', 0, '1970-01-01T00:00:05Z', '2031-01-01T00:00:00Z'] as const) {
    it(`${JSON.stringify(timestamp)} is of a clock that nobody set: the arrival stands in for it`, () => {
      const reading = at(timestamp);
      assert.ok(!isRefused(reading));
      assert.deepEqual([reading.sourceMs, reading.clockTrusted], [arrival, false]);
    });
  }
});

describe('times without a zone in the hour that Berlin repeats', () => {
  /** Every ten minutes of the wall clock from 01:50, through both passes, to 03:10. */
  const walls = [
    ...['01:50:00', '02:00:00', '02:10:00', '02:20:00', '02:30:00', '02:40:00', '02:50:00'],
    ...['02:00:00', '02:10:00', '02:20:00', '02:30:00', '02:40:00', '02:50:00', '03:00:00', '03:10:00'],
  ];
  const start = Date.parse('2026-10-24T23:50:00Z');
  const instants = walls.map((_, index) => start + index * 600_000);
  const read = (given: readonly string[], arrivedAt: (index: number) => number) => {
    const parse = parserOf('Europe/Berlin');
    return given.map((wall, index) => {
      const reading = parse({ cumulative_production: 5, timestamp: `2026-10-25 ${wall}` }, arrivedAt(index));
      assert.ok(!isRefused(reading));
      return reading.sourceMs;
    });
  };

  it('are told apart by their order where they come as a backlog, hours or minutes later', () => {
    for (const later of ['2026-10-25T05:00:00Z', '2026-10-25T02:10:30Z', '2026-10-26T12:00:00Z'])
      assert.deepEqual(
        read(walls, () => Date.parse(later)),
        instants,
      );
  });

  it('are told apart where the backlog begins in the hour itself', () => {
    assert.deepEqual(
      read(walls.slice(1), () => Date.parse('2026-10-25T05:00:00Z')),
      instants.slice(1),
    );
  });

  it('are told apart by their arrival where they come at once', () => {
    assert.deepEqual(
      read(walls, (index) => (instants[index] ?? 0) + 800),
      instants,
    );
  });

  it('are of the second pass where a machine is heard again in it, and comes at once', () => {
    const heard = walls.flatMap((wall, index) =>
      index > 2 && index < 9 ? [] : [[wall, instants[index] ?? 0] as const],
    );
    assert.deepEqual(
      read(
        heard.map(([wall]) => wall),
        (index) => (heard[index]?.[1] ?? 0) + 500,
      ),
      heard.map(([, instant]) => instant),
    );
  });

  it('stay in their pass where two of a backlog have changed places', () => {
    const parse = parserOf('Europe/Berlin');
    const later = Date.parse('2026-10-25T05:00:00Z');
    const given = ['02:10:00', '02:10:30', '02:10:20', '02:10:40'];
    const read = given.map((wall) => {
      const reading = parse({ cumulative_production: 5, timestamp: `2026-10-25T${wall}` }, later);
      return isRefused(reading) ? reading.code : new Date(reading.sourceMs).toISOString().slice(11, 19);
    });
    assert.deepEqual(read, ['00:10:00', '00:10:30', '00:10:20', '00:10:40']);
  });

  it('are told apart for each machine by itself', () => {
    const parser = new ReadingParser({
      ...defaultParserSettings,
      plant: plantTimeOf('Europe/Berlin'),
      topicFilters: [],
    });
    const later = Date.parse('2026-10-25T05:00:00Z');
    const read = (machine: string, wall: string) => {
      const payload = { machine_id: machine, cumulative_production: 1, timestamp: `2026-10-25T${wall}` };
      const reading = parser.parse(payload, { source: 't', arrivedMs: later, retained: false, redelivered: false });
      return isRefused(reading) ? reading.code : new Date(reading.sourceMs).toISOString().slice(11, 16);
    };
    assert.deepEqual(
      [read('A', '02:50:00'), read('B', '02:50:00'), read('A', '02:05:00'), read('B', '02:55:00'), read('B', '02:00')],
      ['00:50', '00:50', '01:05', '00:55', '01:00'],
    );
  });
});
