// Each rule of counting, on both engines: what a reset, a duplicate, a late message, a border or a crash does to totals.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import { openDelivery } from '../../nodes/production/deliveries.ts';
import type { MachineReading } from '../../nodes/production/messages.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld, type WorldOptions } from './tracker-world.ts';

for (const engine of engines) {
  describe(`the cumulative counter on ${engine}`, function () {
    this.timeout(30_000);
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;
    const open = async (options: WorldOptions = {}) => {
      // 05:00 UTC is noon in Jakarta: the first shift of 5 January runs.
      world = await openWorld({ start: '2026-01-05T05:00:00Z', ...options });
      return world;
    };
    const register = (more: object = {}) => world.person({ command: 'machine', id: 'M1', ...more });

    it('takes the first message ever as the baseline', async () => {
      await open();
      await world.take(reading('11:00', 5_000));
      assert.deepEqual(await world.total(), [0, 0]);
      assert.deepEqual(world.types(), ['baseline']);
    });

    it('counts the first message from 0 where it is told to', async () => {
      await open({ properties: { countFirst: true } });
      await world.take(reading('11:00', 500));
      assert.deepEqual(await world.total(), [500, 0]);
    });

    it('counts differences', async () => {
      await open();
      await world.take(reading('11:00', 5_000), reading('11:01', 5_100), reading('11:02', 5_250));
      assert.deepEqual(await world.total(), [250, 0]);
    });

    it('counts what a counter shows after a reset, and says so', async () => {
      await open();
      await world.take(reading('11:00', 5_000), reading('11:01', 5_100), reading('11:02', 30));
      assert.deepEqual(await world.total(), [130, 0]);
      assert.deepEqual(world.types(), ['baseline', 'counter-reset']);
    });

    it('counts nothing of a reset where it is told so', async () => {
      await open({ properties: { countAfterReset: false } });
      await world.take(reading('11:00', 5_000), reading('11:01', 30), reading('11:02', 50));
      assert.deepEqual(await world.total(), [20, 0]);
    });

    for (const [name, modulus] of [
      ['16 bit', 65_536],
      ['32 bit', 4_294_967_296],
      ['four digits', 10_000],
    ] as const) {
      it(`goes around with a counter of ${name}`, async () => {
        await open();
        await register({ counterModulus: modulus });
        await world.take(reading('11:00', modulus - 20), reading('11:01', 30));
        assert.deepEqual(await world.total(), [50, 0]);
        assert.deepEqual(world.types(), ['baseline', 'counter-rollover']);
      });
    }

    it('takes a fall from below the top of the range as a reset, also where a modulus is known', async () => {
      await open();
      await register({ counterModulus: 65_536 });
      await world.take(reading('11:00', 40_000), reading('11:01', 30));
      assert.deepEqual(await world.total(), [30, 0]);
    });

    it('never guesses a modulus', async () => {
      await open();
      await world.take(reading('11:00', 65_530), reading('11:01', 4));
      assert.deepEqual(await world.total(), [4, 0]);
      assert.deepEqual(world.types(), ['baseline', 'counter-reset']);
    });

    it('refuses what a counter of that size cannot show', async () => {
      await open();
      await register({ counterModulus: 10_000 });
      await world.take(reading('11:00', 10_000));
      assert.equal((await world.quarantine())[0]?.code, 'beyond-modulus');
    });

    it('puts a jump that is not possible into the quarantine and keeps what it had', async () => {
      await open();
      await register({ maxPerHour: 3_600 });
      await world.take(reading('11:00:00', 100), reading('11:00:10', 5_000), reading('11:00:20', 115));
      assert.deepEqual(await world.total(), [15, 0]);
      const [refused] = await world.quarantine();
      assert.equal(refused?.code, 'absurd-jump');
      assert.match(refused?.message ?? '', /from 100 to 5000 in 10 s/);
    });

    it('says once that it refuses one message of a machine after the other, and names it until one counts', async () => {
      await open();
      await register({ maxPerHour: 3_600 });
      await world.take(reading('11:00:00', 100));
      const refused = Array.from({ length: 14 }, (_, index) => reading(`11:00:${10 + index}`, 500_000 + index));
      await world.take(...refused.slice(0, 9));
      assert.deepEqual(world.counter.shutOut, []);
      for (const one of refused.slice(9)) await world.take(one);
      const told = world.events.filter(({ type }) => type === 'counter-shut-out');
      assert.deepEqual(
        told.map(({ machine, detail }) => [machine, detail.code, detail.refused]),
        [['M1', 'absurd-jump', 10]],
      );
      assert.deepEqual(world.counter.shutOut, ['M1']);
      await world.take(reading('11:00:40', 110));
      assert.deepEqual(world.counter.shutOut, []);
    });

    it('does not take a glitch downwards for a reset when so much cannot have been made', async () => {
      await open();
      await register({ maxPerHour: 3_600 });
      await world.take(reading('11:00:00', 9_000), reading('11:00:05', 8_999), reading('11:00:10', 9_005));
      assert.deepEqual(await world.total(), [5, 0]);
    });

    it('lets a person make the next message the baseline of a counter that was set by hand', async () => {
      await open();
      await register({ maxPerHour: 3_600 });
      await world.take(reading('11:00:00', 100), reading('11:00:05', 50_000));
      await world.person({ command: 'rebaseline', machine: 'M1', reason: 'PLC replaced' });
      await world.take(reading('11:00:10', 50_003), reading('11:00:15', 50_010));
      assert.deepEqual(await world.total(), [7, 0]);
    });

    it('counts a duplicate once', async () => {
      await open();
      await world.take(reading('11:00', 100), reading('11:01', 150), reading('11:01', 150), reading('11:01', 150));
      assert.deepEqual(await world.total(), [50, 0]);
    });

    it('never takes an older message for a reset', async () => {
      await open();
      await world.take(reading('11:00', 100), reading('11:03', 400), reading('11:01', 200), reading('11:04', 500));
      assert.deepEqual(await world.total(), [400, 0]);
      assert.deepEqual(world.types(), ['baseline']);
    });

    it('tells order by the sequence where the clock is not believed', async () => {
      await open();
      const bad = (production: number, sequence: number) =>
        reading('11:00', production, { sequence, clockTrusted: false });
      await world.take(bad(100, 1), bad(300, 3), bad(200, 2), bad(300, 3), bad(400, 4));
      assert.deepEqual(await world.total(), [300, 0]);
    });

    it('takes a retained message as a state, not as news', async () => {
      await open();
      await world.take(reading('11:00', 100), reading('11:01', 150, { retained: true }), reading('11:02', 160));
      assert.deepEqual(await world.total(), [60, 0]);
    });

    it('marks a gap, and books what it hid when it is told of', async () => {
      await open();
      await world.take(reading('11:00', 100), reading('11:30', 900));
      assert.deepEqual(await world.total(), [800, 0]);
      assert.deepEqual(world.types(), ['baseline', 'gap']);
    });

    it('believes the arrival where the source clock is absurd, and says so once', async () => {
      await open();
      const doubted = { clockTrusted: false };
      await world.take(reading('11:00', 100), reading('11:01', 110, doubted), reading('11:02', 120, doubted));
      assert.deepEqual(await world.total(), [20, 0]);
      assert.deepEqual(world.types(), ['baseline', 'clock-doubted']);
    });

    it('counts defects by their own counter, and refuses more defects than pieces', async () => {
      await open();
      await world.take(
        reading('11:00', 100, { cumulativeDefects: 5 }),
        reading('11:01', 150, { cumulativeDefects: 8 }),
        reading('11:02', 160, { cumulativeDefects: 161 }),
      );
      assert.deepEqual(await world.total(), [50, 3]);
      assert.equal((await world.quarantine())[0]?.code, 'defects-exceed-production');
    });

    it('books by the time of the message: the end of a shift belongs to the next one', async () => {
      await open({ start: '2026-01-05T07:10:00Z' });
      await world.take(reading('13:59:50', 0), reading('13:59:59', 10), reading('14:00', 15), reading('14:01', 40));
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 10, '2026-01-05/2': 30 });
      assert.deepEqual(world.types(), ['baseline', 'spans-shifts']);
    });

    it('shares what spans a border by time where it is told to', async () => {
      await open({ start: '2026-01-05T07:10:00Z', properties: { spanning: 'pro-rata' } });
      await world.take(reading('13:58', 0), reading('14:02', 101));
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 50, '2026-01-05/2': 51 });
    });

    it('gives the night shift the date of its start', async () => {
      await open({ start: '2026-01-05T20:10:00Z' });
      await world.take(reading('2026-01-05T19:00:00Z', 0), reading('2026-01-05T19:01:00Z', 10));
      assert.deepEqual(await world.shifts(), { '2026-01-05/3': 10 });
    });

    it('closes a shift once at its end and hands over its record once', async () => {
      await open({ start: '2026-01-05T06:59:59Z' });
      await world.take(reading('13:58', 0), reading('13:59', 100));
      await world.counter.tick();
      assert.deepEqual(world.closed, []);
      world.clock.advance(60_000);
      await world.counter.tick();
      await world.counter.tick();
      world.restart();
      await world.counter.tick();
      assert.deepEqual(
        world.closed.map(({ shift, production, closed, revision }) => [shift, production, closed, revision]),
        [['1', 100, true, 0]],
      );
    });

    it('corrects a closed shift by an event with a revision when a message comes late', async () => {
      await open({ start: '2026-01-05T07:05:00Z' });
      await world.take(reading('13:58', 0), reading('13:58:30', 50));
      await world.counter.tick();
      await world.take(reading('13:59', 100), reading('14:00:05', 101));
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 100, '2026-01-05/2': 1 });
      assert.deepEqual(
        world.closed.map(({ production, revision }) => [production, revision]),
        [
          [50, 0],
          [100, 1],
        ],
      );
      assert.ok(world.types().includes('late-correction'));
    });

    it('counts intervals and pulses once, however often their message comes', async () => {
      await open();
      const interval = (at: string, pieces: number, more: Partial<MachineReading> = {}) =>
        reading(at, null, { intervalProduction: pieces, intervalDefects: 1, ...more });
      await world.take(interval('11:00:00', 10), interval('11:00:05', 12), interval('11:00:05', 12));
      world.restart();
      await world.take(interval('11:00:05', 12), interval('11:00:00', 10), interval('11:00:10', 5));
      await world.take(
        reading('11:00:12', null, { pulses: 3, messageId: 'a' }),
        reading('11:00:13', null, { pulses: 3, messageId: 'a' }),
      );
      assert.deepEqual(await world.total(), [30, 3]);
    });

    it('counts pieces that come as such beside a counter of defects, each by its own rule', async () => {
      await open();
      await register();
      const mixed = (at: string, intervalProduction: number, cumulativeDefects: number) => ({
        ...reading(at, null),
        intervalProduction,
        cumulativeDefects,
      });
      await world.take(mixed('11:00:00', 5, 100), mixed('11:00:10', 7, 102), mixed('11:00:10', 7, 102));
      assert.deepEqual(await world.total(), [12, 2]);
      // The message between them comes late: its pieces are news, its counter is not.
      await world.take(mixed('11:00:20', 6, 105), mixed('11:00:15', 4, 103), mixed('11:00:15', 4, 103));
      assert.deepEqual(await world.total(), [22, 5]);
      assert.deepEqual(await world.quarantine(), []);
    });

    const beside = (at: string, cumulativeProduction: number, intervalDefects: number, more: object = {}) =>
      reading(at, cumulativeProduction, { intervalDefects, ...more });

    it('counts defects that come as such beside a counter of pieces, each by its own rule', async () => {
      await open();
      await world.take(beside('11:00:00', 100, 0), beside('11:00:10', 107, 2), beside('11:00:10', 107, 2));
      assert.deepEqual(await world.total(), [7, 2]);
      world.restart();
      // The message between them comes late: its defects are news, its counter is not.
      await world.take(beside('11:00:20', 120, 1), beside('11:00:15', 111, 3), beside('11:00:15', 111, 3));
      await world.take(beside('11:00:10', 107, 2), beside('11:00:20', 120, 1));
      assert.deepEqual(await world.total(), [20, 6]);
      assert.deepEqual(await world.quarantine(), []);
    });

    it('takes a counter of defects before defects as such', async () => {
      await open();
      const both = (at: string, made: number, cumulativeDefects: number) => beside(at, made, 9, { cumulativeDefects });
      await world.take(both('11:00:00', 100, 5), both('11:00:10', 107, 6));
      assert.deepEqual(await world.total(), [7, 1]);
    });

    it('tells two messages of one instant apart by what their counter shows, in any order', async () => {
      await open();
      await world.take(beside('11:00:00', 100, 0), beside('11:00:10', 105, 1), beside('11:00:10', 103, 2));
      await world.take(beside('11:00:10', 103, 2), beside('11:00:10', 105, 1));
      assert.deepEqual(await world.total(), [5, 3]);
    });

    it('books late defects in their own shift, and never shares them by time', async () => {
      await open({ start: '2026-01-05T07:10:00Z', properties: { spanning: 'pro-rata' } });
      await world.take(beside('13:58', 0, 0), beside('14:02', 101, 4), beside('13:59', 20, 3));
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 47, '2026-01-05/2': 54 });
      assert.deepEqual(await world.spoilt(), { '2026-01-05/1': 3, '2026-01-05/2': 4 });
    });

    it('refuses defects of which nobody can tell whether they were counted, and more than are possible', async () => {
      await open();
      await register({ maxPerHour: 3_600 });
      await world.take(beside('11:00:00', 100, 0), beside('11:00:10', 105, 2));
      const old = { arrivedMs: Date.parse('2026-01-08T04:00:00Z') };
      await world.take(
        beside('11:00:05', 103, 1, old),
        beside('11:00:10', 105, 2, { clockTrusted: false, redelivered: true }),
        beside('11:00:20', 110, 5_000),
      );
      assert.deepEqual(
        (await world.quarantine()).map(({ code }) => code),
        ['beyond-dedupe-window', 'perhaps-duplicate', 'absurd-jump'],
      );
      assert.deepEqual(await world.total(), [5, 2]);
    });

    it('counts what a broker kept for longer than second deliveries are recognised, once, when it comes in order', async () => {
      await open();
      const kept = { arrivedMs: Date.parse('2026-01-09T04:00:00Z') };
      await world.take(beside('11:00:00', 100, 0, kept), beside('11:00:10', 105, 2, kept));
      await world.take(beside('11:00:10', 105, 2, kept), beside('11:00:20', 110, 1, kept));
      assert.deepEqual(await world.total(), [10, 3]);
    });

    it('books late pieces without a counter in their own shift', async () => {
      await open({ start: '2026-01-05T07:10:00Z' });
      const interval = (at: string, pieces: number) => reading(at, null, { intervalProduction: pieces });
      await world.take(interval('14:01', 7), interval('13:59', 5));
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 5, '2026-01-05/2': 7 });
    });

    it('asks a person where nobody can tell a second delivery from a second message', async () => {
      await open();
      const pulse = (more: object) => reading('11:00', null, { pulses: 1, clockTrusted: false, ...more });
      await world.take(pulse({}), pulse({}), pulse({ redelivered: true }));
      assert.deepEqual(await world.total(), [2, 0]);
      assert.equal((await world.quarantine())[0]?.code, 'perhaps-duplicate');
    });

    it('says by its check which machine’s sums are not its total, and of which table', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('11:01', 40), reading('11:00', 0, { machine: 'M2' }));
      for (const table of ['production_shift', 'production_hour', 'production_day', 'production_order'] as const) {
        const add = (pieces: number) =>
          sql`update ${sql.table(table)} set production = production + ${pieces} where machine = 'M1'`.execute(
            world.db(),
          );
        await add(1);
        const { holds, differences } = await world.check();
        assert.deepEqual([holds, differences.length], [false, 1]);
        assert.equal(differences[0]?.machine, 'M1');
        assert.deepEqual([differences[0]?.[`${table}_made`], differences[0]?.total_production], [41, 40]);
        await add(-1);
      }
    });

    it('counts by order', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('11:01', 10, { order: 'WH/MO/1' }), reading('11:02', 15));
      await world.person({ command: 'order', machine: 'M1', order: 'WH/MO/2' });
      await world.take(reading('11:03', 18));
      const rows = await world.db().selectFrom('production_order').selectAll().orderBy('order_name').execute();
      assert.deepEqual(
        rows.map(({ order_name: order, production }) => [order, production]),
        [
          ['WH/MO/1', 15],
          ['WH/MO/2', 3],
        ],
      );
    });

    it('goes on after a crash with everything that was committed and not folded', async () => {
      await open();
      await world.take(reading('11:00', 0));
      await world.commit(reading('11:01', 10), reading('11:02', 30));
      world.restart();
      await world.take(reading('11:02', 30), reading('11:03', 50));
      assert.deepEqual(await world.total(), [50, 0]);
    });

    it('counts nothing twice when two trackers share the database and take turns', async () => {
      await open();
      const first = world.counter;
      await world.take(reading('11:00', 0));
      world.restart();
      const second = world.counter;
      for (let minute = 1; minute <= 9; minute += 1) {
        const one = reading(`11:0${minute}`, minute * 10);
        await (minute % 2 === 0 ? first : second).commit({ readings: [one], refused: [], replayOf: null });
        if (minute % 3 === 0) await first.commit({ readings: [one], refused: [], replayOf: null });
      }
      await second.fold();
      assert.deepEqual(await world.total(), [90, 0]);
      await first.stop();
      assert.deepEqual(await world.total(), [90, 0]);
    });

    it('changes of a machine what is named, so that a new target takes no roll-over away, and records who did it', async () => {
      await open();
      await register({ name: 'Press', counterModulus: 65_536, shiftTarget: 900 });
      await world.take(reading('11:00', 65_530));
      await register({ shiftTarget: 1_000 });
      const { machine } = await register({ shiftTarget: 1_000 });
      assert.deepEqual(machine, {
        id: 'M1',
        name: 'Press',
        counterModulus: 65_536,
        maxPerHour: null,
        idealPerHour: null,
        shiftTarget: 1_000,
        active: true,
      });
      await world.take(reading('11:01', 4));
      assert.deepEqual(await world.total(), [10, 0]);
      await register({ counterModulus: null });
      const changes = await world
        .db()
        .selectFrom('production_event')
        .select(['actor', 'detail'])
        .where('type', '=', 'machine-changed')
        .execute();
      assert.equal(changes.length, 3);
      assert.match(changes[2]?.detail ?? '', /"before":\{.*"counterModulus":65536.*"after":\{.*"counterModulus":null/);
    });

    it('leaves room in the quarantine for others when one machine goes on being refused', async () => {
      await open();
      const refused = (machine: string | null) => ({
        source: 'plant/x/status',
        code: 'not-json',
        message: 'the text is no JSON',
        raw: '{',
        arrivedMs: world.clock.now().getTime(),
        machine,
        replayOf: null,
      });
      const many = Array.from({ length: 2_100 }, () => refused('X'));
      await world.counter.commit({ readings: [], refused: many, replayOf: null });
      await world.counter.fold();
      await world.counter.commit({
        readings: [],
        refused: [refused('X'), refused('M1'), refused(null)],
        replayOf: null,
      });
      await world.counter.fold();
      const rows = await world.quarantine();
      const of = (machine: string | null) => rows.filter((row) => row.machine === machine).length;
      assert.deepEqual([of('X'), of('M1'), of(null)], [2_000, 1, 1]);
      const counts = await world.db().selectFrom('production_refusal_count').selectAll().execute();
      assert.deepEqual(
        counts.map(({ code, count }) => [code, count]),
        [['not-json', 2_103]],
      );
    });

    it('acknowledges nothing that another life could lose, also of what arrives during a commit', async () => {
      await open();
      const piece = (n: number) => reading('11:01', null, { intervalProduction: 1, messageId: `m${n}` });
      await world.take(piece(0));
      const first = world.counter;
      const acknowledged = new Set<number>();
      for (let n = 1; n <= 200; n += 1) {
        const delivery = openDelivery((ok) => {
          if (ok) acknowledged.add(n);
        });
        first.take({ readings: [piece(n)], refused: [], delivery });
        await nextTurn();
        // Whoever takes over knows only what the tables have; what the former one had in memory alone is gone.
        if (n % 50 !== 0) continue;
        world.restart();
        await world.counter.fold();
        while (acknowledged.size < n) {
          world.clock.advance(1_000);
          await nextTurn();
        }
      }
      await first.commit({ readings: [piece(201)], refused: [], replayOf: null });
      await world.take(piece(202));
      assert.equal(acknowledged.size, 200);
      assert.deepEqual(await world.total(), [203, 0]);
      await first.stop();
    });

    it('keeps a message of an unknown machine until a person registers it and replays the message', async () => {
      await open({ properties: { unknownMachine: 'quarantine' } });
      await world.take(reading('11:00', 100));
      const [waiting] = await world.quarantine();
      assert.equal(waiting?.code, 'unknown-machine');
      const replay = { command: 'replay', id: waiting?.id, commandId: 'r1' };
      assert.equal((await world.person(replay)).status, 'waiting');
      await register();
      const again = { ...replay, commandId: 'r2' };
      assert.equal((await world.person(again)).status, 'replayed');
      assert.equal((await world.person(again)).status, 'replayed');
      await assert.rejects(world.person({ command: 'replay', id: waiting?.id }), { code: 'quarantine-decided' });
      await world.take(reading('11:01', 130));
      assert.deepEqual(await world.total(), [30, 0]);
      const [row] = await world.quarantine();
      assert.deepEqual([row?.status, row?.attempts, row?.decided_by], ['replayed', 2, 'sri']);
    });

    it('answers a replay again with what became of the message, when a crash took the first answer', async () => {
      await open({ properties: { unknownMachine: 'quarantine' } });
      await world.take(reading('11:00', 100));
      await register();
      const [waiting] = await world.quarantine();
      const replay = { command: 'replay', id: waiting?.id, commandId: 'r1' };
      const first = await world.person(replay);
      assert.equal(first.status, 'replayed');
      // As it was after the message's own commit, before the one that writes the answer down.
      await world
        .db()
        .updateTable('production_command')
        .set({ reply: 'null' })
        .where('command_id', '=', 'r1')
        .execute();
      world.restart();
      assert.deepEqual(await world.person(replay), first);
      assert.deepEqual(await world.person(replay), first);
      await assert.rejects(world.person({ ...replay, commandId: 'r2' }), { code: 'quarantine-decided' });
      await world.take(reading('11:01', 130));
      assert.deepEqual(await world.total(), [30, 0]);
    });

    it('judges a message again that a crash kept from being judged', async () => {
      await open({ properties: { unknownMachine: 'quarantine' } });
      await world.take(reading('11:00', 100));
      await register();
      const [waiting] = await world.quarantine();
      const request = JSON.stringify({ command: 'replay', id: waiting?.id, commandId: null });
      await world
        .db()
        .insertInto('production_command')
        .values({ command_id: 'r1', actor: 'sri', request, reply: 'null', at: '2026-01-05T04:00:00Z' })
        .execute();
      assert.equal((await world.person({ command: 'replay', id: waiting?.id, commandId: 'r1' })).status, 'replayed');
    });

    it('keeps the time that the intake gave a message when it is judged again', async () => {
      await open({ properties: { unknownMachine: 'quarantine' } });
      // Ten days old: beyond what the intake believes unless its own settings say otherwise.
      const raw = '{"machine_id":"M1","cumulative_production":100,"timestamp":"2025-12-26T11:00:00+07:00"}';
      const sourceMs = Date.parse('2025-12-26T04:00:00Z');
      await world.take(reading('11:00', 100, { raw, sourceMs, clockTrusted: true }));
      await register();
      const [waiting] = await world.quarantine();
      assert.equal((await world.person({ command: 'replay', id: waiting?.id })).status, 'replayed');
      const counter = await world
        .db()
        .selectFrom('production_counter')
        .select(['last_source_ms', 'last_clock_trusted'])
        .executeTakeFirstOrThrow();
      assert.deepEqual({ ...counter }, { last_source_ms: sourceMs, last_clock_trusted: 1 });
    });

    it('counts an old message of the quarantine once, though it was refused twice and is replayed by two people', async () => {
      await open({ start: '2026-01-15T05:00:00Z', properties: { unknownMachine: 'quarantine' } });
      const raw = '{"machine_id":"M1","interval_production":7,"timestamp":"2026-01-05T11:00:00+07:00"}';
      const twice = reading('11:00', null, { intervalProduction: 7, raw });
      await world.take(twice, twice);
      await register();
      const ids = (await world.quarantine()).map(({ id }) => id);
      for (const id of ids) await world.person({ command: 'replay', id });
      assert.deepEqual(await world.total(), [7, 0]);
    });

    it('counts a message without an id once when two people replay it at the same moment', async () => {
      await open();
      const raw = '{"machine_id":"M1","pulses":3}';
      await world.take(
        reading('11:00', 0),
        reading('11:00', null, { pulses: 3, clockTrusted: false, redelivered: true, raw }),
      );
      const [row] = await world.quarantine();
      const answers = await Promise.allSettled([
        world.person({ command: 'replay', id: row?.id }, 'sri'),
        world.person({ command: 'replay', id: row?.id }, 'budi'),
      ]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      assert.deepEqual(await world.total(), [3, 0]);
    });

    it('remembers ids over a restart as long as a message in the journal may need them', async () => {
      await open({ start: '2026-01-07T03:55:00Z' });
      const interval = reading('11:00', null, { intervalProduction: 7 });
      const arrived = { ...interval, arrivedMs: Date.parse('2026-01-07T03:55:00Z') };
      await world.take(arrived);
      world.clock.advance(60 * 60_000);
      world.restart();
      // As the journal gives it back: it arrived before the outage.
      await world.take(arrived);
      assert.deepEqual(await world.total(), [7, 0]);
    });

    it('lets an open shift follow a calendar that was changed, and a closed one be', async () => {
      const shifts = (end: string) =>
        new WallCalendar(
          parseCalendarSettings(
            { timeZone: 'Asia/Jakarta', groups: [{ name: 'all', shifts: [{ name: '1', start: '06:00', end }] }] },
            {},
          ),
        );
      await open({ calendar: shifts('14:00') });
      await world.take(reading('11:00', 0), reading('11:01', 10));
      world.calendar = shifts('16:00');
      world.restart();
      await world.take(reading('12:00', 20));
      world.clock.advance(2.5 * 60 * 60_000);
      await world.counter.tick();
      assert.deepEqual(world.closed, []);
      world.clock.advance(2 * 60 * 60_000);
      await world.counter.tick();
      assert.deepEqual(
        world.closed.map(({ end, production }) => [end, production]),
        [['2026-01-05T09:00:00.000Z', 20]],
      );
    });

    it('answers whoever waits for a commit also when the database fails between the commit and the count', async () => {
      await open();
      await world.take(reading('11:00', 0));
      await sql`alter table production_machine rename to away`.execute(world.db());
      const committed = world.counter.commit({
        readings: [reading('11:01', 5, { machine: 'M2' }), reading('11:01', 10)],
        refused: [],
        replayOf: null,
      });
      assert.equal(await committed, true);
      await sql`alter table away rename to production_machine`.execute(world.db());
      world.clock.advance(10_000);
      await world.counter.fold();
      assert.deepEqual(await world.total(), [10, 0]);
    });

    it('forgets kept messages faster than a thousand machines send them', async () => {
      await open({ properties: { rawDays: 1 } });
      await world.take(reading('11:00', 0));
      const arrived = world.clock.now().getTime() - 2 * 24 * 60 * 60_000;
      const old = Array.from({ length: 300 }, () => ({
        machine: 'M1',
        source_ms: arrived,
        arrived_ms: arrived,
        raw: '{}',
      }));
      for (let round = 0; round < 40; round += 1) {
        await world
          .db()
          .insertInto('production_message')
          .values(old as never)
          .execute();
      }
      await world.counter.tick();
      const { left } = await world
        .db()
        .selectFrom('production_message')
        .select((select) => select.fn.countAll<number>().as('left'))
        .executeTakeFirstOrThrow();
      assert.equal(left, 1);
    });

    it('keeps the text of a refused message also over a crash, cut to what is kept', async () => {
      await open({ properties: { unknownMachine: 'quarantine' } });
      world.give({
        refused: [
          {
            source: 't',
            code: 'not-json',
            message: 'no',
            raw: `\0\uD800${'x'.repeat(9_000)}`,
            arrivedMs: 1,
            machine: null,
          },
        ],
      });
      await world.commit(reading('11:00', 1));
      world.restart();
      await world.counter.fold();
      const rows = await world.quarantine();
      assert.deepEqual(
        rows.map(({ code, raw_cut: cut }) => [code, cut]),
        [
          ['not-json', 1],
          ['unknown-machine', 0],
        ],
      );
      assert.equal(rows[0]?.raw.length, 8_192);
      await assert.rejects(world.person({ command: 'replay', id: rows[0]?.id }), { code: 'replay-cut' });
      const counts = await world.db().selectFrom('production_refusal_count').select(['code', 'count']).execute();
      assert.equal(counts.length, 2);
    });

    it('corrects by a row with user and reason, never below nothing, and once for a command id', async () => {
      await open();
      await world.take(reading('11:00', 0), reading('11:01', 100));
      const command = {
        command: 'correct',
        machine: 'M1',
        at: '2026-01-05T04:01:00Z',
        production: -40,
        reason: 'double count',
        commandId: 'c1',
      };
      await world.person(command);
      await world.person(command);
      assert.deepEqual(await world.total(), [60, 0]);
      await assert.rejects(world.person({ ...command, commandId: 'c2', production: -61 }), {
        code: 'correction-too-large',
        current: { production: 60, defects: 0 },
      });
      await assert.rejects(world.person({ ...command, reason: 'other' }), { code: 'command-id-reused' });
      const rows = await world.db().selectFrom('production_correction').selectAll().execute();
      assert.deepEqual(
        rows.map(({ actor, reason, production }) => [actor, reason, production]),
        [['sri', 'double count', -40]],
      );
      await assert.rejects(world.db().deleteFrom('production_correction').execute(), /append-only/);
      await world.take(reading('11:02', 110));
      assert.deepEqual(await world.total(), [70, 0]);
    });

    it('refuses a correction that makes more defects than pieces, and takes one that makes them fewer', async () => {
      await open();
      const message = (at: string, made: number, spoilt: number) => reading(at, made, { cumulativeDefects: spoilt });
      await world.take(message('11:00', 100, 0), message('11:01', 120, 5));
      const correct = (more: object) =>
        world.person({ command: 'correct', machine: 'M1', at: '2026-01-05T04:01:00Z', reason: 'recounted', ...more });
      const refusal = { code: 'defects-exceed-production', httpStatus: 409, current: { production: 20, defects: 5 } };
      await assert.rejects(correct({ defects: 16 }), refusal);
      await assert.rejects(correct({ production: -16 }), refusal);
      await correct({ defects: 15 });
      assert.deepEqual(await world.total(), [20, 20]);
      // Their counters say 22 to 24 now: a person may set that right in steps.
      await world.take(message('11:02', 122, 9));
      await correct({ defects: -1 });
      await assert.rejects(correct({ defects: 1 }), { code: 'defects-exceed-production' });
      await correct({ production: 2, defects: 1 });
      assert.deepEqual(await world.total(), [24, 24]);
    });

    it('lets others record in its transaction, in order, and nothing when they fail', async () => {
      const seen: number[][] = [];
      let isBroken = false;
      await open({
        participants: [
          async (_transaction, readings) => {
            if (isBroken) throw new Error('no');
            seen.push(readings.map(({ cumulativeProduction }) => cumulativeProduction ?? -1));
            return [{ machine: 'M1', at: 'x', type: 'own', actor: 'a', reason: null, detail: {} }];
          },
        ],
      });
      await world.take(reading('11:00', 1), reading('11:01', 2), reading('11:00', 1));
      isBroken = true;
      await assert.rejects(world.take(reading('11:02', 3)), /no/);
      assert.deepEqual(await world.total(), [1, 0]);
      isBroken = false;
      await world.take(reading('11:03', 4));
      assert.deepEqual(await world.total(), [3, 0]);
      assert.deepEqual(seen, [[1, 2, 1], [3], [4]]);
    });
  });
}
