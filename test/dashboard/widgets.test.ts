// Runs the widgets' own tests (Vitest, in dashboard/test) and reports each of them here, so that `npm test` counts them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const root = join(import.meta.dirname, '..', '..');

function runVitest(): VitestReport {
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-vitest-'));
  const outputFile = join(folder, 'report.json');
  try {
    const { stdout, stderr } = spawnSync(
      join(root, 'node_modules', '.bin', 'vitest'),
      ['run', '--config', 'dashboard/vitest.config.ts', '--reporter=json', `--outputFile=${outputFile}`],
      { cwd: root, encoding: 'utf8', timeout: 600_000 },
    );
    try {
      return JSON.parse(readFileSync(outputFile, 'utf8')) as VitestReport;
    } catch (cause) {
      throw new Error(`Vitest wrote no report:\n${stdout}\n${stderr}`, { cause });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const report = runVitest();

describe('the widgets', () => {
  for (const file of report.testResults) {
    if (file.assertionResults.length === 0) {
      it(file.name, () => {
        throw new Error(file.message || 'has no tests');
      });
    }
    for (const { ancestorTitles, title, status, failureMessages } of file.assertionResults) {
      it([...ancestorTitles, title].join(' '), function () {
        if (status === 'failed') throw new Error(failureMessages.join('\n'));
        if (status !== 'passed') this.skip();
      });
    }
  }
});
