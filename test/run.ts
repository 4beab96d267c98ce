// `npm test`: type check, lint, format and every test, in this order, with one closing line.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const bin = join(root, 'node_modules', '.bin');
const environment = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` };

/** Options and patterns after `npm test --` go to mocha; a pattern replaces the default of all tests. */
const mochaArguments = process.argv.slice(2);
const patterns = mochaArguments.some((argument) => argument.endsWith('.ts'))
  ? []
  : globSync('test/**/*.test.ts', { cwd: root, exclude: (path) => path.includes('node_modules') }).sort();

const steps: ReadonlyArray<readonly [name: string, command: string, args: readonly string[]]> = [
  ['build', 'npm', ['run', '--silent', 'build']],
  ['type check', 'tsc', ['-p', 'tsconfig.json']],
  ['widget type check', 'node', ['tools/check-widgets.ts']],
  ['lint and format', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']],
  ['type-aware lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['tests', 'mocha', [...mochaArguments, ...patterns]],
];

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 22) {
  process.stderr.write(
    `Node.js ${process.versions.node} runs this; 'npm install' brings Node.js 24, and 'npm test' uses it.\n`,
  );
  process.exit(1);
}

for (const [name, command, args] of steps) {
  const startedAt = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status === 0) {
    if (name !== 'tests') process.stdout.write(`${name}: ok in ${seconds} s\n`);
    continue;
  }
  if (name !== 'tests') {
    process.stderr.write(`${name}: failed${error ? ` (${error.message})` : ''}\n`);
    process.stdout.write('\n0 passed, 1 failed\n');
  }
  process.exit(status ?? 1);
}
