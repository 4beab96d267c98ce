// A CTP log of any size with the skew of a real one, made inside the database by one statement for each table.
import { type Kysely, sql } from 'kysely';
import type { Store } from '../../../nodes/store/store.ts';

export const machineNicknames = [
  'suprasetter',
  'platesetter',
  'trendsetter',
  ...Array.from({ length: 9 }, (_, index) => `ctp-${index + 4}`),
] as const;

/** In the order of their frequency. */
const parts = {
  opening: ['mesin', 'mesin', 'mesin', 'mesin', 'unit', 'line', 'alat', 'sistem'],
  component: [
    'plate',
    'laser head',
    'processor',
    'roller',
    'drum',
    'punch',
    'developer pump',
    'vacuum',
    'loader',
    'sensor',
    'encoder',
    'chiller',
    'gum unit',
    'brush',
    'heater',
    'fan',
    'power supply',
    'rip server',
    'network card',
    'conveyor',
  ],
  symptom: [
    'macet',
    'error',
    'tidak jalan',
    'panas',
    'bocor',
    'goyang',
    'bunyi keras',
    'gagal kalibrasi',
    'terlalu lambat',
    'mati mendadak',
    'tergores',
    'tidak terbaca',
    'putus',
    'kotor',
    'aus',
  ],
  solution: [
    'dibersihkan dan dijalankan kembali',
    'ganti sensor',
    'reset controller',
    'ganti roller',
    'kalibrasi ulang laser',
    'setel tekanan',
    'ganti filter developer',
    'kencangkan baut',
    'update firmware',
    'ganti kipas',
    'panggil vendor untuk ganti board',
  ],
  technician: [
    'Budi Santoso',
    'Agus Wijaya',
    'Siti Rahma',
    'Joko Susilo',
    'Dewi Lestari',
    'Rudi Hartono',
    'Andi Pratama',
    'Hendra Gunawan',
    'Wahyu Nugroho',
    'Yusuf Maulana',
    'Eko Prasetyo',
    'Tono Sudirman',
  ],
  vendor: ['PT Heidelberg Indonesia', 'PT Kodak Service', 'CV Maju Teknik', 'PT Agfa Graphics'],
  category: ['processor', 'mechanical', 'laser', 'electrical', 'material', 'software', 'cleaning', 'utility', 'other'],
} as const;

/** Years that a log of any size covers, so that a larger one is denser and not only longer. */
export const coveredYears = 10;
const yearMs = 365.25 * 86_400_000;
/** Distinct primes: every figure of a row is a different walk through the same numbers. */
const walks = [
  48_271, 69_621, 16_807, 39_373, 742_938, 950_706, 62_089, 100_003, 742_993, 999_983, 630_360, 331_999, 410_009,
  520_019,
];
const modulus = 2_147_483_647;

/** A number from 0 to 9,999 for a row, the same on both engines. */
function figure(walk: number): string {
  return `(((n * ${walks[walk]}) % ${modulus}) % 10000)`;
}

/** One of `list`, the first ones far more often. */
function skewed(list: readonly string[], walk: number): string {
  const steps = list.map((text, index) => {
    const share = Math.floor(10_000 * ((index + 1) / list.length) ** 2.2);
    return `when ${figure(walk)} <= ${share} then '${text}'`;
  });
  return `case ${steps.join(' ')} else '${list.at(-1)}' end`;
}

/** Columns of a problem as expressions over its number `n`; `startMs` and the like are ms. */
export function problemColumns(count: number, nowMs: number) {
  const firstMs = Math.floor(nowMs - coveredYears * yearMs);
  const stepMs = Math.floor((nowMs - 3_600_000 - firstMs) / count);
  const start = `(${firstMs} + n * ${stepMs} + ${figure(0)} * ${Math.floor(stepMs / 10_000)})`;
  const minutes = `(case when ${figure(1)} < 40 then 1440 + ${figure(2)} * 2 else 3 + (${figure(2)} * ${figure(2)}) / 900000 end)`;
  const isVoid = `(${figure(3)} < 100)`;
  const isOpen = `(n > ${count - Math.min(60, Math.ceil(count / 50))} or (${figure(4)} = 7 and n % 7 = 0))`;
  const isReopened = `(${figure(4)} = 8)`;
  return {
    id: 'n',
    machine: `case when ${figure(5)} < 3500 then 1 when ${figure(5)} < 5500 then 2 when ${figure(5)} < 7000 then 3 else 4 + ${figure(5)} % 9 end`,
    startMs: start,
    responseMs: `case when ${figure(6)} < 2000 then null else ${start} + ${figure(7)} * 60 end`,
    endMs: `case when ${isOpen} or ${isReopened} then null else ${start} + ${minutes} * 60000 + 600000 end`,
    status: `case when ${isVoid} then 'void' when ${isOpen} then 'ongoing' when ${isReopened} then 'reopened' else 'completed' end`,
    severity: `case when ${figure(8)} < 2500 then 'stop' when ${figure(8)} < 5500 then 'slow' else 'minor' end`,
    technicianType: `case when ${figure(9)} < 7000 then 'lokal' when ${figure(9)} < 9000 then 'vendor' else 'none' end`,
    technicianName: `case when ${figure(9)} < 9000 then ${skewed(parts.technician, 10)} end`,
    vendorName: `case when ${figure(9)} >= 7000 and ${figure(9)} < 9000 then ${skewed(parts.vendor, 11)} end`,
    errorCode: `case when ${figure(12)} < 800 then null else 'E-' || (100 + (${figure(12)} * ${figure(12)}) / 1700000) end`,
    category: skewed(parts.category, 13),
    description:
      `(${skewed(parts.opening, 1)}) || ' ' || (${skewed(parts.component, 6)}) || ' ' || (${skewed(parts.symptom, 7)}) ` +
      `|| ' saat cetak order ' || (n % 20000) || ' plat ke ' || (n % 37)`,
    solution: `case when ${isOpen} or ${figure(11)} < 500 then null else (${skewed(parts.solution, 9)}) || ' bagian ' || (n % 211) end`,
  } as const;
}

/** Rows 1 to `count` as `n`. */
export function numbers(store: Store, count: number): string {
  return store.engine === 'sqlite'
    ? `with recursive number (n) as (select 1 union all select n + 1 from number where n < ${count})`
    : `with number (n) as (select cast(n as bigint) from generate_series(1, ${count}) as n)`;
}

export async function run(db: Kysely<unknown>, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}
