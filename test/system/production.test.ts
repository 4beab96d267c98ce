// The shipped flows over a broker of the plant: totals are what machines truly made whatever the network did, shifts close, routes answer.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import type { ProductionView } from '../../nodes/production/messages.ts';
import type { ShiftRow } from '../../nodes/production/page-contract.ts';
import type { OeeRow } from '../../nodes/production/production-views.ts';
import { lineFaults } from '../../nodes/production/simulator/faulty-line.ts';
import { type MqttPublisher, openMqttPublisher } from '../../nodes/production/simulator/mqtt-publisher.ts';
import { parseSensorSettings } from '../../nodes/production/simulator/sensor-settings.ts';
import { SimulatedPlant } from '../../nodes/production/simulator/simulated-plant.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { assertDescribed } from '../openapi/validator.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type NodeRedProcess, scriptToken, startShopfloor } from '../support/node-red-process.ts';

interface Answer<Data> {
  readonly status: number;
  readonly body: { readonly success: boolean; readonly data: Data; readonly error?: { readonly code: string } };
}

const machines = ['C_FL104', 'C_DC201'] as const;
const stepMs = 5000;
const hourMs = 3_600_000;
const calendar = new WallCalendar(parseCalendarSettings({ timeZone: 'Asia/Jakarta' }));

