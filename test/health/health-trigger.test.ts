// Node health-trigger on a real store inside Node-RED: windows in, five outputs, people's decisions, and nothing told twice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import healthTrigger from '../../nodes/health/health-trigger.ts';
import type { ComponentHealth, HealthAlarm, HealthView } from '../../nodes/health/messages.ts';
import type { NotifyCommand } from '../../nodes/notify/messages.ts';
import type { ProductionWindow } from '../../nodes/production/messages.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { thrownBy } from '../support/thrown.ts';

interface Received<Payload = unknown> {
  readonly topic?: string;
  readonly statusCode?: number;
  readonly payload: Payload;
}

let sequence = 0;
const window = (more: Partial<ProductionWindow> = {}): ProductionWindow => {
  sequence += 1;
  return {
    machine: 'C_FL104',
    at: new Date(Date.now() - 60_000 + sequence).toISOString(),
    windowMs: 1_800_000,
    availability: 0.05,
    effectiveness: 0.5,
    quality: 0.9,
    oee: 0.0225,
    state: 'running',
    planned: false,
    stale: false,
    shift: '1',
    shiftProduction: 100,
    shiftDefects: 4,
    cause: null,
    ...more,
  };
};

describe('node health-trigger', () => {
  let directory: string;
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-health-'));
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(directory, { recursive: true, force: true });
  });

  const outputs = ['out', 'alarms', 'indexes', 'advice', 'notices'];
  const load = (properties: object = {}) =>
    helper.load(
      [shopfloorStore, healthTrigger],
      [
        { id: 'flow', type: 'tab' },
        { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(directory, 'a.sqlite')}` },
        {
          id: 'health',
          type: 'health-trigger',
          z: 'flow',
          store: 'store',
          onDelaySeconds: '0',
          onSamples: '2',
          smoothingSeconds: '0',
          model: '{"rpnCeiling": "relative"}',
          wires: outputs.map((id) => [id]),
          ...properties,
        },
        ...outputs.map((id) => ({ id, type: 'helper', z: 'flow' })),
      ],
    );
  const node = (id: string): Node => helper.getNode(id);
  const collect = <Payload>(id: string): Received<Payload>[] => {
    const all: Received<Payload>[] = [];
    node(id).on('input', (message) => all.push(message as unknown as Received<Payload>));
    return all;
  };
  const give = (payload: unknown, topic = '', more: object = {}) =>
    node('health').receive({ payload, topic, ...more } as never);
  const ask = async <Payload>(payload: object, more: object = {}): Promise<Received<Payload>> => {
    const reply = once(node('out'), 'input');
    give(payload, '', more);
    return ((await reply) as [Received<Payload>])[0];
  };
  const request = (name: string): object => {
    const req = {};
    vouchFor(req, { name, via: 'session' }, async () => true);
    return { req, res: {} };
  };

  it('raises one alarm for each component, with a notice that can be stored once, and shows it', async () => {
    await load();
    const alarms = collect<HealthAlarm>('alarms');
    const notices = collect<NotifyCommand>('notices');
    const indexes = collect<ComponentHealth>('indexes');
    for (let n = 0; n < 5; n += 1) give(window(), 'production/window');
    const { payload: view } = await ask<HealthView>({ command: 'view' });
    assert.equal(indexes.length, 25);
    assert.deepEqual(
      alarms.map(({ topic, payload }) => [topic, payload.component, payload.state, payload.first_out]),
      [
        ['health/alarm', 'Feeder', 'unacknowledged', 1],
        ['health/alarm', 'Pre-Feeder', 'unacknowledged', 2],
        ['health/alarm', 'Printing', 'unacknowledged', 3],
        ['health/alarm', 'Slotter', 'unacknowledged', 4],
        ['health/alarm', 'Stacker', 'unacknowledged', 5],
      ],
    );
    assert.deepEqual(
      notices.map(({ payload }) => payload.dedupeKey),
      alarms.map(({ payload }) => payload.transition),
    );
    assert.deepEqual(
      view.components.map(({ component, index, alarm, band }) => [component, index, alarm, band]),
      [
        ['Feeder', 1.35, 'unacknowledged', 'critical'],
        ['Pre-Feeder', 6.35, 'unacknowledged', 'critical'],
        ['Printing', 7.6, 'unacknowledged', 'critical'],
        ['Slotter', 11.35, 'unacknowledged', 'critical'],
        ['Stacker', 30.1, 'unacknowledged', 'critical'],
      ],
    );
    assert.equal(view.alarms.length, 5);
  });

  it('judges a window that comes twice once', async () => {
    await load();
    const indexes = collect('indexes');
    const twice = window();
    give(twice, 'production/window');
    give(twice, 'production/window');
    await ask({ command: 'list' });
    assert.equal(indexes.length, 5);
  });

  it('takes a coffee break for no degradation, and silence for unknown', async () => {
    await load();
    give(window({ oee: 0.9 }), 'production/window');
    give(window({ oee: null, availability: null, planned: true, state: 'idle' }), 'production/window');
    const held = await ask<ComponentHealth[]>({ command: 'list' });
    assert.deepEqual(
      held.payload.map(({ index, alarm }) => [index, alarm]),
      [
        [54, 'normal'],
        [59, 'normal'],
        [60.25, 'normal'],
        [64, 'normal'],
        [82.75, 'normal'],
      ],
    );
    give(window({ stale: true }), 'production/window');
    const { payload } = await ask<ComponentHealth>({ command: 'get', component: 'stacker' });
    assert.deepEqual([payload.index, payload.band, payload.advice.code], [null, 'unknown', 'unknown']);
  });

  it('lets the person that the server vouched for acknowledge, once for each command id', async () => {
    await load();
    give(window(), 'production/window');
    give(window(), 'production/window');
    await ask({ command: 'list' });
    const alarms = collect<HealthAlarm>('alarms');
    const command = {
      command: 'acknowledge',
      machine: 'C_FL104',
      component: 'Feeder',
      commandId: 'c-1',
      actor: 'mallory',
    };
    const first = await ask<{ data: ComponentHealth }>(command, request('ani'));
    const again = await ask<{ data: ComponentHealth }>(command, request('ani'));
    assert.deepEqual(again.payload, first.payload);
    assert.equal(first.payload.data.alarm, 'acknowledged');
    assert.deepEqual(
      alarms.map(({ payload }) => [payload.state, payload.actor]),
      [['acknowledged', 'ani']],
    );
    const other = await ask({ ...command, component: 'Slotter' }, request('ani'));
    assert.equal(other.statusCode, 409);
  });

  it('answers over HTTP what is wrong, and refuses who may not', async () => {
    await load();
    assert.equal((await ask({ command: 'list' }, { req: {}, res: {} })).statusCode, 401);
    assert.equal((await ask({ command: 'get', component: 'Die-cut' }, request('ani'))).statusCode, 404);
    const wrong = await ask<{ error: { fields: { field: string }[] } }>(
      { command: 'shelve', machine: 'C_FL104', component: 'Feeder', minutes: 0 },
      request('ani'),
    );
    assert.equal(wrong.statusCode, 400);
    assert.deepEqual(
      wrong.payload.error.fields.map(({ field }) => field),
      ['minutes', 'reason'],
    );
    const calm = await ask({ command: 'acknowledge', machine: 'C_FL104', component: 'Feeder' }, request('ani'));
    assert.equal(calm.statusCode, 409);
  });

  it('knows its components and their models, and takes a changed RPN at the next window', async () => {
    await load();
    await ask({ command: 'configure', machine: 'C_FL104', component: 'Stacker', rpn: 500, reason: 'FMEA of May' });
    await ask({ command: 'configure', machine: 'C_FL104', component: 'Die-cut', rpn: 100 });
    const listed = await ask<{ component: string; rpn: number }[]>({ command: 'components' });
    assert.deepEqual(
      listed.payload.map(({ component, rpn }) => [component, rpn]),
      [
        ['Die-cut', 100],
        ['Feeder', 192],
        ['Pre-Feeder', 168],
        ['Printing', 162],
        ['Slotter', 144],
        ['Stacker', 500],
      ],
    );
    give(window({ oee: 0 }), 'production/window');
    const { payload } = await ask<ComponentHealth>({ command: 'get', component: 'Stacker' });
    assert.equal(payload.index, 0);
  });

  it('loses no alarm and repeats none after a restart', async () => {
    await load();
    give(window(), 'production/window');
    give(window(), 'production/window');
    await ask({ command: 'list' });
    await helper.unload();
    await load();
    const alarms = collect<HealthAlarm>('alarms');
    give(window(), 'production/window');
    const { payload } = await ask<HealthView>({ command: 'view' });
    assert.deepEqual(alarms, []);
    assert.deepEqual(new Set(payload.alarms.map(({ state }) => state)), new Set(['unacknowledged']));
  });

  it('tells the trend with threshold and what was unknown', async () => {
    await load();
    give(window({ oee: 0.5 }), 'production/window');
    give(window({ oee: 0.7 }), 'production/window');
    give(window({ stale: true }), 'production/window');
    const { payload } = await ask<{
      points: { mean: number; min: number; max: number; unknown: number }[];
      threshold: number;
    }>({
      command: 'trend',
      machine: 'C_FL104',
      component: 'Feeder',
    });
    const samples = payload.points;
    assert.equal(payload.threshold, 40);
    assert.deepEqual(
      [Math.min(...samples.map(({ min }) => min ?? 100)), Math.max(...samples.map(({ max }) => max ?? 0))],
      [30, 42],
    );
    assert(samples.some(({ unknown }) => unknown > 0));
  });

  it('answers every command with what is wrong with its settings', async () => {
    await load({ threshold: '120', model: '{' });
    const thrown = thrownBy(node('health'));
    give({ command: 'list' });
    assert.match((await thrown).message, /model: must be JSON.*threshold: must be a number from 0 to 100/);
  });
});
