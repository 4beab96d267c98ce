// Node mo-batch on a real store inside Node-RED: messages in, three outputs, refusals over HTTP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import moBatch from '../../nodes/batch/mo-batch.ts';
import { parseMoBatchSettings } from '../../nodes/batch/mo-batch-settings.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { thrownBy } from '../support/thrown.ts';
import { block, fullBatch, order, verified } from './ledger-world.ts';

interface Received {
  readonly topic?: string;
  readonly statusCode?: number;
  readonly taskRun?: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

describe('node mo-batch', () => {
  let directory: string;
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-node-'));
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(directory, { recursive: true, force: true });
  });

  const load = (properties: object = {}, url = `sqlite:${join(directory, 'a.sqlite')}`) =>
    helper.load(
      [shopfloorStore, moBatch],
      [
        { id: 'flow', type: 'tab' },
        { id: 'store', type: 'shopfloor-store', url },
        {
          id: 'ledger',
          type: 'mo-batch',
          z: 'flow',
          store: 'store',
          line: 'line-1',
          wires: [['out'], ['events'], ['alarms']],
          ...properties,
        },
        { id: 'twin', type: 'mo-batch', z: 'flow', store: 'store', line: 'line-1', wires: [['out'], [], []] },
        { id: 'out', type: 'helper', z: 'flow' },
        { id: 'events', type: 'helper', z: 'flow' },
        { id: 'alarms', type: 'helper', z: 'flow' },
      ],
    );
  const node = (id: string): Node => helper.getNode(id);
  const next = async (id: string): Promise<Received> => ((await once(node(id), 'input')) as [Received])[0];
  const give = (payload: object, more: object = {}, to = 'ledger') => node(to).receive({ payload, ...more } as never);
  const ask = async (payload: object, more: object = {}, to = 'ledger'): Promise<Received> => {
    const reply = next('out');
    give(payload, more, to);
    return reply;
  };
  const refusal = async (payload: object, more: object = {}): Promise<string> => {
    const thrown = thrownBy(node('ledger'));
    give(payload, more);
    return (await thrown).message;
  };
  const request = (name?: string): object => {
    const req = {};
    if (name !== undefined) vouchFor(req, { name, via: 'session' }, async () => true);
    return { req, res: {} };
  };

  it('answers with the next step, keeps the rest of the message, and sends one message for each event', async () => {
    await load();
    const events: Received[] = [];
    const both = new Promise<void>((resolve) => {
      node('events').on('input', (message) => {
        if (events.push(message as unknown as Received) === 2) resolve();
      });
    });
    const reply = await ask({ command: 'stage', orders: [order(1), order(2)], refused: [] }, { taskRun: 'run-1' });
    assert.equal(reply.topic, 'batch/stage');
    assert.equal(reply.taskRun, 'run-1');
    assert.equal(reply.payload.command, 'write');
    await both;
    assert.deepEqual(
      events.map(({ topic, payload }) => [topic, payload.type, payload.orderName, payload.actor]),
      [
        ['batch/event', 'staged', 'WH/MO/00001', 'flow'],
        ['batch/event', 'staged', 'WH/MO/00002', 'flow'],
      ],
    );
  });

  it('carries an order to its end, whichever node of the line is asked', async () => {
    await load();
    const queue = await ask({ command: 'stage', orders: [order(1)], refused: [] });
    await ask({
      command: 'written',
      queueId: queue.payload.queueId,
      outcome: 'handed-over',
      slots: [{ slot: 1, moName: 'WH/MO/00001' }],
    });
    const snapshot = { command: 'observe', plc: 'p', readAt: new Date().toISOString(), durationMs: 1 };
    await ask({ ...snapshot, blocks: [block(1, 'WH/MO/00001', { ...fullBatch, finished: true })] });
    const push = await ask({ command: 'due' });
    assert.equal((await ask({ command: 'due' }, {}, 'twin')).payload.command, 'none');
    const answer = {
      command: 'complete',
      pushId: push.payload.pushId,
      orderId: 1,
      action: 'push',
      calls: 4,
      ...verified,
    };
    await ask(answer, {}, 'twin');
    const history = await ask({ command: 'history', limit: '5' }, request('ani'));
    assert.equal(history.statusCode, 200);
    assert.deepEqual([history.payload.success, history.payload.total, history.payload.limit], [true, 1, 5]);
    assert.equal((history.payload.data as { mo_id: string }[])[0]?.mo_id, 'WH/MO/00001');
  });

  it('sends an alarm when it begins', async () => {
    await load();
    const alarm = next('alarms');
    give({
      command: 'stage',
      orders: [],
      refused: [{ orderId: 9, orderName: 'WH/MO/00009', reasons: [{ code: 'x', message: 'no silo' }] }],
    });
    const { topic, payload } = await alarm;
    assert.equal(topic, 'batch/alarm');
    assert.deepEqual([payload.code, payload.active, payload.orderName], ['order-refused', true, 'WH/MO/00009']);
  });

