// Starts a real Node-RED as a child process: either supported release, with plain settings or as `npm start` runs it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../deploy/free-port.ts';
import { machineClock } from './machine-clock.ts';
import { requireTool } from './require-tool.ts';

const packageRoot = dirname(dirname(import.meta.dirname));

/** One supported pair of Node-RED and Node.js. */
export interface NodeRedLeg {
  readonly name: string;
  /** Node.js executable. */
  readonly node: string;
  /** Folder of the `node-red` package. */
  readonly nodeRed: string;
  /** The npm that this Node-RED's palette manager installs with. */
  readonly npm: string;
}

function leg(name: string, modules: string): NodeRedLeg {
  return {
    name,
    node: join(modules, 'node', 'bin', 'node'),
    nodeRed: join(modules, 'node-red'),
    npm: join(modules, 'npm', 'bin', 'npm-cli.js'),
  };
}

/** What the package is developed on. */
export const firstLeg = leg('Node-RED 5 on Node.js 24', join(packageRoot, 'node_modules'));

/** What the field still runs; installed by `npm install --prefix test/system/node-red-4`. */
export const secondLeg = leg(
  'Node-RED 4.1 on Node.js 22',
  join(packageRoot, 'test', 'system', 'node-red-4', 'node_modules'),
);

export const nodeRedLegs: readonly NodeRedLeg[] = [firstLeg, secondLeg];

/** Skips the running test or suite by name where `needed` is not installed; throws when CI is set. */
export function requireLeg(context: Mocha.Context, needed: NodeRedLeg): void {
  const name = `${needed.name} (npm install --prefix test/system/node-red-4)`;
  requireTool(context, name, needed.node, ['--eval', `require.resolve(${JSON.stringify(needed.nodeRed)})`]);
}

interface ProcessOptions {
  /** Default: `firstLeg`. */
  readonly leg?: NodeRedLeg;
  /** Added to a bare environment; nothing of the test's own configuration reaches the child. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds until the flows must run; default 60 000, for a busy machine. */
  readonly readyWithinMs?: number;
}

export interface NodeRedOptions extends ProcessOptions {
  /** Created when missing; a `flows.json` in it is what runs. */
  readonly userDirectory: string;
  /** Further Node-RED settings, as JSON. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface ShopfloorOptions extends ProcessOptions {
  /** SHOPFLOOR_HOME. */
  readonly home: string;
  /** Default: a free one. Name it to come back on the same address after a kill. */
  readonly port?: number;
}

/** A running Node-RED. Whoever starts one ends it with `stop` or `kill`. */
export interface NodeRedProcess {
  readonly pid: number;
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Everything written to its terminal so far. */
  log(): string;
  /** The first log line from now on, or already there, that matches; rejects when the process ends or time is over. */
  logged(pattern: RegExp, withinMs?: number): Promise<string>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGKILL: no handler runs. Resolves when the process is gone. */
  kill(): Promise<ProcessEnd>;
  /** SIGTERM: nodes close, flows stop. Rejects when that takes over 30 s, after having killed the process. */
  stop(): Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts Node-RED on a free port of the loopback interface and waits until its flows run. */
export async function startNodeRed(options: NodeRedOptions): Promise<NodeRedProcess> {
  mkdirSync(options.userDirectory, { recursive: true });
  const settingsFile = join(options.userDirectory, 'test-settings.cjs');
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: 0,
    userDir: options.userDirectory,
    flowFile: 'flows.json',
    credentialSecret: 'only-for-tests',
    telemetry: { enabled: false, updateNotification: false },
    ...options.settings,
  };
  writeFileSync(settingsFile, `module.exports = ${JSON.stringify(settings, null, 2)};\n`);
  const runtime = options.leg ?? firstLeg;
  return start(runtime.node, [join(runtime.nodeRed, 'red.js'), '--settings', settingsFile], {}, options);
}

/**
 * Starts Node-RED on a user directory that has a settings.js of its own, as a plant does. The port is free when it is looked
 * for, not yet taken when it is used, so another one is tried.
 */
export async function startUserDirectory(options: ProcessOptions & { readonly userDirectory: string }) {
  const { node, nodeRed } = options.leg ?? firstLeg;
  for (let tries = 1; ; tries += 1) {
    const args = [join(nodeRed, 'red.js'), '--userDir', options.userDirectory, '--port', String(await freePort())];
    try {
      return await start(node, args, {}, options);
    } catch (error) {
      if (!(error instanceof StartFailure && /port in use/i.test(error.log)) || tries === 3) throw error;
    }
  }
}

/** SHOPFLOOR_API_TOKEN of a Shopfloor that a test starts, unless it names another. */
export const scriptToken = 'the-token-of-the-test-script';

