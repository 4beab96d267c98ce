// Pieces that were made while nobody heard the machine: every total has them, and no effectiveness sets them against time that is known.
import assert from 'node:assert/strict';
import type { MachineReading } from '../../nodes/production/messages.ts';
import type { ShiftRow } from '../../nodes/production/page-contract.ts';
import type { OeeRow } from '../../nodes/production/production-views.ts';
import { engines } from './tracker-suite.ts';
import { reading, type TrackerWorld, type WorldOptions } from './tracker-world.ts';
import { type ViewedWorld, viewedWorldsOn } from './viewed-world.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const ms = (at: string) => reading(at, null).sourceMs;
const share = (ratio: number | null | undefined) => ratio?.toFixed(2);

/** Messages every ten seconds in (fromMs, fromMs + minutes], each with `pieces` more than `count` and the one before. */
function run(fromMs: number, minutes: number, count: number, pieces: number): readonly MachineReading[] {
  return Array.from({ length: minutes * 6 }, (_, index) => {
    const at = new Date(fromMs + (index + 1) * 10 * secondMs).toISOString();
    return reading(at, count + (index + 1) * pieces);
  });
}

for (const engine of engines) {
  describe(`pieces of a silence on ${engine}`, function () {
    this.timeout(30_000);
    const openViewed = viewedWorldsOn(engine);
    let world: TrackerWorld;

    /** M1 makes one piece a second at its best. */
    const open = async (options: WorldOptions = {}): Promise<ViewedWorld> => {
      const viewed = await openViewed({ idealPerHour: 3_600 }, options);
      world = viewed.world;
      return viewed;
    };
    const unheardOfShift = async () => {
      const row = await world.db().selectFrom('production_shift').selectAll().orderBy('start_ms', 'desc').execute();
      return row[0]?.unheard;
    };

    it('of days stay out of the effectiveness that cards, shifts, windows and the health room see', async () => {
      const { ask, card, goTo, queries } = await open();
      const back = Date.parse('2026-01-08T04:00:00Z');
      await world.take(reading('10:00', 0), ...run(ms('10:00'), 10, 0, 9));
      await world.take(reading(new Date(back).toISOString(), 200_000), ...run(back, 20, 200_000, 9));
      goTo(back + 20 * minuteMs + secondMs);
      const { oee, pace_per_hour } = await card();
      assert.ok(oee);
      assert.deepEqual([oee.production, oee.unheard], [200_540, 200_000 - 540]);
      assert.deepEqual([share(oee.effectiveness), share(oee.oee)], ['0.90', '0.90']);
      const losses = Object.fromEntries(oee.waterfall.map(({ loss, ms: lost }) => [loss, lost]));
      assert.deepEqual([losses.speed, losses['value-adding']], [2 * minuteMs + secondMs, 18 * minuteMs]);
      const [shift] = await ask<readonly ShiftRow[]>({ command: 'shifts', machine: 'M1', limit: 1 });
      assert.deepEqual([shift?.unheard, share(shift?.oee?.effectiveness)], [200_000 - 540, '0.90']);
      const [days] = await ask<readonly OeeRow[]>({ command: 'oee', from: '2026-01-05', to: '2026-01-09' });
      assert.deepEqual([days?.oee.production, share(days?.oee.effectiveness)], [201_080, '0.90']);
      const [window] = await queries.windows();
      assert.deepEqual([share(window?.effectiveness), share(window?.oee)], ['0.90', '0.90']);
      assert.equal(pace_per_hour, (15 * 6 + 1) * 9 * 4);
    });

    it('are all that is known at first: then there is no effectiveness, and no OEE', async () => {
      const { card, goTo } = await open();
      const back = Date.parse('2026-01-08T04:00:00Z');
      await world.take(reading('10:00', 0), reading(new Date(back).toISOString(), 100_000));
      goTo(back + 5 * secondMs);
      const { oee } = await card();
      assert.deepEqual([oee?.availability, oee?.effectiveness, oee?.oee], [1, null, null]);
      assert.ok(oee?.waterfall.every(({ loss }) => loss !== 'speed' && loss !== 'value-adding'));
    });

    it('are the same after a crash in it, before it was booked and after', async () => {
      await open();
      await world.take(reading('10:00', 0), reading('10:00:10', 9));
      world.restart();
      await world.commit(reading('11:00', 3_000), reading('11:00:10', 3_009));
      world.restart();
      await world.counter.fold();
      await world.take(reading('11:00:20', 3_018));
      assert.deepEqual([await unheardOfShift(), await world.total()], [3_000 - 9, [3_018, 0]]);
    });

    it('are none where the machine said all the while how it was, and all where it did not', async () => {
      await open();
      const states = (fromMs: number, minutes: number) =>
        run(fromMs, minutes, 0, 0).map((one) => ({ ...one, cumulativeProduction: null }));
      await world.take(reading('10:00', 0), ...states(ms('10:00'), 5), reading('10:05:10', 250));
      assert.equal(await unheardOfShift(), 0, 'a counter every five minutes, a state every ten seconds');
      await world.take(reading('10:20', null), reading('10:20:10', 800), reading('10:20:20', 809));
      assert.equal(await unheardOfShift(), 550, 'the silence ended before the counter came');
    });

    it('begin with a last will, however soon the machine is back', async () => {
      await open();
      await world.take(reading('10:00', 0), reading('10:00:05', null, { state: 'offline' }), reading('10:00:30', 25));
      assert.equal(await unheardOfShift(), 25);
      await world.take(reading('10:00:40', 34));
      assert.equal(await unheardOfShift(), 25);
    });

    it('are shared by time like all others, where that is set, and stay what they are', async () => {
      await open({ properties: { spanning: 'pro-rata' } });
      await world.take(reading('13:00', 0), reading('15:00', 3_600));
      const rows = await world.db().selectFrom('production_shift').selectAll().orderBy('start_ms').execute();
      assert.deepEqual(
        rows.map(({ production, unheard }) => [production, unheard]),
        [
          [1_800, 1_800],
          [1_800, 1_800],
        ],
      );
    });

    it('are told with the closing record of their shift', async () => {
      const { goTo } = await open();
      await world.take(reading('10:00', 0), reading('11:00', 900), reading('11:00:10', 909));
      goTo(ms('14:01'));
      await world.counter.tick();
      assert.deepEqual(
        world.closed.map(({ production, unheard }) => [production, unheard]),
        [[909, 900]],
      );
    });
  });
}
