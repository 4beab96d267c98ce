// The border of mo-batch: whatever comes from outside is a command with checked fields, or a refusal that names them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseBatchCommand } from '../../nodes/batch/command-parser.ts';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { block, garbled, order } from './ledger-world.ts';

const faultsOf = (payload: unknown): string[] => {
  try {
    parseBatchCommand(payload);
    return [];
  } catch (error) {
    assert(error instanceof InvalidInput, String(error));
    return error.fields.map(({ field }) => field);
  }
};
const snapshot = (...blocks: unknown[]) => ({
  command: 'observe',
  plc: 'p',
  readAt: '2026-01-05T00:00:00Z',
  durationMs: 4,
  blocks,
});

describe('a command from outside', () => {
  it('keeps the fields it may have and drops all others', () => {
    assert.deepEqual(
      parseBatchCommand({ command: 'retry', order: 'WH/MO/00001', accept: 'true', actor: 'mallory', x: 1 }),
      {
        command: 'retry',
        order: 'WH/MO/00001',
        accept: true,
      },
    );
    assert.deepEqual(parseBatchCommand({ command: 'history', limit: '20', offset: '40', search: '' }), {
      command: 'history',
      limit: 20,
      offset: 40,
    });
    assert.deepEqual(parseBatchCommand({ command: 'list', limit: 3 }), { command: 'list' });
  });

  it('takes what the other rooms send as it is', () => {
    const stage = { command: 'stage', orders: [order(1)], refused: [] };
    assert.deepEqual(parseBatchCommand(stage), stage);
    const blocks = [
      block(1, 'WH/MO/00001', { a: 5 }),
      garbled(2, 'WH/MO/00002'),
      { slot: 3, address: 6200, state: 'unreadable', reasons: ['timeout'] },
      { slot: 4, address: 6300, state: 'empty', words: [0, 0] },
    ];
    assert.deepEqual(parseBatchCommand(snapshot(...blocks)), snapshot(...blocks));
  });

  it('is refused with the path of every wrong field', () => {
    assert.deepEqual(faultsOf(null), ['payload', 'command']);
    assert.deepEqual(faultsOf({ command: 'correct', order: '', consumptionKg: { silo_a: '5' }, reason: 7 }), [
      'order',
      'reason',
      'finishedGoodsKg',
      'consumptionKg.silo_a',
    ]);
    assert.deepEqual(faultsOf({ command: 'history', limit: 1001, offset: -1 }), ['limit', 'offset']);
    const half = {
      ...order(1),
      plcOrderName: 'X'.repeat(65),
      quantityCentiKg: 1.5,
      unit: { id: 1, name: 'kg', centiKgPerUnit: 0 },
    };
    assert.deepEqual(faultsOf({ command: 'stage', orders: [half], refused: [] }), [
      'orders[0].plcOrderName',
      'orders[0].quantityCentiKg',
      'orders[0].unit.centiKgPerUnit',
    ]);
  });

  it('takes no mass that is negative, broken, beyond exactness or no number, and no word beyond 16 bits', () => {
    for (const mass of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', null, undefined]) {
      const bad = block(1, 'WH/MO/00001');
      assert(bad.state === 'plausible');
      const payload = snapshot({ ...bad, batch: { ...bad.batch, finishedWeightCentiKg: mass } });
      assert.deepEqual(faultsOf(payload), ['blocks[0].batch.finishedWeightCentiKg']);
    }
    assert.deepEqual(faultsOf(snapshot({ ...garbled(1), words: [65_536] })), ['blocks[0].words']);
  });

  it('takes an order by a long name, which goes to the PLC by its short key, as any other', () => {
    const named = { ...order(1), orderName: 'M'.repeat(200), plcOrderName: 'MO-1' };
    assert.deepEqual(faultsOf({ command: 'stage', orders: [named], refused: [] }), []);
    assert.deepEqual(faultsOf({ command: 'retry', order: named.orderName }), []);
  });

  it('takes the deviation of an order that shows a negative quantity in Odoo, so that a person hears of it', () => {
    const deviation = { what: 'consumption', expectedCentiKg: 100, actualCentiKg: -500 };
    const answer = { pushId: 'p-1', orderId: 1, action: 'push', calls: 3, outcome: 'person' };
    const code = 'order-done-differently';
    const command = parseBatchCommand({ command: 'complete', ...answer, code, message: 'x', deviations: [deviation] });
    assert.deepEqual('deviations' in command && command.deviations, [deviation]);
  });

  it('never ends in anything but a command or a refusal', () => {
    const names = ['stage', 'written', 'observe', 'complete', 'history', 'get', 'correct', 'clear', 'retry', 'watched'];
    const fields = fc.constantFrom(
      'orders',
      'refused',
      'blocks',
      'queueId',
      'slots',
      'outcome',
      'order',
      'consumptionKg',
      'limit',
      'pushId',
    );
    const payload = fc
      .tuple(fc.constantFrom(...names), fc.dictionary(fields, fc.anything()))
      .map(([command, rest]) => ({ ...rest, command }));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), payload), (anything) => {
        try {
          parseBatchCommand(anything);
        } catch (error) {
          assert(error instanceof InvalidInput, String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not fooled by names that every object has', () => {
    assert.deepEqual(faultsOf({ command: 'constructor' }), ['command']);
    assert.deepEqual(
      faultsOf({
        command: 'correct',
        order: 'x',
        reason: 'y',
        finishedGoodsKg: 1,
        consumptionKg: JSON.parse('{"__proto__": {"a": 1}}'),
      }),
      ['consumptionKg.__proto__'],
    );
  });
});
