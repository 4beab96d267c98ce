// Late readings stand where their source made them: totals, shifts, hours and orders are those of the same readings in their order.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MachineReading } from '../../nodes/production/messages.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld, threeShifts, type WorldOptions } from './tracker-world.ts';

const minuteMs = 60_000;

/** Everything that people see of a machine's pieces. */
async function figures(world: TrackerWorld) {
  const db = world.db();
  const rows = async (table: 'production_minute' | 'production_hour' | 'production_day') =>
    (await db.selectFrom(table).selectAll().orderBy('start_ms').execute())
      .filter(({ production, defects }) => production !== 0 || defects !== 0)
      .map((row) => [row.start_ms, row.production, row.defects, row.unheard]);
  const orders = await db.selectFrom('production_order').selectAll().orderBy('order_name').execute();
  const shifts = await db.selectFrom('production_shift').selectAll().orderBy('start_ms').execute();
  return {
    total: await world.total(),
    days: await rows('production_day'),
    hours: await rows('production_hour'),
    minutes: await rows('production_minute'),
    orders: orders
      .filter((row) => row.production !== 0 || row.defects !== 0)
      .map((row) => [row.order_name, row.production, row.defects]),
    shifts: shifts
      .filter((row) => row.production !== 0)
      .map((row) => [row.shift_date, row.shift, row.production, row.defects, row.unheard]),
  };
}

