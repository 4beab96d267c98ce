// `npm run bench -- ctp`: reads a CTP log of 10,000 and of 1,000,000 problems on SQLite and PostgreSQL, every kind of question
// in turn, and then, for information, how long a change of it takes, also when many people change it in the same instant.
// A kind is judged by all answers to its questions, asked of both logs in the same words. A single question is compared with one
// that has as many answers in the small log (`alike`), where its own words have fewer there or none: a page costs more than no page.
// Options: --engine=sqlite|postgres, --large=1000000, --small=10000, --rounds=100, --kinds=search,similar (all of them when left
// out), --keep=FOLDER (SQLite files to use again), --small-url=postgres://..., --large-url=postgres://... (databases that an earlier
// run of the benchmark filled, or empty ones).
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlantTime, plantTimeOf } from '../nodes/core/plant-time.ts';
import { openStore } from '../nodes/store/open-store.ts';
import type { Store } from '../nodes/store/store.ts';
import { outsideSuite, type PostgresServer, startPostgres } from '../test/support/postgres.ts';
import { measureCrowd } from './support/ctp/crowd.ts';
import { fillLog } from './support/ctp/fill-log.ts';
import { type Measured, measureInTurn, shares } from './support/ctp/measuring.ts';
import { checkProjections, type FilledLog, openFilledLog } from './support/ctp/open-log.ts';
import { type Ask, readingCases } from './support/ctp/reading-cases.ts';
import { writingCases } from './support/ctp/writing-cases.ts';

const longestP95 = 50;
const largestRatio = 1.5;
const longestStall = 20;
/** How long a person waits for a change; its target is the commit's, which depends on the disk. */
const informative = 'write';
/** What is reported stays open until its turn to be completed comes. */
const mostWrites = 40;
const crowd = { kind: 'crowd', sizes: [20, 100], machines: 3, rounds: 5 } as const;

interface Options {
  readonly engines: readonly ('sqlite' | 'postgres')[];
  readonly small: number;
  readonly large: number;
  readonly rounds: number;
  /** Undefined: all. */
  readonly kinds: readonly string[] | undefined;
  readonly keep: string | undefined;
  readonly urls: readonly (string | undefined)[];
}

function optionsOf(args: readonly string[]): Options {
  const given = new Map(args.map((arg) => /^--([^=]*)=?(.*)$/.exec(arg)?.slice(1, 3) as [string, string]));
  const engine = given.get('engine');
  return {
    engines: engine === 'sqlite' || engine === 'postgres' ? [engine] : ['sqlite', 'postgres'],
    small: Number(given.get('small') ?? 10_000),
    large: Number(given.get('large') ?? 1_000_000),
    rounds: Number(given.get('rounds') ?? 100),
    kinds: given.get('kinds')?.split(','),
    keep: given.get('keep'),
    urls: [given.get('small-url'), given.get('large-url')],
  };
}

