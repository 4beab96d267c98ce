// Weighings of a PLC over Modbus, taken by a process that is killed at any moment: each is in its order exactly once, and Odoo gets the sum once. KILLS sets another number of deaths.
// Suite: long. The long form kills a hundred times.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { centiKg } from '../../nodes/core/mass.ts';
import type { OdooPushCommand } from '../../nodes/odoo/messages.ts';
import { PlcSimulator } from '../../nodes/plc/simulator/plc-simulator.ts';
import { figure } from '../support/figures.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { runSize } from '../support/run-size.ts';
import { block, fullBatch, LedgerWorld, order } from './ledger-world.ts';

const kills = Number(process.env.KILLS ?? runSize({ short: 8, long: 100 }));
const product = 101;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`a process that takes weighings into ${engine} and is killed`, () => {
    let server: PostgresServer | undefined;
    let directory: string;
    let simulator: PlcSimulator;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-weighing-kill-'));
      simulator = new PlcSimulator({ scanIntervalMs: 1 });
      await simulator.start();
    });
    afterEach(async () => {
      await simulator.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it(`adds each weighing to its order once after ${kills} deaths`, async function () {
      this.timeout(60_000 + kills * 10_000);
      const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`;
      const world = await LedgerWorld.open({}, url);
      await world.inPlc(1);
      let total = 0;
      for (let n = 1; n <= kills * 6; n += 1) {
        simulator.reports.reportWeighing({
          slot: 1,
          moName: order(1).orderName,
          productId: product,
          massCentiKg: centiKg(n),
        });
        total += n;
      }
      for (let deaths = 0; deaths <= kills; deaths += 1) {
        const child = fork(new URL('./weighing-child.ts', import.meta.url), [url, String(simulator.port)], {
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        });
        // Counted in reports, not in time, so that every machine dies between commit, read flag and its confirmation.
        const life = deaths < kills ? 1 + Math.floor(Math.random() * 5) : Number.POSITIVE_INFINITY;
        for (let taken = 0; taken < life && !isAllRead(simulator); taken += 1) {
          await Promise.race([once(child, 'message'), untilAllRead(simulator)]);
        }
        if (Math.random() < 0.5) await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
        const died = once(child, 'exit');
        child.kill('SIGKILL');
        await died;
      }
      await world.observe(block(1, order(1).orderName, { ...fullBatch, finished: true }));
      const push = (await world.due()) as OdooPushCommand;
      assert.equal(push.components.find(({ productId }) => productId === product)?.actualCentiKg, 6_000 + total);
      await world.close();
      figure('kills', kills);
    });
  });
}

/** Nothing waits, and the record that is shown is marked as read. */
function isAllRead(simulator: PlcSimulator): boolean {
  return simulator.reports.waiting === 0 && simulator.memory.words[9013] === 1;
}

async function untilAllRead(simulator: PlcSimulator): Promise<void> {
  while (!isAllRead(simulator)) await new Promise((resolve) => setTimeout(resolve, 2));
}
