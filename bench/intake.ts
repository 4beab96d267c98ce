// `npm run bench -- intake`: durable messages per second of machine-status-in and cumulative-tracker in a real Node-RED, on SQLite
// and PostgreSQL, beside a loop that only receives and a flow that is wired by hand. Options: --count=400000 --rounds=3
// --machines=50 --windows=20,1000 --skip-load --folder=FOLDER (where the databases lie; its disk decides what FULL costs). A window is
// how many messages the broker sends without a PUBACK: 20 is what Mosquitto comes with, 1000 what the README tells a plant to set; the
// targets are for the last one named. With fewer messages the bench measures how long a process that just started takes to get warm.
// Each round every contender takes its turn with a new broker, so that drift hits all alike.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { linkPackage } from '../deploy/user-directory.ts';
import type { IntakeSchema } from '../nodes/production/tables.ts';
import { openStore } from '../nodes/store/open-store.ts';
import { startMosquitto } from '../test/support/mosquitto.ts';
import { type NodeRedProcess, startNodeRed } from '../test/support/node-red-process.ts';
import { type PostgresServer, startPostgres } from '../test/support/postgres.ts';
import { startAckMeter } from './support/intake/ack-meter.ts';
import { handWiredFlow } from './support/intake/hand-wired.ts';
import { publishSeries, putSessionToSleep } from './support/intake/queue-loader.ts';
import { benchTopics, type MessageSeries, piecesOf, statusMessage } from './support/intake/status-messages.ts';

const packageRoot = dirname(import.meta.dirname);
const support = join(import.meta.dirname, 'support', 'intake');

interface Contender {
  readonly name: string;
  /** The hand-wired flow gets fewer messages: it would take minutes. */
  readonly share: number;
  /** Begins to receive from the broker at `port`; the returned function ends it. */
  readonly start: (port: number, session: string, series: MessageSeries) => Promise<() => Promise<void>>;
}

const loop = 'receive only';
const onSqlite = 'tracker on SQLite, FULL';
const onPostgres = 'tracker on PostgreSQL';
const byHand = 'wired by hand, SQLite FULL';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string', default: '400000' },
      machines: { type: 'string', default: '50' },
      rounds: { type: 'string', default: '3' },
      windows: { type: 'string', default: '20,1000' },
      folder: { type: 'string', default: tmpdir() },
      'skip-load': { type: 'boolean', default: false },
    },
  });
  const series = { count: Number(values.count), machines: Number(values.machines) };
  const rounds = Number(values.rounds);
  const folder = mkdtempSync(join(values.folder, 'shopfloor-bench-intake-'));
  process.stdout.write(`A commit waits ${syncMs(folder).toFixed(2)} ms for this disk (fdatasync, median of 200)\n`);
  const server = await durablePostgres();
  try {
    const contenders = contendersIn(folder, server);
    const real = contenders.filter(({ name }) => name !== byHand);
    let missed: readonly string[] = [];
    for (const window of values.windows.split(',').map(Number)) {
      const flood = await measure(contenders, rounds, (contender) => flooded(contender, series, window));
      const mosquitto = await measure(real, rounds, (contender) => queued(contender, series, window));
      missed = [
        ...report(`A broker that floods, ${window} messages at a time`, flood, 0.3),
        ...report(`Mosquitto, messages that waited for the session, ${window} at a time`, mosquitto, 0.9),
      ];
    }
    if (!values['skip-load']) missed = [...missed, ...(await load(folder))];
    process.stdout.write(missed.length === 0 ? '\nEvery target is met.\n' : `\nMissed: ${missed.join('; ')}.\n`);
  } finally {
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What durability costs here, at this moment. */
function syncMs(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(4096);
  const times = Array.from({ length: 200 }, () => {
    const startedAt = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  return median(times);
}

async function durablePostgres(): Promise<PostgresServer | undefined> {
  const outsideSuite = { timeout: () => {}, skip: () => {} } as unknown as Mocha.Context;
  try {
    return await startPostgres(outsideSuite, { durable: true });
  } catch (error) {
    process.stdout.write(`PostgreSQL is NOT measured: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

let turns = 0;

function contendersIn(folder: string, server: PostgresServer | undefined): readonly Contender[] {
  const turnFolder = (): string => {
    turns += 1;
    const path = join(folder, String(turns));
    mkdirSync(path, { recursive: true });
    return path;
  };
  const tracked =
    (url: (path: string) => Promise<string>): Contender['start'] =>
    async (port, session, series) => {
      const path = turnFolder();
      const database = await url(path);
      const nodeRed = await startFlow(path, trackerFlow(port, session, database));
      return async () => {
        await verify(database, series);
        await nodeRed.stop();
      };
    };
  return [
    {
      name: loop,
      share: 1,
      start: async (port, session, series) => {
        const child = fork(join(support, 'receive-loop.ts'), [
          '--url',
          `mqtt://127.0.0.1:${port}`,
          '--count',
          String(series.count),
          '--session',
          session,
        ]);
        return () => ended(child);
      },
    },
    { name: onSqlite, share: 1, start: tracked(async (path) => `sqlite:${join(path, 'bench.sqlite')}`) },
    ...(server ? [{ name: onPostgres, share: 1, start: tracked(() => server.newDatabase()) }] : []),
    {
      name: byHand,
      share: 0.1,
      start: async (port, session) => {
        const path = turnFolder();
        const flow = handWiredFlow({ port, clientId: session, database: join(path, 'hand.sqlite') });
        const nodeRed = await startFlow(path, flow);
        return async () => void (await nodeRed.stop());
      },
    },
  ];
}

