// Runs test files side by side, each in a process of its own, prints what came of them and tells whether all is well.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { declared, type TestFile } from './declaration.ts';
import { type FileOutcome, runFile } from './file-run.ts';
import { runInLanes, startOrder } from './lanes.ts';
import { closingReport, fileReport, totals } from './report.ts';

const root = dirname(dirname(import.meta.dirname));
const reporter = join(import.meta.dirname, 'record-reporter.ts');
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');

export interface SuiteOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Variables that come on top, asked for when a file begins. */
  readonly environmentNow?: () => NodeJS.ProcessEnv;
  /** Files that run at the same time; default SHOPFLOOR_TEST_LANES, or one more than there are cores, up to four. */
  readonly lanes?: number;
  /** A file without a test that begins or ends for so long is killed. */
  readonly silentMs: number;
}

/** 128 and the number of SIGINT, as shells say it. */
const givenUpCode = 130;

/**
 * Runs the files (paths from the package's root) and prints the report; true when everything passed. After SIGINT or SIGTERM it
 * kills what runs, reports and ends the process.
 */
export async function runSuite(paths: readonly string[], options: SuiteOptions): Promise<boolean> {
  const startedAt = performance.now();
  const skipsFail = Boolean(options.environment.CI);
  const files = paths.map((path) => declared(path, readFileSync(join(root, path), 'utf8')));
  const times = new LastTimes(join(root, 'node_modules', '.cache', 'shopfloor-test-seconds.json'));
  const records = mkdtempSync(join(tmpdir(), 'shopfloor-records-'));
  const givenUp = new AbortController();
  const giveUp = (): void => givenUp.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, giveUp);
  let count = 0;
  const run = (file: TestFile): Promise<FileOutcome> => {
    count += 1;
    return runFile({
      path: file.path,
      command: commandFor(file, options.environment),
      cwd: root,
      environment: { ...options.environment, ...options.environmentNow?.() },
      recordFile: join(records, `${count}.jsonl`),
      silentMs: options.silentMs,
      lingerMs: 60_000,
      signal: givenUp.signal,
    });
  };
  const lanes = options.lanes ?? Number(options.environment.SHOPFLOOR_TEST_LANES ?? defaultLanes());
  try {
    const outcomes = await runInLanes(
      startOrder(files, times.seconds),
      lanes,
      (file) => (givenUp.signal.aborted ? Promise.resolve(notRun(file)) : run(file)),
      (outcome) => process.stdout.write(fileReport(outcome)),
    );
    times.keep(outcomes);
    process.stdout.write(closingReport(outcomes, skipsFail, (performance.now() - startedAt) / 1000));
    return totals(outcomes, skipsFail).failed === 0;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, giveUp);
    rmSync(records, { recursive: true, force: true });
    if (givenUp.signal.aborted) process.exit(givenUpCode);
  }
}

/** A third of the time of a file is waiting, for a process that starts or a broker that answers: one lane more fills it. */
function defaultLanes(): number {
  return Math.min(availableParallelism() + 1, 4);
}

function notRun({ path }: TestFile): FileOutcome {
  const failures = [`${path} was not run: the run was given up`];
  return { path, passed: 0, skipped: [], failures, figures: [], seconds: 0, output: '' };
}

function commandFor(file: TestFile, environment: NodeJS.ProcessEnv): readonly [string, ...string[]] {
  const command = [process.execPath, mocha, '--no-color', '--reporter', reporter, file.path] as const;
  if (!file.manners.has('root') || process.getuid?.() === 0 || !environment.CI) return command;
  // `sudo` replaces the search path, even where it keeps everything else.
  return ['sudo', '--non-interactive', '--preserve-env', 'env', `PATH=${environment.PATH ?? ''}`, ...command];
}

/** How long each file took, kept beside the installed packages: a hint for the order, nothing else. */
class LastTimes {
  readonly #file: string;
  readonly seconds: ReadonlyMap<string, number>;

  constructor(file: string) {
    this.#file = file;
    this.seconds = new Map(Object.entries(readTimes(file)));
  }

  keep(outcomes: readonly FileOutcome[]): void {
    const seconds = { ...Object.fromEntries(this.seconds) };
    for (const outcome of outcomes) seconds[outcome.path] = Math.round(outcome.seconds * 10) / 10;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, `${JSON.stringify(seconds, null, 1)}\n`);
    } catch (error) {
      // Packages that somebody else installed: the next run begins in another order, and that is all.
      process.stderr.write(
        `not kept how long the files took: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
}

function readTimes(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    // The first run in this clone, or a run that was killed while it wrote: any order will do.
    return {};
  }
}
