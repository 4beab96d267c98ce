import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packPackage } from '../support/packed-package.ts';
import { requireTool } from '../support/require-tool.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const tool = join(import.meta.dirname, 'node_modules', 'node-red-dev');

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: boolean }>>;
}
/** Result by test id; the tests are described at https://nodered.org/docs/creating-nodes/packaging and by the tool's source. */
type Scorecard = Readonly<Record<string, { readonly test: boolean; readonly nodes?: readonly string[] } | undefined>>;

const readJson = <Shape>(...path: readonly string[]): Shape => JSON.parse(readFileSync(join(...path), 'utf8')) as Shape;
const manifest = readJson<Manifest>(root, 'package.json');
const lock = readJson<Lock>(root, 'package-lock.json');

/** By package name; undefined where npm could not ask its registry. */
type Metadata = Readonly<Record<string, unknown>>;

describe('the Node-RED scorecard of the packed package', () => {
  let folder: string;
  let metadata: Metadata;
  let output: string;
  let scorecard: Scorecard;

  before(async function () {
    this.timeout(120_000);
    const probe = `require.resolve(${JSON.stringify(tool)})`;
    requireTool(this, 'node-red-dev (npm install --prefix test/scorecard)', process.execPath, ['--eval', probe]);
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-scorecard-'));
    const names = ['node-red', ...Object.keys(manifest.dependencies)];
    metadata = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await askNpm(name)] as const)));
    output = await validate(folder, metadata);
    scorecard = readJson<Scorecard>(folder, 'scorecard.json');
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const passes = (id: string): void => assert.equal(scorecard[id]?.test, true, `${id}\n${output}`);
  /** Skips by name what only the registry can tell while npm does not reach it. */
  const needsRegistry = (context: Mocha.Context, names: readonly string[]): void => {
    const unknown = names.filter((name) => metadata[name] === undefined);
    if (unknown.length === 0) return;
    process.stdout.write(`      not checkable: npm reaches no registry to ask about ${unknown.join(', ')}\n`);
    context.skip();
  };

  it('P01: names its licence', () => passes('P01'));
  it('P03: says where its source and its bugs are', () => passes('P03'));
  it('P04: has a scoped name', () => passes('P04'));
  it('P05: has the keyword node-red', () => {
    passes('P05');
    // The tool passes this one either way.
    assert.ok(
      readJson<{ keywords: readonly string[] }>(folder, 'package', 'package.json').keywords.includes('node-red'),
    );
  });
  it('P06: supports the newest Node-RED', function () {
    needsRegistry(this, ['node-red']);
    passes('P06');
  });
  it('P07: asks for a later Node.js than the newest Node-RED does, on purpose', function () {
    needsRegistry(this, ['node-red']);
    // From 22.13 on node:sqlite needs no flag; a range that admits an older one would install what can't open its database.
    assert.equal(scorecard.P07?.test, false, output);
    assert.equal(readJson<{ engines: { node: string } }>(folder, 'package', 'package.json').engines.node, '>=22.13');
  });
  it('N02: shows every palette node in an example', () => {
    passes('N02');
    assert.doesNotMatch(output, /Unable to (parse|read)/);
    assert.ok(scorecard.N02?.nodes?.length, 'no palette node was found');
  });
  it('D01: has six dependencies at most', () => passes('D01'));
  it('D02: brings no package that is known to break Node-RED', () => {
    passes('D02');
    // The tool follows the first dependency only.
    const { satisfies } = createRequire(tool)('semver') as {
      readonly satisfies: (version: string, range: string) => boolean;
    };
    const bad = readJson<Readonly<Record<string, string>>>(tool, 'src', 'badpackages.json');
    const found = Object.entries(lock.packages).flatMap(([path, { version = '', dev }]) => {
      const range = bad[path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)];
      return range !== undefined && dev !== true && satisfies(version, range) ? [`${path} ${version}`] : [];
    });
    assert.deepEqual(found, []);
  });
  it('D03: depends on the newest release of everything', function () {
    needsRegistry(this, Object.keys(manifest.dependencies));
    passes('D03');
  });

  it('leaves only what needs the public catalogue: P08 and N01', () => {
    process.stdout.write(
      '      not checkable offline: P08 (similar package names), N01 (node types of other packages)\n',
    );
    const checked = Object.keys(scorecard).filter((id) => id !== 'package' && id !== 'P08' && id !== 'N01');
    assert.deepEqual(checked.sort(), ['D01', 'D02', 'D03', 'N02', 'P01', 'P03', 'P04', 'P05', 'P06', 'P07']);
  });
});

/** Runs the whole `node-red-dev validate` on the extracted tarball; resolves to what it printed. */
async function validate(folder: string, metadata: Metadata): Promise<string> {
  execFileSync('tar', ['-xzf', packPackage(folder), '-C', folder]);
  const extracted = join(folder, 'package');
  symlinkSync(join(root, 'node_modules'), join(extracted, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'answers.json'), JSON.stringify({ metadata, lock }));
  const stub = join(import.meta.dirname, 'offline.cjs');
  const result = join(folder, 'scorecard.json');
  const args = ['--require', stub, join(tool, 'bin', 'run'), 'validate', '--path', extracted, '--output', result];
  const { stdout, stderr } = await run(process.execPath, args, {
    env: { ...process.env, SCORECARD_ANSWERS: join(folder, 'answers.json') },
    timeout: 60_000,
  });
  return `${stdout}\n${stderr}`;
}

/** What the npm client knows about a package's newest release; undefined when it reaches no registry. */
async function askNpm(name: string): Promise<unknown> {
  try {
    const { stdout } = await run('npm', ['view', name, '--json', '--fetch-retries=0', '--fetch-timeout=30000'], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
