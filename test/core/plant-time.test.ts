// The plant's wall clock against the runtime's own calendar, through DST, skipped days and half-hour changes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseInstant, plantTimeOf } from '../../nodes/core/plant-time.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const zones = [
  'Asia/Jakarta',
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Pacific/Apia',
  'Antarctica/Troll',
];

/** `YYYY-MM-DD HH:MM:SS` by the runtime's formatter: an independent reading of the same zone. */
function shown(zone: string, instantMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(instantMs);
}

const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2049, 11, 31) });

describe('the wall clock of a plant', () => {
  it('shows what the zone shows, at any instant', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, instantMs) => {
        const { year, month, day, hour, minute, second } = plantTimeOf(zone).wallTime(instantMs);
        const two = (value: number) => String(value).padStart(2, '0');
        assert.equal(
          `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`,
          shown(zone, instantMs),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the instant of what it shows, the first or the second of a repeated hour', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, instantMs) => {
        const plant = plantTimeOf(zone);
        const wall = plant.wallTime(instantMs);
        const earlier = plant.instantMs(wall);
        const later = plant.instantMs(wall, 'later');
        assert.ok(earlier <= instantMs && instantMs <= later);
        assert.ok(earlier === instantMs || later === instantMs);
      }),
      { numRuns: 2000 },
    );
  });

  it('reaches a plan of the wall clock at the first instant that shows at least it, minute by minute', () => {
    const days = [
      ['Europe/Berlin', Date.UTC(2027, 2, 28)],
      ['Europe/Berlin', Date.UTC(2027, 9, 31)],
      ['America/Santiago', Date.UTC(2026, 8, 6)],
      ['America/Santiago', Date.UTC(2026, 3, 4)],
      ['Australia/Lord_Howe', Date.UTC(2026, 9, 4)],
      ['Asia/Beirut', Date.UTC(2026, 2, 29)],
      ['Pacific/Apia', Date.UTC(2011, 11, 30)],
    ] as const;
    for (const [zone, day] of days) {
      const plant = plantTimeOf(zone);
      const fromMs = day - 40 * hourMs;
      const wallAt = (instantMs: number) => instantMs + plant.offsetMs(instantMs);
      let probe = fromMs;
      for (let minute = 0; minute < 24 * 60; minute += 1) {
        const asked = day + minute * minuteMs;
        while (wallAt(probe) < asked) probe += minuteMs;
        assert.equal(
          plant.boundaryMs({ year: 1970, month: 1, day: 1 + day / (24 * hourMs), minute }),
          probe,
          `${zone} ${new Date(asked).toISOString()}`,
        );
      }
    }
  });

  it('moves a reading inside a skipped hour as far behind the change as it lay in it', () => {
    const plant = plantTimeOf('Europe/Berlin');
    assert.equal(
      new Date(plant.instantMs({ year: 2027, month: 3, day: 28, hour: 2, minute: 30 })).toISOString(),
      '2027-03-28T01:30:00.000Z',
    );
    assert.equal(
      new Date(plant.boundaryMs({ year: 2027, month: 3, day: 28, hour: 2, minute: 30 })).toISOString(),
      '2027-03-28T01:00:00.000Z',
    );
  });

  it('reads ISO texts with an offset, without one, and refuses days that do not exist', () => {
    const plant = plantTimeOf('Asia/Jakarta');
    assert.equal(parseInstant('2027-01-31T06:00:00', plant), Date.UTC(2027, 0, 30, 23));
    assert.equal(parseInstant('2027-01-31 06:00:00.25Z', plant), Date.UTC(2027, 0, 31, 6, 0, 0, 250));
    assert.equal(parseInstant('2027-01-31T06:00:00-03:30', plant), Date.UTC(2027, 0, 31, 9, 30));
    assert.equal(parseInstant('2027-01-31', plant), Date.UTC(2027, 0, 30, 17));
    for (const wrong of ['2027-02-30', '2027-01-31T24:00', '2027-13-01', 'tomorrow', '', '2027-01-31T06:61:00Z'])
      assert.equal(parseInstant(wrong, plant), undefined, wrong);
    assert.equal(parseInstant('2027-01-31T06:00+14:00', plant), Date.UTC(2027, 0, 30, 16));
    for (const wrong of ['2027-01-31T06:00+14:01', '2027-01-31T06:00-99:00', '2027-01-31T06:00+0760'])
      assert.equal(parseInstant(wrong, plant), undefined, wrong);
  });
});
