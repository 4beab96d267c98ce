import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { actionOfWidgetMessage } from '../../nodes/access/widget-policy.ts';
import uiHealth from '../../nodes/dashboard/ui-health.ts';
import uiProduction from '../../nodes/dashboard/ui-production.ts';
import { FakeDashboard } from './support/fake-dashboard.ts';
import { card, factory, healthOf } from './support/machines.ts';

const dashboard = new FakeDashboard<Record<string, unknown>>();

const now = new Date('2026-03-02T02:00:00Z');
const flow = (type: string, group = 'group') => [
  { id: 'flow', type: 'tab' },
  { id: 'group', type: 'fake-group' },
  { id: 'page', type, z: 'flow', group, wires: [['first'], ['second']] },
  { id: 'first', type: 'helper', z: 'flow' },
  { id: 'second', type: 'helper', z: 'flow' },
];
const node = (id: string) => helper.getNode(id) as Node;
const next = async (id: string) =>
  ((await once(node(id), 'input')) as [{ payload: unknown; pageRequest: unknown; topic: string; _client: unknown }])[0];
const client = { socketId: 's-1', user: { login: 'sari' }, proof: 'secret' };

describe('the nodes of the pages Production and Health', () => {
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    dashboard.forget();
  });
  afterEach(() => helper.unload());

  const load = (type: 'ui-production' | 'ui-health', group?: string) =>
    helper.load([dashboard.group, uiProduction, uiHealth], flow(type, group));

  it('show a view to every page, keep it for pages that open later, and then tell what changed', async () => {
    await load('ui-production');
    const view = factory(now);
    node('page').receive({ topic: 'production/view', payload: view } as never);
    await dashboard.hasSent(1);
    assert.deepEqual(
      dashboard.sent.map(({ event, message }) => [event, message.topic]),
      [['msg-input:page', 'production/view']],
    );
    assert.deepEqual(dashboard.stored, { topic: 'production/view', payload: { seq: 1, view } });
    const slower = card(now, { pace_per_hour: 7 });
    node('page').receive({ payload: { ...view, cards: [slower, ...view.cards.slice(1)] } } as never);
    await dashboard.hasSent(2);
    const [, second] = dashboard.sent;
    assert.equal(second?.message.topic, 'production/delta');
    assert.deepEqual(second?.message.payload.changed, [slower]);
  });

  it('send decisions to the trigger, with who it was', async () => {
    await load('ui-health');
    const decision = { command: 'acknowledge', machine: 'M1', component: 'Feeder', commandId: 'c1' };
    const [atTrigger] = await Promise.all([
      next('first'),
      dashboard.events.onSend?.({ requestId: 'r1', payload: decision, _client: client }),
    ]);
    assert.deepEqual(
      [atTrigger.topic, atTrigger.payload, atTrigger.pageRequest, atTrigger._client],
      ['health/acknowledge', decision, { requestId: 'r1', command: 'acknowledge' }, client],
    );
  });

  it('give an answer only to the page that asked, and nothing of its person', async () => {
    await load('ui-health');
    node('page').receive({
      payload: healthOf(now),
      pageRequest: { requestId: 'r1', command: 'trend' },
      _client: client,
    } as never);
    await dashboard.hasSent(1);
    assert.deepEqual(
      dashboard.sent.map(({ message }) => [message.topic, message.payload.requestId, message._client]),
      [['health/reply', 'r1', { socketId: 's-1' }]],
    );
    assert.equal(dashboard.stored, undefined);
  });

  it('refuse a request that makes no sense to the page that sent it', async () => {
    await load('ui-production');
    await dashboard.events.onSend?.({ requestId: 'r9', payload: { command: 'format' }, _client: client });
    assert.deepEqual(
      dashboard.sent.map(({ message }) => [message.payload.requestId, message.payload.ok, message.payload.code]),
      [['r9', false, 'invalid-input']],
    );
  });

  it('say so when their group is missing', async () => {
    await load('ui-production', 'nowhere');
    const status = (node('page') as unknown as { status: { lastCall: { args: [{ fill: string }] } } }).status;
    assert.equal(status.lastCall.args[0].fill, 'red');
  });

  it('tell the door which right each request needs, and know no other request', () => {
    const action = (type: string, command: string) => actionOfWidgetMessage(type, { payload: { command } });
    assert.equal(action('ui-production', 'shifts'), 'production.read');
    assert.equal(action('ui-production', 'reason'), 'production.reason');
    assert.equal(action('ui-health', 'shelve'), 'health.shelve');
    assert.equal(action('ui-health', 'import'), undefined);
    assert.equal(action('ui-production', 'shelve'), undefined);
  });
});
