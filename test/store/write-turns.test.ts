// Turns of those who change the database: one at a time, in order, and those who can't wait for ever before those who can.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { WriteTurns } from '../../nodes/store/write-turns.ts';

const patient = Number.POSITIVE_INFINITY;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the turns of writers', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('come in the order of asking, migrations after requests', async () => {
    const turns = new WriteTurns();
    const order: string[] = [];
    const take = async (name: string, limitMs: number) => {
      const giveBack = await turns.take(limitMs);
      order.push(name);
      await settle();
      giveBack();
    };
    await Promise.all([
      take('first', 1_000),
      take('migration', patient),
      take('other migration', patient),
      take('second', 1_000),
      take('third', 1_000),
    ]);
    assert.deepEqual(order, ['first', 'second', 'third', 'migration', 'other migration']);
  });

  it('are refused to who has waited long enough, and pass that one by', async () => {
    const turns = new WriteTurns();
    const giveBack = await turns.take(1_000);
    const refused = turns.take(1_000);
    const later = turns.take(5_000);
    mock.timers.tick(1_000);
    await assert.rejects(refused, { code: 'store-busy', httpStatus: 503 });
    giveBack();
    giveBack();
    (await later)();
    (await turns.take(1))();
  });
});
