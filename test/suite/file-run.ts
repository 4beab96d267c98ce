// Runs one test file in a process of its own and says what came of it, however that process ends.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readEntries, recordVariable } from './record.ts';

export interface FileOutcome {
  readonly path: string;
  readonly passed: number;
  readonly skipped: readonly string[];
  /** Titles of failed tests, and the end of the process in a sentence where that was a failure by itself. */
  readonly failures: readonly string[];
  readonly figures: readonly { readonly name: string; readonly value: number }[];
  readonly seconds: number;
  /** Everything the process wrote, in the order in which it came. */
  readonly output: string;
}

export interface FileCommand {
  readonly path: string;
  /** Program and arguments that run the file with the record reporter. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the record of this run is kept; made by this function. */
  readonly recordFile: string;
  /** The process is killed when no test of it began or ended for so long. */
  readonly silentMs: number;
  /** A process that lives on for so long after its last test has left something open: killed, and a failure. */
  readonly lingerMs: number;
  /** Kills the process before its time, because the whole run is given up. */
  readonly signal?: AbortSignal;
}

/** Never rejects for what a test file does: a crash, a hang and a missing program are failures of that file. */
export async function runFile(file: FileCommand): Promise<FileOutcome> {
  const startedAt = performance.now();
  writeFileSync(file.recordFile, '');
  const chunks: Buffer[] = [];
  const end = await ended(file, (chunk) => chunks.push(chunk));
  const entries = readEntries(file.recordFile);
  const titles = (kind: 'begun' | 'passed' | 'failed' | 'skipped') =>
    entries.flatMap((entry) => (entry.kind === kind ? [entry.title] : []));
  const failures = [...titles('failed')];
  const complete = entries.at(-1)?.kind === 'ended';
  if (!complete || end.killed) endStrays(file.recordFile);
  if (!complete) failures.push(`${file.path} ${end.said} ${whereItWas(entries)}`);
  else if (end.killed) failures.push(`${file.path} ${end.said}`);
  else if (!entries.some(({ kind }) => kind === 'passed' || kind === 'skipped' || kind === 'failed'))
    failures.push(`${file.path} holds no test`);
  // Mocha's own code is the number of failed tests.
  else if (end.code !== 0 && failures.length === 0) failures.push(`${file.path} ${end.said} after its last test`);
  return {
    path: file.path,
    passed: titles('passed').length,
    skipped: titles('skipped'),
    failures,
    figures: entries.flatMap((entry) => (entry.kind === 'figure' ? [{ name: entry.name, value: entry.value }] : [])),
    seconds: (performance.now() - startedAt) / 1000,
    output: Buffer.concat(chunks).toString('utf8'),
  };
}

function whereItWas(entries: ReturnType<typeof readEntries>): string {
  const last = entries.findLast((entry) => entry.kind !== 'figure');
  if (last === undefined) return 'before its first test';
  if (last.kind === 'begun') return `in "${last.title}"`;
  return last.kind === 'ended' ? 'at its end' : `after "${last.title}"`;
}

interface ProcessEnd {
  readonly code: number | null;
  /** True when this runner killed it. */
  readonly killed: boolean;
  readonly said: string;
}

function ended(file: FileCommand, collect: (chunk: Buffer) => void): Promise<ProcessEnd> {
  const [program, ...args] = file.command;
  return new Promise((resolve) => {
    // A group of its own, so that what a killed file had started ends with it.
    const child = spawn(program, args, {
      cwd: file.cwd,
      env: { ...file.environment, [recordVariable]: file.recordFile },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let killedFor: string | undefined;
    const kill = (reason: string): void => {
      killedFor ??= reason;
      try {
        process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    };
    const giveUp = (): void => kill('was given up');
    file.signal?.addEventListener('abort', giveUp);
    const watch = watchRecord(file, kill);
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    let finished = false;
    const finish = (end: Omit<ProcessEnd, 'killed'>): void => {
      if (finished) return;
      finished = true;
      clearInterval(watch);
      file.signal?.removeEventListener('abort', giveUp);
      resolve({ ...end, said: killedFor ?? end.said, killed: killedFor !== undefined });
    };
    child.once('error', (error) => finish({ code: null, said: `could not be started: ${error.message}` }));
    child.once('exit', (code, signal) => {
      const said = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      const done = (): void => {
        clearTimeout(patience);
        finish({ code, said });
      };
      // Its last words may still be on the way; but a process that it left running may hold the pipe open for ever.
      const patience = setTimeout(done, 2_000);
      child.once('close', done);
    });
  });
}

/** Kills what a file that did not come to its end had started outside its process group, such as a PostgreSQL: its environment names the record. */
function endStrays(recordFile: string): void {
  for (const pid of existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(`${recordVariable}=${recordFile}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile, or belongs to another user, and then it is none of this file's.
    }
  }
}

/** Looks at the record once a second; a run that makes no progress, or does not end after its last test, is killed. */
function watchRecord(file: FileCommand, kill: (reason: string) => void): NodeJS.Timeout {
  let seen = -1;
  let sinceMs = performance.now();
  return setInterval(() => {
    const entries = readEntries(file.recordFile);
    if (entries.length !== seen) {
      seen = entries.length;
      sinceMs = performance.now();
      return;
    }
    const stillMs = performance.now() - sinceMs;
    if (entries.at(-1)?.kind === 'ended') {
      if (stillMs > file.lingerMs)
        kill(`left something open: it ran on for ${file.lingerMs / 1000} s after its last test`);
    } else if (stillMs > file.silentMs) kill(`made no progress for ${file.silentMs / 1000} s, so it was killed`);
  }, 1_000);
}
