// A cumulative tracker whose settings are wrong says so to whoever asks, as its own fault and not as theirs.
import assert from 'node:assert/strict';
import { vouchFor } from '../../nodes/access/actor.ts';
import { trackerFlow } from './tracker-suite.ts';

interface Refusal {
  readonly statusCode: number;
  readonly payload: {
    readonly error: { readonly code: string; readonly fields: readonly { readonly field: string }[] };
  };
}

describe('a cumulative tracker with wrong settings', () => {
  const flow = trackerFlow();

  it('answers 503 with every wrong field', async () => {
    await flow.load({ maxPerHour: 'many', graceHours: '-1' });
    const req = {};
    vouchFor(req, { name: 'ani', via: 'session' }, async () => true);
    const answer = flow.next<Refusal>('out');
    flow.give({ payload: { command: 'totals' }, req, res: {} });
    const { statusCode, payload } = await answer;
    assert.equal(statusCode, 503);
    assert.equal(payload.error.code, 'settings-wrong');
    assert.deepEqual(
      payload.error.fields.map(({ field }) => field),
      ['maxPerHour', 'graceHours'],
    );
  });
});
