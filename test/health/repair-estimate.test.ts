// Node repair-estimate inside Node-RED: alarms and questions in, estimates out; files in, progress and a report out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import type { HealthAlarm, ImportProgress, ImportReport, RepairEstimate } from '../../nodes/health/messages.ts';
import repairEstimate from '../../nodes/health/repair-estimate.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';
import { thrownBy } from '../support/thrown.ts';

interface Received<Payload = unknown> {
  readonly topic?: string;
  readonly statusCode?: number;
  readonly payload: Payload;
}

const alarm: HealthAlarm = {
  id: 'alarm-1',
  transition: 'C_FL104/Feeder/1',
  machine: 'C_FL104',
  component: 'Feeder',
  state: 'unacknowledged',
  previous: 'normal',
  at: '2026-01-05T00:00:00.000Z',
  index: 31.2,
  threshold: 40,
  first_out: 1,
  actor: 'system',
  reason: null,
};
const csv = [
  'machine,shift,order,start,end,minutes,stop_cause',
  'C_FL104,1,1,2025-04-14T09:00:00,2025-04-14T09:45:00,45,FEEDER UNIT TROUBLE ELEKTRIK',
  'C_FL104,1,1,2025-04-14T09:00:00,soon,45,FEEDER UNIT TROUBLE ELEKTRIK',
].join('\n');

describe('node repair-estimate', () => {
  let directory: string;
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-repair-'));
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(directory, { recursive: true, force: true });
  });

  const load = (properties: object = {}) =>
    helper.load(
      [shopfloorStore, repairEstimate],
      [
        { id: 'flow', type: 'tab' },
        { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(directory, 'a.sqlite')}` },
        {
          id: 'repair',
          type: 'repair-estimate',
          z: 'flow',
          store: 'store',
          wires: [['out'], ['progress']],
          ...properties,
        },
        { id: 'out', type: 'helper', z: 'flow' },
        { id: 'progress', type: 'helper', z: 'flow' },
      ],
    );
  const node = (id: string): Node => helper.getNode(id);
  const ask = async <Payload>(payload: unknown, more: object = {}): Promise<Received<Payload>> => {
    const reply = once(node('out'), 'input');
    node('repair').receive({ payload, topic: '', ...more } as never);
    return ((await reply) as [Received<Payload>])[0];
  };
  const request = (name: string, may = true): object => {
    const req = {};
    vouchFor(req, { name, via: 'session' }, async () => may);
    return { req, res: {} };
  };

  it('answers an alarm with its estimate, and the same alarm with the same', async () => {
    await load();
    const first = await ask<RepairEstimate>(alarm, { topic: 'health/alarm' });
    assert.equal(first.topic, 'health/estimate');
    assert.equal(first.payload.basis.kind, 'prior');
    const { p10_minutes, p50_minutes, p90_minutes } = first.payload;
    assert(p10_minutes < p50_minutes && p50_minutes < p90_minutes);
    const again = await ask<RepairEstimate>({ ...alarm, transition: 'C_FL104/Feeder/4' }, { topic: 'health/alarm' });
    assert.deepEqual(again.payload, first.payload);
  });

  it('answers a question over HTTP, refuses impossible figures, and asks for the right to', async () => {
    await load();
    const body = { command: 'estimate', machine: 'C_FL104', component: 'Feeder', total_produksi: 100, produk_cacat: 5 };
    const { payload } = await ask<{ success: boolean; data: RepairEstimate }>(body, request('ani'));
    assert.deepEqual([payload.success, payload.data.basis.production, payload.data.basis.defects], [true, 100, 5]);
    const wrong = await ask<{ error: { fields: { field: string }[] } }>({ ...body, produk_cacat: 101 }, request('ani'));
    assert.deepEqual([wrong.statusCode, wrong.payload.error.fields[0]?.field], [400, 'produk_cacat']);
    assert.equal((await ask(body, request('eve', false))).statusCode, 403);
    assert.equal((await ask(body, { req: {}, res: {} })).statusCode, 401);
  });

  it('imports a file with progress and a report of what it refused, and learns from it', async () => {
    await load();
    const progress: ImportProgress[] = [];
    node('progress').on('input', (message) => progress.push(message.payload as ImportProgress));
    const report = await ask<ImportReport>(Buffer.from(csv), { topic: 'repair/import', filename: '/plant/april.csv' });
    assert.deepEqual([report.payload.name, report.payload.imported, report.payload.refused], ['april.csv', 1, 1]);
    assert.match(report.payload.refusals[0]?.reason ?? '', /end: "soon" is no date and time/);
    assert.deepEqual([progress[0]?.percent, progress.at(-1)?.status], [0, 'done']);
    const listed = await ask<ImportReport[]>({ command: 'imports' });
    assert.deepEqual(
      listed.payload.map(({ id, status }) => [id, status]),
      [[report.payload.id, 'done']],
    );
    const unknown = await ask({ command: 'import-report', id: 'none' }, request('ani'));
    assert.equal(unknown.statusCode, 404);
    const stops = await ask<{ data: object[]; total: number }>({ command: 'stops', class: 'repair' });
    assert.equal(stops.payload.total, 1);
    const calibration = await ask<{ known: number }>({ command: 'calibration' });
    assert.equal(calibration.payload.known, 1);
  });

  it('tells Catch what is wrong with its zone', async () => {
    await load({ timeZone: 'Mars/Olympus' });
    const thrown = thrownBy(node('repair'));
    node('repair').receive({ payload: { command: 'calibration' } } as never);
    assert.match((await thrown).message, /timeZone: "Mars\/Olympus" is no time zone such as/);
  });
});