describe('the shipped flows over the machines of a plant', function () {
  this.timeout(180_000);
  const home = mkdtempSync(join(tmpdir(), 'shopfloor-production-'));
  let broker: Aedes;
  let server: Server;
  let url: string;
  let running: NodeRedProcess;
  let publisher: MqttPublisher;

  async function call<Data>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer<Data>> {
    const reply = await fetch(`${running.url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${scriptToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = { status: reply.status, body: (await reply.json()) as Answer<Data>['body'] };
    const operation = path.replace(/\?.*/, '').replace(/(?<=stops\/)\d+/, '{span}');
    assertDescribed(`${method} /api/${operation}`, answer.status, answer.body);
    return answer;
  }

  /** Asks again until `accept` is content. */
  async function until<Data>(path: string, accept: (data: Data) => boolean): Promise<Data> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const { body } = await call<Data>('GET', path);
      if (body.success && accept(body.data)) return body.data;
      if (Date.now() > deadline) assert.fail(`${path} still says ${JSON.stringify(body).slice(0, 3000)}`);
      await wait(200);
    }
  }

  before(async () => {
    broker = await Aedes.createBroker();
    server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `mqtt://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const subscribed = new Promise((resolve) => broker.once('subscribe', resolve));
    running = await startShopfloor({ home, environment: { MQTT_URL: url } });
    await subscribed;
    const connected = new Promise<void>((resolve) => {
      publisher = openMqttPublisher(url, (isConnected) => isConnected && resolve());
    });
    await connected;
  });
  after(async () => {
    await publisher?.close();
    await running?.kill();
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    server.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('count what was truly made over every fault, close the shift before, and show both with their OEE', async () => {
    for (const id of machines) {
      const { status } = await call('POST', 'production/machines', {
        id,
        name: `Machine ${id}`,
        idealPerHour: 72_000,
        shiftTarget: 400_000,
        active: true,
      });
      assert.equal(status, 200);
    }
    const now = Date.now();
    const shift = calendar.shiftAt(machines[0], now);
    assert.ok(shift);
    const settings = parseSensorSettings({ url, machines: machines.join(','), intervalSeconds: 0, seed: 11 });
    assert.ok(settings);
    /** 200 intervals up to `endMs`, every third with a fault; the first without, because it is the baseline. */
    const play = async (endMs: number, plant: SimulatedPlant, clock: ManualClock) => {
      clock.advance(endMs - 200 * stepMs - clock.now().getTime());
      for (let step = 0; step < 200; step += 1) {
        clock.advance(stepMs);
        const fault = lineFaults[(step / 3) % lineFaults.length] ?? 'drop';
        // A text without a time of its own is taken to be of its arrival, which in this trial lies hours after the machines' clocks.
        if (step > 1 && step % 3 === 0 && fault !== 'malformed') plant.order(fault, 1);
        await plant.tick(1);
      }
      plant.clearFaults();
      await plant.flush();
      clock.advance(stepMs);
      await plant.tick(1);
    };
    const clock = new ManualClock(new Date(shift.startMs - 3 * hourMs));
    const plant = new SimulatedPlant(settings, clock, publisher);
    await play(shift.startMs - hourMs, plant, clock);
    const before = plant.truth().machines;
    // A source's clock must not run ahead of ours.
    const endMs = Math.max(shift.startMs + 201 * stepMs, now - 60_000) - stepMs;
    const reaches = endMs < Date.now();
    if (reaches) await play(endMs, plant, clock);
    const truth = plant.truth();
    assert.equal(truth.failed, 0);

    const known = new Map(
      truth.machines.map(({ machine, delivered, first }) => [
        machine,
        (delivered?.production ?? 0) - (first?.production ?? 0),
      ]),
    );
    const rows = await until<readonly ShiftRow[]>(
      'production/shifts',
      (list) =>
        machines.every(
          (machine) =>
            list.filter((row) => row.machine === machine).reduce((sum, row) => sum + row.production, 0) ===
            known.get(machine),
        ) && list.some((row) => row.closed),
    );
    for (const { machine, delivered, first } of before) {
      // By its end: should the shift of now close meanwhile, two of them are closed.
      const closed: ShiftRow | undefined = rows.find(
        (row) => row.machine === machine && row.closed && Date.parse(row.end) === shift.startMs,
      );
      const made = {
        production: (delivered?.production ?? 0) - (first?.production ?? 0),
        defects: (delivered?.defects ?? 0) - (first?.defects ?? 0),
      };
      assert.deepEqual({ production: closed?.production, defects: closed?.defects }, made);
      assert.ok((closed?.oee?.time.runningMs ?? 0) > 0 && closed?.oee?.oee);
      assert.equal(closed?.target, 400_000);
    }
    const faults = Object.keys(Object.assign({}, ...truth.machines.map((one) => one.faults)));
    assert.deepEqual(
      faults.sort((left, right) => left.localeCompare(right)),
      ['drop', 'duplicate', 'late', 'reorder', 'reset', 'silence'],
    );
  });

  it('keep what can be no message, with its reason', async () => {
    await publisher.publish('shopfloor/machines/C_FL104/status', 'not json at all');
    await publisher.publish(
      'shopfloor/machines/C_XX999/status',
      JSON.stringify({ machine_status: 'Running', cumulative_production: 5, cumulative_defects: 0 }),
    );
    const { messages } = await until<{ readonly messages: readonly { readonly code: string }[] }>(
      'production/quarantine',
      (data) => data.messages.length >= 2,
    );
    assert.deepEqual(
      messages
        .map(({ code }) => code)
        .sort((left, right) => left.localeCompare(right))
        .slice(-2),
      ['not-json', 'unknown-machine'],
    );
  });

  it('answer on every route in the shape that pages and the original know', async () => {
    const { cards } = (await call<ProductionView>('GET', 'production/current')).body.data;
    assert.deepEqual(
      cards.map(({ machine }) => machine),
      [...machines].sort((left, right) => left.localeCompare(right)),
    );
    const [oee] = (
      await call<readonly OeeRow[]>(
        'GET',
        `production/oee?machine=C_FL104&from=${new Date(Date.now() - 20 * hourMs).toISOString()}`,
      )
    ).body.data;
    assert.ok(oee?.oee.oee);
    const timeline = (
      await call<readonly { state: string }[]>(
        'GET',
        `production/timeline?machine=C_FL104&from=${new Date(Date.now() - 20 * hourMs).toISOString()}`,
      )
    ).body.data;
    assert.ok(timeline.some(({ state }) => state === 'offline') && timeline.some(({ state }) => state === 'running'));
    const [sensor] = (await call<readonly object[]>('GET', 'sensor/current')).body.data;
    assert.ok(
      sensor &&
        [
          'machine_id',
          'machine_status',
          'performance_rate',
          'quality_rate',
          'availability_rate',
          'cumulative_production',
          'cumulative_defects',
          'timestamp',
        ].every((field) => field in sensor),
    );
    assert.equal((await call<readonly object[]>('GET', 'sensor/realtime?limit=7')).body.data.length, 7);
    const [stop] = (
      await call<readonly { id: number; machine_id: string; duration_minutes: number }[]>(
        'GET',
        'downtime/history?limit=5',
      )
    ).body.data;
    assert.ok(stop && stop.duration_minutes >= 0.5);
    const statistics = (await call<{ count: number; average_minutes: number }>('GET', 'downtime/statistics')).body.data;
    assert.ok(statistics.count > 0 && statistics.average_minutes > 0);
    const given = { machine: stop.machine_id, reason: 'MATERIAL_SHORTAGE', commandId: 'c1' };
    const answer = await call<{ reason: string; reason_by: string }>(
      'POST',
      `production/stops/${stop.id}/reason`,
      given,
    );
    assert.equal(answer.body.data.reason, 'MATERIAL_SHORTAGE');
    assert.ok(answer.body.data.reason_by);
    assert.deepEqual(await call('POST', `production/stops/${stop.id}/reason`, given), answer);
    assert.equal((await call('GET', 'production/current?machine=none')).status, 404);
    assert.equal((await call('GET', 'production/oee?from=yesterday')).status, 400);
    assert.equal((await call<readonly object[]>('GET', 'production/reasons')).body.data.length > 20, true);
    assert.equal((await call('GET', 'health')).status, 200);
    const added = await call<object>('POST', 'components', { machine: 'C_DC201', component: 'Die-cut', rpn: 240 });
    assert.equal(added.status, 200);
    const known = (await call<readonly { machine: string }[]>('GET', 'components')).body.data;
    assert.deepEqual(
      known.filter(({ machine }) => machine === 'C_DC201'),
      [added.body.data],
    );
    assert.equal((await call('POST', 'components', { machine: 'C_DC201', component: 'Stacker' })).status, 400);
    const predicted = await call<{ p50_minutes: number }>('POST', 'predict/maintenance', {
      machine: 'C_FL104',
      component: 'Feeder',
      failure_reason: 'FEEDER_JAM_MECH',
      total_produksi: 100,
      produk_cacat: 3,
    });
    assert.ok(predicted.body.data.p50_minutes > 0);
    assert.equal((await fetch(`${running.url}/api/production/current`)).status, 401);
  });
});
