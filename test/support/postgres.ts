// A PostgreSQL server for a suite: TEST_POSTGRES_URL, or a private cluster that lives as long as the suite.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../deploy/free-port.ts';
import { requireTool } from './require-tool.ts';

const binariesRoot = '/usr/lib/postgresql';

export interface PostgresServer {
  /** Address of a new, empty database. */
  newDatabase(): Promise<string>;
  /** Ends every connection that is open now, as a server restart does. */
  cutConnections(): Promise<void>;
  /** Ends it at once, as a power cut would; the returned function starts it again on the same address. */
  shutDown(): () => void;
  /** Stands still with all its processes, as one whose disk or machine hangs; the returned function lets it go on. */
  freeze(): () => void;
  stop(): void;
}

/** Starts or finds a server; skips the suite by name when this machine has none (a failure in CI). */
export async function startPostgres(
  context: Mocha.Context,
  { durable = false }: { /** Waits for the disk at every commit, as a plant's server does. */ durable?: boolean } = {},
): Promise<PostgresServer> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given) return serverAt(given, undefined, () => {});
  const initdb = binary('initdb');
  requireTool(context, 'PostgreSQL (initdb)', initdb, ['--version']);
  context.timeout(60_000);
  const home = mkdtempSync(join(tmpdir(), 'shopfloor-postgres-'));
  const asRoot = process.getuid?.() === 0;
  if (asRoot) run('chown', ['postgres', home]);
  const data = join(home, 'data');
  const asServer = (command: string, args: string[]) =>
    asRoot ? run('runuser', ['-u', 'postgres', '--', command, ...args]) : run(command, args);
  asServer(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
  const port = await freePort();
  const settings = `-p ${port} -k ${home} -c listen_addresses=127.0.0.1 -c fsync=${durable ? 'on' : 'off'} -c max_connections=50`;
  const pgCtl = binary('pg_ctl');
  const start = () => asServer(pgCtl, ['-D', data, '-w', '-t', '50', '-l', join(home, 'log'), '-o', settings, 'start']);
  start();
  const own = { pidFile: join(data, 'postmaster.pid'), start };
  return serverAt(`postgres://postgres@127.0.0.1:${port}/postgres`, own, () => {
    stopAtOnce(join(data, 'postmaster.pid'));
    // A hundred databases are 30,000 files, which take minutes to remove on a busy disk: no test waits for that.
    spawn('rm', ['-rf', home], { detached: true, stdio: 'ignore', cwd: tmpdir() }).unref();
  });
}

/** Its immediate shutdown, and by a signal of our own: other programs that would send it take seconds to start on a busy machine. */
function stopAtOnce(pidFile: string): void {
  process.kill(Number.parseInt(readFileSync(pidFile, 'utf8'), 10), 'SIGQUIT');
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  // The server removes this file as the last thing it does.
  for (let waited = 0; existsSync(pidFile); waited += 1) {
    if (waited > 3_000) throw new Error(`PostgreSQL does not end: ${pidFile}`);
    Atomics.wait(sleeper, 0, 0, 10);
  }
}

/** For a caller that is no suite and needs the server: where a suite is skipped, this is a fault. */
export const outsideSuite = {
  timeout: () => {},
  skip: () => {
    throw new Error('PostgreSQL is needed: install it, set TEST_POSTGRES_URL, or run with --engine=sqlite');
  },
} as unknown as Mocha.Context;

/** The postmaster and its children, by the parent that /proc names behind the command in brackets. */
function processesOf(pidFile: string): readonly number[] {
  const postmaster = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        return Number(parent) === postmaster;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);
  return [postmaster, ...children];
}

function signalAll(pids: readonly number[], signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** What only a server of this test can be made to do. */
interface OwnServer {
  readonly pidFile: string;
  readonly start: () => void;
}

function serverAt(url: string, own: OwnServer | undefined, stop: () => void): PostgresServer {
  const needed = (): OwnServer => {
    if (own) return own;
    throw new Error('Only a server of its own can be stopped: unset TEST_POSTGRES_URL');
  };
  const databases: string[] = [];
  return {
    newDatabase: async () => {
      const name = `shopfloor_test_${process.pid}_${databases.length}_${Date.now()}`;
      await administer(url, `create database ${name}`);
      databases.push(name);
      const address = new URL(url);
      address.pathname = `/${name}`;
      return address.toString();
    },
    cutConnections: () =>
      administer(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname like 'shopfloor_test_${process.pid}_%'`,
      ),
    shutDown: () => {
      const { pidFile, start } = needed();
      stopAtOnce(pidFile);
      return start;
    },
    freeze: () => {
      const pids = processesOf(needed().pidFile);
      signalAll(pids, 'SIGSTOP');
      return () => signalAll(pids, 'SIGCONT');
    },
    stop,
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The newest installed version's binary; the bare name, for the search path, when Debian's layout is not there. */
function binary(name: string): string {
  const versions = existsSync(binariesRoot) ? readdirSync(binariesRoot) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? name : join(binariesRoot, newest, 'bin', name);
}

function run(command: string, args: string[]): void {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 60_000,
    cwd: tmpdir(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (result.status === 0) return;
  const logFile = args[args.indexOf('-l') + 1];
  const log = args.includes('-l') && logFile && existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  throw new Error(`${command} ${args.join(' ')} failed: ${result.stderr}${log}`);
}