/** Starts the built package as `npm start` does: shipped flows, stand-ins for what `environment` does not name. */
export async function startShopfloor(options: ShopfloorOptions): Promise<NodeRedProcess> {
  const script = join(packageRoot, 'dist', 'deploy', 'start.js');
  if (!existsSync(script)) throw new Error('dist is missing: run npm run build first');
  const runtime = options.leg ?? firstLeg;
  // The port is free when it is looked for, not yet taken when it is used: another process may be faster, so try again.
  for (let tries = 1; ; tries += 1) {
    const port = options.port ?? (await freePort());
    const environment = {
      SHOPFLOOR_HOME: options.home,
      SHOPFLOOR_NODE_RED: runtime.nodeRed,
      PORT: String(port),
      SHOPFLOOR_API_TOKEN: scriptToken,
    };
    try {
      return await start(runtime.node, [script], environment, options);
    } catch (error) {
      const portTaken = error instanceof StartFailure && /port in use/i.test(error.log);
      if (!portTaken || options.port !== undefined || tries === 3) throw error;
    }
  }
}

/** The child ended, or stayed silent, before its flows ran. */
export class StartFailure extends Error {
  readonly log: string;

  constructor(reason: string, log: string) {
    super(`Node-RED did not start: ${reason}\n${log}`);
    this.name = 'StartFailure';
    this.log = log;
  }
}

/** Children still running: killed when the test process itself ends, however it ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function start(
  node: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  options: ProcessOptions,
): Promise<NodeRedProcess> {
  const child = spawn(node, args, {
    env: { ...bareEnvironment(), ...environment, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const journal = new Journal(child, ended);
  const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<ProcessEnd> => {
    child.kill(signal);
    const end = await within(ended, stopWithinMs);
    if (end !== 'late') return end;
    child.kill('SIGKILL');
    await ended;
    throw new Error(`Node-RED did not stop within ${stopWithinMs} ms\n${journal.text()}`);
  };
  try {
    const limitMs = options.readyWithinMs ?? 60_000;
    const [serving] = await Promise.all([
      journal.find(/Server now running at (\S+)/, limitMs),
      journal.find(/Started flows/, limitMs, /Waiting for missing types/),
    ]);
    const url = (/(http:\/\/\S+?)\/?$/.exec(serving)?.[1] ?? '').replace(/\/$/, '');
    return {
      pid: child.pid ?? -1,
      url,
      port: Number(new URL(url).port),
      log: () => journal.text(),
      logged: (pattern, withinMs = 30_000) => journal.find(pattern, withinMs),
      ended,
      kill: () => stop('SIGKILL'),
      stop: () => stop('SIGTERM'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    await ended.catch(() => {});
    throw new StartFailure(error instanceof Error ? error.message : String(error), journal.text());
  }
}

/** Node-RED itself gives its nodes 15 s to close. */
const stopWithinMs = 30_000;

/** What a program needs to run at all, in English, so that log lines can be recognised. */
function bareEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'NODE_V8_COVERAGE'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...machineClock(), LANG: 'en_US.UTF-8' };
}

/** Collects the lines that a child writes, and lets a test wait for one. */
class Journal {
  readonly #lines: string[] = [];
  readonly #readers = new Set<(line: string) => void>();
  readonly #ended: Promise<ProcessEnd>;

  constructor(child: ChildProcess, ended: Promise<ProcessEnd>) {
    this.#ended = ended;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#append(line));
    }
  }

  text(): string {
    return this.#lines.join('\n');
  }

  async find(wanted: RegExp, withinMs: number, unwanted?: RegExp): Promise<string> {
    const there = this.#lines.find((line) => wanted.test(line));
    if (there !== undefined) return there;
    let reader: (line: string) => void = () => {};
    const found = new Promise<string>((resolve, reject) => {
      reader = (line) => {
        if (wanted.test(line)) resolve(line);
        else if (unwanted?.test(line)) reject(new Error(`it says "${line}"`));
      };
    });
    const gone = this.#ended.then(({ code, signal }) => {
      throw new Error(`it ended with ${signal ?? `code ${code}`} before it logged ${wanted}`);
    });
    this.#readers.add(reader);
    try {
      const line = await within(Promise.race([found, gone]), withinMs);
      if (line === 'late') throw new Error(`no line ${wanted} within ${withinMs} ms`);
      return line;
    } finally {
      this.#readers.delete(reader);
    }
  }

  #append(line: string): void {
    this.#lines.push(line);
    for (const reader of this.#readers) reader(line);
  }
}

async function within<Value>(promise: Promise<Value>, limitMs: number): Promise<Value | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
