// `npm run build` builds everything from nothing; with --if-changed, as `npm start` does, only when a source has changed, and without deleting anything.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const sources = [
  '{nodes,deploy,dashboard,flows}/**/*',
  'tools/*.ts',
  'settings.ts',
  'tsconfig*.json',
  'package.json',
  'package-lock.json',
];
/** Written last: without it a build that was cut off counts for nothing. */
const stamp = join(root, 'dist', '.built-from');
const outputs = ['dist', 'examples', 'resources'].map((folder) => join(root, folder));
const ifChanged = process.argv.includes('--if-changed');

/** Every source by size and time of its last change: reading half a thousand of them would take longer than it saves. */
function sourceState(): string {
  const hash = createHash('sha256').update(process.version);
  for (const file of globSync(sources, { cwd: root, exclude: ['**/node_modules/**'] }).sort()) {
    const found = statSync(join(root, file));
    // A folder changes with every file that is put beside the sources for a moment, such as a test's cache.
    if (found.isFile()) hash.update(`${file} ${found.size} ${found.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function step(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write(`the build failed at ${[command, ...args].join(' ')}${error ? `: ${error.message}` : ''}\n`);
  process.exit(status ?? 1);
}

const state = sourceState();
const isBuilt = outputs.every((folder) => existsSync(folder)) && existsSync(stamp);
if (!ifChanged || !isBuilt || readFileSync(stamp, 'utf8') !== state) {
  if (ifChanged) process.stdout.write('Building: a source has changed since the last build.\n');
  rmSync(stamp, { force: true });
  // A running instance loads some files late, so that only a build for a release begins with an empty folder.
  if (!ifChanged) step(process.execPath, join('tools', 'clean.ts'));
  step(process.execPath, join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json');
  step(process.execPath, join('tools', 'copy-assets.ts'));
  step(process.execPath, join('tools', 'build-widgets.ts'), ...(ifChanged ? ['--keep'] : []));
  step(process.execPath, join('tools', 'build-editor.ts'));
  step(process.execPath, join('tools', 'compress-resources.ts'));
  writeFileSync(`${stamp}.next`, state);
  renameSync(`${stamp}.next`, stamp);
}