/**
 * Prints a line for each question and one for each kind; exit code 1 when a kind misses its target. Times are those of the clock on
 * the wall, so a busy machine shows in them; the last two columns are work of this process alone.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  for (const engine of options.engines) {
    const isKept = await onEngine(engine, options);
    if (!isKept) process.exitCode = 1;
  }
}

async function onEngine(engine: 'sqlite' | 'postgres', options: Options): Promise<boolean> {
  const plant = plantTimeOf('Asia/Jakarta');
  const nowMs = Date.UTC(2026, 10, 21, 5);
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'shopfloor-bench-ctp-'));
  mkdirSync(folder, { recursive: true });
  const hasUrls = options.urls.every((url) => url !== undefined);
  const server = engine === 'postgres' && !hasUrls ? await startPostgres(outsideSuite, { durable: true }) : undefined;
  const stores: Store[] = [];
  try {
    const logs: FilledLog[] = [];
    for (const [index, problems] of [options.small, options.large].entries()) {
      const url = engine === 'postgres' ? options.urls[index] : undefined;
      const { store, isFilled } = await (url === undefined ? emptyStore(server, folder, problems) : givenStore(url));
      stores.push(store);
      logs.push(await filledLog(store, plant, problems, nowMs, isFilled));
    }
    return await compare(engine, logs, options);
  } finally {
    for (const store of stores) await store.close();
    server?.stop();
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function emptyStore(
  server: PostgresServer | undefined,
  folder: string,
  problems: number,
): Promise<{ readonly store: Store; readonly isFilled: boolean }> {
  if (server) return { store: await openStore(await server.newDatabase()), isFilled: false };
  const file = join(folder, `ctp-${problems}.sqlite`);
  const isFilled = existsSync(file);
  return { store: await openStore(`sqlite:${file}`), isFilled };
}

async function givenStore(url: string): Promise<{ readonly store: Store; readonly isFilled: boolean }> {
  const store = await openStore(url);
  const tables = await store.db<unknown>().introspection.getTables();
  return { store, isFilled: tables.some(({ name }) => name === 'ctp_fact') };
}

async function filledLog(
  store: Store,
  plant: PlantTime,
  problems: number,
  nowMs: number,
  isFilled: boolean,
): Promise<FilledLog> {
  const begin = performance.now();
  if (!isFilled) await fillLog(store, plant, problems, nowMs);
  const log = await openFilledLog(store, plant, nowMs);
  await checkProjections(store, log, problems);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  process.stdout.write(`${store.engine}: ${problems} problems and ${3 * problems} events ready after ${seconds} s\n`);
  return log;
}

interface Kind {
  readonly small: number[];
  readonly large: number[];
  readonly smallWork: number[];
  readonly largeWork: number[];
  stall: number;
}

async function compare(
  engine: string,
  logs: readonly FilledLog[],
  { rounds, kinds: wanted }: Options,
): Promise<boolean> {
  process.stdout.write(
    `${'ms'.padEnd(58)}   small p95    alike      p50      p95    ratio    stall  small work     work\n`,
  );
  const kinds = new Map<string, Kind>();
  const [smallLog, largeLog] = logs;
  if (!smallLog || !largeLog) throw new Error('two logs are compared');
  // Writing comes last, so that every run reads the same log.
  const cases = [...readingCases(), ...writingCases()];
  for (const { group, name, ask, alike } of cases.filter((one) => wanted?.includes(one.group) ?? true)) {
    const asks = [bound(ask, smallLog), bound(ask, largeLog), ...(alike ? [bound(alike, smallLog)] : [])];
    const [small, large, other] = await measureInTurn(
      asks,
      group === informative ? Math.min(rounds, mostWrites) : rounds,
    );
    if (!small || !large) continue;
    print(`${engine} ${group.padEnd(10)} ${name}`, small, large, other);
    const kind = kinds.get(group) ?? { small: [], large: [], smallWork: [], largeWork: [], stall: 0 };
    kind.small.push(...small.taken);
    kind.large.push(...large.taken);
    kind.smallWork.push(...small.worked);
    kind.largeWork.push(...large.worked);
    kind.stall = Math.max(kind.stall, large.stall);
    kinds.set(group, kind);
  }
  let isKept = true;
  for (const [group, { small, large, smallWork, largeWork, stall }] of kinds) {
    const [few, many] = [shares(small), shares(large)];
    const work = { few: shares(smallWork).p95, many: shares(largeWork).p95 };
    print(
      `${engine} ${group}: all questions`,
      { ...few, stall: 0, work: work.few },
      { ...many, stall, work: work.many },
    );
    if (group !== informative)
      isKept &&= many.p95 <= longestP95 && many.p95 <= largestRatio * few.p95 && stall <= longestStall;
  }
  if (wanted?.includes(crowd.kind) ?? true) for (const log of logs.slice(-1)) await printCrowds(engine, log);
  return isKept;
}

function bound(ask: () => Ask, { send }: FilledLog): () => Promise<unknown> {
  const own = ask();
  return () => own(send);
}

async function printCrowds(engine: string, log: FilledLog): Promise<void> {
  for (const people of crowd.sizes) {
    const { reports, ends, refused } = await measureCrowd(log.send, people, crowd.machines, crowd.rounds);
    const shown = ({ p50, p95 }: typeof reports) => `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`;
    process.stdout.write(
      `${engine} ${people} people at once: report ${shown(reports)}; complete ${shown(ends)}; refused ${refused}\n`,
    );
  }
}

type Figures = Pick<Measured, 'p50' | 'p95' | 'stall' | 'work'> & Partial<Pick<Measured, 'rows'>>;

function print(what: string, small: Figures, large: Figures, alike?: Figures): void {
  const compared = alike ?? small;
  const other = (alike ? alike.p95.toFixed(1) : '').padStart(9);
  const [first = '', ...numbers] = [small.p95, large.p50, large.p95].map((ms) => ms.toFixed(1).padStart(9));
  const ratio = (large.p95 / Math.max(compared.p95, 0.05)).toFixed(2).padStart(9);
  const missed = [
    ...(large.p95 > longestP95 ? ['SLOW'] : []),
    ...(large.p95 > largestRatio * compared.p95 ? ['GROWS'] : []),
    ...(large.stall > longestStall ? ['STALLS'] : []),
    ...((compared.rows ?? 0) < (large.rows ?? 0) ? [`${compared.rows} of ${large.rows} ROWS`] : []),
  ];
  process.stdout.write(
    `${what.padEnd(58)}   ${[first, other, ...numbers].join('')}${ratio}${large.stall.toFixed(1).padStart(9)}   ${small.work.toFixed(1).padStart(9)}${large.work.toFixed(1).padStart(9)}  ${missed.join(' ')}\n`,
  );
}
