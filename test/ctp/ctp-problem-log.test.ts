import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import ctpProblemLog from '../../nodes/ctp/ctp-problem-log.ts';
import { parseCtpSettings } from '../../nodes/ctp/ctp-settings.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { thrownBy } from '../support/thrown.ts';
import { people } from './log-world.ts';

interface Received {
  readonly topic?: string;
  readonly statusCode?: number;
  readonly notice?: number;
  readonly passing?: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const report = {
  command: 'report',
  machine_nickname: 'suprasetter',
  severity: 'stop',
  problem_description: 'Laser off',
};

describe('node ctp-problem-log', function () {
  this.timeout(60_000);
  let directory: string;
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-node-'));
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(directory, { recursive: true, force: true });
  });

  const load = (properties: object = {}) =>
    helper.load(
      [shopfloorStore, ctpProblemLog],
      [
        { id: 'flow', type: 'tab' },
        { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(directory, 'a.sqlite')}` },
        {
          id: 'log',
          type: 'ctp-problem-log',
          z: 'flow',
          store: 'store',
          wires: [['out'], ['events'], ['notices']],
          ...properties,
        },
        { id: 'twin', type: 'ctp-problem-log', z: 'flow', store: 'store', wires: [['out'], [], ['notices']] },
        { id: 'out', type: 'helper', z: 'flow' },
        { id: 'events', type: 'helper', z: 'flow' },
        { id: 'notices', type: 'helper', z: 'flow' },
      ],
    );
  const node = (id: string): Node => helper.getNode(id);
  const next = async (id: string): Promise<Received> => ((await once(node(id), 'input')) as [Received])[0];
  const give = (payload: unknown, more: object = {}, to = 'log') => node(to).receive({ payload, ...more } as never);
  const ask = async (payload: object, more: object = {}, to = 'log'): Promise<Received> => {
    const reply = next('out');
    give(payload, more, to);
    return reply;
  };
  const refusal = async (payload: object, more: object = {}): Promise<string> => {
    const thrown = thrownBy(node('log'));
    give(payload, more);
    return (await thrown).message;
  };
  /** What an http-in node passes on: of somebody whom the door has recognised, or of nobody. */
  const request = (asker?: keyof typeof people, headers: object = {}): object => {
    const req = { headers };
    if (asker) vouchFor(req, people[asker].actor, people[asker].may);
    return { req, res: {} };
  };

  it('answers with the problem, keeps the rest of the message, and sends its events and its notice', async () => {
    await load();
    const events: Received[] = [];
    const both = new Promise<void>((resolve) => {
      node('events').on('input', (message) => {
        if (events.push(message as unknown as Received) === 2) resolve();
      });
    });
    const notice = next('notices');
    const reply = await ask(report, { passing: 'by' });
    assert.deepEqual(
      [reply.topic, reply.passing, reply.payload.status, reply.payload.created_by],
      ['ctp/report', 'by', 'ongoing', 'flow'],
    );
    await both;
    assert.deepEqual(
      events.map(({ topic, payload }) => [topic, payload.type, (payload.machine as { status: string }).status]),
      [
        ['ctp/event', 'reported', 'maintenance'],
        ['ctp/event', 'machine-status', 'maintenance'],
      ],
    );
    const { topic, payload } = await notice;
    assert.deepEqual(
      [topic, payload.command, payload.type, payload.link],
      ['ctp/notify', 'notify', 'ctp_problem_new', '/dashboard/ctp-machine?machine=suprasetter&problem=1'],
    );
  });

  it('answers a route with 201 for what is new, and a list with its total and cursor', async () => {
    await load();
    const created = await ask(report, request('ani'));
    assert.deepEqual([created.statusCode, created.payload.success], [201, true]);
    const list = await ask({ command: 'list', limit: '1' }, request('sari'), 'twin');
    assert.deepEqual(
      [list.statusCode, list.payload.success, list.payload.total, list.payload.next_cursor],
      [200, true, 1, null],
    );
    assert.equal((list.payload.data as unknown[]).length, 1);
  });

  it('asks the policy for the person behind a request, whatever the body says', async () => {
    await load();
    assert.equal((await ask(report, request())).statusCode, 401);
    assert.equal((await ask({ ...report, machine_nickname: 'trendsetter' }, request('ani'))).statusCode, 403);
    assert.equal((await ask({ ...report, actor: 'sari' }, request('ani'))).statusCode, 400);
    for (const body of [report, { command: 'report' }])
      assert.equal((await ask(body, request('maya'))).statusCode, 403);
    const missing = await ask({ command: 'get', id: '99' }, request('sari'));
    assert.equal(missing.statusCode, 404);
    const wrong = await ask({ ...report, severity: 'huge' }, request('sari'));
    assert.equal(wrong.statusCode, 400);
    assert.deepEqual(
      (wrong.payload.error as { fields: { field: string }[] }).fields.map(({ field }) => field),
      ['severity'],
    );
  });

  it('answers a refusal of an older version with the problem as it is', async () => {
    await load();
    await ask(report, request('ani'));
    await ask({ command: 'correct', id: 1, version: 1, solution: 'first' }, request('ani'));
    const late = await ask({ command: 'correct', id: 1, version: 1, solution: 'second' }, request('sari'));
    const { current } = late.payload.error as { current: { solution: string; version: number } };
    assert.deepEqual([late.statusCode, current.solution, current.version], [409, 'first', 2]);
  });

  it('takes the header Idempotency-Key for a commandId', async () => {
    await load();
    const first = await ask(report, request('ani', { 'idempotency-key': 'k1' }));
    const second = await ask(report, request('ani', { 'idempotency-key': 'k1' }));
    assert.deepEqual([second.statusCode, second.payload.data], [201, first.payload.data]);
    assert.equal((await ask({ command: 'list' })).payload.total, 1);
  });

  it('repeats a notice with every tick until the notify node has stored it', async () => {
    await load();
    const told = next('notices');
    await ask(report);
    const { notice } = await told;
    const again = next('notices');
    give({ command: 'tick' }, {}, 'twin');
    assert.equal((await again).notice, notice);
    const settled = once(node('log'), 'call:status');
    give({ stored: true }, { topic: 'notify/stored', notice });
    await settled;
    const tick = await ask({ command: 'tick' });
    assert.equal(tick.payload.notices, 0);
  });

  it('sends the export of a route into its response, and into a flow as one buffer', async () => {
    await load();
    await ask(report);
    const headers = new Map<string, string>();
    const raw = Object.assign(new PassThrough(), {
      setHeader: (name: string, value: string) => headers.set(name, value),
      statusCode: 0,
    });
    give({ command: 'export', format: 'csv' }, { ...request('sari'), res: { _res: raw } });
    const csv = await text(raw);
    assert.match(csv, /Laser off/);
    assert.match(headers.get('content-disposition') ?? '', /attachment; filename="log-ctp/);
    const whole = await ask({ command: 'export', format: 'csv' });
    assert.ok(Buffer.isBuffer(whole.payload));
    assert.match(whole.payload.toString('utf8'), /Laser off/);
  });

  it('tells Catch what to do when the command is none, and when there is no store', async () => {
    await load();
    assert.match(await refusal({ command: 'dance' }), /command: must be one of machines/);
    await helper.unload();
    await load({ store: '' });
    assert.match(await refusal({ command: 'machines' }), /Choose a shopfloor-store/);
  });

  it('answers every command with what is wrong with its settings', async () => {
    await load({ timeZone: 'Asia/Nowhere', escalateStop: '120, 30' });
    assert.match(
      await refusal({ command: 'machines' }),
      /timeZone: "Asia\/Nowhere" .*escalateStop: must be one or two rising/,
    );
  });
});

describe('the settings of ctp-problem-log', () => {
  it('have defaults for whatever is empty', () => {
    const { plant, limits, notices } = parseCtpSettings({ timeZone: `\${NOT_SET}`, escalateStop: '' });
    assert.equal(plant.zone, 'Asia/Jakarta');
    assert.deepEqual(limits.stop, [30, 120]);
    assert.deepEqual(notices, { language: 'id', page: '/dashboard/ctp-machine' });
  });

  it('take one limit, two, or none', () => {
    const { limits } = parseCtpSettings({ escalateStop: '15', escalateSlow: ' 60 , 90 ', escalateMinor: 'never' });
    assert.deepEqual(limits, { stop: [15], slow: [60, 90], minor: [] });
  });

  it('name every wrong value', () => {
    for (const escalateStop of ['0', '-5', '30,30', '1.5', '10, 20, 30', 'soon', '99999', ',']) {
      assert.throws(() => parseCtpSettings({ escalateStop }), /escalateStop/, escalateStop);
    }
    assert.throws(() => parseCtpSettings({ noticeLanguage: 'nl', page: 'https://elsewhere' }), /noticeLanguage.*page/);
  });
});
