// `npm run bench -- rehearsal [name ...]`: every benchmark once with small sizes, so that none rots; figures of it mean nothing.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeHealthData } from './support/health/rehearsal-data.ts';

/** Arguments by benchmark, and what its output must hold when it measured. */
const small: Readonly<
  Record<string, { readonly args: (folder: string) => readonly string[]; readonly shows: RegExp }>
> = {
  ctp: { args: () => ['--small=200', '--large=2000', '--rounds=2'], shows: /p95|ms/ },
  dashboard: { args: () => ['2', '5'], shows: /delivery p95/ },
  health: { args: (folder) => ['--data', writeHealthData(folder)], shows: /Alarm on engines/ },
  intake: { args: () => ['--count=2000', '--rounds=1', '--machines=5', '--windows=20', '--skip-load'], shows: /\d/ },
  odoo: { args: () => [], shows: /push one order/ },
  plc: { args: () => ['--rounds=1'], shows: /One cycle of ten blocks/ },
  production: { args: () => ['--machines=3', '--days=10', '--rounds=2'], shows: /ms/ },
  start: { args: () => ['--runs=1'], shows: /npm start: flows/ },
};
const longestMs = 6 * 60_000;

/** Throws with the names of those that could not measure; a target that is missed at such sizes is no fault. */
export async function run(chosen: readonly string[]): Promise<void> {
  const names = globSync('*.ts', { cwd: import.meta.dirname })
    .map((file) => basename(file, '.ts'))
    .filter((name) => name !== 'run' && name !== 'rehearsal');
  const unknown = names.filter((name) => small[name] === undefined);
  if (unknown.length > 0) throw new Error(`no small sizes are named for ${unknown.join(', ')}`);
  const failed = names.filter((name) => (chosen.length === 0 || chosen.includes(name)) && !rehearsed(name));
  if (failed.length > 0) throw new Error(`could not measure: ${failed.join(', ')}`);
}

function rehearsed(name: string): boolean {
  const { args, shows } = small[name] ?? { args: () => [], shows: /$^/ };
  const folder = mkdtempSync(join(tmpdir(), `shopfloor-rehearsal-${name}-`));
  const startedAt = performance.now();
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, 'run.ts'), name, ...args(folder)],
      { encoding: 'utf8', timeout: longestMs, maxBuffer: 64 * 1024 * 1024 },
    );
    const hasMeasured = (status === 0 || status === 1) && shows.test(stdout);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    process.stdout.write(`${name}: ${hasMeasured ? 'measures' : `FAILED (exit ${status})`} in ${seconds} s\n`);
    if (!hasMeasured) process.stdout.write(`${stdout}\n${stderr}\n`);
    return hasMeasured;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
