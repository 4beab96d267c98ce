// Failures of a PLC over Modbus, taken by a process that is killed at any moment: each is stored exactly once. KILLS sets another number of deaths.
// Suite: long. The long form kills a hundred times.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EquipmentSchema } from '../../nodes/equipment/tables.ts';
import { PlcSimulator } from '../../nodes/plc/simulator/plc-simulator.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { figure } from '../support/figures.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { runSize } from '../support/run-size.ts';

const kills = Number(process.env.KILLS ?? runSize({ short: 8, long: 100 }));

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`a process that takes failures into ${engine} and is killed`, () => {
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
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-equipment-kill-'));
      simulator = new PlcSimulator({ scanIntervalMs: 1 });
      await simulator.start();
    });
    afterEach(async () => {
      await simulator.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it(`stores each report once after ${kills} deaths`, async function () {
      this.timeout(60_000 + kills * 10_000);
      const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`;
      const reported = kills * 6;
      for (let n = 0; n < reported; n += 1) {
        const happenedAt = {
          year: 2026,
          month: 1,
          day: 5,
          hour: Math.floor(n / 3600),
          minute: Math.floor(n / 60) % 60,
          second: n % 60,
        };
        simulator.reports.reportFailure({ code: `silo${101 + (n % 13)}`, info: `FAILURE_${n}`, happenedAt });
      }
      for (let deaths = 0; deaths <= kills; deaths += 1) {
        const child = fork(new URL('./failure-child.ts', import.meta.url), [url, String(simulator.port)], {
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
      const store = await openStore(url);
      const rows = await store.db<EquipmentSchema>().selectFrom('equipment_failure').select(['info']).execute();
      await store.close();
      assert.deepEqual(
        rows.map(({ info }) => info).sort(),
        Array.from({ length: reported }, (_, n) => `FAILURE_${n}`).sort(),
      );
      figure('kills', kills);
    });
  });
}

/** Nothing waits, and the record that is shown is marked as read. */
function isAllRead(simulator: PlcSimulator): boolean {
  return simulator.reports.waiting === 0 && simulator.memory.words[8022] === 1;
}

async function untilAllRead(simulator: PlcSimulator): Promise<void> {
  while (!isAllRead(simulator)) await new Promise((resolve) => setTimeout(resolve, 2));
}
