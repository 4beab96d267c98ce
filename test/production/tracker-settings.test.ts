// A cumulative tracker whose settings are wrong says so to whoever asks, as its own fault and not as theirs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { vouchFor } from '../../nodes/access/actor.ts';
import cumulativeTracker from '../../nodes/production/cumulative-tracker.ts';
import shiftCalendar from '../../nodes/production/shift-calendar.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';

interface Refusal {
  readonly statusCode: number;
  readonly payload: {
    readonly error: { readonly code: string; readonly fields: readonly { readonly field: string }[] };
  };
}

describe('a cumulative tracker with wrong settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-tracker-settings-'));

  before(async () => {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    await helper.startServer();
  });
  after(async () => {
    await helper.unload();
    await helper.stopServer();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers 503 with every wrong field', async () => {
    await helper.load(
      [shopfloorStore, shiftCalendar, cumulativeTracker],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(folder, 'plant.sqlite')}` },
        { id: 'calendar', type: 'shift-calendar', timeZone: 'Asia/Jakarta' },
        {
          id: 'tracker',
          z: 'tab',
          type: 'cumulative-tracker',
          store: 'store',
          calendar: 'calendar',
          maxPerHour: 'many',
          graceHours: '-1',
          wires: [['out'], [], []],
        },
        { id: 'out', z: 'tab', type: 'helper' },
      ],
    );
    const req = {};
    vouchFor(req, { name: 'ani', via: 'session' }, async () => true);
    const answer = once(helper.getNode('out'), 'input');
    const target: NodeJS.EventEmitter & { receive(message: object): void } = helper.getNode('tracker') as never;
    target.receive({ _msgid: 'message', payload: { command: 'totals' }, req, res: {} });
    const [{ statusCode, payload }] = (await answer) as [Refusal];
    assert.equal(statusCode, 503);
    assert.equal(payload.error.code, 'settings-wrong');
    assert.deepEqual(
      payload.error.fields.map(({ field }) => field),
      ['maxPerHour', 'graceHours'],
    );
  });
});