for (const engine of engines) {
  describe(`late readings on ${engine}`, function () {
    this.timeout(120_000);
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;
    const open = async (options: WorldOptions = {}) => {
      world = await openWorld({ start: '2026-01-05T12:00:00Z', ...options });
      return world;
    };

    it('belong to their shift, hour and order where a live message overtakes the backlog of an outage', async () => {
      await open();
      // A message a minute from 11:00 to 16:00, 60 pieces each; those of 12:01 to 15:00 come behind that of 15:01.
      const start = reading('11:00', 0).sourceMs;
      const all = Array.from({ length: 301 }, (_, minute) =>
        reading(new Date(start + minute * minuteMs).toISOString(), minute * 60, {
          order: minute === 0 ? 'WH/MO/1' : minute === 150 ? 'WH/MO/2' : null,
        }),
      );
      const backlog = all.slice(61, 241);
      await world.take(...all.slice(0, 61), ...all.slice(241, 242));
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 3_600, '2026-01-05/2': 10_860 });
      for (let from = 0; from < backlog.length; from += 17) {
        if (from % 3 === 1) world.restart();
        await world.take(...backlog.slice(from, from + 17));
      }
      world.restart();
      await world.take(...all.slice(242));
      assert.deepEqual(await world.total(), [18_000, 0]);
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 10_740, '2026-01-05/2': 7_260 });
      const { hours, orders, minutes } = await figures(world);
      assert.deepEqual(
        hours.map(([, production]) => production),
        [3_540, 3_600, 3_600, 3_600, 3_600, 60],
      );
      assert.deepEqual(orders, [
        ['WH/MO/1', 149 * 60, 0],
        ['WH/MO/2', 151 * 60, 0],
      ]);
      assert.ok(minutes.every(([, production, , unheard]) => production === 60 && unheard === 0));
      const late = world.events.filter(({ type }) => type === 'late-readings');
      assert.equal(late.length, 11, 'one a fold, not one a message');
      assert.ok(late.every(({ detail }) => detail.production === 0));
    });

    it('from before a reset count before it', async () => {
      await open();
      const at = (second: number, production: number) =>
        reading(new Date(reading('11:00', 0).sourceMs + second * 1000).toISOString(), production);
      await world.take(at(0, 900), at(60, 950), at(180, 7));
      await world.take(at(120, 990), at(240, 20));
      assert.deepEqual(await world.total(), [110, 0]);
    });

    it('from before the first message are the baseline', async () => {
      await open();
      await world.take(reading('11:02', 150), reading('11:03', 160));
      world.restart();
      await world.take(reading('11:00', 100), reading('11:01', 130), reading('11:00', 100));
      assert.deepEqual(await world.total(), [60, 0]);
    });

    it('say nothing from before a baseline that a person set', async () => {
      await open();
      await world.take(reading('11:00', 100), reading('11:02', 120));
      await world.person({ command: 'rebaseline', machine: 'M1', reason: 'PLC replaced' });
      await world.take(
        reading('11:03', 50_000),
        reading('11:04', 50_010),
        reading('11:01', 115),
        reading('11:02:30', 125),
      );
      assert.deepEqual(await world.total(), [30, 0]);
    });

    it('count for the order of their time, also where a person has set another since', async () => {
      await open({ start: '2026-01-05T04:10:30Z' });
      await world.take(reading('11:05', 0, { order: 'A' }), reading('11:10', 50));
      await world.person({ command: 'order', machine: 'M1', order: 'B' });
      await world.take(reading('11:15', 90));
      assert.deepEqual((await figures(world)).orders, [
        ['A', 50, 0],
        ['B', 40, 0],
      ]);
      await world.take(reading('11:07', 20), reading('11:12', 70));
      assert.deepEqual((await figures(world)).orders, [
        ['A', 50, 0],
        ['B', 40, 0],
      ]);
      await world.take(reading('11:10:15', 58), reading('11:20', 100));
      assert.deepEqual(
        (await figures(world)).orders,
        [
          ['A', 58, 0],
          ['B', 42, 0],
        ],
        'eight of the pieces were made before',
      );
    });

    it('that carry an order begin it there', async () => {
      await open();
      await world.take(reading('11:00', 0, { order: 'A' }), reading('11:10', 100), reading('11:20', 200));
      world.restart();
      await world.take(reading('11:05', 50, { order: 'B' }));
      assert.deepEqual((await figures(world)).orders, [['B', 200, 0]]);
      await world.take(reading('11:30', 300));
      assert.deepEqual((await figures(world)).orders, [['B', 300, 0]], 'it goes on');
    });

    it('are refused where what was counted behind them could not have been made then', async () => {
      await open();
      await world.person({ command: 'machine', id: 'M1', maxPerHour: 3_600 });
      await world.take(reading('11:00:00', 0), reading('11:01:00', 60), reading('11:02:00', 120));
      await world.take(reading('11:01:50', 65));
      assert.deepEqual(
        (await world.quarantine()).map(({ code }) => code),
        ['late-contradiction'],
      );
      await world.take(reading('11:01:50', 30_000));
      assert.deepEqual(
        (await world.quarantine()).map(({ code }) => code),
        ['late-contradiction', 'absurd-jump'],
      );
      assert.deepEqual(await world.total(), [120, 0]);
    });

    it('make heard what was taken for a silence, as on the timeline of states', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('11:01', 60), reading('11:06', 360));
      const unheard = async () => (await figures(world)).hours.map(([, , , silent]) => silent);
      assert.deepEqual(await unheard(), [300]);
      await world.take(...[2, 3, 4].map((minute) => reading(`11:0${minute}`, minute * 60)));
      assert.deepEqual(await unheard(), [120]);
      await world.take(reading('11:05', 300));
      assert.deepEqual(await unheard(), [0]);
    });

    it('are the same in any order, in any commits, over any crash', async () => {
      const start = Date.parse('2026-03-28T20:00:00Z');
      const lives = fc.record({
        steps: fc.array(
          fc.record({
            after: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 300, max: 4_000 })),
            made: fc.integer({ min: 0, max: 120 }),
            spoilt: fc.integer({ min: 0, max: 3 }),
            order: fc.option(fc.constantFrom('A', 'B'), { freq: 6 }),
            isReset: fc.boolean(),
          }),
          { minLength: 3, maxLength: 60 },
        ),
        delays: fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 40 })), {
          minLength: 60,
          maxLength: 60,
        }),
        commits: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 10 }),
        spanning: fc.constantFrom('later', 'pro-rata'),
      });
      await fc.assert(
        fc.asyncProperty(lives, async ({ steps, delays, commits, spanning }) => {
          const messages: MachineReading[] = [];
          let at = start;
          let [made, spoilt, sinceReset] = [40_000, 0, 0];
          for (const [index, step] of steps.entries()) {
            at += step.after * 1000;
            sinceReset += 1;
            if (step.isReset && sinceReset > 11) [made, spoilt, sinceReset] = [0, 0, 0];
            made += step.made;
            spoilt += Math.min(step.made, step.spoilt);
            const more = { cumulativeDefects: spoilt, order: index === 0 ? 'A' : step.order };
            messages.push(reading(new Date(at).toISOString(), made, more));
          }
          const options = {
            start: '2026-03-29T20:00:00Z',
            calendar: threeShifts('Europe/Berlin'),
            properties: { spanning, maxPerHour: 0 },
          };
          const ordered = await openWorld(options);
          await ordered.take(...messages);
          const mixed = await openWorld(options);
          const arrivals = messages
            .map((message, index) => ({ message, at: index + (delays[index] ?? 0) }))
            .sort((one, other) => one.at - other.at)
            .map(({ message }) => message);
          for (let from = 0, round = 0; from < arrivals.length; round += 1) {
            const size = commits[round % commits.length] ?? 1;
            await mixed.commit(...arrivals.slice(from, from + size));
            if (round % 3 === 1) mixed.restart();
            if (round % 3 === 2) await mixed.counter.fold();
            from += size;
          }
          await mixed.counter.fold();
          assert.deepEqual(await figures(mixed), await figures(ordered));
        }),
        { numRuns: engine === 'sqlite' ? 25 : 8, endOnFailure: true },
      );
    });
  });
}
