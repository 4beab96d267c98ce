import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { centiKg } from '../../nodes/core/mass.ts';
import { type NodeRedProcess, nodeRedLegs, requireLeg, startShopfloor } from '../support/node-red-process.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { type BatchRow, PlantApi } from './api.ts';
import { Plant, type PlantOptions } from './plant.ts';

interface TaskRow {
  readonly task: number;
  readonly enabled: boolean;
  readonly runs: number;
  readonly lastOutcome: string | null;
}

/** A mill that stops somewhere in each batch until it is told to go on: however seldom somebody looks, the batch is seen running. */
const waitingMill = { mill: { secondsPerBatch: 0.5, stallProbability: 1, stallSeconds: 3_600 } };

for (const leg of nodeRedLegs) {
  describe(`the shipped flows on ${leg.name}`, function () {
    this.timeout(120_000);
    let plant: Plant;
    let running: NodeRedProcess;
    let api: PlantApi;

    before(function () {
      requireLeg(this, leg);
    });

    afterEach(async () => {
      await running?.kill();
      await plant?.stop();
    });

    async function start(options: PlantOptions = {}): Promise<void> {
      plant = await Plant.start({ plc: { mill: { secondsPerBatch: 0.5 } }, ...options });
      running = await startShopfloor({ home: plant.home, environment: plant.environment, leg });
      api = new PlantApi(running.url);
    }

    it('carry an order from Odoo through the PLC and back, and keep its history', async () => {
      await start();
      const name = plant.odoo.order(plant.odoo.createOrder({ feed: 0, quantityKg: 1_000 })).name;
      const archived = await api.until<readonly BatchRow[], BatchRow>('history', (rows) => rows[0]);
      assert.equal(archived.mo_id, name);
      assert.equal(archived.target_consumption_silo_a, 220);
      assert.equal(archived.target_consumption_lq114, 45);
      plant.reconcile();
      const booked = plant.odoo.orders[0]?.consumedCentiKg.get(plant.odoo.catalogue.ingredients.get(114)?.id ?? 0);
      assert.equal(archived.consumption_lq114, (booked ?? 0) / 100);

      for (const form of [name, encodeURIComponent(name)]) {
        const { body } = await api.get<{ batches: readonly { events: readonly { type: string }[] }[] }>(
          `history/${form}`,
        );
        const types = body.data.batches[0]?.events.map(({ type }) => type) ?? [];
        assert.deepEqual(types, ['staged', 'handed-over', 'started', 'finished', 'push-began', 'push-verified']);
      }
      assert.match(running.log(), /\[TASK 1\] Fetch orders: done[^\n]*1 batch is in the PLC/);
      assert.match(running.log(), /\[TASK 2\][\s\S]*\[TASK 3\][\s\S]*\[TASK 4\]/);
    });

    it('run nothing on a clock that is switched off, and everything by hand', async () => {
      await start({ environment: { ENABLE_AUTO_SYNC: 'false' } });
      plant.odoo.createOrder();
      const { body } = await api.get<readonly TaskRow[]>('scheduler/status');
      assert.deepEqual(
        body.data.map(({ task, enabled, runs }) => [task, enabled, runs]),
        [1, 2, 3, 4, 5].map((task) => [task, false, 0]),
      );
      assert.equal((await api.post('trigger-sync')).status, 202);
      await api.until<readonly BatchRow[], true>('batch-status', (rows) => rows[0]?.state === 'written');
      // The mill needs a moment; nobody reads the PLC until we say so.
      await api.until<readonly BatchRow[], true>('batch-status', (rows) => {
        void api.post('manual/trigger-plc-sync');
        return rows[0]?.state === 'finished';
      });
      assert.equal((await api.post('manual/trigger-process-completed')).status, 202);
      await api.until<readonly BatchRow[], true>('history', (rows) => rows.length === 1);
    });

    it('wait for an Odoo that is away, say so, and post when it is back', async () => {
      await start({ plc: waitingMill });
      plant.odoo.createOrder();
      await api.until<readonly BatchRow[], true>('batch-status', (rows) => rows[0]?.state === 'running');
      await plant.odoo.stop();
      await api.until<readonly BatchRow[], true>('failed-to-push', (rows) => {
        plant.plc.mill.resume();
        return rows.length === 1;
      });
      await plant.odoo.start();
      await api.until<readonly BatchRow[], true>(
        'history',
        (rows) => {
          // The connection leaves a dead server alone for some seconds; a person tries again until it is back.
          void api.post(`manual/retry-push-odoo/${plant.odoo.orders[0]?.name}`);
          return rows.length === 1;
        },
        60_000,
      );
      plant.reconcile();
    });

    it('go on where they were after the PLC was unplugged', async () => {
      await start({ plc: waitingMill });
      plant.odoo.createOrder();
      await api.until<readonly BatchRow[], true>('batch-status', (rows) => rows[0]?.state === 'running');
      await plant.plc.server.inject({ kind: 'unplug' });
      await running.logged(/\[TASK 2\] Read the PLC: failed/);
      await plant.plc.server.inject({ kind: 'plug-in' });
      await api.until<readonly BatchRow[], true>('history', (rows) => {
        plant.plc.mill.resume();
        return rows.length === 1;
      });
      plant.reconcile();
    });

    it('finish a queue whose writing was cut, and let the PLC make each batch once', async () => {
      await start({ environment: { ENABLE_AUTO_SYNC: 'false' } });
      for (let order = 0; order < 4; order += 1) plant.odoo.createOrder({ feed: order });
      await plant.plc.server.inject({ kind: 'drop-in-queue-write', writes: 6 });
      await api.post('trigger-sync');
      await running.logged(/\[TASK 1\] Fetch orders: failed/);
      assert.equal(plant.plc.mill.deliveries.length, 0, 'the PLC took half a queue');
      const rows = await api.get<readonly BatchRow[]>('batch-status');
      assert.deepEqual([...new Set(rows.body.data.map(({ state }) => state))], ['queued']);
      await api.until<readonly BatchRow[], true>('history', (archived) => {
        for (const trigger of ['trigger-sync', 'manual/trigger-plc-sync', 'manual/trigger-process-completed']) {
          void api.post(trigger);
        }
        return archived.length === 4;
      });
      plant.reconcile();
      assert.deepEqual([...plant.runsByName().values()], [1, 1, 1, 1]);
    });

    it('say what to check when something else than Odoo answers, and leave the ledger alone', async () => {
      await start({ environment: { ENABLE_AUTO_SYNC: 'false' } });
      plant.odoo.createOrder();
      plant.odoo.fault({ kind: 'html-page', times: 10 });
      await api.post('trigger-sync');
      const line = await running.logged(/\[TASK 1\] Fetch orders: failed/);
      assert.match(line, /ODOO_URL/);
      assert.deepEqual((await api.get<readonly BatchRow[]>('batch-status')).body.data, []);
    });

    it('take a failure that the PLC reports, tell it, and let a person acknowledge it', async () => {
      await start();
      const happenedAt = { year: 2026, month: 1, day: 5, hour: 6, minute: 59, second: 30 };
      plant.plc.reports.reportFailure({ code: 'silo103', info: 'START_FAILURE', happenedAt });
      plant.plc.reports.reportFailure({ code: 'lq114', info: 'OVERLOAD', happenedAt });
      interface Failure {
        readonly id: number;
        readonly equipment_name: string;
        readonly failure_date: string;
        readonly is_resolved: boolean;
      }
      const failures = await api.until<readonly Failure[], readonly Failure[]>(
        'equipment-failures?open=true',
        (rows) => (rows.length === 2 ? rows : undefined),
      );
      assert.deepEqual(
        failures.map(({ equipment_name, failure_date }) => [equipment_name, failure_date]),
        [
          ['Tank LQ114', '2026-01-04T23:59:30.000Z'],
          ['Silo C', '2026-01-04T23:59:30.000Z'],
        ],
      );
      await running.logged(/\[ALARM\] on {2}equipment-failure: Silo C \(silo103\) reported START_FAILURE/);
      const acknowledge = (id: number | undefined) =>
        api.post<Failure>('manual/acknowledge-failure', { id, note: 'belt tightened' });
      const { status, body } = await acknowledge(failures[0]?.id);
      assert.deepEqual([status, body.data.is_resolved], [200, true]);
      assert.equal((await acknowledge(failures[0]?.id)).status, 409);
      assert.equal((await acknowledge(999)).status, 404);
      const { body: open } = await api.get<readonly Failure[]>('equipment-failures?open=true');
      assert.deepEqual(
        open.data.map(({ equipment_name }) => equipment_name),
        ['Silo C'],
      );
      assert.equal(plant.plc.memory.words[8022], 1);
    });

    it('post what was weighed by hand with its order, and leave what fits no order to a person', async () => {
      await start({ plc: waitingMill });
      const name = plant.odoo.order(plant.odoo.createOrder({ feed: 0, quantityKg: 1_000 })).name;
      await api.until<readonly BatchRow[], true>('batch-status', (rows) => rows[0]?.state === 'running');
      const productId = plant.odoo.catalogue.ingredients.get(101)?.id ?? 0;
      const weigh = (moName: string, kg: number) =>
        plant.plc.reports.reportWeighing({ slot: 1, moName, productId, massCentiKg: centiKg(kg * 100) });
      weigh(name, 1.5);
      weigh('WH/MO/77777', 2);
      interface Weighing {
        readonly id: number;
        readonly status: string;
        readonly quantity: number;
      }
      const held = await api.until<readonly Weighing[], Weighing>('weighings?waiting=true', (rows) => rows[0]);
      await running.logged(/\[ALARM\] on {2}weighing-held: 2.00 kg/);
      const settled = await api.post<Weighing>('manual/settle-weighing', {
        id: held.id,
        order: name,
        kg: 1,
        reason: 'wrong order typed',
      });
      assert.deepEqual([settled.status, settled.body.data.status], [200, 'taken']);
      await api.until<readonly BatchRow[], true>('history', (rows) => {
        plant.plc.mill.resume();
        return rows.length === 1;
      });
      const [delivered] = plant.plc.mill.deliveries;
      const bySilo = delivered?.consumption.find(({ equipment }) => equipment === 101)?.massCentiKg ?? 0;
      assert.equal(plant.odoo.orders[0]?.consumedCentiKg.get(productId), bySilo + 250);
      const { body } = await api.get<readonly Weighing[]>('weighings');
      assert.deepEqual(
        body.data.map(({ status, quantity }) => [status, quantity]),
        [
          ['posted', 1],
          ['posted', 1.5],
        ],
      );
    });

    it('leave a deviation to a person, and post it once it is accepted', async () => {
      await start({ plc: { mill: { secondsPerBatch: 0.5, scatterPercent: 60 }, seed: 4 } });
      const name = plant.odoo.order(plant.odoo.createOrder()).name;
      const held = await api.until<readonly (BatchRow & { readonly hold?: unknown })[], unknown>(
        'failed-to-push',
        (rows) => rows[0],
      );
      assert.match(JSON.stringify(held), /deviation/);
      assert.equal(plant.odoo.orders[0]?.closedTimes, 0, 'nothing was forced through');
      const refused = await api.post<unknown>(`manual/cancel-batch/${name}`);
      assert.equal(refused.status, 409);
      assert.equal(
        (await api.post(`manual/retry-push-odoo/${name}`, { accept: true, reason: 'weighed again' })).status,
        200,
      );
      await api.until<readonly BatchRow[], true>('history', (rows) => rows.length === 1);
      plant.reconcile();
    });

    it('write nothing in watch-only mode, and show what they would have written', async () => {
      await start({ environment: { SHOPFLOOR_WATCH_ONLY: 'true' } });
      plant.odoo.createOrder();
      const before = Buffer.from(plant.plc.memory.read(0, 10_000) ?? []);
      await api.until<readonly { kind: string }[], true>('watch-only', (rows) =>
        rows.some(({ kind }) => kind === 'plc-write'),
      );
      await wait(500);
      assert.deepEqual(Buffer.from(plant.plc.memory.read(0, 10_000) ?? []), before);
      assert.equal(plant.odoo.orders[0]?.state, 'confirmed');
      assert.equal(plant.odoo.calls.get('write') ?? 0, 0);
    });

    it('let nobody in from elsewhere without a token, and nobody with a wrong one', async () => {
      await start({ environment: { SHOPFLOOR_API_TOKEN: 'a-token-of-sixteen-or-more' } });
      for (const path of [
        'batch-status',
        'history',
        'scheduler/status',
        'watch-only',
        'failed-to-push',
        'monitor/real-time',
      ]) {
        assert.equal((await api.get(path, { authorization: '' })).status, 401, path);
        assert.equal((await api.get(path, { authorization: 'Bearer wrong' })).status, 401, path);
        assert.equal((await api.get(path, { authorization: 'Bearer a-token-of-sixteen-or-more' })).status, 200, path);
      }
      assert.equal(running.log().includes('a-token-of-sixteen-or-more'), false, 'the token stands in the log');
    });

    it('answer a wrong request with its fault, and an unknown order with 404', async () => {
      await start({ environment: { ENABLE_AUTO_SYNC: 'false' } });
      assert.equal((await api.get('history?limit=0')).status, 400);
      assert.equal((await api.get('history/WH/MO/99999')).status, 404);
      assert.equal((await api.post('manual/reset-batch/WH%2FMO%2F99999')).status, 404);
      const reply = await fetch(`${running.url}/api/admin/clear-mo-batch`, {
        method: 'POST',
        body: '{"reason"',
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(reply.status, 400);
      assert.match(await reply.text(), /"code":"invalid-json"/);
    });

    it('stop in good order when they are asked to', async () => {
      await start();
      plant.odoo.createOrder();
      await api.until<readonly BatchRow[], true>('batch-status', (rows) => rows.length > 0);
      const startedAt = performance.now();
      assert.deepEqual(await running.stop(), { code: 0, signal: null });
      assert.ok(performance.now() - startedAt < 5_000, 'closing took longer than five seconds');
      assert.doesNotMatch(running.log(), /Close timed out|Error stopping node/);
    });
  });
}

describe('the shipped flows on PostgreSQL', function () {
  this.timeout(120_000);
  let server: PostgresServer;
  let plant: Plant;
  let running: NodeRedProcess | undefined;

  before(async function () {
    server = await startPostgres(this);
    const address = new URL(await server.newDatabase());
    address.password = 'secret-of-the-plant';
    plant = await Plant.start({
      plc: waitingMill,
      environment: { DATABASE_URL: address.href },
    });
  });

  after(async () => {
    await running?.kill();
    await plant?.stop();
    server?.stop();
  });

  it('carry orders from Odoo through the PLC and back, over a restart, with no password in the log', async () => {
    for (let order = 0; order < 3; order += 1) plant.odoo.createOrder({ feed: order });
    running = await startShopfloor({ home: plant.home, environment: plant.environment });
    await new PlantApi(running.url).until<readonly BatchRow[], true>('batch-status', (rows) =>
      rows.some(({ state }) => state === 'running'),
    );
    await running.kill();
    running = await startShopfloor({ home: plant.home, environment: plant.environment });
    await new PlantApi(running.url).until<readonly BatchRow[], true>('history', (rows) => {
      plant.plc.mill.resume();
      return rows.length === 3;
    });
    plant.reconcile();
    assert.deepEqual([...plant.runsByName().values()], [1, 1, 1]);
    assert.doesNotMatch(running.log(), /secret-of-the-plant/);
  });
});
