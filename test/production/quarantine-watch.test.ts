// Who is told that a machine sends which nobody has registered, and that the quarantine has no room: once, in both languages.
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { NotifyCommand } from '../../nodes/notify/messages.ts';
import { parseNotify } from '../../nodes/notify/notify-input.ts';
import { QuarantineWatch } from '../../nodes/production/quarantine-watch.ts';
import { engines, trackerFlow, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld } from './tracker-world.ts';

for (const engine of engines) {
  describe(`the watch over the quarantine on ${engine}`, () => {
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;
    let watch: QuarantineWatch;

    beforeEach(async () => {
      world = await openWorld({ properties: { unknownMachine: 'quarantine' } });
      watch = new QuarantineWatch();
    });

    const told = async (day = '2026-01-05') =>
      (await watch.look(world.store, day)).map((notice) => {
        assert.equal(parseNotify(notice).recipients.roles?.includes('supervisor'), true, 'notify takes it as it is');
        return notice.dedupeKey;
      });

    it('tells of each stranger once a day, and of no machine that is registered', async () => {
      await world.person({ command: 'machine', id: 'M1' });
      await world.take(
        reading('11:00', 5),
        reading('11:00', 5, { machine: 'X1' }),
        reading('11:01', 6, { machine: 'X1' }),
      );
      assert.deepEqual(await told(), ['machine-unknown X1']);
      await world.take(reading('11:02', 7, { machine: 'X1' }), reading('11:02', 7, { machine: 'X2' }));
      assert.deepEqual(await told(), ['machine-unknown X2']);
      assert.deepEqual(await told(), []);
      assert.deepEqual(await told('2026-01-06'), ['machine-unknown X2', 'machine-unknown X1']);
    });

    it('tells nothing of a machine that was registered since, though its messages of before wait', async () => {
      await world.take(reading('11:00', 5), reading('11:00', 5, { machine: 'X1' }));
      await world.person({ command: 'machine', id: 'M1' });
      assert.deepEqual(await told(), ['machine-unknown X1']);
    });

    it('tells no more than ten strangers a day, whatever names a broker brings', async () => {
      await world.take(...Array.from({ length: 30 }, (_, index) => reading('11:00', 5, { machine: `X${index}` })));
      assert.equal((await told()).length, 10);
      assert.deepEqual(await told(), []);
    });

    it('tells that there is no room, once a day', async () => {
      const rows = sql`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 10000)
        insert into production_quarantine (source, machine, code, message, raw, raw_cut, arrived_ms, status, attempts)
        select 'x', null, 'not-json', '', '', 0, 0, 'waiting', 0 from numbers`;
      await world.take();
      await rows.execute(world.db());
      assert.deepEqual(await told(), ['quarantine-full 2026-01-05']);
      assert.deepEqual(await told(), []);
      await world.person({ command: 'dismiss-all', upTo: 1, reason: 'one' });
      assert.deepEqual(await told('2026-01-06'), []);
    });
  });
}

describe('a machine that nobody has registered', () => {
  const flow = trackerFlow();

  it('is told by the tracker’s third output, in both languages', async () => {
    await flow.load();
    const notice = flow.next<{ readonly topic: string; readonly payload: NotifyCommand }>('notices');
    flow.give({ payload: { readings: [reading('11:00', 5)], refused: [], delivery: null } });
    flow.give({ payload: { command: 'tick' } });
    const { topic, payload } = await notice;
    assert.equal(topic, 'production/notice');
    assert.equal(payload.title, 'M1: mesin belum terdaftar / machine is not registered');
    assert.equal(payload.dedupeKey, 'machine-unknown M1');
  });
});
