// The health room on both engines: time alone, people's decisions, trend and history, and a history that nobody can rewrite.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { defaultFlood } from '../../nodes/health/alarm-desk.ts';
import { noticeOf } from '../../nodes/health/alarm-notice.ts';
import { defaultModel } from '../../nodes/health/index-model.ts';
import type { HealthAlarm, HealthMeasure } from '../../nodes/health/messages.ts';
import { healthMigrations } from '../../nodes/health/migrations.ts';
import { type OpenHealth, openHealth } from '../../nodes/health/open-health.ts';
import type { HealthSchema } from '../../nodes/health/tables.ts';
import { defaultTrigger, newTriggerState } from '../../nodes/health/trigger.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const ani = { name: 'ani', via: 'session' } as const;
const minuteMs = 60_000;
const settings = {
  model: { ...defaultModel, rpnWeight: 0 },
  trigger: {
    ...defaultTrigger,
    smoothingMs: 0,
    onDelayMs: 30_000,
    onSamples: 1,
    offDelayMs: 0,
    offSamples: 1,
    coolDownMs: 0,
  },
  flood: defaultFlood,
};
const feeder = { machine: 'C_FL104', component: 'Feeder' } as const;

const engines: readonly ('sqlite' | 'postgres')[] = ['sqlite', 'postgres'];
for (const engine of engines) {
  describe(`the health room on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let directory: string;
    let store: Store;
    let health: OpenHealth;
    let clock: ManualClock;
    let told: HealthAlarm[];

    before(async function () {
      this.timeout(120_000);
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-health-'));
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`);
      clock = new ManualClock('2026-01-05T00:00:00Z');
      health = await openHealth(store, settings, { clock });
      told = [];
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const measure = (value: number | null, more: Partial<HealthMeasure> = {}) =>
      health.room.takeMeasures([
        { ...feeder, name: 'oee', value, at: clock.now().toISOString(), quality: 'good', ...more },
      ]);
    const later = async (ms: number) => {
      clock.advance(ms);
      await health.room.tick();
      await hear();
    };
    const hear = () =>
      health.drain(({ topic, payload }) => {
        if (topic === 'health/alarm') told.push(payload as HealthAlarm);
      });
    const nameMachine = (machine: string, name: string) =>
      sql`insert into production_machine (id, name, machine_group, active, updated_at, updated_by)
        values (${machine}, ${name}, '', 1, '2026-01-05', 'ani')`.execute(store.db());
    const states = () => told.map(({ state }) => state);

    it('takes what comes once the clock is right, though it was a month ahead before', async () => {
      const month = 30 * 86_400_000;
      clock.jump(month);
      await measure(10);
      clock.jump(-month);
      clock.advance(60_000);
      const [shown] = await measure(95);
      assert.equal(shown?.inputs.find(({ name }) => name === 'oee')?.value, 95);
    });

    it('keeps the newest window of a machine for whoever asks, also when an older one comes late', async () => {
      const window = (at: string, shiftProduction: number) => ({
        machine: 'C_FL104',
        at,
        windowMs: 60_000,
        availability: 1,
        effectiveness: 1,
        quality: 1,
        oee: 1,
        state: 'running' as const,
        planned: false,
        stale: false,
        shift: '1',
        shiftProduction,
        shiftDefects: 0,
        cause: null,
      });
      clock.advance(60_000);
      await health.room.takeWindow(window('2026-01-05T00:00:40Z', 40));
      await health.room.takeWindow(window('2026-01-05T00:00:20Z', 20));
      const kept = () =>
        store.db<HealthSchema>().selectFrom('health_machine').select(['last_window', 'window_ms']).executeTakeFirst();
      assert.equal(JSON.parse((await kept())?.last_window ?? '{}').shiftProduction, 40);
      await health.room.takeWindow(window('2026-01-06T00:00:00Z', 99));
      assert.equal((await kept())?.window_ms, Date.parse('2026-01-05T00:01:00Z'));
    });

    it('raises the alarm when the delay runs out without another message', async () => {
      await measure(20);
      await later(29_000);
      assert.deepEqual(states(), []);
      await later(1_000);
      assert.deepEqual(states(), ['unacknowledged']);
      await later(1_000);
      await hear();
      assert.equal(told.length, 1, 'once');
    });

    it('finds silence by itself: what was healthy becomes unknown, and an alarm stays', async () => {
      await measure(90);
      await later(defaultModel.staleAfterMs + 2_000);
      const silent = await health.queries.get('Feeder');
      assert.deepEqual([silent.index, silent.band], [null, 'unknown']);
      await measure(10);
      await later(30_000);
      await later(defaultModel.staleAfterMs + 2_000);
      const bad = await health.queries.get('Feeder');
      assert.deepEqual([bad.index, bad.alarm], [null, 'unacknowledged']);
    });

    it('says when an index was last calculated, and never of a component that nothing was heard of', async () => {
      const of = async () => {
        const { at, calculated_at } = await health.queries.get('Feeder');
        return [at, calculated_at];
      };
      assert.deepEqual(await of(), [null, null]);
      await health.room.decide({ command: 'shelve', ...feeder, minutes: 10, reason: 'part ordered' }, ani);
      assert.deepEqual(await of(), ['2026-01-05T00:00:00.000Z', null], 'a decision calculates nothing');
      clock.advance(minuteMs);
      await measure(null);
      assert.deepEqual(await of(), ['2026-01-05T00:01:00.000Z', null], 'nor does a missing value');
      clock.advance(minuteMs);
      await measure(90);
      clock.advance(minuteMs);
      await measure(null);
      assert.deepEqual(await of(), ['2026-01-05T00:03:00.000Z', '2026-01-05T00:02:00.000Z']);
    });

    it('knows from the trend when an earlier version last calculated', async () => {
      const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'older.sqlite')}`;
      const older = await openStore(url);
      const earlier = Object.fromEntries(
        Object.entries(healthMigrations(engine)).filter(([name]) => name < '0007-last-calculated'),
      );
      await older.migrate('health', earlier);
      const state = JSON.stringify(newTriggerState);
      for (const statement of [
        sql`insert into health_state (machine, component, state, inputs, band, at, due_ms) values
          ('C_FL104', 'Feeder', ${state}, '[]', 'unknown', '2026-01-05T00:07:09.000Z', 0),
          ('C_FL104', 'Slotter', ${state}, '[]', 'unknown', '2026-01-05T00:07:09.000Z', 0)`,
        sql`insert into health_rollup (machine, component, grain, bucket_ms, samples, unknown, total) values
          ('C_FL104', 'Feeder', 'minute', ${Date.parse('2026-01-05T00:04:00Z')}, 2, 1, 80),
          ('C_FL104', 'Feeder', 'minute', ${Date.parse('2026-01-05T00:05:00Z')}, 1, 1, 0),
          ('C_FL104', 'Slotter', 'minute', ${Date.parse('2026-01-05T00:04:00Z')}, 1, 1, 0)`,
      ]) {
        await statement.execute(older.db());
      }
      await older.close();
      const now = await openStore(url);
      const { queries } = await openHealth(now, settings, { clock });
      const last = [await queries.get('Feeder'), await queries.get('Slotter')];
      await now.close();
      assert.deepEqual(
        last.map(({ calculated_at }) => calculated_at),
        ['2026-01-05T00:04:00.000Z', null],
      );
    });

    it('calls machines by their names, to whoever looks and whoever is told', async () => {
      assert.equal((await health.queries.get('Feeder')).machine_name, 'C_FL104', 'nobody has named it');
      await nameMachine('C_FL104', 'Flexo 104');
      assert.equal((await health.queries.get('Feeder')).machine_name, 'Flexo 104');
      await measure(20);
      clock.advance(30_000);
      await health.room.tick();
      const notices: (readonly unknown[])[] = [];
      await health.drain(({ topic, payload }, machineName) => {
        if (topic !== 'health/alarm') return;
        const notice = noticeOf(payload as HealthAlarm, machineName);
        notices.push([notice?.title, notice?.link]);
      });
      assert.deepEqual(notices, [
        [
          'Flexo 104 Feeder: kesehatan kritis / health critical (20.0)',
          '/dashboard/health?machine=C_FL104&component=Feeder',
        ],
      ]);
      const [alarm] = (await health.queries.view()).alarms;
      assert.deepEqual([alarm?.machine, alarm?.machine_name], ['C_FL104', 'Flexo 104']);
    });

    it('ends shelving by itself, with who shelved it and why in the history', async () => {
      await health.room.decide({ command: 'shelve', ...feeder, minutes: 10, reason: 'part ordered' }, ani);
      await measure(10);
      await later(minuteMs);
      assert.deepEqual(states(), ['shelved']);
      const [shelved] = (await health.queries.view()).alarms;
      assert.deepEqual(
        [shelved?.actor, shelved?.reason, shelved?.shelved_until],
        ['ani', 'part ordered', '2026-01-05T00:10:00.000Z'],
      );
      await measure(10);
      await later(9 * minuteMs);
      assert.deepEqual(states(), ['shelved', 'unacknowledged']);
      await health.room.decide({ command: 'acknowledge', ...feeder }, ani);
      const { data, total } = await health.queries.history({ command: 'history', ...feeder, limit: 2 });
      assert.equal(total, 3);
      assert.deepEqual(
        data.map(({ state, actor }) => [state, actor]),
        [
          ['acknowledged', 'ani'],
          ['unacknowledged', 'system'],
        ],
      );
    });

    it('distrusts a source whose clock is ahead, and hears it again once it is right', async () => {
      await measure(90, { at: new Date(clock.now().getTime() + 3_600_000).toISOString() });
      assert.equal((await health.queries.get('Feeder')).band, 'unknown');
      clock.advance(1_000);
      await measure(90);
      assert.equal((await health.queries.get('Feeder')).index, 90);
    });

    it('tells the trend by the minute, and by the hour for longer than a day', async () => {
      for (const value of [80, 60, null, 70]) {
        await measure(value);
        clock.advance(20_000);
      }
      const trend = (from: string) =>
        health.queries.trend({ command: 'trend', ...feeder, from, to: '2026-01-05T02:00:00Z' });
      const minutes = await trend('2026-01-05T00:00:00Z');
      assert.deepEqual(
        minutes.points.map(({ at, mean, min, max, unknown }) => [at, mean, min, max, Math.round(unknown * 100)]),
        [
          ['2026-01-05T00:00:00.000Z', 70, 60, 80, 33],
          ['2026-01-05T00:01:00.000Z', 70, 70, 70, 0],
        ],
      );
      const hours = await trend('2026-01-03T00:00:00Z');
      assert.deepEqual([hours.grain, hours.points.length, hours.points[0]?.mean], ['hour', 1, 70]);
    });

    it('keeps models for a machine and for a component, and refuses a new component without RPN', async () => {
      const model = {
        rpnWeight: 0,
        inputs: [{ name: 'temperature_c', weight: 1, scale: { kind: 'range', healthy: 40, failed: 90 } }],
      };
      await health.room.decide({ command: 'configure', ...feeder, model }, ani);
      await measure(65, { name: 'temperature_c' });
      assert.equal((await health.queries.get('Feeder')).index, 50);
      await assert.rejects(health.room.decide({ command: 'configure', machine: 'M2', component: 'New' }, ani), {
        code: 'component-new',
      });
      await health.room.decide({ command: 'configure', ...feeder, retired: true }, ani);
      await assert.rejects(health.queries.get('Feeder'), { httpStatus: 404 });
    });

    it('asks for the machine where several have a component of that name', async () => {
      const added = await health.room.decide(
        { command: 'configure', machine: 'M2', component: 'Feeder', rpn: 300 },
        ani,
      );
      assert.deepEqual(
        (await health.queries.components()).filter(({ machine }) => machine === 'M2'),
        [added],
      );
      assert.equal((await health.queries.get('feeder', 'M2')).rpn, 300);
      await assert.rejects(health.queries.get('feeder'), {
        httpStatus: 409,
        code: 'component-ambiguous',
        current: { machines: ['C_FL104', 'M2'] },
      });
    });

    it('refuses to change what happened, whoever asks', async () => {
      await measure(20);
      await later(30_000);
      await health.room.decide({ command: 'acknowledge', ...feeder }, ani);
      for (const table of ['health_transition', 'health_event']) {
        for (const statement of [`update ${table} set machine = 'x'`, `delete from ${table}`]) {
          await assert.rejects(sql.raw(statement).execute(store.db()), /append-only/);
        }
      }
    });
  });
}
