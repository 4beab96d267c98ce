// Lists of past stops as spreadsheets of every country write them: judged as a whole, asked where two readings are possible, never guessed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { UnreadableFile } from '../../nodes/health/row-faults.ts';
import { plantColumns } from '../../nodes/health/stop-row.ts';
import { type DateOrder, instantOf, orderShownBy } from '../../nodes/health/stops/file-dates.ts';
import { type DecimalMark, markShownBy, numberBy } from '../../nodes/health/stops/file-numbers.ts';
import { fileText } from '../../nodes/health/stops/file-text.ts';
import { OpenedFile } from '../../nodes/health/stops/opened-file.ts';

const plant = plantTimeOf('Asia/Jakarta');
const nowMs = Date.UTC(2026, 10, 30);
const header = 'machine;shift;order;start;end;minutes;stop_cause';

interface Told {
  readonly date_order?: DateOrder;
  readonly decimal?: DecimalMark;
  readonly machine?: string;
}

const open = (csv: string | Uint8Array, told: Told = {}, registered?: readonly string[]) =>
  OpenedFile.open(
    { csv, mapping: { ...plantColumns, ...told } },
    { plant, nowMs, breathe: async () => {}, registered: async () => registered && new Set(registered) },
  );
const local = (iso: string | null | undefined) =>
  iso == null ? iso : new Date(Date.parse(iso) + 7 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
/** Start of every stop on the plant's clock, and its minutes. */
const read = async (csv: string | Uint8Array, told: Told = {}) => {
  const file = await open(csv, told);
  file.refuseUnclear();
  const [reading] = (await file.preview()).readings;
  return reading?.rows.map(({ start, minutes }) => [local(start), minutes]);
};
const faultOf = async (csv: string | Uint8Array, told: Told = {}) => {
  try {
    await open(csv, told);
  } catch (thrown) {
    if (thrown instanceof UnreadableFile) return thrown.fault.code;
    throw thrown;
  }
  return 'none';
};
const codeOf = async (csv: string, told: Told = {}) => {
  const file = await open(csv, told);
  try {
    file.refuseUnclear();
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
  return 'read';
};
const line = (start: string, end: string, minutes: string) => `M1;1;O1;${start};${end};${minutes};TROUBLE`;
const list = (...lines: readonly string[]) => [header, ...lines].join('\r\n');

describe('a list of past stops', () => {
  describe('as bytes', () => {
    const text = 'Mesin; Störung für 5 µm – ok';
    it('is UTF-8 where it can be, else Windows-1252, and never loses a character', () => {
      assert.deepEqual(fileText(Buffer.from(text)), { text, encoding: 'utf-8' });
      const western = Buffer.concat([
        Buffer.from('Störung ', 'latin1'),
        Buffer.of(0x96),
        Buffer.from(' 5 µm', 'latin1'),
      ]);
      assert.deepEqual(fileText(western), { text: 'Störung – 5 µm', encoding: 'windows-1252' });
    });

    it('is UTF-16 with a mark or without, in both orders', () => {
      const little = Buffer.from(text, 'utf16le');
      const big = Buffer.from(little).swap16();
      for (const [bytes, encoding] of [
        [Buffer.concat([Buffer.of(0xff, 0xfe), little]), 'utf-16le'],
        [Buffer.concat([Buffer.of(0xfe, 0xff), big]), 'utf-16be'],
        [little, 'utf-16le'],
        [big, 'utf-16be'],
      ] as const) {
        assert.deepEqual(fileText(bytes), { text, encoding });
      }
    });

    it('is refused as a text that has lost characters on its way', async () => {
      assert.equal(
        await faultOf(list(line('2026-11-02 8:05', '2026-11-02 8:35', '30')).replace('O1', 'O\uFFFD')),
        'encoding-lost',
      );
    });
  });

  describe('in its layout', () => {
    const row = '2026-11-02 8:05';
    it('has its separator shown by the columns, not by the title above them', async () => {
      for (const separator of [',', ';', '\t', '|']) {
        const csv =
          `Stops, line 1 (all; shifts)\n\n${header.replaceAll(';', separator)}\nM1;1;O1;${row};;30;X`.replaceAll(
            'M1;1;O1;2026-11-02 8:05;;30;X',
            `M1;1;O1;${row};;30;X`.replaceAll(';', separator),
          );
        assert.deepEqual(await read(csv), [['2026-11-02 08:05', 30]], separator);
      }
    });

    it('shows the lines above its header, and counts them in the lines of its rows', async () => {
      const file = await open(`sep=;\r\nStops of line 1;;;\r\n;;\r\n${list(line(row, '', '30'))}`);
      const { skipped, readings } = await file.preview();
      assert.deepEqual(skipped, ['sep=;', 'Stops of line 1']);
      assert.equal(readings[0]?.rows[0]?.line, 5);
    });

    it('ends its lines by CR, LF or both', async () => {
      for (const end of ['\r', '\n', '\r\n']) {
        const csv = [header, line(row, '', '30'), line('2026-11-02 9:05', '', '31')].join(end);
        assert.deepEqual(await read(csv), [
          ['2026-11-02 08:05', 30],
          ['2026-11-02 09:05', 31],
        ]);
      }
    });

    it('has columns that the sender names', async () => {
      assert.deepEqual(await read(`Maschine${header.slice(7)}\n${line(row, '', '30')}`, { machine: 'Maschine' }), [
        ['2026-11-02 08:05', 30],
      ]);
    });
  });

  describe('in its dates', () => {
    const minutes = (start: string) => list(line(start, '', '30'));
    it('is read in every form whose order is beyond doubt', async () => {
      for (const start of [
        '2026-11-02 8:05',
        '2026/11/2 08:05:00',
        '2026.11.02 8.05',
        '2026-11-02T08:05',
        '02.11.2026 08:05',
        '2.11.26 8:05',
        '2026-11-02 8:05 AM',
        '46328,336805555',
        '46328.336805555',
      ]) {
        assert.deepEqual(await read(minutes(start)), [['2026-11-02 08:05', 30]], start);
      }
    });

    it('knows morning and afternoon, noon and midnight', async () => {
      const times = { '12:00 AM': '00:00', '12:30 PM': '12:30', '1:05 pm': '13:05', '11:59 p.m.': '23:59' };
      for (const [written, meant] of Object.entries(times)) {
        assert.deepEqual(await read(minutes(`13/11/2026 ${written}`)), [[`2026-11-13 ${meant}`, 30]], written);
      }
      for (const wrong of ['13:05 PM', '0:10 AM', '24:00', '8:60']) {
        assert.deepEqual(await read(minutes(`13/11/2026 ${wrong}`)), [[null, 30]], wrong);
      }
    });

    it('is asked where no date shows whether the day or the month comes first', async () => {
      for (const start of ['02/11/2026 8:05', '02-11-2026 8:05', '2/11/26 8:05', '2/11/2026 8:05 AM']) {
        assert.equal(await codeOf(minutes(start)), 'date-order-unclear', start);
        assert.deepEqual(await read(minutes(start), { date_order: 'dmy' }), [['2026-11-02 08:05', 30]]);
        assert.deepEqual(await read(minutes(start), { date_order: 'mdy' }), [['2026-02-11 08:05', 30]]);
      }
      assert.equal(await codeOf(minutes('05/05/2026 8:05')), 'read');
    });

    it('shows the first rows in both readings, the day first one first', async () => {
      const { readings, date_order: order } = await (await open(minutes('02/11/2026 8:05'))).preview();
      assert.equal(order.why, 'unclear');
      assert.deepEqual(
        readings.map(({ date_order, rows }) => [date_order, local(rows[0]?.start)]),
        [
          ['dmy', '2026-11-02 08:05'],
          ['mdy', '2026-02-11 08:05'],
        ],
      );
    });

    it('is decided by a single date for the whole file', async () => {
      const csv = (decisive: string) =>
        list(line('02/11/2026 8:05', '', '30'), line('03/11/2026 8:05', '', '30'), line(decisive, '', '30'));
      assert.deepEqual((await read(csv('13/11/2026 8:05')))?.[0], ['2026-11-02 08:05', 30]);
      assert.deepEqual((await read(csv('11/13/2026 8:05')))?.[0], ['2026-02-11 08:05', 30]);
    });

    it('is refused whole where two dates contradict each other, or the sender’s word', async () => {
      const both = list(line('13/11/2026 8:05', '', '30'), line('11/13/2026 8:05', '', '30'));
      assert.equal(await faultOf(both), 'dates-contradict');
      assert.equal(await faultOf(minutes('13/11/2026 8:05'), { date_order: 'mdy' }), 'dates-given-otherwise');
    });

    it('gives back the date that was written, in every form and order', () => {
      const when = fc.record({
        year: fc.integer({ min: 2001, max: 2026 }),
        month: fc.integer({ min: 1, max: 12 }),
        day: fc.integer({ min: 1, max: 28 }),
        hour: fc.integer({ min: 0, max: 23 }),
        minute: fc.integer({ min: 0, max: 59 }),
      });
      fc.assert(
        fc.property(
          when,
          fc.constantFrom('/', '-', '.'),
          fc.boolean(),
          fc.boolean(),
          fc.boolean(),
          (at, mark, dayFirst, short, half) => {
            const two = (number: number) => String(number).padStart(2, '0');
            const isDayFirst = dayFirst || mark === '.';
            const parts = isDayFirst ? [at.day, at.month] : [at.month, at.day];
            const year = short ? two(at.year % 100) : String(at.year);
            const time = half
              ? `${at.hour % 12 || 12}:${two(at.minute)} ${at.hour < 12 ? 'AM' : 'PM'}`
              : `${at.hour}:${two(at.minute)}`;
            const text = `${parts.join(mark)}${mark}${year} ${time}`;
            const order = isDayFirst ? 'dmy' : 'mdy';
            const shown = orderShownBy(text);
            assert.ok(shown === order || shown === 'both' || shown === 'any', `${text}: ${shown}`);
            assert.equal(instantOf(text, order, plant), plant.instantMs(at), text);
          },
        ),
      );
    });
  });

  describe('in its numbers', () => {
    it('has a mark of decimals that the numbers themselves show', () => {
      const shown = (texts: readonly string[]) => texts.map(markShownBy);
      assert.deepEqual(shown(['30', '1250']), ['any', 'any']);
      assert.deepEqual(shown(['30,5', '1250,125', '0,125', '1.250,5', '1.250.000']), Array(5).fill('comma'));
      assert.deepEqual(shown(['30.5', '1250.125', '0.125', '1,250.5', '1,250,000', '1 250.5']), Array(6).fill('point'));
      assert.deepEqual(shown(['1.250', '12,500']), ['both', 'both']);
      assert.deepEqual(shown(['', 'x', '1.2.3', '1,2,3', '-5']), Array(5).fill(undefined));
    });

    it('never takes 1.250 for one and a quarter, nor for more, where nothing shows what it is', async () => {
      const start = '13/11/2026 8:05';
      assert.equal(await codeOf(list(line(start, '', '1.250'))), 'decimal-unclear');
      assert.deepEqual(await read(list(line(start, '', '1.250')), { decimal: 'comma' }), [['2026-11-13 08:05', 1250]]);
      assert.deepEqual(await read(list(line(start, '', '1.250')), { decimal: 'point' }), [['2026-11-13 08:05', 1.25]]);
      const { readings } = await (await open(list(line(start, '', '1.250')))).preview();
      assert.deepEqual(
        readings.map(({ decimal, rows }) => [decimal, rows[0]?.minutes]),
        [
          ['comma', 1250],
          ['point', 1.25],
        ],
      );
    });

    it('is decided by the other numbers of the file, or by the time from start to end', async () => {
      const start = '13/11/2026 8:05';
      assert.deepEqual((await read(list(line(start, '', '1.250'), line(start, '', '30,5'))))?.[0]?.[1], 1250);
      assert.deepEqual((await read(list(line(start, '', '1.250'), line(start, '', '30.5'))))?.[0]?.[1], 1.25);
      assert.deepEqual((await read(list(line(start, '14/11/2026 4:55', '1.250'))))?.[0]?.[1], 1250);
      assert.equal(await faultOf(list(line(start, '', '30,5'), line(start, '', '30.5'))), 'decimals-contradict');
    });

    it('gives back the number that was written', () => {
      const whole = fc.integer({ min: 0, max: 9_999_999 });
      fc.assert(
        fc.property(
          whole,
          fc.integer({ min: 0, max: 99 }),
          fc.constantFrom<DecimalMark>('comma', 'point'),
          (number, cents, mark) => {
            const text = new Intl.NumberFormat(mark === 'comma' ? 'de-DE' : 'en-US', {
              minimumFractionDigits: 2,
            }).format(number + cents / 100);
            assert.equal(numberBy(text, mark), Number((number + cents / 100).toFixed(2)), text);
          },
        ),
      );
    });
  });

  it('shows machines that the plant has not registered, and takes them by the sender’s word only', async () => {
    const row = (machine: string) => line('2026-11-02 8:05', '', '30').replace('M1', machine);
    const file = await open(list(row('M1'), row('M2'), row('M2')), {}, ['M1']);
    assert.deepEqual((await file.preview()).new_machines, [{ machine: 'M2', stops: 2 }]);
    await assert.rejects(file.refuseNewMachines([]), { code: 'machines-unknown', httpStatus: 409 });
    await file.refuseNewMachines(['M2']);
    await (await open(list(row('M1')), {}, undefined)).refuseNewMachines([]);
  });

  const cases = join(import.meta.dirname, '..', '..', '..', 'shared', 'cases', 'csv');
  const whereTheyLie = existsSync(cases) ? it : () => {};
  whereTheyLie('is what the collected files are that lie beside this project', async () => {
    const bytes = (name: string) => readFileSync(join(cases, name));
    const told = { date_order: 'dmy' } as const;
    const hours: Readonly<Record<string, readonly string[]>> = {
      'a-iso-unpadded.csv': ['08:05', '10:05'],
      'b-ampm.csv': ['08:05', '14:05'],
      'd-cp1252.csv': ['12:05'],
      'e-utf16.txt': ['13:05'],
      'f-sep.csv': ['14:05'],
      'g-title.csv': ['15:05'],
      'h-slash-iso.csv': ['16:05'],
      'i-serial.csv': ['18:05'],
      'k-cr.csv': ['20:05'],
      'l-year2.csv': ['21:05'],
    };
    for (const [name, times] of Object.entries(hours)) {
      const rows = await read(bytes(name), told);
      assert.deepEqual(
        rows?.map(([start]) => start),
        times.map((time) => `2026-11-02 ${time}`),
        name,
      );
    }
    assert.equal((await open(bytes('d-cp1252.csv'))).encoding, 'windows-1252');
    const thousands = await open(bytes('j-thousands.csv'), told);
    assert.throws(() => thousands.refuseUnclear(), { code: 'decimal-unclear' });
  });
});
