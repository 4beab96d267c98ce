// Suite: first. It starts Node-RED a hundred times.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { figure } from '../support/figures.ts';
import { type NodeRedProcess, StartFailure, startShopfloor } from '../support/node-red-process.ts';
import { PlantApi } from './api.ts';
import { Plant } from './plant.ts';

/** `SHOPFLOOR_KILLS=1000 npm test -- test/system/kill.test.ts` for a longer run. */
const kills = Number(process.env.SHOPFLOOR_KILLS ?? 100);
const seed = Number(process.env.SHOPFLOOR_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Small, repeatable, and good enough to scatter moments over seconds. */
function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

describe(`kill -9 of Node-RED at ${kills} random moments`, function () {
  this.timeout(kills * 15_000 + 300_000);
  let plant: Plant;
  let running: NodeRedProcess | undefined;

  before(async () => {
    plant = await Plant.start({
      plc: { mill: { secondsPerBatch: 0.4, scatterPercent: 1 }, seed: seed % 1000 },
      odoo: { seed: seed % 1000 },
    });
  });

  after(async () => {
    await running?.kill();
    await plant.stop();
  });

  /** One start and its end: three of four times at work, else already while it starts. */
  async function oneLife(random: () => number): Promise<void> {
    const whileStarting = random() < 0.25;
    try {
      running = await startShopfloor({
        home: plant.home,
        environment: plant.environment,
        ...(whileStarting && { readyWithinMs: 100 + random() * 1_500 }),
      });
    } catch (error) {
      // The starter kills a process that is not ready in time: the moment that was wanted.
      if (whileStarting && error instanceof StartFailure) return;
      throw error;
    }
    await wait(random() * 2_500);
    await running.kill();
  }

  it('loses nothing, posts nothing twice, and closes every order once', async () => {
    const random = randomNumbers(seed);
    process.stdout.write(`      seed ${seed}\n`);
    for (let kill = 0; kill < kills; kill += 1) {
      while (plant.openOrders.length < 8) plant.odoo.generateOrder();
      // Every fifth life also meets an Odoo whose reply is cut after its commit.
      if (kill % 5 === 0) plant.odoo.fault({ kind: 'cut-after-commit', method: 'button_mark_done' });
      await oneLife(random);
    }
    plant.odoo.clearFaults();
    const closedWhileKilled = plant.odoo.orders.filter(({ state }) => state === 'done').length;

    running = await startShopfloor({ home: plant.home, environment: plant.environment });
    await plant.everythingDone(240_000);
    const { orders, deliveredCentiKg, bookedCentiKg } = plant.reconcile();
    const doubled = [...plant.runsByName()].filter(([, runs]) => runs > 1);
    assert.deepEqual(doubled, [], 'a queue was written twice');
    assert.equal(bookedCentiKg, deliveredCentiKg);
    assert.ok(orders >= kills / 5, `only ${orders} orders were made: the kills left no time to work`);
    figure('kills', kills);
    figure('orders made while killing', orders);
    figure('orders closed between kills', closedWhileKilled);
    figure('kg delivered while killing, and booked', bookedCentiKg / 100);

    await historyShows(running.url, orders);
    await running.stop();
    running = undefined;
  });
});

/** The ledger archives a moment after Odoo has closed: resolves when it lists exactly `orders` orders, each once. */
async function historyShows(url: string, orders: number): Promise<void> {
  await new PlantApi(url).until<readonly { mo_id: string }[], true>(
    'history?limit=1000',
    (rows, { body }) => body.total === orders && new Set(rows.map(({ mo_id }) => mo_id)).size === orders,
    120_000,
  );
}
