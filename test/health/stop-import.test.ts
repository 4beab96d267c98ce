// The stop history on both engines: the plant's own file and other shapes, refused rows, duplicates, a crash in the middle, a free event loop.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { csvRows } from '../../nodes/health/csv-rows.ts';
import type { ImportProgress, ImportReport } from '../../nodes/health/messages.ts';
import { healthMigrations } from '../../nodes/health/migrations.ts';
import { type OpenRepair, openRepair } from '../../nodes/health/open-repair.ts';
import { causeGroup, classByKeyword } from '../../nodes/health/stop-classes.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const header = 'machine,shift,order,start,end,minutes,stop_cause,good_qty,scrap_qty,scrap_kg,scrap_reason';
const operator = { name: 'ani', via: 'session' } as const;

const engines: readonly ('sqlite' | 'postgres')[] = ['sqlite', 'postgres'];
for (const engine of engines) {
  describe(`the stop history on ${engine}`, () => {
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
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-stops-'));
      store = await openStore((await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`);
      repair = await openRepair(store, 'Asia/Jakarta', { clock });
    });
    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const bring = async (csv: string, mapping = {}, progress: ImportProgress[] = []): Promise<ImportReport> =>
      repair.room.import({ command: 'import', csv, mapping, name: 'a.csv' }, operator, (one) => progress.push(one));
    const stops = async () => (await repair.store.history.stops({ limit: 100 })).data;

    it("takes the plant's own file in the plant's time, leaves production out, and classes causes", async () => {
      const report = await bring(
        [
          header,
          'C_FL101,2,62110,2025-04-14T07:00:00,2025-04-14T07:20:00,20,SETTING TIME,0,0,0.0,',
          'C_FL101,2,62110,2025-04-14T07:00:00,2025-04-14T08:00:00,60,,1020,20,11.42,PRINTING BOTAK',
          'C_FL101,2,62110,2025-04-14T09:00:00,2025-04-14T09:45:00,45,FEEDER UNIT TROUBLE MEKANIK,0,0,0.0,',
          'C_FL101,3,,2025-04-14T23:00:00,2025-04-15T07:00:00,480,TIDAK ADA SHIFT,0,0,0.0,',
        ].join('\r\n'),
      );
      const { rows, imported, production, refused, duplicates, classes, status, percent } = report;
      assert.deepEqual(
        { rows, imported, production, refused, duplicates, classes, status, percent },
        {
          rows: 4,
          imported: 3,
          production: 1,
          refused: 0,
          duplicates: 0,
          classes: { setting: 1, repair: 1, planned: 1 },
          status: 'done',
          percent: 100,
        },
      );
      const [last, breakdown] = await stops();
      assert.deepEqual([last?.class, last?.start], ['planned', '2025-04-14T16:00:00.000Z']);
      assert.deepEqual([breakdown?.cause, breakdown?.minutes], ['FEEDER UNIT TROUBLE MEKANIK', 45]);
    });

    it('refuses what can’t be a stop, each row with its line and every reason, and takes the others', async () => {
      const report = await bring(
        [
          header,
          'C_FL101,1,1,2025-04-14T09:00:00,2025-04-14T08:45:00,15,TROUBLE,,,,',
          ',1,1,yesterday,2025-04-14T08:45:00,15,TROUBLE,,,,',
          'C_FL101,1,1,2025-04-14T09:00:00,2025-04-14T09:45:00,90,TROUBLE,,,,',
          'C_FL101,1,1,2025-02-30T09:00:00,2025-04-14T09:45:00,,TROUBLE,,,,',
          'C_FL101,1,1,2027-04-14T09:00:00,2027-04-14T09:45:00,45,TROUBLE,,,,',
          '',
          'C_FL101,1,1,2025-04-14T09:00:00,2025-04-14T09:45:00,45,TROUBLE,,,,',
        ].join('\n'),
      );
      assert.deepEqual([report.imported, report.refused], [1, 5]);
      assert.deepEqual(
        report.refusals.map(({ line, reason }) => [line, reason]),
        [
          [2, 'end: must be after start'],
          [3, 'machine: must have 1 to 100 characters; start: "yesterday" is no date and time'],
          [4, 'minutes: 90 is not the time from start to end (45)'],
          [5, 'start: "2025-02-30T09:00:00" is no date and time'],
          [6, 'end: lies in the future'],
        ],
      );
      const codes = report.refusals.map(({ faults }) => faults.map(({ field, code }) => `${field} ${code}`));
      assert.deepEqual(codes, [
        ['end before-start'],
        ['machine length', 'start no-instant'],
        ['minutes minutes-differ'],
        ['start no-instant'],
        ['end future'],
      ]);
      const kept = await repair.store.imports.report(report.id, 2, 1);
      assert.deepEqual(
        kept?.refusals.map(({ line }) => line),
        [3, 4],
      );
      assert.deepEqual(kept?.refusals, report.refusals.slice(1, 3), 'kept with their codes and what the file says');
    });

    it('shows rows that an earlier version refused: in English only', async () => {
      const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'older.sqlite')}`;
      const older = await openStore(url);
      await older.migrate('health', Object.fromEntries(Object.entries(healthMigrations(engine)).slice(0, 4)));
      for (const statement of [
        sql`insert into repair_import values ('i1', 'a.csv', 'done', '{"rows":1,"refused":1}', '2026-01-05', 'ani')`,
        sql`insert into repair_import_refusal (import_id, line, reason, raw) values ('i1', 2, 'end: lies in the future', 'x')`,
      ]) {
        await statement.execute(older.db());
      }
      await older.close();
      const now = await openStore(url);
      const report = await (await openRepair(now, 'Asia/Jakarta', { clock })).store.imports.report('i1', 10, 0);
      await now.close();
      assert.deepEqual(report?.refusals, [{ line: 2, reason: 'end: lies in the future', faults: [], raw: 'x' }]);
      assert.equal(report.file_fault, null);
    });

    it('takes another shape by its mapping: semicolons, days first, comma decimals, numbers of Excel', async () => {
      const report = await bring(
        [
          'Mesin;Mulai;Durasi;Sebab',
          '"Flexo 1";14/04/2025 09:00;45,5;Rusak "bearing"',
          'Flexo 1;45761.375;30;Rusak bearing',
        ].join('\n'),
        { machine: 'mesin', start: 'Mulai', minutes: 'Durasi', stop_cause: 'Sebab', end: 'Selesai' },
      );
      assert.deepEqual([report.imported, report.refused, report.error], [2, 0, null]);
      assert.deepEqual(
        (await stops()).map(({ start, end, minutes, class: stopClass }) => [start, end, minutes, stopClass]),
        [
          ['2025-04-14T02:00:00.000Z', '2025-04-14T02:45:30.000Z', 45.5, 'repair'],
          ['2025-04-14T02:00:00.000Z', '2025-04-14T02:30:00.000Z', 30, 'repair'],
        ],
      );
      assert.equal(report.overlapping, 2);
    });

    it('says which column is missing, and takes nothing', async () => {
      const report = await bring('Mesin,Mulai\nA,B');
      assert.equal(report.status, 'failed');
      assert.match(report.error ?? '', /no column "machine" \(machine\).*Its columns are: Mesin, Mulai/);
      assert.equal(report.file_fault?.code, 'no-column');
      assert.match((await bring('')).error ?? '', /empty/);
      assert.equal((await bring('machine,start,stop_cause\nA,B,C')).file_fault?.code, 'no-end');
    });

    it('knows a stop again: the same file twice, and the same row twice, change nothing', async () => {
      const row = 'C_FL101,2,62110,2025-04-14T09:00:00,2025-04-14T09:45:00,45,TROUBLE,0,0,0.0,';
      const first = await bring([header, row, row].join('\n'));
      assert.deepEqual([first.imported, first.duplicates], [1, 1]);
      const second = await bring([header, row, row.replace('TROUBLE', '  trouble ')].join('\n'));
      assert.deepEqual([second.imported, second.duplicates], [0, 2]);
      assert.equal((await stops()).length, 1);
    });

    it('tells its progress, and a file that a crash cut off is completed by importing it again', async () => {
      const rows = Array.from({ length: 450 }, (_, n) => {
        const start = new Date(Date.UTC(2025, 0, 1) + n * 3_600_000).toISOString();
        const end = new Date(Date.UTC(2025, 0, 1) + n * 3_600_000 + 600_000).toISOString();
        return `M1,1,,${start},${end},10,TROUBLE,,,,`;
      });
      const stopped = new Error('the process died');
      const progress: ImportProgress[] = [];
      let pieces = 0;
      const id = await repair.store.imports.begin('cut.csv', 'ani', clock.now().toISOString());
      assert(id);
      const dying = repair.store.history.addStops.bind(repair.store.history);
      repair.store.history.addStops = async (...given) => {
        pieces += 1;
        if (pieces === 3) throw stopped;
        return dying(...given);
      };
      const cut = await bring([header, ...rows].join('\n'), {}, progress);
      assert.deepEqual([cut.status, cut.error, cut.imported], ['failed', 'the process died', 200]);
      repair = await openRepair(store, 'Asia/Jakarta', { clock });
      const [interrupted] = (await repair.store.imports.list(10, 0)).filter((one) => one.id === id) as ImportReport[];
      assert.equal(interrupted?.status, 'failed');
      const whole = await bring([header, ...rows].join('\n'), {}, progress);
      assert.deepEqual([whole.imported, whole.duplicates, whole.status], [250, 200, 'done']);
      assert.deepEqual([progress[0]?.percent, progress.at(-1)?.percent], [0, 100]);
    });

    it('lets the plant say what a cause is, for past stops too', async () => {
      await bring([header, 'M1,1,,2025-04-14T09:00:00,2025-04-14T09:45:00,45,OTHERS,,,,'].join('\n'));
      assert.deepEqual((await repair.room.calibration()).known, 0);
      await repair.room.classify('others', 'repair', operator);
      assert.deepEqual((await repair.room.calibration()).known, 1);
      assert.deepEqual(await repair.store.causes.list(), [
        { cause: 'OTHERS', class: 'repair', by: 'plant', stops: 1, minutes: 45 },
      ]);
    });
  });
}

