// Shifts that end without a message of a machine in use: one record each that says so, and none where none is due.
import assert from 'node:assert/strict';
import { defaultGroups, parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld, type WorldOptions } from './tracker-world.ts';

const hourMs = 3_600_000;

for (const engine of engines) {
  describe(`shifts without a message on ${engine}`, function () {
    this.timeout(30_000);
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;
    /** At noon of the first shift of 5 January 2026, with a tracker that has listened for a while. */
    const open = async (options: WorldOptions = {}) => {
      world = await openWorld({ start: '2026-01-05T05:00:00Z', ...options });
      await listen();
      return world;
    };
    const listen = async () => {
      await world.counter.tick();
      world.clock.advance(31_000);
      await world.counter.tick();
    };
    const later = async (hours: number) => {
      world.clock.advance(hours * hourMs);
      await world.counter.tick();
    };
    const records = () =>
      world.closed.map(({ machine, shift_date, shift, production, silent, revision }) =>
        [machine, `${shift_date}/${shift}`, production, silent ? 'silent' : 'heard', revision].join(' '),
      );

    it('end with a record that says that nobody knows', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('11:01', 40));
      await later(19);
      assert.deepEqual(records(), [
        'M1 2026-01-05/1 40 heard 0',
        'M1 2026-01-05/2 0 silent 0',
        'M1 2026-01-05/3 0 silent 0',
      ]);
      const [closed] = world.events.filter(({ type, detail }) => type === 'shift-closed' && detail.silent === true);
      assert.deepEqual([closed?.machine, closed?.actor, closed?.detail.shift], ['M1', 'clock', '2']);
    });

    it('have one record and one event each, however often the tracker begins anew', async () => {
      await open();
      await world.take(reading('11:00', 0));
      for (let hour = 0; hour < 20; hour += 1) {
        await later(1);
        world.restart();
        await listen();
      }
      assert.deepEqual(records(), [
        'M1 2026-01-05/1 0 heard 0',
        'M1 2026-01-05/2 0 silent 0',
        'M1 2026-01-05/3 0 silent 0',
      ]);
      assert.equal(world.types().filter((type) => type === 'shift-closed').length, 3);
    });

    it('are made up for when the tracker itself was away for a week, and a machine that nobody heard has none', async () => {
      await open();
      await world.person({ command: 'machine', id: 'M2' });
      await world.take(reading('11:00', 0));
      world.clock.advance(7 * 24 * hourMs);
      world.restart();
      await listen();
      assert.equal(records().length, 21);
      assert.ok(records().every((record) => record.startsWith('M1')));
    });

    it('wait until the tracker has listened for as long as a shift stays open', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('11:01', 5));
      world.clock.advance(12 * hourMs);
      world.restart();
      await world.counter.tick();
      // What the broker kept: a message of the second shift.
      await world.take(reading('20:00', 30));
      await listen();
      assert.deepEqual(records(), ['M1 2026-01-05/1 5 heard 0', 'M1 2026-01-05/2 25 heard 0']);
    });

    it('begin with the first message: none for the time before it', async () => {
      await open({ start: '2026-01-09T05:00:00Z' });
      await world.take(reading('2026-01-09T04:00:00Z', 0));
      await later(10);
      assert.deepEqual(records(), ['M1 2026-01-09/1 0 heard 0', 'M1 2026-01-09/2 0 silent 0']);
    });

    it('do not begin with what a broker retained, nor with a last will', async () => {
      await open();
      await world.take(reading('08:00', 10, { retained: true }), reading('11:00', null, { state: 'offline' }));
      await later(24);
      assert.deepEqual(records(), []);
    });

    it('end with a machine that is taken out of service, and begin anew when it comes back', async () => {
      await open();
      await world.take(reading('11:00', 0));
      await world.person({ command: 'machine', id: 'M1', active: false });
      await later(48);
      assert.deepEqual(records(), ['M1 2026-01-05/1 0 heard 0']);
      await world.person({ command: 'machine', id: 'M1', active: true });
      await later(24);
      assert.equal(records().length, 1);
      await world.take(reading('2026-01-08T05:00:30Z', 10));
      await later(10);
      assert.deepEqual(records().slice(1), ['M1 2026-01-08/1 10 heard 0', 'M1 2026-01-08/2 0 silent 0']);
    });

    it('are only those that the calendar has: none on a holiday or a free weekday', async () => {
      const [group] = defaultGroups;
      const calendar = new WallCalendar(
        parseCalendarSettings({
          timeZone: 'Asia/Jakarta',
          groups: [{ ...group, shifts: group.shifts.map((shift) => ({ ...shift, weekdays: [1, 2, 3, 4, 5] })) }],
          holidays: [{ date: '2026-01-06', until: '2026-01-07' }],
        }),
      );
      await open({ calendar });
      await world.take(reading('11:00', 0));
      // From Monday noon to the next Monday noon: Tuesday and Wednesday are holidays, then comes the weekend.
      await later(7 * 24);
      const silent = world.closed.filter((total) => total.silent).map(({ shift_date }) => shift_date);
      assert.deepEqual(silent, [
        ...['2026-01-05', '2026-01-05'],
        ...['2026-01-08', '2026-01-08', '2026-01-08'],
        ...['2026-01-09', '2026-01-09', '2026-01-09'],
      ]);
    });

    it('are no longer silent once a message of them comes late: the record comes again', async () => {
      await open();
      await world.take(reading('11:00', 0));
      await later(10);
      await world.take(reading('15:00', 70), reading('2026-01-05T15:00:00Z', 100));
      assert.deepEqual(records(), [
        'M1 2026-01-05/1 0 heard 0',
        'M1 2026-01-05/2 0 silent 0',
        'M1 2026-01-05/2 70 heard 1',
      ]);
      assert.ok(world.types().includes('late-correction'));
    });

    it('are none where a machine said how it is without counting anything', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('15:00', null, { state: 'error' }));
      await later(10);
      assert.deepEqual(records(), ['M1 2026-01-05/1 0 heard 0', 'M1 2026-01-05/2 0 heard 0']);
    });

    it('are closed by the tracker that counts the machine, by its own calendar', async () => {
      await open();
      await world.take(reading('11:00', 0));
      const calendar = new WallCalendar(
        parseCalendarSettings({
          timeZone: 'Asia/Jakarta',
          groups: [{ name: 'all', machines: [], shifts: [{ name: 'day', start: '07:00', end: '19:00' }] }],
        }),
      );
      const other = world.beside({ calendar, properties: { line: 'hall 2' } });
      await other.take(reading('11:00', 0, { machine: 'M2' }));
      await other.counter.tick();
      world.clock.advance(31_000);
      await other.counter.tick();
      world.clock.advance(30 * hourMs);
      await other.counter.tick();
      await world.counter.tick();
      const silent = [...other.closed, ...world.closed].filter((total) => total.silent);
      assert.deepEqual(silent.map(({ machine, shift_date, shift }) => `${machine} ${shift_date}/${shift}`).sort(), [
        'M1 2026-01-05/2',
        'M1 2026-01-05/3',
        'M1 2026-01-06/1',
      ]);
      await other.counter.stop();
    });

    it('of a plant that was off for months come a part with each tick', async () => {
      await open();
      await world.take(reading('11:00', 0));
      await later(250 * 24);
      assert.equal(world.closed.length, 500);
      await later(0);
      await later(0);
      assert.equal(world.closed.length, 750);
    });
  });
}
