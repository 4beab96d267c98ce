import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FileOutcome, runFile } from './file-run.ts';
import { fileReport } from './report.ts';

const root = dirname(dirname(import.meta.dirname));
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');

/** A process that has ended stays in the list until its parent asks for it, as a zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the run of one test file', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-file-run-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  interface Limits {
    readonly silentMs?: number;
    readonly lingerMs?: number;
    readonly signal?: AbortSignal;
    readonly program?: string;
  }
  const outcomeOf = (source: string, limits: Limits = {}): Promise<FileOutcome> => {
    const file = join(folder, 'fixture.test.ts');
    writeFileSync(file, source);
    const reporter = join(import.meta.dirname, 'record-reporter.ts');
    return runFile({
      path: 'fixture.test.ts',
      command: [limits.program ?? process.execPath, mocha, '--no-color', '--no-config', '--reporter', reporter, file],
      cwd: root,
      environment: process.env,
      recordFile: join(folder, 'record.jsonl'),
      silentMs: limits.silentMs ?? 60_000,
      lingerMs: limits.lingerMs ?? 60_000,
      ...(limits.signal ? { signal: limits.signal } : {}),
    });
  };

  it('counts what passed, failed and was skipped, and shows a failure whole', async () => {
    const outcome = await outcomeOf(`
      describe('a room', () => {
        it('holds', () => {});
        it('breaks', () => { throw new Error('the reason\\nover two lines'); });
        it('waits', function () { this.skip(); });
        it('holds as well', () => { process.stderr.write('said aloud\\n'); });
      });`);
    assert.equal(outcome.passed, 2);
    assert.deepEqual(outcome.failures, ['a room breaks']);
    assert.deepEqual(outcome.skipped, ['a room waits']);
    const text = fileReport(outcome);
    assert.match(text, /2 passed, 1 FAILED, 1 skipped/);
    assert.match(text, /the reason\n\s*over two lines/);
    assert.match(text, /fixture\.test\.ts:4/);
    assert.match(text, /said aloud/);
  });

  it('is a line where everything passed, with the figures that the file gave', async () => {
    const figures = JSON.stringify(join(import.meta.dirname, '..', 'support', 'figures.ts'));
    const outcome = await outcomeOf(`
      import { figure } from ${figures};
      it('kills', () => { figure('kills', 7); figure('kills', 5); });`);
    assert.match(fileReport(outcome), /^ +\d+\.\d s {2}fixture\.test\.ts {2}1 passed, kills: 12\n$/);
  });

  it('is a failure when the process ends in a test, even with code 0', async () => {
    const outcome = await outcomeOf(`it('before', () => {}); it('last words', () => process.exit(0));`);
    assert.equal(outcome.passed, 1);
    assert.deepEqual(outcome.failures, ['fixture.test.ts ended with code 0 in "last words"']);
  });

  it('is a failure when the process is killed', async () => {
    const outcome = await outcomeOf(`it('shot', async () => {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    });`);
    assert.deepEqual(outcome.failures, ['fixture.test.ts was ended by SIGKILL in "shot"']);
  });

  it('is a failure when the process fails after its last test', async () => {
    const outcome = await outcomeOf(`it('holds', () => {
      setTimeout(() => { throw new Error('too late to be seen by a test'); }, 200);
    });`);
    assert.equal(outcome.passed, 1);
    assert.match(outcome.failures.join(), /^fixture\.test\.ts ended with code \d+ after its last test$/);
    assert.match(outcome.output, /too late to be seen by a test/);
  });

  it('is a failure when the file can not be loaded, holds no test, or its program is missing', async () => {
    const broken = await outcomeOf(`import 'no-such-package';`);
    assert.deepEqual(broken.failures, ['fixture.test.ts ended with code 1 before its first test']);
    assert.match(broken.output, /no-such-package/);
    assert.deepEqual((await outcomeOf('')).failures, ['fixture.test.ts holds no test']);
    const missing = await outcomeOf('', { program: join(folder, 'no-such-program') });
    assert.match(missing.failures.join(), /could not be started: .*ENOENT/);
  });

  it('is a failure when a test never ends, and what it had started ends with it', async () => {
    const outcome = await outcomeOf(
      `import { spawn } from 'node:child_process';
      import { writeSync } from 'node:fs';
      it('hangs', function () {
        this.timeout(0);
        for (const detached of [false, true]) {
          const { pid } = spawn('sleep', ['600'], { stdio: 'ignore', detached });
          writeSync(1, 'started ' + pid + '\\n');
        }
        for (;;);
      });`,
      { silentMs: 1_500 },
    );
    assert.deepEqual(outcome.failures, ['fixture.test.ts made no progress for 1.5 s, so it was killed in "hangs"']);
    const started = [...outcome.output.matchAll(/started (\d+)/g)].map(([, pid]) => Number(pid));
    assert.equal(started.length, 2);
    while (started.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('is a failure when something is left open', async () => {
    const outcome = await outcomeOf(`it('opens', () => { setInterval(() => {}, 1_000); });`, { lingerMs: 500 });
    assert.equal(outcome.passed, 1);
    assert.match(outcome.failures.join(), /left something open: it ran on for 0\.5 s after its last test/);
  });

  it('ends at once when the whole run is given up', async () => {
    const controller = new AbortController();
    const running = outcomeOf(`it('waits', () => new Promise((resolve) => setTimeout(resolve, 600_000))).timeout(0);`, {
      signal: controller.signal,
    });
    controller.abort();
    assert.match((await running).failures.join(), /was given up/);
  });
});
