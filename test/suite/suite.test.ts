import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { declared, type Manner, type TestFile } from './declaration.ts';
import type { FileOutcome } from './file-run.ts';
import { runInLanes, startOrder } from './lanes.ts';
import { closingReport, totals } from './report.ts';
import { testFiles } from './test-files.ts';

const root = dirname(dirname(import.meta.dirname));
const outcome = (path: string, parts: Partial<FileOutcome> = {}): FileOutcome => ({
  path,
  passed: 1,
  skipped: [],
  failures: [],
  figures: [],
  seconds: 1,
  output: '',
  ...parts,
});

describe('what a test file declares', () => {
  it('is read from its head, with the reason', () => {
    const { manners } = declared(
      'a.test.ts',
      '// What it is for.\n// Suite: alone, long. It measures time.\nimport x;\n',
    );
    assert.deepEqual([...manners], ['alone', 'long']);
    assert.deepEqual([...declared('b.test.ts', '// Nothing of the kind.\n').manners], []);
  });

  it('is refused where a word of it is not known', () => {
    assert.throws(
      () => declared('a.test.ts', '// Suite: allone. It measures time.\n'),
      /"allone", known are first, alone/,
    );
  });

  it('can be read in every test file of this package', () => {
    for (const path of testFiles()) {
      declared(path, readFileSync(join(root, path), 'utf8'));
    }
  });
});

describe('the lanes', () => {
  const files = fc.uniqueArray(
    fc.record({ path: fc.stringMatching(/^[a-z]{1,6}$/), alone: fc.boolean(), steps: fc.nat(5) }),
    { selector: ({ path }) => path, maxLength: 30 },
  );

  it('run every file once, at most so many at a time, and an alone one by itself', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 4 }), async (wanted, lanes) => {
        const steps = new Map(wanted.map((file) => [file.path, file.steps]));
        const running = new Set<string>();
        const reported: string[] = [];
        const run = async (file: TestFile): Promise<FileOutcome> => {
          running.add(file.path);
          for (let step = steps.get(file.path) ?? 0; step >= 0; step -= 1) {
            assert.ok(running.size <= lanes);
            if (file.manners.has('alone')) assert.deepEqual([...running], [file.path]);
            await Promise.resolve();
          }
          running.delete(file.path);
          return outcome(file.path);
        };
        const testFiles = wanted.map(
          ({ path, alone }): TestFile => ({ path, manners: new Set<Manner>(alone ? ['alone'] : []) }),
        );
        const outcomes = await runInLanes(testFiles, lanes, run, ({ path }) => reported.push(path));
        assert.deepEqual(reported.toSorted(), wanted.map(({ path }) => path).toSorted());
        assert.equal(outcomes.length, wanted.length);
      }),
    );
  });

  it('begin with what takes long: measured last time, or said by the file', () => {
    const file = (path: string, ...manners: Manner[]): TestFile => ({ path, manners: new Set(manners) });
    const order = startOrder(
      [file('short'), file('unknown'), file('said', 'first'), file('long'), file('medium')],
      new Map([
        ['short', 1],
        ['medium', 50],
        ['long', 300],
      ]),
    );
    assert.deepEqual(
      order.map(({ path }) => path),
      ['said', 'long', 'unknown', 'medium', 'short'],
    );
  });
});

describe('the closing report', () => {
  const outcomes = [
    outcome('a', { passed: 5, figures: [{ name: 'kills', value: 30 }] }),
    outcome('b', { passed: 2, failures: ['b breaks'], skipped: ['b waits'], figures: [{ name: 'kills', value: 12 }] }),
  ];

  it('ends with the line that machines read, the sums of all figures above it', () => {
    const text = closingReport(outcomes, false, 75);
    assert.match(text, /\n7 passed, 1 failed, 1 skipped\n$/);
    assert.match(text, /2 files in 1 min 15 s/);
    assert.match(text, /^kills: 42$/m);
    assert.match(text, /^ {2}b: b breaks$/m);
  });

  it('takes a skip for a failure in continuous integration', () => {
    assert.deepEqual(totals(outcomes, true), { passed: 7, failed: 2, skipped: 0 });
    const text = closingReport(outcomes, true, 75);
    assert.match(text, /b: CI must not skip: b waits/);
    assert.match(text, /\n7 passed, 2 failed, 0 skipped\n$/);
  });
});
