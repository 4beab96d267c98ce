import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type NodeRedLeg,
  type NodeRedProcess,
  nodeRedLegs,
  requireLeg,
  startNodeRed,
} from '../support/node-red-process.ts';
import { packPackage } from '../support/packed-package.ts';

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly version: string;
  /** Node sets by name, each of which registers the one type of that name. */
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
};
const types = Object.keys(manifest['node-red'].nodes).sort();

/** What `GET /nodes` says of one node set. */
interface NodeSet {
  readonly name: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly module: string;
  readonly version: string;
  /** A sentence or an error with a code; only when the set could not be loaded. */
  readonly err?: unknown;
}

describe('the packed package', () => {
  let folder: string;
  let tarball: string;

  before(function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-release-'));
    tarball = packPackage(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const leg of nodeRedLegs) {
    describe(`in an empty user directory of ${leg.name}`, () => {
      let nodeRed: NodeRedProcess | undefined;

      before(async function () {
        this.timeout(240_000);
        requireLeg(this, leg);
        const userDirectory = join(folder, leg.name.replaceAll(/\W+/g, '-'));
        install(this, leg, tarball, userDirectory);
        nodeRed = await startNodeRed({ leg, userDirectory });
      });
      after(async function () {
        this.timeout(40_000);
        const end = await nodeRed?.stop();
        if (end) assert.deepEqual(end, { code: 0, signal: null });
      });

      const ask = async (path: string, accept: string): Promise<Response> => {
        assert.ok(nodeRed);
        const response = await fetch(`${nodeRed.url}${path}`, { headers: { accept } });
        assert.equal(response.status, 200);
        return response;
      };

      it('offers every node type, enabled and without an error', async () => {
        const sets = ((await (await ask('/nodes', 'application/json')).json()) as readonly NodeSet[]).filter(
          (set) => set.module === manifest.name,
        );
        const faulty = sets.filter((set) => set.err !== undefined).map((set) => set.name);
        assert.deepEqual(faulty, [], nodeRed?.log());
        assert.deepEqual(sets.map((set) => set.name).sort(), types);
        for (const set of sets) {
          assert.deepEqual(set.types, [set.name]);
          assert.equal(set.enabled, true, `${set.name} is disabled`);
          assert.equal(set.version, manifest.version);
        }
      });

      it('brings the editor half of every type: registration, dialog and help', async () => {
        const html = await (await ask('/nodes', 'text/html')).text();
        for (const type of types) {
          assert.ok(html.includes(`RED.nodes.registerType('${type}'`), `${type} is not registered in the editor`);
          assert.ok(html.includes(`data-template-name="${type}"`), `${type} has no dialog`);
          const help = new RegExp(`data-help-name="${type}"[^>]*>([\\s\\S]*?)</script>`).exec(html)?.[1] ?? '';
          assert.ok(help.trim().length > 0, `${type} has no help`);
        }
      });

      it('brings the texts of every type', async () => {
        const catalogues = (await (await ask('/nodes/messages?lng=en-US', 'application/json')).json()) as Readonly<
          Record<string, Readonly<Record<string, unknown>>>
        >;
        for (const type of types) {
          const texts = catalogues[`${manifest.name}/${type}`]?.[type];
          assert.ok(typeof texts === 'object' && texts !== null, `${type} has no catalogue`);
          assert.ok(Object.keys(texts).length > 0, `${type} has an empty catalogue`);
        }
      });
    });
  }
});

/**
 * Installs as the palette manager does: its own npm, strict about engines, without development dependencies. Skips the
 * suite by name where npm reaches no registry; that is a failure in CI.
 */
function install(context: Mocha.Context, leg: NodeRedLeg, tarball: string, userDirectory: string): void {
  mkdirSync(userDirectory);
  writeFileSync(join(userDirectory, 'package.json'), '{"name":"empty-plant","version":"0.0.1","private":true}\n');
  const flags = ['--no-audit', '--no-update-notifier', '--no-fund', '--save-prefix=~', '--omit=dev', '--engine-strict'];
  const { status, stderr } = spawnSync(leg.node, [leg.npm, 'install', '--prefer-offline', ...flags, tarball], {
    cwd: userDirectory,
    encoding: 'utf8',
    timeout: 180_000,
  });
  if (status !== 0 && !process.env.CI && /code (ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH)/.test(stderr)) {
    process.stdout.write('      skipped: npm reaches no registry and has not kept the dependencies\n');
    context.skip();
  }
  assert.equal(status, 0, `npm could not install the package:\n${stderr}`);
}
