// What a browser sends to a widget of this package: only declared commands, only known fields, and only where answers stay private.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { actionOfWidgetMessage, isDeclaredWidget } from '../../nodes/access/widget-policy.ts';
import { missingBaseSetting } from '../../nodes/dashboard/dashboard-host.ts';
import uiBatchBoard from '../../nodes/dashboard/ui-batch-board.ts';
import uiProduction from '../../nodes/dashboard/ui-production.ts';
import { FakeDashboard } from './support/fake-dashboard.ts';

const root = join(import.meta.dirname, '..', '..');
const types = globSync('nodes/**/ui-*.ts', { cwd: root }).map((file) => ({ file, type: basename(file, '.ts') }));

describe('a widget of this package', () => {
  for (const { file, type } of types) {
    it(`takes from a browser what ${type} declares and nothing else`, async () => {
      await import(join(root, file));
      assert.ok(isDeclaredWidget(type));
      for (const message of [{ payload: 'press' }, { payload: { command: 'unheard-of' } }, 'press', null, undefined]) {
        assert.equal(actionOfWidgetMessage(type, message), undefined);
      }
    });
  }

  it('asks for the greater right of who accepts a deviation, however that is written', async () => {
    const actionOf = (payload: object) =>
      actionOfWidgetMessage('ui-batch-board', { payload: { command: 'retry', ...payload } });
    assert.deepEqual([actionOf({}), actionOf({ accept: false })], ['batch.retry', 'batch.retry']);
    for (const accept of [true, 1, 'true', {}, null]) assert.equal(actionOf({ accept }), 'batch.accept');
  });
});

describe('a message of a browser', () => {
  const dashboard = new FakeDashboard<Record<string, unknown>>();
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  afterEach(() => helper.unload());

  const load = (type: string, registered: (RED: NodeAPI) => void) =>
    helper.load(
      [dashboard.group, registered],
      [
        { id: 'flow', type: 'tab' },
        { id: 'group', type: 'fake-group' },
        {
          id: 'page',
          type,
          z: 'flow',
          group: 'group',
          staleMinutes: '15',
          tolerancePercent: '5',
          wires: [['out'], ['out']],
        },
        { id: 'out', type: 'helper', z: 'flow' },
      ],
    );

  for (const [type, registered, payload] of [
    ['ui-batch-board', uiBatchBoard, { command: 'get', order: 'WH/MO/1' }],
    ['ui-production', uiProduction, { command: 'reasons' }],
  ] as const) {
    it(`brings to the flow behind ${type} only what is known`, async () => {
      await load(type, registered);
      const out = helper.getNode('out') as Node;
      const client = { socketId: 's-1' };
      const forged = {
        req: { user: 'admin' },
        res: {},
        actor: { name: 'admin' },
        error: 'x',
        statusCode: 200,
        filename: '/etc',
      };
      const [message] = await Promise.all([
        once(out, 'input').then(([first]) => first as Record<string, unknown>),
        dashboard.events.onSend?.({
          ...forged,
          topic: 'made up',
          requestId: 'r1',
          payload: { ...payload, extra: 'x' },
          _client: client,
        }),
      ]);
      const known = ['_client', '_msgid', 'boardRequest', 'pageRequest', 'payload', 'topic'];
      assert.deepEqual(
        Object.keys(message).filter((field) => !known.includes(field)),
        [],
      );
      assert.deepEqual(message._client, client);
      assert.deepEqual(message.payload, payload);
    });
  }
});

describe('the dashboard of a plant', () => {
  it('lacks the setting without which an answer would go to every page', () => {
    const base = (more: object) => more as Parameters<typeof missingBaseSetting>[0];
    const type = 'ui-batch-board';
    assert.equal(missingBaseSetting(base({ acceptsClientConfig: ['ui-control'] }), type), 'acceptsClientConfig');
    assert.equal(
      missingBaseSetting(base({ acceptsClientConfig: [type], includeClientData: false }), type),
      'includeClientData',
    );
    assert.equal(missingBaseSetting(base({ acceptsClientConfig: [type], includeClientData: true }), type), undefined);
  });
});
