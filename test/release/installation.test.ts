// What an installation from a clone rests on: lock files that no install changes, and actions that nobody can exchange.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** Folders with a lock file of their own; `.ci/run` installs each. */
const folders = ['.', 'test/system/node-red-4', 'test/scorecard', 'bench'];

describe('an installation', function () {
  this.timeout(180_000);

  for (const folder of folders) {
    it(`leaves the lock file of ${folder} as it is`, function () {
      const copy = mkdtempSync(join(tmpdir(), 'shopfloor-lock-'));
      try {
        const lock = join(root, folder, 'package-lock.json');
        copyFileSync(join(root, folder, 'package.json'), join(copy, 'package.json'));
        copyFileSync(lock, join(copy, 'package-lock.json'));
        copyFileSync(join(root, '.npmrc'), join(copy, '.npmrc'));
        const flags = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'];
        const { status, stderr } = spawnSync('npm', ['install', '--prefer-offline', ...flags], {
          cwd: copy,
          // The npm of this package: an older one writes some fields otherwise.
          env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` },
          encoding: 'utf8',
        });
        if (
          status !== 0 &&
          /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED|CERT_/.test(stderr) &&
          !process.env.CI
        ) {
          process.stdout.write('      skipped: npm reaches no registry\n');
          this.skip();
        }
        assert.equal(status, 0, stderr);
        assert.equal(readFileSync(join(copy, 'package-lock.json'), 'utf8'), readFileSync(lock, 'utf8'));
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    });

    it(`takes no address from the lock file of ${folder}, so that it comes from the registry of whoever installs`, () => {
      assert.doesNotMatch(readFileSync(join(root, folder, 'package-lock.json'), 'utf8'), /"resolved": "http/);
    });
  }

  it('is tried in CI from every lock file', () => {
    const locks = globSync('**/package-lock.json', { cwd: root, exclude: (path) => path.includes('node_modules') });
    assert.deepEqual(
      locks.toSorted(),
      folders.map((folder) => (folder === '.' ? 'package-lock.json' : `${folder}/package-lock.json`)).toSorted(),
    );
    const script = readFileSync(join(root, '.ci', 'run'), 'utf8');
    for (const folder of folders.slice(1)) assert.ok(script.includes(folder), folder);
    assert.doesNotMatch(script, /npm install/);
  });

  it('runs only actions that are pinned by their digest, with the version for people beside it', () => {
    const workflows = globSync('.github/workflows/*.yml', { cwd: root });
    assert.ok(workflows.length > 0 && existsSync(join(root, '.ci', 'run')));
    for (const path of workflows) {
      const uses = [...readFileSync(join(root, path), 'utf8').matchAll(/^.*\buses:.*$/gm)].map(([line]) => line);
      assert.ok(uses.length > 0);
      for (const line of uses) assert.match(line, /uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/);
    }
  });
});