/** The nodes as a plant wires them. */
function trackerFlow(port: number, clientId: string, database: string): readonly object[] {
  return [
    { id: 'tab', type: 'tab', label: 'intake' },
    { id: 'store', type: 'shopfloor-store', url: database },
    { id: 'calendar', type: 'shift-calendar', timeZone: 'Asia/Jakarta' },
    {
      id: 'in',
      type: 'machine-status-in',
      z: 'tab',
      url: `mqtt://127.0.0.1:${port}`,
      clientId,
      topics: benchTopics,
      wires: [['tracker'], []],
    },
    {
      id: 'tracker',
      type: 'cumulative-tracker',
      z: 'tab',
      store: 'store',
      calendar: 'calendar',
      unknownMachine: 'accept',
      wires: [[], [], []],
    },
  ];
}

async function startFlow(path: string, flow: readonly object[]): Promise<NodeRedProcess> {
  linkPackage(path, packageRoot);
  writeFileSync(join(path, 'flows.json'), JSON.stringify(flow));
  return startNodeRed({ userDirectory: path, settings: { functionExternalModules: true } });
}

/** A figure counts only when every piece was counted; what is acknowledged becomes totals a moment later. */
async function verify(database: string, series: MessageSeries): Promise<void> {
  const store = await openStore(database);
  try {
    let counted = 0;
    for (const deadline = Date.now() + 5_000; Date.now() < deadline; await wait(50)) {
      const rows = await store.db<IntakeSchema>().selectFrom('production_counter').select('total_production').execute();
      counted = rows.reduce((sum, row) => sum + row.total_production, 0);
      if (counted === piecesOf(series)) return;
    }
    const waiting = await store.db<IntakeSchema>().selectFrom('production_journal').select('seq').execute();
    const refused = await store.db<IntakeSchema>().selectFrom('production_quarantine').selectAll().limit(1).execute();
    throw new Error(
      `${counted} of ${piecesOf(series)} pieces were counted; ${waiting.length} commits wait; ${refused[0]?.message ?? 'nothing was refused'}`,
    );
  } finally {
    await store.close();
  }
}

/** Messages per second, mapped by contender; medians. */
async function measure(
  contenders: readonly Contender[],
  rounds: number,
  one: (contender: Contender) => Promise<number>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) rates.get(contender.name)?.push(await one(contender));
  }
  return rates;
}

async function flooded(contender: Contender, { count, machines }: MessageSeries, window: number): Promise<number> {
  const series = { count: Math.round(count * contender.share), machines };
  const broker = fork(
    join(support, 'flood-broker.ts'),
    ['--count', String(series.count), '--machines', String(machines), '--window', String(window)],
    { silent: true },
  );
  const lines = wordsOf(broker);
  const { port } = await lines();
  const stop = await contender.start(Number(port), 'bench-flood', series);
  const { messages, ms } = await lines();
  await stop();
  await ended(broker);
  return (Number(messages) / Number(ms)) * 1000;
}

