// Who is told that a machine sends which nobody has registered, and that the quarantine has no room: once, in both languages.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import helper from 'node-red-node-test-helper';
import type { NotifyCommand } from '../../nodes/notify/messages.ts';
import { parseNotify } from '../../nodes/notify/notify-input.ts';
import cumulativeTracker from '../../nodes/production/cumulative-tracker.ts';
import { QuarantineWatch } from '../../nodes/production/quarantine-watch.ts';
import shiftCalendar from '../../nodes/production/shift-calendar.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { reading, TrackerWorld } from './tracker-world.ts';

const engines: readonly ('sqlite' | 'postgres')[] = ['sqlite', 'postgres'];
for (const engine of engines) {
  describe(`the watch over the quarantine on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let world: TrackerWorld;
    let watch: QuarantineWatch;

    before(async function () {
      this.timeout(120_000);
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(() => server?.stop());
    beforeEach(async () => {
      const url = await server?.newDatabase();
      world = await TrackerWorld.open({ properties: { unknownMachine: 'quarantine' }, ...(url && { url }) });
      watch = new QuarantineWatch();
    });
    afterEach(() => world.close());

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
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-stranger-'));
  before(async () => {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    await helper.startServer();
  });
  after(async () => {
    await helper.unload();
    await helper.stopServer();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is told by the tracker’s third output, in both languages', async () => {
    await helper.load(
      [shopfloorStore, shiftCalendar, cumulativeTracker],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(folder, 'plant.sqlite')}` },
        { id: 'calendar', type: 'shift-calendar', timeZone: 'Asia/Jakarta' },
        {
          id: 'tracker',
          z: 'tab',
          type: 'cumulative-tracker',
          store: 'store',
          calendar: 'calendar',
          wires: [[], [], ['notices']],
        },
        { id: 'notices', z: 'tab', type: 'helper' },
      ],
    );
    const target: NodeJS.EventEmitter & { receive(message: object): void } = helper.getNode('tracker') as never;
    const notice = once(helper.getNode('notices'), 'input');
    target.receive({ _msgid: 'a', payload: { readings: [reading('11:00', 5)], refused: [], delivery: null } });
    target.receive({ _msgid: 'b', payload: { command: 'tick' } });
    const [{ topic, payload }] = (await notice) as [{ topic: string; payload: NotifyCommand }];
    assert.equal(topic, 'production/notice');
    assert.equal(payload.title, 'M1: mesin belum terdaftar / machine is not registered');
    assert.equal(payload.dedupeKey, 'machine-unknown M1');
  });
});
