import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineClock } from '../support/machine-clock.ts';
import { firstLeg } from '../support/node-red-process.ts';

const script = join(import.meta.dirname, '..', '..', 'dist', 'deploy', 'start.js');

describe('a wrong setting', function () {
  this.timeout(30_000);

  it('stops the start with one line that names the variable, the fault and an example', () => {
    const home = mkdtempSync(join(tmpdir(), 'shopfloor-'));
    try {
      const { status, stdout, stderr } = spawnSync(firstLeg.node, [script], {
        encoding: 'utf8',
        env: { ...machineClock(), PATH: process.env.PATH, SHOPFLOOR_HOME: home, SYNC_BATCH_LIMIT: '30' },
      });
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.equal(
        stderr,
        'SYNC_BATCH_LIMIT="30": must be a whole number from 1 to 10. Example: SYNC_BATCH_LIMIT=10\n',
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
