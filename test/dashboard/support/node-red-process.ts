// A real Node-RED with the real dashboard, accounts and the built package, as a process of its own on a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { linkPackage } from '../../../deploy/user-directory.ts';
import { machineClock } from '../../support/machine-clock.ts';

const packageRoot = join(import.meta.dirname, '..', '..', '..');
const startWithinMs = 60_000;
export const adminPassword = 'plant-admin-2026';
const apiToken = 'a-token-of-sixteen-or-more';

export interface DashboardProcess {
  readonly url: string;
  readonly pid: number;
  readonly log: () => string;
  /** Sends JSON with the machine token; throws unless the answer is a success. */
  send(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<unknown>;
  get<Body>(path: string): Promise<Body>;
  stop(): Promise<void>;
}

export interface DashboardOptions {
  /** Environment variables, such as where the flow finds its store. */
  readonly variables?: Readonly<Record<string, string>>;
  /** False: without accounts, every socket is let in and sees everything. */
  readonly guarded?: boolean;
}

export async function startDashboard(
  flow: readonly object[],
  { variables = {}, guarded = true }: DashboardOptions = {},
): Promise<DashboardProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'shopfloor-dashboard-'));
  linkPackage(directory, packageRoot);
  writeFileSync(join(directory, 'flows.json'), JSON.stringify(flow));
  writeFileSync(join(directory, 'settings.mjs'), settingsText(directory, guarded));
  const nodeRed = dirname(createRequire(import.meta.url).resolve('node-red/package.json'));
  const child = spawn(process.execPath, [join(nodeRed, 'red.js'), '--settings', join(directory, 'settings.mjs')], {
    env: { ...machineClock(), PATH: process.env.PATH, HOME: directory, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const url = await started(child, () => log);
  const headers = { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' };
  return {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    async send(method, path, body) {
      const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async get(path) {
      const response = await fetch(`${url}${path}`, { headers });
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
      return (await response.json()) as never;
    },
    async stop() {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function started(child: ChildProcess, log: () => string): Promise<string> {
  const deadline = Date.now() + startWithinMs;
  for (;;) {
    const address = /Server now running at (http:\/\/[\d.:]+)/.exec(log())?.[1];
    if (address && /Started flows/.test(log())) return address;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`Node-RED did not start:\n${log()}`);
    }
    await pause(50);
  }
}

function settingsText(directory: string, guarded: boolean): string {
  const helper = JSON.stringify(join(packageRoot, 'dist', 'nodes', 'access', 'shopfloor-access.js'));
  const access = JSON.stringify({ databaseUrl: `sqlite:${join(directory, 'plant.sqlite')}`, apiToken, adminPassword });
  return `
import { shopfloorAccess } from ${helper};
const settings = {
  ...(${guarded} ? shopfloorAccess(${access}) : { dashboard: { ioMiddleware: (_socket, next) => next() }, editorTheme: { tours: false } }),
  uiHost: '127.0.0.1', uiPort: 0, userDir: ${JSON.stringify(directory)}, flowFile: 'flows.json',
  apiMaxLength: '5mb', credentialSecret: 'only-for-tests',
  logging: { console: { level: 'info', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
};
export { settings as 'module.exports' };
`;
}
