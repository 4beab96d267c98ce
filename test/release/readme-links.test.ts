import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

describe('README in the tarball', () => {
  it('shows only pictures and leads only to files that are packed with it', function () {
    this.timeout(60_000);
    const list = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [{ files } = { files: [] }] = JSON.parse(list) as readonly { files: readonly { path: string }[] }[];
    const packed = new Set(files.map(({ path }) => path));
    assert.ok(packed.has('settings.ts') && packed.has('deploy/palette/settings.js'));
    const links = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
    const targets = links.map(([, target = '']) => target);
    assert.ok(targets.length > 10, 'no link was found');
    assert.deepEqual(
      targets.filter((target) => !packed.has(target)),
      [],
    );
  });
});