/** From the first message that the broker sends to the last PUBACK that it gets. */
async function queued(contender: Contender, { count, machines }: MessageSeries, window: number): Promise<number> {
  const series = { count: Math.round(count * contender.share), machines };
  const broker = await startMosquitto(undefined, { configuration: [`max_inflight_messages ${window}`] });
  await putSessionToSleep(broker.url, 'bench-queue');
  await publishSeries(broker.url, series);
  const meter = await startAckMeter(broker.port, series.count);
  const stop = await contender.start(meter.port, 'bench-queue', series);
  const ms = await meter.finished;
  await stop();
  await meter.stop();
  await broker.stop();
  return (series.count / ms) * 1000;
}

function report(title: string, rates: ReadonlyMap<string, readonly number[]>, least: number): readonly string[] {
  const base = median(rates.get(loop) ?? []);
  const hand = rates.has(byHand) ? median(rates.get(byHand) ?? []) : undefined;
  const lines = [`\n${title}, medians (and span)`];
  const missed: string[] = [];
  for (const [name, all] of rates) {
    const rate = median(all);
    const span = `${Math.round(Math.min(...all))} to ${Math.round(Math.max(...all))}`;
    const beside = hand === undefined ? '' : ` ${(rate / hand).toFixed(1).padStart(7)} x by hand`;
    lines.push(
      `  ${name.padEnd(30)} ${String(Math.round(rate)).padStart(8)} msg/s  ${(rate / base).toFixed(2)} x receive only${beside}  (${span})`,
    );
    if (name !== onSqlite && name !== onPostgres) continue;
    if (rate / base < least)
      missed.push(`${name}: ${(rate / base).toFixed(2)}, wanted ${least} x receive only (${title})`);
    if (hand !== undefined && rate / hand < 20)
      missed.push(`${name}: ${(rate / hand).toFixed(1)}, wanted 20 x by hand (${title})`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return missed;
}

const loadMachines = 1_000;
const loadSeconds = 20;

/** A thousand machines, a message a second each: how much of a core the whole Node-RED takes. */
async function load(folder: string): Promise<readonly string[]> {
  const broker = await startMosquitto(undefined);
  const path = join(folder, 'load');
  mkdirSync(path);
  const nodeRed = await startFlow(path, trackerFlow(broker.port, 'bench-load', `sqlite:${join(path, 'bench.sqlite')}`));
  const client = await connectAsync(broker.url);
  const perTick = loadMachines / 50;
  const series = { count: loadMachines * (loadSeconds + 5), machines: loadMachines };
  const startMs = Date.now();
  let sent = 0;
  const until = async (ms: number) => {
    for (
      ;
      sent < series.count && Date.now() - startMs < ms;
      await wait(Math.max(0, (sent / perTick) * 20 - (Date.now() - startMs)))
    ) {
      for (let n = 0; n < perTick; n += 1, sent += 1) {
        const { topic, payload } = statusMessage(series, sent, startMs + series.count);
        client.publish(topic, payload, { qos: 1 });
      }
    }
  };
  await until(5_000);
  const before = cpuMs(nodeRed.pid);
  const beganAt = performance.now();
  const sentBefore = sent;
  await until(5_000 + loadSeconds * 1000);
  const elapsed = performance.now() - beganAt;
  const share = (cpuMs(nodeRed.pid) - before) / elapsed;
  const rate = ((sent - sentBefore) / elapsed) * 1000;
  await client.endAsync();
  await nodeRed.stop();
  await broker.stop();
  process.stdout.write(
    `\n${loadMachines} machines at 1 message/s (${Math.round(rate)} msg/s sent): ${(share * 100).toFixed(1)} % of one core\n`,
  );
  return share < 0.3 ? [] : [`1,000 machines take ${(share * 100).toFixed(0)} % of a core, wanted under 30 %`];
}

/** User and system time of a process so far, in ms; Linux only. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}

function wordsOf(child: ChildProcess): () => Promise<Readonly<Record<string, unknown>>> {
  if (!child.stdout) throw new Error('the process has no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the process ended without a result');
    return JSON.parse(value) as Record<string, unknown>;
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
