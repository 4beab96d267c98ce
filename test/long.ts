// `npm run test:long`: the long form of the tests that have one, then the suite under moved clocks. Hours; run before a release.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { clockEnvironment, movedClocks, sweepClockLeftovers } from './suite/clocks.ts';
import { declared } from './suite/declaration.ts';
import { runSuite } from './suite/run-suite.ts';
import { testFiles } from './suite/test-files.ts';

const usage = `npm run test:long -- [volume] [clocks] [--clock NAME]... [PATTERN]...
  volume   files that declare "long", under SHOPFLOOR_LONG
  clocks   test files under libfaketime; --clock takes one or more of
           ${movedClocks(Date.now())
             .map(({ name }) => name)
             .join(', ')}
  PATTERN  only these test files, such as 'test/production/**/*.test.ts'
Without "volume" and "clocks" it does both.
`;

const root = dirname(import.meta.dirname);
const environment = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { clock: { type: 'string', multiple: true }, help: { type: 'boolean' } },
});
const parts = ['volume', 'clocks'].filter((part) => positionals.includes(part));
const patterns = positionals.filter((word) => !parts.includes(word));
const files = testFiles(patterns.length > 0 ? patterns : undefined);
const all = movedClocks(Date.now());
const unknown = (values.clock ?? []).filter((name) => !all.some((clock) => clock.name === name));
if (values.help || unknown.length > 0 || files.length === 0) {
  process.stdout.write(usage);
  process.exit(values.help ? 0 : 1);
}

const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, env: environment, stdio: 'inherit' });
if (build.status !== 0) process.exit(build.status ?? 1);

const verdicts: { readonly name: string; readonly passed: boolean; readonly minutes: number }[] = [];
async function part(name: string, run: () => Promise<boolean>): Promise<void> {
  process.stdout.write(`\n==== ${name} ====\n`);
  const startedAt = performance.now();
  const passed = await run();
  verdicts.push({ name, passed, minutes: (performance.now() - startedAt) / 60_000 });
}

if (parts.length === 0 || parts.includes('volume')) {
  const long = files.filter((path) => declared(path).manners.has('long'));
  await part(`volume: ${long.length} files in their long form`, () =>
    runSuite(long, { environment: { ...environment, SHOPFLOOR_LONG: '1' }, silentMs: 4 * 3_600_000 }),
  );
}
if (parts.length === 0 || parts.includes('clocks')) {
  for (const clock of all.filter(({ name }) => values.clock?.includes(name) ?? true)) {
    await part(`clock ${clock.name}: ${clock.startsAt.toISOString()}, TZ=${clock.zone}`, () =>
      runSuite(files, {
        environment,
        environmentNow: () => {
          sweepClockLeftovers();
          return clockEnvironment(clock, Date.now());
        },
        silentMs: 20 * 60_000,
      }),
    );
  }
}

process.stdout.write('\n==== long runs ====\n');
for (const { name, passed, minutes } of verdicts) {
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${minutes.toFixed(1).padStart(6)} min  ${name}\n`);
}
process.exit(verdicts.every(({ passed }) => passed) ? 0 : 1);
