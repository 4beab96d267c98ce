// Who may not give a command is told so before its fields are looked at: 403 comes before 400.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { authoriseNamed, vouchFor } from '../../nodes/access/actor.ts';
import moBatch from '../../nodes/batch/mo-batch.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';

describe('a command of somebody who may not give it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'shopfloor-refused-'));
  before(async () => {
    await helper.startServer();
    await helper.load(
      [shopfloorStore, moBatch],
      [
        { id: 'flow', type: 'tab' },
        { id: 'store', type: 'shopfloor-store', url: `sqlite:${join(directory, 'a.sqlite')}` },
        { id: 'ledger', type: 'mo-batch', z: 'flow', store: 'store', line: 'line-1', wires: [['out'], [], []] },
        { id: 'out', type: 'helper', z: 'flow' },
      ],
    );
  });
  after(async () => {
    await helper.unload();
    await helper.stopServer();
    rmSync(directory, { recursive: true, force: true });
  });

  const statusOf = async (payload: unknown, allowed: readonly string[]) => {
    const req = {};
    vouchFor(req, { name: 'ani', via: 'session' }, async (action) => allowed.includes(action));
    const reply = once(helper.getNode('out') as Node, 'input');
    helper.getNode('ledger').receive({ payload, req, res: {} } as never);
    const [message] = (await reply) as [{ statusCode?: number }];
    return message.statusCode;
  };

  it('is refused for the right, and only then for its form', async () => {
    for (const payload of [
      { command: 'cancel' },
      { command: 'retry', order: 7, accept: 'perhaps' },
      { command: 'fly' },
      'x',
      null,
    ]) {
      assert.equal(await statusOf(payload, []), 403, JSON.stringify(payload));
      assert.equal(
        await statusOf(payload, ['batch.read', 'batch.cancel', 'batch.retry', 'batch.accept']),
        400,
        JSON.stringify(payload),
      );
    }
  });

  it('that accepts a deviation needs more than the right to try again', async () => {
    const accept = { command: 'retry', order: 'WH/MO/1', accept: true, reason: 'seen', commandId: 'c1' };
    assert.equal(await statusOf(accept, ['batch.retry']), 403);
    assert.notEqual(await statusOf(accept, ['batch.retry', 'batch.accept']), 403);
  });

  it('by no name of its own reaches no right by the names that every object has', async () => {
    const req = {};
    const asked: string[] = [];
    vouchFor(req, { name: 'ani', via: 'session' }, async (action) => {
      asked.push(action);
      return true;
    });
    for (const command of ['constructor', '__proto__', 'toString']) {
      await authoriseNamed({ req, payload: { command } }, { get: 'batch.cancel' }, 'batch.read');
    }
    assert.deepEqual(asked, ['batch.read', 'batch.read', 'batch.read']);
  });
});
