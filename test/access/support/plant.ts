// A real Node-RED with the real Dashboard 2.0 and this package's accounts, straight from the sources, as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { machineClock } from '../../support/machine-clock.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const packageName = '@shopfloor/node-red-dashboard-2-shopfloor';

export interface PlantOptions {
  readonly flows: readonly object[];
  /** Text of an object literal: further options of shopfloorAccess. */
  readonly access?: string;
  /** Text of statements that settings.ts runs before anything else. */
  readonly settings?: string;
  /** False: settings.ts without the helper. */
  readonly guarded?: boolean;
  /** Directory to use, also that of an earlier plant, to start it again; whoever made it removes it. */
  readonly directory?: string;
  /** Directory in which another Node-RED is installed. */
  readonly nodeRed?: string;
  /** Address to listen at; default 127.0.0.1. */
  readonly host?: string;
}

export interface Plant {
  readonly url: string;
  readonly directory: string;
  log(): string;
  /** Objects that `test-probe` nodes received, in order. */
  readonly probed: readonly Probed[];
  /** The next object that a probe receives from now on. */
  nextProbe(): Promise<Probed>;
  stop(): Promise<void>;
}

export interface Probed {
  readonly probe: string;
  readonly payload?: unknown;
  readonly topic?: string;
  readonly client?: {
    readonly user?: { readonly login: string; readonly roles: readonly string[] };
    readonly proof?: string;
  };
  readonly user?: unknown;
}

export const adminPassword = 'plant-admin-2026';
export const apiToken = 'a-token-of-sixteen-or-more';

/** Types of this package that the tests load, by the source that registers them. */
const types: Readonly<Record<string, string>> = {
  'http-access': 'nodes/access/http-access',
  'user-admin': 'nodes/access/user-admin',
  notify: 'nodes/notify/notify',
  'alarm-routing': 'nodes/notify/alarm-routing',
  'task-clock': 'nodes/scheduler/task-clock',
  'test-probe': 'test/access/support/test-nodes',
};

export async function startPlant(options: PlantOptions): Promise<Plant> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'shopfloor-plant-'));
  if (!existsSync(join(directory, 'package.json'))) furnish(directory);
  writeFileSync(join(directory, 'flows.json'), JSON.stringify(options.flows));
  const settings = join(directory, 'settings.mjs');
  writeFileSync(settings, settingsText(directory, options));
  const from = options.nodeRed === undefined ? import.meta.url : join(options.nodeRed, 'package.json');
  const nodeRed = dirname(createRequire(from).resolve('node-red/package.json'));
  const child = spawn(process.execPath, [join(nodeRed, 'red.js'), '--settings', settings], {
    env: { ...machineClock(), PATH: process.env.PATH, HOME: directory, LANG: 'en_US.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    return await follow(child, directory, options.directory === undefined);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function settingsText(
  directory: string,
  { access = '{}', guarded = true, settings = '', host = '127.0.0.1' }: PlantOptions,
): string {
  const helper = JSON.stringify(join(root, 'nodes', 'access', 'shopfloor-access.ts'));
  const secrets = JSON.stringify({
    databaseUrl: `sqlite:${join(directory, 'plant.sqlite')}`,
    apiToken,
    adminPassword,
  });
  return `
import { shopfloorAccess } from ${helper};
${settings}
const access = ${guarded} ? shopfloorAccess({ ...${secrets}, ...${access} }) : {};
const settings = {
  ...access,
  uiHost: ${JSON.stringify(host)}, uiPort: 0, userDir: ${JSON.stringify(directory)}, flowFile: 'flows.json', credentialSecret: 'only-for-tests',
  telemetry: { enabled: false, updateNotification: false },
};
export { settings as 'module.exports' };
`;
}

/** Puts this package, as sources, and the dashboard into a user directory, where both loaders look. */
function furnish(directory: string): void {
  const home = join(directory, 'node_modules', packageName);
  mkdirSync(home, { recursive: true });
  const nodes: Record<string, string> = {};
  for (const [type, source] of Object.entries(types)) {
    writeFileSync(
      join(home, `${type}.js`),
      `module.exports = require(${JSON.stringify(join(root, `${source}.ts`))}).default;\n`,
    );
    cpSync(join(root, `${source}.html`), join(home, `${type}.html`));
    nodes[type] = `${type}.js`;
  }
  const plugin = join(root, 'nodes', 'access', 'shopfloor-plugin.ts');
  writeFileSync(join(home, 'shopfloor-access.js'), `module.exports = require(${JSON.stringify(plugin)});\n`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const manifest = {
    name: packageName,
    version,
    'node-red': { nodes, plugins: { 'shopfloor-access': 'shopfloor-access.js' } },
    'node-red-dashboard-2': { version: '>=1.31.0', widgets: {} },
  };
  writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
  mkdirSync(join(directory, 'node_modules', '@flowfuse'), { recursive: true });
  symlinkSync(
    join(root, 'node_modules', '@flowfuse', 'node-red-dashboard'),
    join(directory, 'node_modules', '@flowfuse', 'node-red-dashboard'),
  );
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'plant', dependencies: { [packageName]: '*', '@flowfuse/node-red-dashboard': '*' } }),
  );
}

async function follow(child: ChildProcess, directory: string, ours: boolean): Promise<Plant> {
  const lines: string[] = [];
  const probed: Probed[] = [];
  const waiting: ((probe: Probed) => void)[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
      if (!line.startsWith('PROBE ')) return;
      const probe = JSON.parse(line.slice('PROBE '.length)) as Probed;
      probed.push(probe);
      for (const resolve of waiting.splice(0)) resolve(probe);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const there = lines.find((line) => pattern.test(line));
      if (there !== undefined) resolve(there);
      listeners.add((line) => {
        if (pattern.test(line)) resolve(line);
      });
      ended.then(() => reject(new Error(`Node-RED ended before it said ${pattern}:\n${lines.join('\n')}`)), reject);
    });
  const [serving] = await Promise.all([said(/Server now running at/), said(/Started flows/)]);
  return {
    url: (/(http:\/\/\S+?)\/?$/.exec(serving)?.[1] ?? '').replace(/\/$/, ''),
    directory,
    log: () => lines.join('\n'),
    probed,
    nextProbe: () => new Promise((resolve) => waiting.push(resolve)),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (ours) rmSync(directory, { recursive: true, force: true });
    },
  };
}
