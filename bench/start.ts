// `npm run bench -- start`: what the package costs Node-RED at its start, in time and in memory.
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { linkPackage } from '../deploy/user-directory.ts';
import {
  firstLeg,
  type NodeRedLeg,
  type NodeRedProcess,
  secondLeg,
  startNodeRed,
  startShopfloor,
} from '../test/support/node-red-process.ts';

const packageRoot = dirname(import.meta.dirname);

/** Memory is looked at this long after the flows run, when what the start left over is being collected. */
const settleMs = 1_000;
/** Of the Node-RED that `npm start` brings, whose diagnostics need a login. */
const adminPassword = 'only-for-this-benchmark';

interface Figures {
  readonly startMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** One way of starting; `folder` is empty and its own. */
interface Candidate {
  readonly name: string;
  /** Where its editor asks for a login. */
  readonly adminPassword?: string;
  readonly start: (folder: string) => Promise<NodeRedProcess>;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '7' }, 'node-red-4': { type: 'boolean', default: false } },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs="${values.runs}" is not a whole number from 1`);
  const leg = values['node-red-4'] ? secondLeg : firstLeg;
  const candidates = candidatesOf(leg);
  /** Mapped by name of the candidate. */
  const measured = new Map<string, Figures[]>(candidates.map(({ name }) => [name, []]));
  // The first round fills the file cache and is not counted; after it all take turns, so that drift hits all alike.
  for (let round = 0; round <= runs; round += 1) {
    for (const candidate of candidates) {
      const figures = await measure(candidate);
      if (round > 0) measured.get(candidate.name)?.push(figures);
    }
  }
  process.stdout.write(`${leg.name}: medians of ${runs} starts each, taking turns\n\n${table(measured)}`);
}

function candidatesOf(leg: NodeRedLeg): readonly Candidate[] {
  const withPackage = (folder: string): Promise<NodeRedProcess> => {
    mkdirSync(folder, { recursive: true });
    linkPackage(folder, packageRoot);
    return startNodeRed({ leg, userDirectory: folder });
  };
  const hasFlows = globSync('examples/*.json', { cwd: packageRoot }).length > 0;
  return [
    { name: 'without the package', start: (folder) => startNodeRed({ leg, userDirectory: folder }) },
    { name: 'with it, no flows', start: withPackage },
    ...(hasFlows
      ? [
          {
            name: 'npm start: flows, stand-ins, broker',
            start: (home: string) =>
              startShopfloor({ leg, home, environment: { SHOPFLOOR_ADMIN_PASSWORD: adminPassword } }),
            adminPassword,
          },
        ]
      : []),
  ];
}

async function measure({ start, adminPassword: password }: Candidate): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'shopfloor-bench-'));
  try {
    const startedAtMs = performance.now();
    const nodeRed = await start(folder);
    const startMs = performance.now() - startedAtMs;
    try {
      await pause(settleMs);
      return { startMs, ...(await memoryOf(nodeRed, password)) };
    } finally {
      await nodeRed.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the process says of itself through Node-RED's own diagnostics. */
async function memoryOf(
  { url }: NodeRedProcess,
  password: string | undefined,
): Promise<{ rssBytes: number; heapBytes: number }> {
  const headers: HeadersInit = password === undefined ? {} : { authorization: await editorLogin(url, password) };
  const response = await fetch(`${url}/diagnostics`, { headers });
  if (!response.ok) throw new Error(`${url}/diagnostics answered ${response.status}`);
  const report = (await response.json()) as { nodejs: { memoryUsage: { rss: number; heapUsed: number } } };
  const { rss, heapUsed } = report.nodejs.memoryUsage;
  return { rssBytes: rss, heapBytes: heapUsed };
}

/** The header of an administrator's editor. */
async function editorLogin(url: string, password: string): Promise<string> {
  const login = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username: 'admin', password };
  const response = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login),
  });
  if (!response.ok) throw new Error(`${url}/auth/token answered ${response.status}`);
  return `Bearer ${((await response.json()) as { readonly access_token: string }).access_token}`;
}

function table(measured: ReadonlyMap<string, readonly Figures[]>): string {
  const rows = [...measured].map(([name, figures]) => ({
    name,
    startMs: median(figures.map((one) => one.startMs)),
    rssBytes: median(figures.map((one) => one.rssBytes)),
    heapBytes: median(figures.map((one) => one.heapBytes)),
  }));
  const [base] = rows;
  if (!base) return '';
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  const cell = (text: string, value: number, of: number): string =>
    `${text.padStart(10)} ${(value / of).toFixed(2).padStart(5)} x`;
  const heading = `${''.padEnd(nameWidth)}  ${'start'.padStart(18)}${'memory (RSS)'.padStart(18)}${'heap used'.padStart(18)}`;
  const lines = rows.map(({ name, startMs, rssBytes, heapBytes }) =>
    [
      name.padEnd(nameWidth),
      cell(`${Math.round(startMs)} ms`, startMs, base.startMs),
      cell(mebibytes(rssBytes), rssBytes, base.rssBytes),
      cell(mebibytes(heapBytes), heapBytes, base.heapBytes),
    ].join(' '),
  );
  return `${[heading, ...lines].join('\n')}\n`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
