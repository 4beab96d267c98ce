import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

describe('the build before a start', () => {
  it('does nothing when nothing has changed since the last one', function () {
    this.timeout(60_000);
    const outputs = ['dist/**/*', 'examples/*', 'resources/*'];
    const state = () =>
      globSync(outputs, { cwd: root })
        .sort()
        .map((file) => `${file} ${statSync(join(root, file)).mtimeMs}`);
    const before = state();
    assert.ok(
      before.some((file) => file.startsWith('dist/settings.js ')),
      'run npm run build first',
    );
    const { status, stdout } = spawnSync(process.execPath, ['tools/build.ts', '--if-changed'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout], [0, '']);
    assert.deepEqual(state(), before);
  });
});
