// The nodes shift-calendar and production-oee inside Node-RED: settings, answers, refusals, windows by the clock.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { fillPast, machineName } from '../../bench/support/production-year.ts';
import { vouchFor } from '../../nodes/access/actor.ts';
import { can } from '../../nodes/access/policy.ts';
import { shiftCalendarNodeOf } from '../../nodes/production/calendar-contract.ts';
import { parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import type { ProductionView, ProductionWindow } from '../../nodes/production/messages.ts';
import type { StopRow } from '../../nodes/production/page-contract.ts';
import productionOee from '../../nodes/production/production-oee.ts';
import shiftCalendar from '../../nodes/production/shift-calendar.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { thrownBy } from '../support/thrown.ts';

interface Received {
  readonly topic?: string;
  readonly payload?: unknown;
  readonly statusCode?: number;
}

const modules = [shopfloorStore, shiftCalendar, productionOee];

function give(message: object): void {
  const target: NodeJS.EventEmitter & { receive(message: object): void } = helper.getNode('oee') as never;
  target.receive({ _msgid: 'message', ...message });
}

async function next(node: string): Promise<Received> {
  const [received] = (await once(helper.getNode(node), 'input')) as [Received];
  return received;
}

async function errorOf(message: object): Promise<Error & { code?: string }> {
  const thrown = thrownBy(helper.getNode('oee'));
  give(message);
  return await thrown;
}

describe('the nodes of shifts and OEE', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-oee-nodes-'));
  const url = `sqlite:${join(folder, 'plant.sqlite')}`;
  const flow = (oee: object = {}, calendar: object = {}) => [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'store', type: 'shopfloor-store', url },
    { id: 'calendar', type: 'shift-calendar', timeZone: 'Asia/Jakarta', ...calendar },
    {
      id: 'oee',
      z: 'tab',
      type: 'production-oee',
      store: 'store',
      calendar: 'calendar',
      periodSeconds: 0,
      ...oee,
      wires: [['out'], ['events'], ['windows']],
    },
    { id: 'out', z: 'tab', type: 'helper' },
    { id: 'events', z: 'tab', type: 'helper' },
    { id: 'windows', z: 'tab', type: 'helper' },
  ];

  before(async () => {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    const store = await openStore(url);
    const calendar = new WallCalendar(parseCalendarSettings({ timeZone: 'Asia/Jakarta' }));
    await fillPast(store, calendar, { machines: 2, days: 1, nowMs: Date.now(), seed: 3, minuteDays: 1 });
    await store.close();
    await helper.startServer();
  });
  after(async () => {
    await helper.stopServer();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => helper.unload());

  it('give a view of all machines, and whatever else is on the message stays', async () => {
    await helper.load(modules, flow());
    give({ payload: { command: 'current' }, pageRequest: { id: 7 } });
    const answer = await next('out');
    assert.equal(answer.topic, 'production/view');
    assert.deepEqual((answer as { pageRequest?: unknown }).pageRequest, { id: 7 });
    const { cards } = answer.payload as ProductionView;
    assert.deepEqual(
      cards.map(({ machine }) => machine),
      [machineName(0), machineName(1)],
    );
  });

  it('show a person bound to machines only the stops of these', async () => {
    await helper.load(modules, flow());
    const asked = async (machines: readonly string[], machine?: string) => {
      const req = {};
      const operator = { roles: ['operator'], departments: ['production'], machines } as const;
      const rights = async () => operator;
      vouchFor(req, { name: 'budi', via: 'session' }, async (action, on) => can(operator, action, on), rights);
      give({ payload: { command: 'stops', limit: 200, machine }, req, res: {} });
      const { payload, statusCode } = await next('out');
      const data = (payload as { data?: readonly StopRow[] }).data ?? [];
      return { statusCode, machines: [...new Set(data.map((stop) => stop.machine))].sort() };
    };
    give({ payload: { command: 'stops', limit: 200 } });
    const all = (await next('out')).payload as readonly StopRow[];
    assert.equal(new Set(all.map(({ machine }) => machine)).size, 2, 'the past holds such stops of both machines');
    assert.deepEqual((await asked([machineName(1)])).machines, [machineName(1)]);
    assert.deepEqual((await asked([machineName(1)], machineName(1))).machines, [machineName(1)]);
    assert.equal((await asked([machineName(1)], machineName(0))).statusCode, 403);
    assert.deepEqual((await asked([])).machines, []);
  });

  it('send one window for each machine by the clock', async () => {
    await helper.load(modules, flow({ periodSeconds: 1 }));
    const { topic, payload } = await next('windows');
    assert.equal(topic, 'production/window');
    assert.equal((payload as ProductionWindow).windowMs, 30 * 60_000);
  });

  it('refuse what nobody vouched for, and wrong questions by field', async () => {
    await helper.load(modules, flow());
    give({ payload: { command: 'current' }, req: {}, res: {} });
    assert.equal((await next('out')).statusCode, 401);
    assert.match((await errorOf({ payload: { command: 'oee', from: 'x' } })).message, /from: must be a date/);
  });

  it('say what is wrong with their settings instead of guessing', async () => {
    await helper.load(modules, flow({ reasonMinutes: '-1' }));
    assert.match((await errorOf({ payload: { command: 'current' } })).message, /reasonMinutes: must be a number/);
    await helper.unload();
    await helper.load(modules, flow({}, { timeZone: 'Moon' }));
    assert.throws(() => shiftCalendarNodeOf(helper.getNode('calendar'))?.calendar(), /timeZone: must be an IANA/);
    assert.match((await errorOf({ payload: { command: 'current' } })).message, /timeZone/);
    await helper.unload();
    await helper.load(modules, flow({ calendar: '' }));
    assert.match((await errorOf({ payload: { command: 'current' } })).message, /no shift calendar/);
  });
});
