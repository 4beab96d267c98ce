// The page Equipment on the server: two answers become one view, and a browser's request carries known fields alone.
import assert from 'node:assert/strict';
import { EquipmentParts } from '../../nodes/dashboard/equipment-view.ts';
import { parseEquipmentRequest } from '../../nodes/dashboard/page-request.ts';
import { ManualClock } from '../support/manual-clock.ts';

const failures = [{ id: 17, equipment_name: 'Silo C', read_at: '2026-01-05T00:00:00.000Z' }];
const data = [{ id: 3, mo_id: 'WH/MO/00001', status: 'held', read_at: '2026-01-05T00:00:00.000Z' }];

describe('the view of the page Equipment', () => {
  it('keeps the newest of both parts, from the nodes or in the HTTP envelope', () => {
    const clock = new ManualClock();
    const parts = new EquipmentParts(clock);
    assert.deepEqual(parts.take({ data, total: 1 }).weighings, data);
    clock.advance(1000);
    const view = parts.take({ success: true, data: { at: 'x', failures } });
    assert.deepEqual(view, { at: '2026-01-05T00:00:01.000Z', failures, weighings: data });
    assert.deepEqual(parts.take({ at: 'x', failures: [] }).failures, []);
  });

  it('refuses anything else', () => {
    const parts = new EquipmentParts(new ManualClock());
    for (const payload of [null, 'x', {}, { failures: [{}] }, { data: [1] }]) {
      assert.throws(() => parts.take(payload), /must be the answer/);
    }
  });
});

describe('a request of the page Equipment', () => {
  const parse = (payload: object) => parseEquipmentRequest({ requestId: 'r1', payload }).payload;

  it('carries known fields alone', () => {
    assert.deepEqual(parse({ command: 'acknowledge', id: 17, commandId: 'c', actor: 'me' }), {
      command: 'acknowledge',
      id: 17,
      commandId: 'c',
    });
    assert.deepEqual(
      parse({ command: 'settle-weighing', id: 3, reason: 'x', order: 'WH/MO/1', kg: 2, commandId: 'c', line: 'y' }),
      { command: 'settle-weighing', id: 3, reason: 'x', order: 'WH/MO/1', kg: 2, commandId: 'c' },
    );
  });

  it('is refused for a command of another page, and without what it needs', () => {
    assert.throws(() => parse({ command: 'take' }), /page Equipment/);
    assert.throws(() => parse({ command: 'settle-weighing', id: 0, commandId: 'c' }), /id.*reason/);
  });
});