  it('names the person that the server vouched for, whatever the payload says', async () => {
    await load();
    await Promise.all([next('events'), ask({ command: 'stage', orders: [order(1)], refused: [] })]);
    const events = next('events');
    const reply = await ask({ command: 'clear', release: true, actor: 'mallory' }, request('ani'));
    assert.equal(reply.payload.success, true);
    assert.equal((await events).payload.actor, 'ani');
  });

  it('refuses every command of a request that nobody vouched for', async () => {
    await load();
    for (const command of ['list', 'clear', 'begin-sync']) {
      const reply = await ask({ command }, { ...request(), actor: { name: 'ani' } });
      assert.equal(reply.statusCode, 401);
      assert.equal((reply.payload.error as { code: string }).code, 'unauthorized');
    }
  });

  it('answers a refusal over HTTP with its status and what is wrong', async () => {
    await load();
    const missing = await ask({ command: 'reset', order: 'WH/MO/00001' }, request('ani'));
    assert.equal(missing.statusCode, 404);
    const wrong = await ask({ command: 'history', limit: 5000, offset: -1 }, request('ani'));
    assert.equal(wrong.statusCode, 400);
    assert.deepEqual(
      (wrong.payload.error as { fields: { field: string }[] }).fields.map(({ field }) => field),
      ['limit', 'offset'],
    );
  });

  it('tells Catch what to do when the command is none, and when there is no store', async () => {
    await load();
    assert.match(await refusal({ command: 'dance' }), /command: must be one of begin-sync/);
    assert.match(await refusal({}), /command: must be one of/);
    await helper.unload();
    await load({ store: '' });
    assert.match(await refusal({ command: 'list' }), /Choose a shopfloor-store/);
  });

  it('goes on once the store can be opened', async () => {
    const blocker = join(directory, 'blocker');
    writeFileSync(blocker, 'a file where a directory should be');
    await load({}, `sqlite:${join(blocker, 'a.sqlite')}`);
    assert.match(await refusal({ command: 'list' }), /can't be created/);
    rmSync(blocker);
    assert.deepEqual((await ask({ command: 'list' })).payload, []);
  });

  it('tells an alarm that lasts again, once, after a process that may have ended before it was told', async () => {
    await load();
    const begun = next('alarms');
    give({
      command: 'stage',
      orders: [],
      refused: [{ orderId: 7, orderName: 'WH/MO/00007', reasons: [{ code: 'x', message: 'no silo' }] }],
    });
    const { payload } = await begun;
    assert.deepEqual([payload.code, payload.active], ['order-refused', true]);
    await helper.unload();
    await load();
    const again = next('alarms');
    give({ command: 'health' });
    assert.deepEqual((await again).payload, payload);
    const alarms: Received[] = [];
    node('alarms').on('input', (message) => alarms.push(message as unknown as Received));
    await ask({ command: 'health' });
    await ask({ command: 'list' });
    assert.deepEqual(alarms, []);
  });

  it('answers every command with what is wrong with its settings', async () => {
    await load({ slots: '11' });
    assert.match(await refusal({ command: 'list' }), /slots: must be a whole number from 1 to 10/);
  });
});

describe('the settings of mo-batch', () => {
  it('have defaults for whatever is empty', () => {
    assert.deepEqual(parseMoBatchSettings({ line: '', slots: '', queueLimit: `\${NOT_SET}` }, {}), {
      line: 'line-1',
      slots: 10,
      queueLimit: 10,
      failedCycles: 3,
      quarantineCycles: 3,
      overdueMinutes: 15,
      watchOnly: false,
    });
  });

  it('let the environment force watch only', () => {
    assert.equal(parseMoBatchSettings({ watchOnly: false }, { SHOPFLOOR_WATCH_ONLY: 'true' }).watchOnly, true);
    assert.equal(parseMoBatchSettings({ watchOnly: true }, { SHOPFLOOR_WATCH_ONLY: 'false' }).watchOnly, true);
    assert.equal(parseMoBatchSettings({}, { SHOPFLOOR_WATCH_ONLY: 'false' }).watchOnly, false);
  });

  it('never let a queue exceed the slots', () => {
    assert.equal(parseMoBatchSettings({ slots: '4', queueLimit: '10' }, {}).queueLimit, 4);
  });

  it('name every wrong value', () => {
    assert.throws(() => parseMoBatchSettings({ slots: '11', failedCycles: '0', overdueMinutes: 'soon' }, {}), {
      code: 'invalid-input',
      message: /slots: .* 1 to 10; failedCycles: .* 1 to 100; overdueMinutes/,
    });
  });
});
