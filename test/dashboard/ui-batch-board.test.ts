import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import uiBatchBoard from '../../nodes/dashboard/ui-batch-board.ts';
import { FakeDashboard } from './support/fake-dashboard.ts';
import { batch, busyLine } from './support/mill.ts';

const dashboard = new FakeDashboard<Record<string, unknown>>();

const now = new Date('2026-03-02T02:00:00Z');
const flow = (group = 'group') => [
  { id: 'flow', type: 'tab' },
  { id: 'group', type: 'fake-group' },
  {
    id: 'board',
    type: 'ui-batch-board',
    z: 'flow',
    group,
    staleMinutes: '15',
    tolerancePercent: '5',
    wires: [['ledger'], ['tasks']],
  },
  { id: 'ledger', type: 'helper', z: 'flow' },
  { id: 'tasks', type: 'helper', z: 'flow' },
];
const node = (id: string) => helper.getNode(id) as Node;
const next = async (id: string) =>
  ((await once(node(id), 'input')) as [{ payload: unknown; boardRequest: unknown; _client: unknown }])[0];
const client = { socketId: 's-1', user: { login: 'sari' }, proof: 'secret' };

describe('node ui-batch-board', () => {
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    dashboard.forget();
  });
  afterEach(() => helper.unload());

  const load = (group?: string) => helper.load([dashboard.group, uiBatchBoard], flow(group));

  it('shows a line to every page and keeps the whole view for pages that open later', async () => {
    await load();
    node('board').receive({ payload: busyLine(now).monitor } as never);
    await dashboard.hasSent(1);
    assert.deepEqual(
      dashboard.sent.map(({ event, message }) => [event, message.topic]),
      [['msg-input:board', 'board/view']],
    );
    assert.deepEqual(dashboard.stored, dashboard.sent[0]?.message);
  });

  it('sends a command of a person to the ledger with who it was, and a task to the task clocks', async () => {
    await load();
    const command = { command: 'retry', order: 'WH/MO/00039', commandId: 'c1' };
    const [atLedger] = await Promise.all([
      next('ledger'),
      dashboard.events.onSend?.({ requestId: 'r1', payload: command, _client: client }),
    ]);
    assert.deepEqual(
      [atLedger.payload, atLedger.boardRequest, atLedger._client],
      [command, { requestId: 'r1', command: 'retry' }, client],
    );
    const [atTasks] = await Promise.all([
      next('tasks'),
      dashboard.events.onSend?.({
        requestId: 'r2',
        payload: { command: 'run', task: 2, commandId: 'c2' },
        _client: client,
      }),
    ]);
    assert.equal((atTasks.payload as { task: number }).task, 2);
  });

  it('gives an answer only to the page that asked, and nothing of its person', async () => {
    await load();
    node('board').receive({
      payload: { mo_id: 'WH/MO/00041', batches: [{ ...batch(now), events: [] }] },
      boardRequest: { requestId: 'r1', command: 'get' },
      _client: client,
    } as never);
    await dashboard.hasSent(1);
    assert.equal(dashboard.sent.length, 1);
    assert.equal(dashboard.sent[0]?.message.topic, 'board/reply');
    assert.deepEqual(dashboard.sent[0]?.message._client, { socketId: 's-1' });
    assert.equal(dashboard.sent[0]?.message.payload.requestId, 'r1');
  });

  it('refuses a request that makes no sense to the page that sent it', async () => {
    await load();
    await dashboard.events.onSend?.({ requestId: 'r9', payload: { command: 'format' }, _client: client });
    assert.deepEqual(
      dashboard.sent.map(({ message }) => [message.payload.requestId, message.payload.ok, message.payload.code]),
      [['r9', false, 'invalid-input']],
    );
  });

  it('says so when its group is missing', async () => {
    await load('nowhere');
    const status = (node('board') as unknown as { status: { lastCall: { args: [{ fill: string }] } } }).status;
    assert.equal(status.lastCall.args[0].fill, 'red');
  });
});
