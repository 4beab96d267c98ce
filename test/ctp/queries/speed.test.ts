// Questions to a log of some size hold neither the process nor the database for long; `npm run bench -- ctp` asks a million problems.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillLog } from '../../../bench/support/ctp/fill-log.ts';
import { measureInTurn } from '../../../bench/support/ctp/measuring.ts';
import { checkProjections, type FilledLog, openFilledLog } from '../../../bench/support/ctp/open-log.ts';
import { readingCases } from '../../../bench/support/ctp/reading-cases.ts';
import { plantTimeOf } from '../../../nodes/core/plant-time.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';

const problems = Number(process.env.CTP_PROBLEMS ?? 10_000);
/** Twice what a plant may see (DESIGN, promise 8): the caches of a busy test machine are cold. */
const longestStallMs = 40;
/** Time of this process alone, its reading thread included, so that a neighbour on the machine does not count. */
const mostWorkMs = 100;
const nowMs = Date.UTC(2026, 10, 21, 5);

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`a CTP log of ${problems} problems on ${engine}`, function () {
    this.timeout(900_000);
    let server: PostgresServer | undefined;
    let directory: string;
    let store: Store;
    let log: FilledLog;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
      this.timeout(900_000);
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-speed-'));
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'store.sqlite')}`);
      const plant = plantTimeOf('Asia/Jakarta');
      await fillLog(store, plant, problems, nowMs);
      log = await openFilledLog(store, plant, nowMs);
    });
    after(async () => {
      await store.close();
      server?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('was filled by the rules of the projection', () => checkProjections(store, log, problems));

    for (const { group, name, ask } of readingCases()) {
      it(`answers ${group}: ${name}`, async () => {
        const own = ask();
        // The best of three: any one of them may meet a garbage collection.
        const tries = [];
        for (let attempt = 0; attempt < 3; attempt += 1) tries.push(...(await measureInTurn([() => own(log.send)], 1)));
        const stall = Math.min(...tries.map((one) => one.stall));
        const work = Math.min(...tries.map((one) => one.work));
        assert.ok(stall < longestStallMs, `${stall.toFixed(1)} ms without a turn`);
        assert.ok(work < mostWorkMs, `${work.toFixed(1)} ms of work`);
      });
    }
  });
}
