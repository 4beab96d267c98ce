import assert from 'node:assert/strict';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import type { UserIdentity } from '../../nodes/access/messages.ts';
import { PageFilter } from '../../nodes/access/page-filter.ts';
import type { CtpBoard } from '../../nodes/ctp/messages.ts';
import '../../nodes/ctp/ctp-actions.ts';
import { LatestPublisher } from '../../nodes/dashboard/latest-publisher.ts';
import uiCtpAndon from '../../nodes/dashboard/ui-ctp-andon.ts';
import uiCtpLog from '../../nodes/dashboard/ui-ctp-log.ts';
import uiCtpMachine from '../../nodes/dashboard/ui-ctp-machine.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { boardOf } from './support/ctp-board.ts';
import { FakeDashboard, type Sent } from './support/fake-dashboard.ts';

const dashboard = new FakeDashboard<CtpBoard>();

const node = (id: string) => helper.getNode(id) as Node;
const settled = () => new Promise((resolve) => setImmediate(resolve));
const statusOf = (id: string) =>
  (node(id) as unknown as { status: { lastCall: { args: [{ fill: string }] } } }).status.lastCall.args[0];

describe('the nodes of the CTP pages', () => {
  const types = { 'ui-ctp-log': uiCtpLog, 'ui-ctp-machine': uiCtpMachine, 'ui-ctp-andon': uiCtpAndon };
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    dashboard.forget();
  });
  afterEach(() => helper.unload());

  for (const [type, register] of Object.entries(types)) {
    const load = (group = 'group') =>
      helper.load(
        [dashboard.group, register],
        [
          { id: 'flow', type: 'tab' },
          { id: 'group', type: 'fake-group' },
          { id: 'page', type, z: 'flow', group, wires: [] },
        ],
      );

    it(`${type} keeps a board for pages that open later and sends it to those that are open`, async () => {
      await load();
      const board = boardOf(new Date());
      node('page').receive({ topic: 'ctp/board', payload: { success: true, data: board } } as never);
      await settled();
      assert.deepEqual(dashboard.sent, [{ event: 'msg-input:page', message: { topic: 'ctp/board', payload: board } }]);
      assert.deepEqual(dashboard.stored, dashboard.sent[0]?.message);
    });

    it(`${type} refuses what is no board, and says so when its group is missing`, async () => {
      await load();
      node('page').receive({ payload: { at: 'soon', cards: [] } } as never);
      await settled();
      assert.deepEqual([dashboard.sent, statusOf('page').fill], [[], 'red']);
      await helper.unload();
      await load('nowhere');
      assert.equal(statusOf('page').fill, 'red');
    });
  }
});

describe('the board as each person may see it', () => {
  const person = (role: UserIdentity['roles'][number], machines: readonly string[] = []): UserIdentity => ({
    id: 'u',
    login: 'u',
    name: 'U',
    roles: [role],
    departments: [],
    machines,
    language: 'id',
  });
  const filterOf = (user: UserIdentity): PageFilter => {
    const filter = new PageFilter(user);
    filter.filterConfig({
      pages: { p: { path: '/andon' } },
      groups: { g: { page: 'p' } },
      widgets: { w: { type: 'ui-ctp-andon', props: { group: 'g' } } },
    });
    return filter;
  };
  const shownTo = (user: UserIdentity): readonly string[] => {
    const filter = filterOf(user);
    const [message] = filter.shown('msg-input:w', [{ topic: 'ctp/board', payload: boardOf(new Date()) }, 'state']);
    const { cards, recent } = (message as Sent<CtpBoard>['message']).payload;
    const seen = new Set(cards.map(({ machine }) => machine.nickname));
    assert.ok(recent.every(({ machine_nickname }) => seen.has(machine_nickname)));
    return [...seen];
  };
  const all = ['suprasetter', 'platesetter', 'trendsetter'];

  it('holds every machine for leaders, maintenance, managers and wall screens', () => {
    for (const role of ['admin', 'supervisor', 'maintenance', 'manager', 'display'] as const) {
      assert.deepEqual(shownTo(person(role)), all, role);
    }
  });

  it('holds only their own machines for people of the department', () => {
    assert.deepEqual(shownTo(person('ctp', ['platesetter'])), ['platesetter']);
    assert.deepEqual(shownTo(person('ctp')), []);
  });

  it('says when it is sent, also when it was made long before', () => {
    const filter = filterOf(person('display'));
    const kept = { topic: 'ctp/board', payload: boardOf(new Date(0)) };
    const before = Date.now();
    const [message] = filter.shown('widget-load:w', [kept]) as readonly { sent_at: string }[];
    const sentMs = Date.parse(message?.sent_at ?? '');
    assert.ok(sentMs >= before && sentMs <= Date.now(), message?.sent_at);
    assert.deepEqual(Object.keys(kept), ['topic', 'payload']);
    assert.deepEqual(filter.shown('widget-load:w', [undefined, 'state']), [undefined, 'state']);
  });

  it('leaves messages to other widgets as they are', () => {
    const filter = new PageFilter(person('ctp'));
    const args = [{ topic: 'ctp/board', payload: boardOf(new Date()) }];
    assert.equal(filter.shown('msg-input:other', args), args);
  });
});

describe('a publisher of the latest', () => {
  it('sends the first at once, and of many within half a second only the last', () => {
    const clock = new ManualClock();
    const published: number[] = [];
    const publisher = new LatestPublisher<number>(clock, (value) => published.push(value));
    for (const value of [1, 2, 3, 4]) publisher.offer(value);
    assert.deepEqual(published, [1]);
    clock.advance(500);
    assert.deepEqual(published, [1, 4]);
    clock.advance(5000);
    publisher.offer(5);
    publisher.offer(6);
    publisher.stop();
    clock.advance(5000);
    assert.deepEqual(published, [1, 4, 5]);
  });
});
