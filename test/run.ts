// `npm test`: type check, lint, format and every test, in this order, with one closing line.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { runSuite } from './suite/run-suite.ts';
import { testFiles } from './suite/test-files.ts';

const root = dirname(import.meta.dirname);
const bin = join(root, 'node_modules', '.bin');
const environment = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` };

/** Options and patterns after `npm test --` go to one mocha, which shows every test; a pattern replaces all tests. */
const mochaArguments = process.argv.slice(2);
const checks: ReadonlyArray<readonly [name: string, command: string, args: readonly string[]]> = [
  ['build', 'npm', ['run', '--silent', 'build']],
  ['type check', 'tsc', ['-p', 'tsconfig.json']],
  ['widget type check', 'node', ['tools/check-widgets.ts']],
  ['lint and format', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']],
  ['type-aware lint', 'oxlint', ['--type-aware', '--deny-warnings']],
];

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 22) {
  process.stderr.write(
    `Node.js ${process.versions.node} runs this; 'npm install' brings Node.js 24, and 'npm test' uses it.\n`,
  );
  process.exit(1);
}

for (const [name, command, args] of checks) {
  const startedAt = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status === 0) {
    process.stdout.write(`${name}: ok in ${seconds} s\n`);
    continue;
  }
  process.stderr.write(`${name}: failed${error ? ` (${error.message})` : ''}\n`);
  process.stdout.write('\n0 passed, 1 failed\n');
  process.exit(status ?? 1);
}

if (mochaArguments.length === 0) {
  process.exit((await runSuite(testFiles(), { environment, silentMs: 20 * 60_000 })) ? 0 : 1);
}
const patterns = mochaArguments.some((argument) => argument.endsWith('.ts')) ? [] : testFiles();
const { status } = spawnSync('mocha', [...mochaArguments, ...patterns], {
  cwd: root,
  env: environment,
  stdio: 'inherit',
});
process.exit(status ?? 1);
