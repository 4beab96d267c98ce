import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));

/** Lines that read the machine's clock while their file is loaded: at the top, or in the body of a `describe`. */
function readsClockAtLoad(source: string): readonly string[] {
  const lines = source.split('\n');
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  return lines.filter((line, index) => {
    if (!/new Date\(\)|Date\.now\(\)/.test(line) || /=>.*(new Date\(\)|Date\.now\(\))/.test(line)) return false;
    // The value of a parameter that is left out is made at the call.
    if (opensFunction(line)) return false;
    let indent = indentOf(line);
    for (let above = index - 1; above >= 0 && indent > 0; above -= 1) {
      const opener = lines[above] ?? '';
      if (opener.trim() === '' || indentOf(opener) >= indent) continue;
      indent = indentOf(opener);
      if (opensFunction(opener)) return false;
    }
    return !line.trimStart().startsWith('//') && !line.trimStart().startsWith('*');
  });
}

/** True for a line whose block runs later; the function of a `describe` and the body of a loop run at once. */
function opensFunction(line: string): boolean {
  if (/^\s*(describe|for) ?\(/.test(line)) return false;
  return /=>\s*[{(]?$|\bfunction\b|\)(: [^=]+)? \{$|\bclass\b/.test(line);
}

describe('a test file', () => {
  it('takes no instant while it is loaded: how long the tests before it took would decide', () => {
    const faults = globSync('{test/*,bench,dashboard/test}/**/*.ts', {
      cwd: root,
      exclude: (path) => path.includes('node_modules'),
    })
      .filter((path) => path !== 'test/suite/load-time.test.ts')
      .flatMap((path) =>
        readsClockAtLoad(readFileSync(join(root, path), 'utf8')).map((line) => `${path}: ${line.trim()}`),
      );
    assert.deepEqual(faults, []);
  });

  it('is known by its lines', () => {
    const atLoad = [
      'const now = new Date();',
      "describe('a room', function () {\n  const nowMs = Date.now();\n});",
      "for (const engine of engines) {\n  describe('a room', () => {\n    const nowMs = Date.now() - hourMs;\n  });\n}",
      'const answers = {\n  past: [\n    ago(new Date(), 3),\n  ],\n};',
    ];
    const later = [
      'const now = () => new Date();',
      "describe('a room', () => {\n  before(() => {\n    nowMs = Date.now();\n  });\n});",
      'async function until() {\n  const deadline = Date.now() + 5;\n}',
      'const window = (more = {}) => {\n  const at = new Date();\n};',
      'const tell = (at = new Date()) =>\n  page.tell(at);',
      'class Plant {\n  #atMs = Date.now();\n}',
    ];
    assert.deepEqual(
      [...atLoad, ...later].map((source) => readsClockAtLoad(source).length),
      [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    );
  });
});
