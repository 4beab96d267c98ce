// The shift calendar against a minute-by-minute reading of the wall clock, and the refusals of a plan that contradicts itself.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { lengthMs } from '../../nodes/core/intervals.ts';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { calendarPreview } from '../../nodes/production/calendar-preview.ts';
import { type CalendarProperties, parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const fromEnvironment = `$\{TZ_PLANT}`;
const everyWeekday = [1, 2, 3, 4, 5, 6, 7];
const zones = [
  'Asia/Jakarta',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Africa/Casablanca',
  'Pacific/Apia',
];

interface Shift {
  readonly name: string;
  readonly start: string;
  readonly end: string;
  readonly weekdays?: readonly number[];
  readonly breaks?: readonly { readonly start: string; readonly end: string }[];
}

const clock = (minute: number) =>
  `${String(Math.floor((minute % 1440) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function calendarOf(shifts: readonly Shift[], rest: CalendarProperties = {}): WallCalendar {
  return new WallCalendar(
    parseCalendarSettings({ timeZone: 'UTC', groups: [{ name: 'all', machines: [], shifts }], ...rest }),
  );
}

function faultsOf(properties: CalendarProperties): readonly string[] {
  try {
    parseCalendarSettings(properties);
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    return error.fields.map(({ field }) => field);
  }
  return [];
}

/** Cuts a day at `cuts` minutes into shifts that tile it, the last over midnight to the first. */
const tilings = fc
  .uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 5 })
  .map((cuts) => cuts.sort((left, right) => left - right))
  .map((cuts) =>
    cuts.map((start, index) => ({
      name: `s${index}`,
      start: clock(start),
      end: clock(cuts[index + 1] ?? (cuts[0] as number) + 1440),
    })),
  );
const someDay = fc.integer({ min: Date.UTC(2010, 0, 1) / dayMs, max: Date.UTC(2037, 11, 1) / dayMs });
/** Days around the clock changes of the zones above. */
const changeDay = fc.constantFrom(
  ...[
    '2011-12-30',
    '2026-03-08',
    '2026-03-29',
    '2026-04-04',
    '2026-04-05',
    '2026-09-06',
    '2026-10-04',
    '2026-10-25',
    '2026-11-01',
  ].map((date) => Date.parse(`${date}T00:00Z`) / dayMs),
);

describe('the shift calendar', () => {
  it('tiles time without gap and overlap where the plan tiles the day, in every zone and year', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.oneof(someDay, changeDay), tilings, (timeZone, day, shifts) => {
        const calendar = calendarOf(shifts, { timeZone });
        const fromMs = (day - 3) * dayMs;
        const toMs = (day + 4) * dayMs;
        const spans = calendar.shiftsBetween('m', fromMs, toMs);
        assert.ok((spans[0]?.startMs ?? toMs) <= fromMs);
        assert.ok((spans.at(-1)?.endMs ?? fromMs) >= toMs);
        for (const [index, span] of spans.entries()) {
          const next = spans[index + 1];
          assert.ok(span.endMs > span.startMs);
          if (next) assert.equal(next.startMs, span.endMs);
        }
        assert.equal(new Set(spans.map(({ shift, shiftDate }) => `${shiftDate}/${shift}`)).size, spans.length);
      }),
      { numRuns: 400 },
    );
  });

  it('agrees with a wall clock that is read minute by minute, with breaks, weekdays, holidays and overrides', () => {
    const plan = fc.record({
      timeZone: fc.constantFrom(...zones),
      day: fc.oneof(someDay, changeDay),
      shifts: tilings,
      weekdays: fc.subarray(everyWeekday, { minLength: 1 }),
      holiday: fc.integer({ min: -1, max: 1 }),
      cancelled: fc.integer({ min: -1, max: 1 }),
      stop: fc.record({ start: fc.integer({ min: 0, max: 1439 }), minutes: fc.integer({ min: 1, max: 600 }) }),
    });
    fc.assert(
      fc.property(plan, ({ timeZone, day, shifts, weekdays, holiday, cancelled, stop }) => {
        const dateOf = (offset: number) => new Date((day + offset) * dayMs).toISOString().slice(0, 10);
        const first = shifts[0] as Shift;
        const calendar = calendarOf(
          shifts.map((shift) => ({ ...shift, weekdays })),
          {
            timeZone,
            holidays: [{ date: dateOf(holiday) }],
            overrides: [
              { kind: 'cancelled', date: dateOf(cancelled), shift: first.name },
              { kind: 'stop', date: dateOf(0), start: clock(stop.start), end: clock(stop.start + stop.minutes) },
            ],
          },
        );
        const plant = plantTimeOf(timeZone);
        const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
        // The clock as somebody who never looks back reads it: the furthest it has shown so far.
        let furthest = -Infinity;
        const fromMs = (day - 3) * dayMs;
        const toMs = (day + 3) * dayMs;
        let busyMinutes = 0;
        for (let instantMs = fromMs; instantMs < toMs; instantMs += minuteMs) {
          furthest = Math.max(furthest, instantMs + plant.offsetMs(instantMs));
          if (instantMs < (day - 2) * dayMs) continue;
          const expected = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4].flatMap((offset) => {
            const midnight = (day + offset) * dayMs;
            if (offset === holiday || !weekdays.includes(new Date(midnight).getUTCDay() || 7)) return [];
            return shifts
              .filter((shift) => !(offset === cancelled && shift.name === first.name))
              .filter((shift) => {
                const start = minuteOf(shift.start);
                const end = minuteOf(shift.end) > start ? minuteOf(shift.end) : minuteOf(shift.end) + 1440;
                return furthest >= midnight + start * minuteMs && furthest < midnight + end * minuteMs;
              })
              .map((shift) => `${dateOf(offset)}/${shift.name}`);
          });
          const found = calendar.shiftAt('m', instantMs);
          assert.deepEqual(found ? [`${found.shiftDate}/${found.shift}`] : [], expected);
          const stopStart = day * dayMs + stop.start * minuteMs;
          const isStopped = furthest >= stopStart && furthest < stopStart + stop.minutes * minuteMs;
          if (found && !isStopped) busyMinutes += 1;
        }
        const busy = calendar.plannedBusy('m', (day - 2) * dayMs, toMs);
        assert.equal(lengthMs(busy), busyMinutes * minuteMs);
      }),
      { numRuns: 40 },
    );
  }).timeout(120_000);

  it('gives by instant what it gives by span', () => {
    const calendar = calendarOf(
      [
        { name: 'day', start: '07:00', end: '15:30', weekdays: [1, 2, 3, 4, 5] },
        { name: 'night', start: '23:00', end: '05:00' },
      ],
      { timeZone: 'Europe/Berlin' },
    );
    const fromMs = Date.UTC(2027, 0, 1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 1440 }), (minute) => {
        const instantMs = fromMs + minute * minuteMs;
        assert.equal(
          calendar.shiftAt('m', instantMs),
          calendar
            .shiftsBetween('m', instantMs - hourMs, instantMs + hourMs)
            .find(({ startMs, endMs }) => startMs <= instantMs && instantMs < endMs),
        );
      }),
    );
  });

  it('has nights of 7 and 9 hours when the clock changes, of the date they begin on', () => {
    const calendar = calendarOf([{ name: '3', start: '22:00', end: '06:00' }], { timeZone: 'Europe/Berlin' });
    const nightOf = (date: string) => {
      const night = calendar.shiftAt('m', Date.parse(`${date}T23:00Z`));
      return [night?.shiftDate, ((night?.endMs ?? 0) - (night?.startMs ?? 0)) / hourMs];
    };
    assert.deepEqual(nightOf('2027-03-27'), ['2027-03-27', 7]);
    assert.deepEqual(nightOf('2027-10-30'), ['2027-10-30', 9]);
    assert.deepEqual(nightOf('2027-06-01'), ['2027-06-01', 8]);
  });

  it('begins a shift whose start is skipped when the clock has changed', () => {
    const calendar = calendarOf([{ name: 'early', start: '02:30', end: '10:00' }], { timeZone: 'Europe/Berlin' });
    const [shift] = calendar.shiftsBetween('m', Date.UTC(2027, 2, 28), Date.UTC(2027, 2, 28, 12));
    assert.equal(shift?.startMs, Date.UTC(2027, 2, 28, 1));
  });

  it('adds, moves and cancels shifts by date, and lets an extra shift work on a holiday', () => {
    const calendar = calendarOf([{ name: '1', start: '06:00', end: '14:00' }], {
      holidays: [{ date: '2027-08-17', until: '2027-08-18' }],
      overrides: [
        { kind: 'extra', date: '2027-08-18', shift: '1', start: '08:00', end: '10:00' },
        { kind: 'hours', date: '2027-08-19', shift: '1', start: '07:00', end: '12:00' },
        { kind: 'cancelled', date: '2027-08-20', shift: '1' },
      ],
    });
    const spans = calendar.shiftsBetween('m', Date.UTC(2027, 7, 16), Date.UTC(2027, 7, 22));
    assert.deepEqual(
      spans.map(({ startMs, endMs }) => [new Date(startMs).toISOString().slice(5, 13), (endMs - startMs) / hourMs]),
      [
        ['08-16T06', 8],
        ['08-18T08', 2],
        ['08-19T07', 5],
        ['08-21T06', 8],
      ],
    );
  });

  it('plans no work in breaks, also behind midnight', () => {
    const calendar = calendarOf([
      {
        name: '3',
        start: '22:00',
        end: '06:00',
        breaks: [
          { start: '01:00', end: '01:30' },
          { start: '23:00', end: '23:15' },
        ],
      },
    ]);
    const fromMs = Date.UTC(2027, 0, 1, 22);
    assert.equal(lengthMs(calendar.plannedBusy('m', fromMs, fromMs + 8 * hourMs)), 435 * minuteMs);
    assert.deepEqual(
      calendar.shiftAt('m', fromMs)?.plannedStops.map(({ startMs }) => (startMs - fromMs) / minuteMs),
      [60, 180],
    );
  });

  it('gives each machine the shifts of its group, and none to a machine without group', () => {
    const calendar = new WallCalendar(
      parseCalendarSettings({
        groups: [
          { name: 'print', machines: ['A', 'B'], shifts: [{ name: 'day', start: '07:00', end: '15:00' }] },
          { name: 'cut', machines: ['C'], shifts: [{ name: 'late', start: '15:00', end: '23:00' }] },
        ],
      }),
    );
    const at = Date.UTC(2027, 0, 1, 3);
    assert.equal(calendar.shiftAt('A', at)?.shift, 'day');
    assert.equal(calendar.shiftAt('C', at), undefined);
    assert.equal(calendar.shiftAt('D', at), undefined);
    assert.deepEqual(calendar.plannedBusy('D', at, at + dayMs), []);
  });

  it('works the three shifts of the original plant while nothing is set', () => {
    const calendar = new WallCalendar(parseCalendarSettings({ timeZone: fromEnvironment }, {}));
    assert.equal(calendar.timeZone, 'Asia/Jakarta');
    assert.equal(calendar.shiftAt('C_FL104', Date.UTC(2027, 0, 1, 16))?.shift, '3');
    assert.equal(
      parseCalendarSettings({ timeZone: fromEnvironment }, { TZ_PLANT: 'Asia/Makassar' }).timeZone,
      'Asia/Makassar',
    );
  });

  it('refuses a plan that contradicts itself, field by field', () => {
    const shifts = (...list: readonly object[]) => ({ groups: [{ name: 'all', shifts: list }] });
    const day = { name: '1', start: '06:00', end: '14:00' };
    assert.deepEqual(faultsOf({ timeZone: 'Jakarta' }), ['timeZone']);
    assert.deepEqual(faultsOf({ groups: [] }), ['groups']);
    assert.deepEqual(faultsOf(shifts({ ...day, start: '24:00' })), ['groups[0].shifts[0].start']);
    assert.deepEqual(faultsOf(shifts(day, { ...day, name: '2', start: '13:59' })), ['groups[0].shifts[1].start']);
    assert.deepEqual(faultsOf(shifts(day, { name: '3', start: '22:00', end: '06:01' })), ['groups[0].shifts[0].start']);
    assert.deepEqual(faultsOf(shifts(day, { ...day, start: '15:00', end: '16:00' })), ['groups[0].shifts[1].name']);
    assert.deepEqual(faultsOf(shifts({ ...day, weekdays: [0] })), ['groups[0].shifts[0].weekdays']);
    assert.deepEqual(faultsOf(shifts({ ...day, breaks: [{ start: '13:50', end: '14:10' }] })), [
      'groups[0].shifts[0].breaks[0].start',
    ]);
    assert.deepEqual(
      faultsOf({
        groups: [
          { name: 'a', machines: ['M'], shifts: [] },
          { name: 'a', machines: ['M'], shifts: [] },
        ],
      }),
      ['groups[1].name', 'groups[1].machines'],
    );
    assert.deepEqual(faultsOf({ holidays: [{ date: '2027-02-29' }] }), ['holidays[0].date']);
    assert.deepEqual(faultsOf({ holidays: [{ date: '2027-03-02', until: '2027-03-01' }] }), ['holidays[0].until']);
    assert.deepEqual(faultsOf({ overrides: [{ kind: 'cancelled', date: '2027-03-02', shift: '9' }] }), [
      'overrides[0].shift',
    ]);
    assert.deepEqual(
      faultsOf({ overrides: [{ kind: 'extra', date: '2027-03-02', shift: 'x', start: '05:00', end: '07:00' }] }),
      ['overrides[0].start'],
    );
    assert.deepEqual(
      faultsOf({ overrides: [{ kind: 'stop', date: '2027-03-02', group: 'z', start: '05:00', end: '07:00' }] }),
      ['overrides[0].group'],
    );
  });

  it('answers a year of shifts for 100 machines without holding the process up', () => {
    const calendar = calendarOf([
      { name: '1', start: '06:00', end: '14:00' },
      { name: '2', start: '14:00', end: '22:00' },
      { name: '3', start: '22:00', end: '06:00' },
    ]);
    calendar.shiftsBetween('m', Date.UTC(2027, 0, 1), Date.UTC(2028, 0, 1));
    // This thread's own work: other programs on the machine don't count.
    const begun = process.threadCpuUsage();
    for (let step = 0; step < 1_000_000; step += 1) calendar.shiftAt('m', Date.UTC(2027, 0, 1) + step * 5000);
    const { user, system } = process.threadCpuUsage(begun);
    const workedMs = (user + system) / 1000;
    assert.ok(workedMs < 1000, `${workedMs} ms`);
  });

  it('shows the next shifts of every group to the editor', () => {
    const preview = calendarPreview({ timeZone: 'Asia/Jakarta' }, Date.UTC(2027, 0, 1, 0));
    assert.deepEqual(preview.groups[0]?.shifts.slice(0, 2), [
      { shift: '1', from: '2027-01-01 06:00', to: '2027-01-01 14:00', hours: 8, plannedStopMinutes: 0 },
      { shift: '2', from: '2027-01-01 14:00', to: '2027-01-01 22:00', hours: 8, plannedStopMinutes: 0 },
    ]);
    assert.throws(() => calendarPreview('x', 0), InvalidInput);
  });
});
