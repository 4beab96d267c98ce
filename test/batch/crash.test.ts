// The ledger's process dies at any moment and its disk fills up; the plant outside goes on. KILLS sets another number of deaths.
// Suite: root, long. It fills a real disk; the long form kills a hundred times.
import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openLedger } from '../../nodes/batch/open-ledger.ts';
import { defaultSettings } from '../../nodes/batch/settings.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { figure } from '../support/figures.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { runSize } from '../support/run-size.ts';
import { checkInvariants } from './invariants.ts';
import { block, clockActor, fullBatch, LedgerWorld, order, verified } from './ledger-world.ts';
import { PlantModel } from './plant-model.ts';

const kills = Number(process.env.KILLS ?? runSize({ short: 12, long: 100 }));
const orders = 40;

describe('a ledger whose process is killed', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-crash-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it(`posts every order once and as delivered after ${kills} deaths at random moments`, async function () {
    this.timeout(60_000 + kills * 5_000);
    const url = `sqlite:${join(directory, 'ledger.sqlite')}`;
    const plant = new PlantModel(orders);
    let deaths = 0;
    while (deaths < kills || !plant.allDone) {
      const child = startChild(url);
      const steps = serve(child, plant);
      // Counted in questions to the plant, not in time, so that every machine dies at all kinds of places.
      const life = deaths < kills ? 1 + Math.floor(Math.random() * 25) : Number.POSITIVE_INFINITY;
      await steps(life);
      const died = once(child, 'exit');
      child.kill('SIGKILL');
      await died;
      deaths += 1;
      const store = await openStore(url);
      if (deaths <= kills) await checkInvariants(store);
      await store.close();
    }
    for (let n = 1; n <= orders; n += 1) {
      const delivered = plant.delivered.get(order(n).plcOrderName);
      assert.equal(plant.odoo(n)?.closings, 1, `order ${n} is closed once`);
      assert.deepEqual(
        plant.odoo(n)?.consumption,
        [101, 102, 114].map((equipment) => delivered?.get(equipment)),
      );
    }
    assert.equal(new Set(plant.handOvers).size, plant.handOvers.length, 'no order goes to the PLC twice');
    figure('kills', deaths);
  });
});

function startChild(url: string): ChildProcess {
  return fork(new URL('./crash-child.ts', import.meta.url), [url], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** Answers the child's questions; the returned function resolves when it has asked so often, or everything is done. */
function serve(child: ChildProcess, plant: PlantModel): (life: number) => Promise<void> {
  return (life) =>
    new Promise((resolve) => {
      let asked = 0;
      child.on('message', (message) => {
        const { question, argument } = message as {
          question: 'fetch' | 'write' | 'read' | 'acknowledge' | 'push';
          argument: never;
        };
        asked += 1;
        const value = question === 'read' ? plant.read(new Date().toISOString()) : plant[question](argument);
        if (plant.allDone && question === 'fetch') {
          resolve();
          return;
        }
        if (asked < life) child.send({ value });
        // Half of the deaths come while the ledger works on the answer, half while it waits for one.
        else if (Math.random() < 0.5) child.send({ value }, () => setTimeout(resolve, Math.random() * 8));
        else resolve();
      });
    });
}

describe('a ledger whose disk is full', () => {
  it('refuses the change with a clear error, keeps what it had, and goes on once there is room', async () => {
    const world = await LedgerWorld.open();
    await world.inPlc(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const before = await world.list();
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(world.db());
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(world.db());
    const readings = (mass: number) =>
      Array.from({ length: 10 }, (_, index) =>
        block(index + 1, order(index + 1).orderName, {
          ...fullBatch,
          a: mass,
          finished: true,
          other: Object.fromEntries(Array.from({ length: 12 }, (_, k) => [103 + k, 10])),
        }),
      );
    await assert.rejects(world.observe(...readings(6_000)), { code: 'store-full', httpStatus: 503 });
    assert.deepEqual(await world.list(), before);
    await checkInvariants(world.store);
    await sql.raw('pragma max_page_count = 1000000').execute(world.db());
    const { payload } = await world.observe(...readings(6_000));
    assert.equal((payload as { blocks: unknown[] }).blocks.length, 10);
    await world.complete(await world.due(), verified);
    await checkInvariants(world.store);
    await world.close();
  });

  it('does the same on a real disk without room', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      process.stdout.write('      skipped: needs root on Linux to mount a small disk\n');
      this.skip();
    }
    const mountPoint = mkdtempSync(join(tmpdir(), 'shopfloor-full-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mountPoint]);
    if (mounted.status !== 0) {
      rmSync(mountPoint, { recursive: true });
      process.stdout.write('      skipped: this machine may not mount a small disk\n');
      this.skip();
    }
    try {
      const home = join(mountPoint, 'home');
      mkdirSync(home);
      const store = await openStore(`sqlite:${join(home, 'ledger.sqlite')}`);
      const ledger = await openLedger(store, defaultSettings, { clock: new ManualClock() });
      const stage = (from: number) =>
        ledger.execute(
          { command: 'stage', orders: Array.from({ length: 10 }, (_, index) => order(from + index)), refused: [] },
          clockActor,
        );
      const { bavail, bsize } = statfsSync(mountPoint);
      writeFileSync(join(mountPoint, 'ballast'), Buffer.alloc(Number(bavail) * Number(bsize)));
      await assert.rejects(stage(1), { code: 'store-full' });
      assert.deepEqual((await ledger.execute({ command: 'list' }, clockActor)).payload, []);
      rmSync(join(mountPoint, 'ballast'));
      await stage(1);
      assert.equal(((await ledger.execute({ command: 'list' }, clockActor)).payload as unknown[]).length, 10);
      await checkInvariants(store);
      await store.close();
    } finally {
      spawnSync('umount', ['-l', mountPoint]);
      rmSync(mountPoint, { recursive: true, force: true });
    }
  });
});