describe('a big file', () => {
  it('leaves the event loop free', async function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-stops-'));
    const store = await openStore(`sqlite:${join(directory, 'a.sqlite')}`);
    const { room } = await openRepair(store, 'Asia/Jakarta', { clock: new ManualClock('2026-01-05T00:00:00Z') });
    const rows = Array.from({ length: 20_000 }, (_, n) => {
      const start = new Date(Date.UTC(2024, 0, 1) + n * 1_800_000).toISOString();
      const end = new Date(Date.UTC(2024, 0, 1) + n * 1_800_000 + 600_000).toISOString();
      return `M${n % 3},1,,${start},${end},10,CAUSE ${n % 20} TROUBLE,,,,`;
    });
    // This thread's own work between two looks: other programs on the machine don't count.
    const workedMs = () => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1_000;
    };
    let longestMs = 0;
    let lastMs = workedMs();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, workedMs() - lastMs);
      lastMs = workedMs();
    }, 1);
    const report = await room.import({ command: 'import', csv: [header, ...rows].join('\n') }, operator, () => {});
    clearInterval(timer);
    await store.close();
    rmSync(directory, { recursive: true, force: true });
    assert.equal(report.imported + report.refused, 20_000);
    process.stdout.write(`      longest work without a pause ${longestMs.toFixed(1)} ms\n`);
    // Some 10 ms on a calm machine; a design that doesn't pause works for seconds.
    assert(longestMs < 100, `${longestMs} ms`);
  });
});

