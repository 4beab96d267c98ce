import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';

const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  files: readonly string[];
  'node-red': { nodes: Record<string, string> };
  'node-red-dashboard-2': { widgets: Record<string, { output: string; component: string }> };
};
const { widgets } = manifest['node-red-dashboard-2'];
/** Everything, in Brotli. */
const budgetBytes = 250_000;
/** What comes before anything of a page can be seen. */
const firstBudgetBytes = 100_000;
const sources = globSync('dashboard/**/*.{ts,vue}', { cwd: root })
  .filter((file) => !file.startsWith(join('dashboard', 'test')))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

describe('the bundle of the widgets', function () {
  this.timeout(60_000);
  let folder: string;
  let files: readonly string[];
  /** Of the file that widgets name. */
  let code: string;
  /** Of all files. */
  let everything: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-bundle-'));
    await build({
      configFile: join(root, 'dashboard', 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder },
    });
    files = readdirSync(folder).sort();
    code = readFileSync(join(folder, 'shopfloor-widgets.js'), 'utf8');
    everything = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is the one file that every widget names, and what it fetches to draw charts', () => {
    assert.equal(files.length, 2, files.join(' '));
    assert.match(files[0] ?? '', /^shopfloor-echarts-.+\.js$/);
    assert.deepEqual(
      [...code.matchAll(/\bimport\(\s*[`"']([^`"']+)/g)].map(([, name]) => name),
      [`./${files[0]}`],
    );
    assert.deepEqual([...new Set(Object.values(widgets).map(({ output }) => output))], ['shopfloor-widgets.js']);
  });

  it('stays under 250 kB as it is served, and under 100 kB without what draws charts', () => {
    const sizes = files.map((file) => brotliCompressSync(readFileSync(join(folder, file))).length);
    const size = sizes.reduce((sum, each) => sum + each, 0);
    assert.ok(size < budgetBytes, `${size} bytes`);
    const first = brotliCompressSync(code).length;
    assert.ok(first < firstBudgetBytes, `${first} bytes`);
  });

  it('hands every widget of the package to the dashboard, and brings no Vue of its own', () => {
    const stub = new Proxy(() => ({ value: undefined }), {
      get: (target, key) => (key === 'then' ? undefined : target),
    });
    class Sheet {
      replaceSync(): void {}
    }
    const window: Record<string, Partial<Record<string, unknown>> | typeof stub> = { Vue: stub };
    runInNewContext(code, {
      window,
      setTimeout: () => undefined,
      CSSStyleSheet: Sheet,
      document: { adoptedStyleSheets: [], documentElement: { style: {} } },
      Intl,
      localStorage: { getItem: () => null },
      navigator: { userAgent: '' },
    });
    for (const [type, { component }] of Object.entries(widgets))
      assert.ok(Reflect.has(window[type] ?? {}, component), type);
    assert.doesNotMatch(everything, /createRenderer|baseCreateRenderer|vuetify/i);
  });

  it('needs no eval, sets no markup from strings and reaches for no other host', () => {
    assert.deepEqual(everything.match(/\beval\(|new Function\(|insertAdjacentHTML|document\.write/g) ?? [], []);
    assert.deepEqual(everything.match(/https?:\/\/[^\s"'`)]+/g) ?? [], []);
    // ECharts empties its element, and has a picture export with markup that nothing here calls.
    const written = everything.match(/innerHTML=(?!``).{0,6}/g) ?? [];
    assert.ok(written.length <= 1, written.join(' '));
    assert.deepEqual(sources.match(/innerHTML|insertAdjacentHTML|v-html|getConnectedDataURL/g) ?? [], []);
  });

  it('belongs to widgets that are nodes too, in a package that the dashboard recognises', () => {
    assert.match(manifest.name, /node-red-dashboard-2-/);
    assert.ok(manifest.files.includes('resources'));
    for (const type of Object.keys(widgets)) assert.ok(manifest['node-red'].nodes[type], type);
  });
});
