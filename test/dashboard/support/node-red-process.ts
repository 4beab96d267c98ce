// A real Node-RED with the real dashboard as a process of its own, on a free port and in a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linkPackage } from '../../../deploy/user-directory.ts';
import type { PageSetup } from '../../../nodes/access/messages.ts';

const packageRoot = join(import.meta.dirname, '..', '..', '..');
const startWithinMs = 60_000;

export interface DashboardProcess {
  readonly url: string;
  readonly log: () => string;
  post(path: string, body: unknown): Promise<void>;
  get<Body>(path: string): Promise<Body>;
  stop(): Promise<void>;
}

/** Starts with a person whom the page believes to be there; who may really do what is the access room's test. */
export async function startDashboard(flow: readonly object[], person: PageSetup): Promise<DashboardProcess> {
  const userDirectory = mkdtempSync(join(tmpdir(), 'shopfloor-dashboard-'));
  const port = await freePort();
  linkPackage(userDirectory, packageRoot);
  writeFileSync(join(userDirectory, 'flows.json'), JSON.stringify(flow));
  writeFileSync(join(userDirectory, 'settings.cjs'), settingsSource(port, person));
  const nodeRed = dirname(createRequire(import.meta.url).resolve('node-red/package.json'));
  const child = spawn(
    process.execPath,
    [join(nodeRed, 'red.js'), '--settings', join(userDirectory, 'settings.cjs'), '--userDir', userDirectory],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const url = `http://127.0.0.1:${port}`;
  await started(child, () => log);
  return {
    url,
    log: () => log,
    async post(path, body) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`POST ${path} answered ${response.status}`);
      await response.arrayBuffer();
    },
    async get(path) {
      const response = await fetch(`${url}${path}`);
      return (await response.json()) as never;
    },
    async stop() {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      }
      rmSync(userDirectory, { recursive: true, force: true });
    },
  };
}

async function started(child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + startWithinMs;
  while (!/Started flows/.test(log())) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Node-RED did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The page learns its person from the answer to `_setup`, exactly where the access room puts it. */
function settingsSource(port: number, person: PageSetup): string {
  return `
const person = ${JSON.stringify(person)};
module.exports = {
  uiPort: ${port}, uiHost: '127.0.0.1', flowFile: 'flows.json', apiMaxLength: '5mb',
  dashboard: { middleware: (req, res, next) => {
    if ((req.baseUrl + req.path).endsWith('/_setup')) {
      const json = res.json.bind(res);
      res.json = (body) => json({ ...body, shopfloor: person });
    }
    next();
  } },
  logging: { console: { level: 'info', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
};`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
