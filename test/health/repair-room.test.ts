// Estimates over a real store: of alarms once, of questions with real production only, learning from finished repairs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { defaultFlood } from '../../nodes/health/alarm-desk.ts';
import { defaultModel } from '../../nodes/health/index-model.ts';
import type { HealthAlarm } from '../../nodes/health/messages.ts';
import { openHealth } from '../../nodes/health/open-health.ts';
import { type OpenRepair, openRepair } from '../../nodes/health/open-repair.ts';
import { parseRepairCommand } from '../../nodes/health/repair-command-parser.ts';
import { defaultTrigger } from '../../nodes/health/trigger.ts';
import type { ProductionWindow } from '../../nodes/production/messages.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const alarm: HealthAlarm = {
  id: 'alarm-1',
  transition: 'C_FL104/Feeder/1',
  machine: 'C_FL104',
  component: 'Feeder',
  state: 'unacknowledged',
  previous: 'normal',
  at: '2026-01-05T00:00:00.000Z',
  index: 31.2,
  threshold: 40,
  first_out: 1,
  actor: 'system',
  reason: null,
};

const engines: readonly ('sqlite' | 'postgres')[] = ['sqlite', 'postgres'];
for (const engine of engines) {
  describe(`estimates on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let directory: string;
    let store: Store;
    let repair: OpenRepair;
    let clock: ManualClock;

    before(async function () {
      this.timeout(120_000);
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-repair-'));
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`);
      clock = new ManualClock('2026-01-05T00:00:00Z');
      repair = await openRepair(store, 'Asia/Jakarta', { clock });
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const producing = async (more: Partial<ProductionWindow>): Promise<void> => {
      const settings = { model: defaultModel, trigger: defaultTrigger, flood: defaultFlood };
      const { room } = await openHealth(store, settings, { clock });
      await room.takeWindow({
        machine: 'C_FL104',
        at: clock.now().toISOString(),
        windowMs: 1_800_000,
        availability: 0.5,
        effectiveness: 0.5,
        quality: 0.9,
        oee: 0.2,
        state: 'running',
        planned: false,
        stale: false,
        shift: '2',
        shiftProduction: 12_345,
        shiftDefects: 67,
        cause: null,
        ...more,
      });
    };
    const finish = (minutes: number, more: object = {}) => {
      const endMs = clock.now().getTime();
      return repair.room.finished({
        command: 'finished',
        machine: 'C_FL104',
        cause: 'Feeder unit  trouble mekanik',
        start: new Date(endMs - minutes * 60_000).toISOString(),
        end: new Date(endMs).toISOString(),
        ...more,
      });
    };

    it('estimate an alarm once, with the real production and defects of its shift', async () => {
      await producing({});
      const estimate = await repair.room.estimateAlarm(alarm);
      assert(estimate);
      const { basis } = estimate;
      assert.deepEqual([basis.shift, basis.production, basis.defects, basis.health_index], ['2', 12_345, 67, 31.2]);
      assert(basis['en-US'].includes('This shift made 12,345 pieces, 67 of them defective (0.5 %).'));
      assert(basis.id.includes('Produksi shift ini 12.345 pcs, cacat 67 pcs (0,5 %).'));
      assert.equal(basis.id.length, basis['en-US'].length);
      assert.equal(estimate.cause, 'FEEDER_JAM_ELEC');
      assert(basis['en-US'].includes('Nobody has reported a cause; feeder jam, electrical is assumed.'));
      assert.deepEqual(estimate.cause_name, {
        id: 'macet di feeder, kelistrikan (dugaan)',
        'en-US': 'feeder jam, electrical (assumed)',
      });
      const unproven = 'No finished repair yet that could show how good this estimate is.';
      assert(basis['en-US'].includes(unproven));
      await finish(20);
      assert.deepEqual(await repair.room.estimateAlarm(alarm), estimate, 'the same alarm has the same answer');
      assert.equal(await repair.room.estimateAlarm({ ...alarm, id: 'alarm-2', state: 'acknowledged' }), null);
    });

    it('say in words the name of the machine', async () => {
      await sql`insert into production_machine (id, name, machine_group, active, updated_at, updated_by)
        values ('C_FL104', 'Flexo 104', '', 1, '2026-01-05', 'ani')`.execute(store.db());
      for (let repairs = 0; repairs < 6; repairs += 1) {
        clock.advance(3_600_000);
        await finish(20);
      }
      const other = await repair.room.estimate({ machine: 'M9', reason: 'SOMETHING NEW' });
      assert(other.basis.id[0]?.startsWith('Dari 6 perbaikan yang selesai di semua mesin; '), other.basis.id[0]);
      const { machine, basis } = await repair.room.estimate({ machine: 'C_FL104' });
      assert.equal(machine, 'C_FL104');
      assert(basis.id[0]?.includes('6 perbaikan di Flexo 104'), basis.id[0]);
      assert.match(
        basis.id.at(-1) ?? '',
        /^Dari 6 perbaikan terakhir, \d+ % selesai di dalam kisaran; rata-rata meleset \d+ menit\.$/,
      );
    });

    it('never invent a production figure: none, zero, stale or old is said, and left out', async () => {
      const said = async () => (await repair.room.estimate({ machine: 'C_FL104' })).basis;
      const without = await said();
      assert.deepEqual([without.production, without.defects], [null, null]);
      assert(without['en-US'].some((sentence) => /no production figure/.test(sentence)));
      await producing({ shiftProduction: 0, shiftDefects: 0 });
      const zero = await said();
      assert.deepEqual([zero.production, zero.defects], [0, 0]);
      assert(zero['en-US'].some((sentence) => /Nothing was produced in this shift yet/.test(sentence)));
      clock.advance(60_000);
      await producing({ stale: true });
      assert.equal((await said()).production, null);
      clock.advance(60_000);
      await producing({});
      assert.equal((await said()).production, 12_345);
      clock.advance(11 * 60_000);
      assert.equal((await said()).production, null);
    });

    it('prefer the cause that somebody reports, in the order of the original', async () => {
      await producing({ cause: 'stuck sheet' });
      const cause = async (body: object) => (await repair.room.estimate({ machine: 'C_FL104', ...body })).cause;
      assert.equal(await cause({ failure_reason: 'b', error_message: 'a', reason: 'c' }), 'A');
      assert.equal(await cause({ reason: 'c' }), 'C');
      assert.equal(await cause({}), 'STUCK SHEET');
      assert.equal((await repair.room.estimate({ component: 'Printing' })).cause, 'PRINT_GHOSTING');
    });

    it('learn from each finished repair once, judge themselves, and know it all again after a restart', async () => {
      const first = await repair.room.estimate({ machine: 'C_FL104', reason: 'FEEDER UNIT TROUBLE MEKANIK' });
      assert.equal(first.basis.kind, 'prior');
      for (let n = 0; n < 25; n += 1) {
        clock.advance(6 * 3_600_000);
        const { learned } = await finish(30 + (n % 3));
        assert.equal(learned, true);
        assert.equal((await finish(30 + (n % 3))).learned, false, 'the same again changes nothing');
      }
      const ask = () => repair.room.estimate({ machine: 'C_FL104', reason: 'FEEDER UNIT TROUBLE MEKANIK' });
      const learned = await ask();
      assert.equal(learned.basis.kind, 'history');
      assert(learned.mean_minutes > 25 && learned.mean_minutes < 45, `${learned.mean_minutes}`);
      const calibration = await repair.room.calibration();
      assert.equal(calibration.repairs, 25);
      repair = await openRepair(store, 'Asia/Jakarta', { clock });
      const { id: _one, ...again } = await ask();
      const { id: _other, ...before } = learned;
      assert.deepEqual(again, before);
      assert.deepEqual(await repair.room.calibration(), calibration);
    });

    it('show the calibration and the estimate of an alarm where health is shown', async () => {
      const settings = { model: { ...defaultModel, rpnCeiling: null }, flood: defaultFlood };
      const trigger = { ...defaultTrigger, smoothingMs: 0, onDelayMs: 0, onSamples: 1 };
      const { room, queries, drain } = await openHealth(store, { ...settings, trigger }, { clock });
      await producing({});
      clock.advance(1_000);
      const window = { windowMs: 1, availability: 0, effectiveness: 0, quality: 0, oee: 0, state: 'running' } as const;
      const more = { planned: false, stale: false, shift: '1', shiftProduction: 1, shiftDefects: 0, cause: null };
      await room.takeWindow({ machine: 'C_FL104', at: clock.now().toISOString(), ...window, ...more });
      const told: HealthAlarm[] = [];
      await drain(({ topic, payload }) => {
        if (topic === 'health/alarm') told.push(payload as HealthAlarm);
      });
      for (const one of told) await repair.room.estimateAlarm(one);
      await finish(15);
      const view = await queries.view();
      assert(view.alarms.length > 0 && view.alarms.every((one) => one.estimate !== null));
      const shown = view.components.find((one) => one.component === 'Feeder')?.auto_prediction;
      assert.equal(shown?.triggered, true);
      assert.equal(shown?.prediction_result?.id, view.alarms.find((one) => one.component === 'Feeder')?.estimate?.id);
      assert.equal(view.calibration.repairs, 1);
    });

    it('follow the stops that machines report, and learn from those that were repairs', async () => {
      let seq = 0;
      const event = (type: string, detail: object, afterMinutes = 0) => {
        clock.advance(afterMinutes * 60_000);
        seq += 1;
        const at = clock.now().toISOString();
        return repair.room.takeEvent({
          seq,
          machine: 'M1',
          at,
          type,
          actor: 'system',
          reason: null,
          detail: { ...detail },
        });
      };
      const state = (from: string | null, to: string, words: string | null = null, afterMinutes = 30) =>
        event('state-changed', { state: to, words, from }, afterMinutes);
      await state(null, 'error', 'BEARING', 0);
      await state('error', 'running');
      await state('running', 'error', 'Servo driver error');
      await state('error', 'maintenance', null, 10);
      await state('maintenance', 'running', null, 15);
      await state('running', 'idle', 'OPERATOR_BREAK');
      await state('idle', 'running', null, 20);
      await state('running', 'error');
      await state('error', 'offline', null, 5);
      await state('offline', 'error', null, 5);
      await state('error', 'running', null, 5);
      await state('running', 'error', null, 5);
      await state('error', 'running', null, 0.2);
      const start = clock.now().getTime() + 60_000;
      await state('running', 'stopped', null, 1);
      await state('stopped', 'running', null, 40);
      const seen = async () =>
        (await repair.store.history.stops({})).data.map(({ cause, class: stopClass, minutes }) => [
          cause,
          stopClass,
          minutes,
        ]);
      assert.deepEqual(await seen(), [
        ['STOPPED', 'other', 40],
        ['OPERATOR_BREAK', 'planned', 20],
        ['SERVO DRIVER ERROR', 'repair', 25],
      ]);
      await event('stop-reason', {
        start: new Date(start).toISOString(),
        reason: 'MECHANICAL_FAILURE',
        planned: false,
      });
      assert.deepEqual((await seen())[0], ['MECHANICAL_FAILURE', 'repair', 40]);
      assert.equal((await repair.room.calibration()).known, 2);
    });

    describe('that read the events of production in the store', () => {
      const startMs = Date.UTC(2026, 0, 4, 20);
      const write = (seq: number, minute: number, detail: object, type = 'state-changed') =>
        sql`insert into production_event (seq, machine, at, type, actor, reason, detail) ${sql.raw(engine === 'postgres' ? 'overriding system value' : '')}
          values (${seq}, 'M1', ${new Date(startMs + minute * 60_000).toISOString()}, ${type}, 'machine', null, ${JSON.stringify(detail)})`.execute(
          store.db(),
        );
      const stopped = (seq: number, minute: number) =>
        write(seq, minute, { state: 'error', words: 'SERVO', from: 'running' });
      const runs = (seq: number, minute: number) =>
        write(seq, minute, { state: 'running', words: null, from: 'error' });
      const followAll = async (room = repair.room) => {
        while (await room.follow());
      };
      const known = async () => (await repair.room.calibration()).known;
      const reopen = async () => {
        repair = await openRepair(store, 'Asia/Jakarta', { clock });
      };

      it('learn once from a stop whose message was lost with the process, however often they look', async () => {
        await stopped(1, 0);
        await runs(2, 30);
        await followAll();
        await followAll();
        await reopen();
        await followAll();
        assert.equal(await known(), 1);
        const at = new Date(startMs + 30 * 60_000).toISOString();
        const detail = { state: 'running', words: null, from: 'error' };
        await repair.room.takeEvent({
          seq: 2,
          machine: 'M1',
          at,
          type: 'state-changed',
          actor: '',
          reason: null,
          detail,
        });
        assert.equal(await known(), 1);
        assert.equal((await repair.store.history.stops({})).total, 1);
      });

      it('take nothing of what a crash ended, and all of it afterwards', async () => {
        await stopped(1, 0);
        await runs(2, 30);
        const dying: Store = {
          engine: store.engine,
          location: store.location,
          db: () => store.db(),
          reader: () => store.reader(),
          migrate: (room, migrations) => store.migrate(room, migrations),
          close: () => store.close(),
          transaction: (work) =>
            store.transaction(async (transaction) => {
              await work(transaction as never);
              throw new Error('the power went');
            }),
        };
        const { room } = await openRepair(dying, 'Asia/Jakarta', { clock });
        await assert.rejects(room.follow(), /the power went/);
        assert.equal((await repair.store.history.stops({})).total, 0);
        await followAll();
        assert.equal(await known(), 1);
      });

      it('share the events with another process on the same store', async () => {
        for (let stop = 0; stop < 30; stop += 1) {
          await stopped(2 * stop + 1, 10 * stop);
          await runs(2 * stop + 2, 10 * stop + 5);
        }
        const { room } = await openRepair(store, 'Asia/Jakarta', { clock });
        await Promise.all([followAll(), followAll(room)]);
        await followAll();
        await reopen();
        assert.equal(await known(), 30);
        assert.equal((await repair.store.history.stops({})).total, 30);
      });

      it('go on where a file has brought the same stop under the name that a person gives it', async () => {
        await stopped(1, 0);
        await runs(2, 30);
        await followAll();
        const endMs = startMs + 30 * 60_000;
        const stop = { machine: 'M1', shift: '', order: '', cause: 'SETUP', startMs, endMs, minutes: 30 };
        await repair.store.inTransaction(({ history }) =>
          history.addStops([stop], new Map([['SETUP', 'other']]), 'old.csv', new Date(endMs).toISOString()),
        );
        await write(3, 40, { start: new Date(startMs).toISOString(), reason: 'SETUP', planned: false }, 'stop-reason');
        await stopped(4, 60);
        await runs(5, 90);
        await followAll();
        const { data } = await repair.store.history.stops({});
        assert.deepEqual(
          data.map(({ cause, source }) => [cause, source]),
          [
            ['SERVO', 'machine'],
            ['SETUP', 'old.csv'],
          ],
        );
      });

      it('keep the name that a person gave when an old event comes again', async () => {
        await stopped(1, 0);
        await runs(2, 30);
        await write(3, 40, { start: new Date(startMs).toISOString(), reason: 'SETUP', planned: false }, 'stop-reason');
        await followAll();
        await sql`update repair_position set seq = 0`.execute(store.db());
        await followAll();
        const causes = (await repair.store.history.stops({})).data.map(({ cause }) => cause);
        assert.deepEqual(causes, ['SETUP']);
      });

      it('wait for a number that another transaction may still commit, and not for ever', async () => {
        await stopped(1, 0);
        await runs(3, 30);
        await followAll();
        assert.equal(await known(), engine === 'postgres' ? 0 : 1);
        clock.advance(31_000);
        await followAll();
        assert.equal(await known(), 1);
      });
    });

    it('refuse a repair that ends before it begins or in the future', async () => {
      await assert.rejects(finish(-5), { code: 'invalid-input' });
      await assert.rejects(finish(5, { end: '2026-01-06T00:00:00Z' }), { code: 'invalid-input' });
    });
  });
}

describe('a question for an estimate', () => {
  const fields = (body: object): readonly string[] => {
    try {
      parseRepairCommand({ command: 'estimate', ...body });
      return [];
    } catch (error) {
      return (error as { fields: { field: string }[] }).fields.map(({ field }) => field);
    }
  };

  it('may be empty, and takes both production figures or none', () => {
    assert.deepEqual(fields({}), []);
    assert.deepEqual(fields({ total_produksi: 0, produk_cacat: 0 }), []);
    assert.deepEqual(fields({ total_produksi: 10 }), ['produk_cacat']);
    assert.deepEqual(fields({ total_produksi: -1, produk_cacat: '5' }), ['total_produksi', 'produk_cacat']);
    assert.deepEqual(fields({ total_produksi: 5, produk_cacat: 6 }), ['produk_cacat']);
    assert.deepEqual(fields({ health_index: 120, shift: {} }), ['shift', 'health_index']);
  });
});
