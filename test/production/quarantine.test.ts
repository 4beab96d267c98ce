// Many messages of the quarantine at once, on both engines: judged in the order in which they came, or dismissed with one reason.
import assert from 'node:assert/strict';
import { trackerView } from '../../nodes/production/tracker-views.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld } from './tracker-world.ts';

for (const engine of engines) {
  describe(`the quarantine on ${engine}`, () => {
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;

    beforeEach(async () => {
      world = await openWorld({ start: '2026-01-05T05:00:00Z', properties: { unknownMachine: 'quarantine' } });
    });

    /** One message a second from 11:00 on, each with seven pieces more. */
    const readings = (machine: string, count: number) =>
      Array.from({ length: count }, (_, second) => {
        const at = new Date(Date.parse('2026-01-05T04:00:00Z') + second * 1000).toISOString();
        return reading(at, second * 7, { machine });
      });
    const groups = async () =>
      (await trackerView(world.store, { command: 'quarantine', limit: 1, before: null })).groups;

    it('counts the messages of a machine that is registered late as if they came now, the oldest first', async () => {
      await world.take(...readings('M1', 1_500), ...readings('M2', 3));
      assert.deepEqual(await groups(), [
        { machine: 'M1', code: 'unknown-machine', waiting: 1_500, newest: 1_500 },
        { machine: 'M2', code: 'unknown-machine', waiting: 3, newest: 1_503 },
      ]);
      await world.person({ command: 'machine', id: 'M1' });
      const all = { command: 'replay-all', machine: 'M1', code: 'unknown-machine', upTo: 1_499 };
      const first = await world.person({ ...all, commandId: 'a' });
      assert.deepEqual(first, { command: 'replay-all', replayed: 1_000, refused: 0, left: 499, last: 1_000 });
      assert.deepEqual(await world.person({ ...all, commandId: 'a' }), first, 'the same command is answered, not done');
      const { left, replayed, last } = await world.person({ ...all, after: 1_000, commandId: 'b' });
      assert.deepEqual([replayed, left, last], [499, 0, 1_499]);
      assert.deepEqual(await world.total('M1'), [1_498 * 7, 0]);
      assert.deepEqual(await groups(), [
        { machine: 'M2', code: 'unknown-machine', waiting: 3, newest: 1_503 },
        { machine: 'M1', code: 'unknown-machine', waiting: 1, newest: 1_500 },
      ]);
      assert.equal((await world.check()).holds, true);
    });

    it('counts what a machine made before it was registered, also when it has sent since, each piece in its own shift', async () => {
      const at = (time: string) => reading(time, null).sourceMs;
      const message = (time: string, production: number, defects = 0) =>
        reading(time, production, { cumulativeDefects: defects, raw: '' });
      world.clock.advance(at('14:00') + 600_000 - world.clock.now().getTime());
      // A reset at 13:50, and the border of two shifts at 14:00.
      await world.take(message('13:40', 1_000), message('13:45', 1_100, 3), message('13:50', 20), message('14:01', 50));
      await world.person({ command: 'machine', id: 'M1' });
      await world.take(message('14:05', 90, 1), message('14:06', 100, 1));
      assert.deepEqual(await world.total(), [10, 0]);
      const all = { command: 'replay-all', machine: 'M1', commandId: 'a' };
      assert.equal((await world.person(all)).replayed, 4);
      assert.deepEqual(await world.total(), [100 + 20 + 30 + 40 + 10, 3 + 1]);
      assert.deepEqual(await world.shifts(), { '2026-01-05/1': 120, '2026-01-05/2': 80 });
      assert.deepEqual(await world.person({ ...all, commandId: 'b' }), {
        command: 'replay-all',
        replayed: 0,
        refused: 0,
        left: 0,
        last: null,
      });
      await world.take(message('14:07', 105, 1));
      assert.deepEqual(await world.total(), [205, 4]);
      assert.equal((await world.check()).holds, true);
      assert.deepEqual(
        (await world.db().selectFrom('production_event').select(['type', 'at']).orderBy('seq').execute())
          .filter(({ type }) => type === 'baseline' || type === 'counter-reset')
          .map((event) => `${event.type} ${event.at}`),
        [
          'baseline 2026-01-05T07:05:00.000Z',
          'baseline 2026-01-05T06:40:00.000Z',
          'counter-reset 2026-01-05T06:50:00.000Z',
        ],
      );
    });

    it('counts them once when a crash comes between them and their messages', async () => {
      const message = (time: string, production: number) => reading(time, production);
      await world.take(message('11:00', 100), message('11:01', 130));
      await world.person({ command: 'machine', id: 'M1' });
      await world.take(message('11:02', 150));
      const all = { command: 'replay-all', machine: 'M1' };
      await world.person(all);
      assert.deepEqual(await world.total(), [50, 0]);
      // As it was when the counts were booked and no message was judged.
      await world.db().updateTable('production_quarantine').set({ status: 'waiting' }).execute();
      world.restart();
      assert.equal((await world.person(all)).replayed, 2);
      assert.deepEqual(await world.total(), [50, 0]);
    });

    it('leaves what is refused again where it is, and goes on behind it', async () => {
      await world.take(...readings('M1', 5));
      const again = await world.person({ command: 'replay-all' });
      assert.deepEqual(again, { command: 'replay-all', replayed: 0, refused: 5, left: 0, last: 5 });
      const rows = await world.quarantine();
      assert.deepEqual(
        rows.map(({ status, attempts, decided_by }) => [status, attempts, decided_by]),
        Array.from({ length: 5 }, () => ['waiting', 1, 'sri']),
      );
      assert.deepEqual(await world.person({ command: 'replay-all', after: 5 }), { ...again, refused: 0 });
    });

    it('goes on with what still waits when a crash took the answer', async () => {
      await world.take(...readings('M1', 4));
      await world.person({ command: 'machine', id: 'M1' });
      const all = { command: 'replay-all', machine: 'M1', commandId: 'a' };
      await world.person({ ...all, upTo: 2 });
      await world
        .db()
        .updateTable('production_command')
        .set({
          reply: 'null',
          request: JSON.stringify({ command: 'replay-all', machine: 'M1', upTo: null, after: null, commandId: null }),
        })
        .where('command_id', '=', 'a')
        .execute();
      world.restart();
      const { replayed } = await world.person(all);
      assert.equal(replayed, 2);
      assert.deepEqual(await world.total('M1'), [21, 0]);
    });

    it('dismisses what a person has seen of a machine, of none, or for a reason, and nothing else', async () => {
      const bad = (machine: string | null, code: string) => ({
        source: 'plant/x',
        code,
        message: 'no',
        raw: '{',
        arrivedMs: world.clock.now().getTime(),
        machine,
      });
      world.give({
        refused: [bad(null, 'not-json'), bad('M1', 'not-json'), bad('M1', 'wrong-field'), bad(null, 'not-json')],
      });
      await world.counter.fold();
      const dismiss = { command: 'dismiss-all', machine: null, code: 'not-json', upTo: 3, reason: 'a test' };
      assert.deepEqual(await world.person({ ...dismiss, commandId: 'd' }), { command: 'dismiss-all', dismissed: 1 });
      assert.deepEqual(await world.person({ ...dismiss, commandId: 'd' }), { command: 'dismiss-all', dismissed: 1 });
      assert.deepEqual(
        (await world.quarantine()).map(({ status, reason, decided_by }) => [status, reason, decided_by]),
        [['dismissed', 'a test', 'sri'], ...Array.from({ length: 3 }, () => ['waiting', null, null])],
      );
      assert.deepEqual(await world.person({ command: 'dismiss-all', machine: 'M1', reason: 'x' }), {
        command: 'dismiss-all',
        dismissed: 2,
      });
      await assert.rejects(world.person({ command: 'dismiss-all', machine: 'M1' }), /reason/);
    });

    it('tells what was counted for each order, the newest first', async () => {
      await world.person({ command: 'machine', id: 'M1' });
      await world.take(reading('11:00', 0, { order: 'A' }), reading('11:01', 30), reading('11:02', 50, { order: 'B' }));
      const orders = await trackerView(world.store, { command: 'orders', machine: 'M1', order: null, limit: 10 });
      assert.deepEqual(orders, {
        command: 'orders',
        orders: [
          {
            machine: 'M1',
            order: 'B',
            production: 20,
            defects: 0,
            first: '2026-01-05T04:02:00.000Z',
            last: '2026-01-05T04:02:00.000Z',
          },
          {
            machine: 'M1',
            order: 'A',
            production: 30,
            defects: 0,
            first: '2026-01-05T04:01:00.000Z',
            last: '2026-01-05T04:01:00.000Z',
          },
        ],
      });
      const none = await trackerView(world.store, { command: 'orders', machine: 'M1', order: 'C', limit: 10 });
      assert.deepEqual(none.orders, []);
    });
  });
}