describe('reading CSV', () => {
  const cells = (text: string) => [...csvRows(text)].map((row) => row.cells);
  it('follows quotes, doubled quotes, line ends inside quotes, and a byte order mark', () => {
    assert.deepEqual(cells('\ufeffa,b\r\n"x, ""y""\nz",2\r\n\r\n3,4'), [
      ['a', 'b'],
      ['x, "y"\nz', '2'],
      ['3', '4'],
    ]);
    assert.deepEqual(
      [...csvRows('a\n"b\nc"\nd')].map(({ line }) => line),
      [1, 2, 4],
    );
    assert.deepEqual(cells('a\tb\n1,5\t2'), [
      ['a', 'b'],
      ['1,5', '2'],
    ]);
    assert.deepEqual(cells('a,b\n"never closed'), [['a', 'b'], ['never closed']]);
  });
});

describe('classes of stops', () => {
  it('follow from words of Indonesian and English', () => {
    const expected = {
      repair: ['SLOTTER UNIT TROUBLE MEKANIK', 'ELECTRICAL REPAIR>OTHER', 'Kerusakan bearing', 'Motor breakdown'],
      minor: ['REPAIR RINGAN BY OPERATOR', 'SHEET NYANGKUT/ MACET', 'Feeder jam'],
      setting: ['SETTING TIME', 'LAP KLISE (Plate)', 'GANTI/PASANG PISAU SLOTTER', 'Changeover'],
      waiting: ['TUNGGU ORDER', 'TINTA HABIS', 'LISTRIK PADAM PLN/DSS/COGEN', 'Waiting for material'],
      planned: [
        'TIDAK ADA SHIFT',
        'SCHEDULED PREVENTIVE MAINTENANCE',
        'SHOLAT JUMAT',
        'OFF TIME LIBUR NASIONAL',
        'OVERHAUL',
      ],
      other: ['OTHERS', ''],
    };
    for (const [stopClass, causes] of Object.entries(expected)) {
      for (const cause of causes) assert.equal(classByKeyword(cause), stopClass, cause);
    }
    assert.equal(causeGroup('FEEDER UNIT TROUBLE ELEKTRIK'), 'electrical');
    assert.equal(causeGroup('FEEDER UNIT TROUBLE MEKANIK'), 'mechanical');
  });
});
