// Imports of past stops that are asked about, refused, and taken back, on both engines.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { healthMigrations } from '../../nodes/health/migrations.ts';
import { type OpenRepair, openRepair } from '../../nodes/health/open-repair.ts';
import type { RepairCommand } from '../../nodes/health/repair-messages.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const ani = { name: 'ani', via: 'session' } as const;
const budi = { name: 'budi', via: 'session' } as const;
const header = 'machine,start,end,stop_cause';
const row = (machine: string, hour: number) =>
  `${machine},2025-04-14T${String(hour).padStart(2, '0')}:00,2025-04-14T${String(hour).padStart(2, '0')}:45,TROUBLE`;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`an import of past stops on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let directory: string;
    let store: Store;
    let repair: OpenRepair;
    const clock = new ManualClock('2026-01-05T00:00:00Z');

    before(async function () {
      this.timeout(120_000);
      if (engine === 'postgres') server = await startPostgres(this);
    });
    after(function () {
      this.timeout(60_000);
      server?.stop();
    });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-undo-'));
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`);
      repair = await openRepair(store, 'Asia/Jakarta', { clock });
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const bring = (csv: string, more: Partial<RepairCommand & { command: 'import' }> = {}) =>
      repair.room.import({ command: 'import', csv, name: 'a.csv', ...more }, ani, () => {});
    const hours = async () =>
      (await repair.store.history.stops({ limit: 100 })).data.map(({ machine, start, source }) => ({
        at: `${machine} ${start.slice(11, 13)}`,
        source,
      }));
    const register = (id: string) =>
      sql`insert into production_machine (id, name, machine_group, active, updated_at, updated_by)
        values (${id}, ${id}, '', 1, '2025-01-01', 'test')`.execute(store.db());

    it('is taken back with the estimates that it taught, and stays with its report', async () => {
      const { id } = await bring([header, row('M1', 8), row('M1', 10)].join('\n'));
      assert.equal((await repair.room.calibration()).known, 2);
      const undone = await repair.room.undoImport(id, budi);
      assert.deepEqual([undone.removed, undone.kept, undone.undone_by], [2, 0, 'budi']);
      assert.deepEqual(await hours(), []);
      assert.equal((await repair.room.calibration()).known, 0);
      const report = await repair.store.imports.report(id, 10, 0);
      assert.deepEqual(
        [report?.imported, report?.undone_by, report?.undone_at],
        [2, 'budi', '2026-01-05T00:00:00.000Z'],
      );
      const again = await bring([header, row('M1', 8)].join('\n'));
      assert.equal(again.imported, 1);
    });

    it('leaves what another file holds as well, as that one’s', async () => {
      const first = await bring([header, row('M1', 8), row('M1', 10)].join('\n'));
      const second = await bring([header, row('M1', 10), row('M1', 12)].join('\n'));
      assert.deepEqual([second.imported, second.duplicates], [1, 1]);
      const undone = await repair.room.undoImport(first.id, budi);
      assert.deepEqual([undone.removed, undone.kept], [1, 1]);
      const source = `import:${second.id}`;
      assert.deepEqual(await hours(), [
        { at: 'M1 05', source },
        { at: 'M1 03', source },
      ]);
      assert.deepEqual((await repair.room.undoImport(second.id, budi)).removed, 2);
      assert.deepEqual(await hours(), []);
    });

    it('is taken back once, and not while it is being read', async () => {
      const { id } = await bring([header, row('M1', 8)].join('\n'));
      await repair.room.undoImport(id, budi);
      await assert.rejects(repair.room.undoImport(id, ani), { code: 'import-undone', httpStatus: 409 });
      await assert.rejects(repair.room.undoImport('nothing', ani), { code: 'import-unknown', httpStatus: 404 });
      const running = await repair.store.imports.begin('b.csv', 'ani', '2026-01-05T00:00:00Z');
      await assert.rejects(repair.room.undoImport(running, ani), { code: 'import-running', httpStatus: 409 });
    });

    it('can be taken back although an earlier version brought it in', async () => {
      const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'older.sqlite')}`;
      const older = await openStore(url);
      await older.migrate('health', Object.fromEntries(Object.entries(healthMigrations(engine)).slice(0, 7)));
      for (const statement of [
        sql`insert into repair_import (id, name, status, report, started_at, actor)
          values ('i1', 'a.csv', 'done', '{"rows":1,"imported":1}', '2026-01-05', 'ani')`,
        sql`insert into repair_stop (fingerprint, machine, shift, order_name, cause, start_ms, end_ms, minutes, class, source, recorded_at)
          values ('f', 'M1', '', '', 'TROUBLE', 1, 60001, 1, 'repair', 'import:i1', '2026-01-05')`,
      ]) {
        await statement.execute(older.db());
      }
      await older.close();
      const now = await openStore(url);
      const { room } = await openRepair(now, 'Asia/Jakarta', { clock });
      assert.equal((await room.undoImport('i1', budi)).removed, 1);
      await now.close();
    });

    it('records nothing where something has to be asked first', async () => {
      await register('M1');
      const unclear = [header, 'M1,02/03/2025 8:00,02/03/2025 9:00,TROUBLE'].join('\n');
      await assert.rejects(bring(unclear), (error: { code: string; httpStatus: number; current: unknown }) => {
        const { readings } = error.current as { readings: { date_order: string; rows: { start: string }[] }[] };
        assert.deepEqual([error.code, error.httpStatus], ['date-order-unclear', 400]);
        assert.deepEqual(
          readings.map(({ date_order, rows }) => [date_order, rows[0]?.start]),
          [
            ['dmy', '2025-03-02T01:00:00.000Z'],
            ['mdy', '2025-02-03T01:00:00.000Z'],
          ],
        );
        return true;
      });
      await assert.rejects(bring([header, row('M9', 8)].join('\n')), { code: 'machines-unknown', httpStatus: 409 });
      assert.deepEqual(await repair.store.imports.list(10, 0), []);
      assert.equal((await bring(unclear, { mapping: { date_order: 'mdy' } })).imported, 1);
      assert.equal((await bring([header, row('M9', 8)].join('\n'), { new_machines: ['M9'] })).imported, 1);
    });

    it('is shown before it is made', async () => {
      await register('M1');
      const preview = await repair.room.previewImport({
        command: 'import-preview',
        csv: Buffer.from(['Laporan', header, row('M1', 8), row('M2', 8), 'M1,x,y,TROUBLE'].join('\n')),
      });
      const { skipped, rows, stops, refused, new_machines: machines } = preview;
      assert.deepEqual(
        { skipped, rows, stops, refused, machines },
        {
          skipped: ['Laporan'],
          rows: 3,
          stops: 2,
          refused: 1,
          machines: [{ machine: 'M2', stops: 1 }],
        },
      );
      assert.deepEqual(await hours(), []);
      await assert.rejects(repair.room.previewImport({ command: 'import-preview', csv: 'a,b\n1,2' }), {
        code: 'file-unreadable',
        httpStatus: 400,
      });
    });
  });
}
