import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  files: readonly string[];
  'node-red': { nodes: Record<string, string> };
  'node-red-dashboard-2': { widgets: Record<string, { output: string; component: string }> };
};
const { widgets } = manifest['node-red-dashboard-2'];
const budgetBytes = 250_000;
const sources = globSync('dashboard/**/*.{ts,vue}', { cwd: root })
  .filter((file) => !file.startsWith(join('dashboard', 'test')))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

describe('the bundle of the widgets', function () {
  this.timeout(60_000);
  let folder: string;
  let code: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-bundle-'));
    await build({
      configFile: join(root, 'dashboard', 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder },
    });
    code = readFileSync(join(folder, 'shopfloor-widgets.js'), 'utf8');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is one file, the one that every widget names', () => {
    assert.deepEqual(readdirSync(folder), ['shopfloor-widgets.js']);
    assert.deepEqual([...new Set(Object.values(widgets).map(({ output }) => output))], ['shopfloor-widgets.js']);
  });

  it('stays under 250 kB when compressed', () => {
    const size = gzipSync(code).length;
    assert.ok(size < budgetBytes, `${size} bytes`);
  });

  it('hands every widget of the package to the dashboard, and brings no Vue of its own', () => {
    const stub = new Proxy(() => ({ value: undefined }), {
      get: (target, key) => (key === 'then' ? undefined : target),
    });
    class Sheet {
      replaceSync(): void {}
    }
    const window: Record<string, Record<string, unknown>> = {};
    runInNewContext(code, {
      window,
      Vue: stub,
      CSSStyleSheet: Sheet,
      document: { adoptedStyleSheets: [], documentElement: { style: {} } },
      Intl,
      localStorage: { getItem: () => null },
      navigator: { userAgent: '' },
    });
    for (const [type, { component }] of Object.entries(widgets)) assert.ok(window[type]?.[component], type);
    assert.doesNotMatch(code, /createRenderer|baseCreateRenderer|vuetify/i);
  });

  it('needs no eval, sets no markup from strings and reaches for no other host', () => {
    assert.deepEqual(code.match(/\beval\(|new Function\(|insertAdjacentHTML|document\.write/g) ?? [], []);
    assert.deepEqual(code.match(/https?:\/\/[^\s"'`)]+/g) ?? [], []);
    // ECharts empties its element, and has a picture export with markup that nothing here calls.
    const written = code.match(/innerHTML=(?!``).{0,6}/g) ?? [];
    assert.ok(written.length <= 1, written.join(' '));
    assert.deepEqual(sources.match(/innerHTML|insertAdjacentHTML|v-html|getConnectedDataURL/g) ?? [], []);
  });

  it('belongs to widgets that are nodes too, in a package that the dashboard recognises', () => {
    assert.match(manifest.name, /node-red-dashboard-2-/);
    assert.ok(manifest.files.includes('resources'));
    for (const type of Object.keys(widgets)) assert.ok(manifest['node-red'].nodes[type], type);
  });
});
