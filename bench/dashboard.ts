// `npm run bench -- dashboard [seconds] [clients]`: open dashboards at 20 updates a second of 2 KB, with role filtering and without.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { io, type Socket } from 'socket.io-client';
import { adminPassword, type DashboardProcess, startDashboard } from '../test/dashboard/support/node-red-process.ts';
import { standInFlow } from '../test/dashboard/support/stand-in-flow.ts';

const updatesPerSecond = 20;
const payloadBytes = 2048;
/** Connections, first configuration and just-in-time compilation are not what is measured. */
const warmUpSeconds = 5;
/** Linux counts a process's time in hundredths of a second. */
const ticksPerSecond = 100;

interface Measured {
  readonly connected: number;
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly percentOfCore: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const [seconds = 20, clients = 200] = args.map(Number);
  const filtered = await measure(true, seconds, clients);
  const open = await measure(false, seconds, clients);
  const row = (name: string, value: (measured: Measured) => string | number) =>
    `  ${name.padEnd(24)}${String(value(filtered)).padStart(12)}${String(value(open)).padStart(12)}\n`;
  process.stdout.write(
    `${clients} dashboards, ${updatesPerSecond} updates/s of ${payloadBytes} bytes, ${seconds} s\n` +
      `  ${''.padEnd(24)}${'filtered'.padStart(12)}${'open'.padStart(12)}\n` +
      row('connected', ({ connected }) => connected) +
      row('deliveries', ({ deliveries }) => deliveries) +
      row('delivery p50, ms', ({ p50Ms }) => p50Ms) +
      row('delivery p95, ms', ({ p95Ms }) => p95Ms) +
      row('delivery max, ms', ({ maxMs }) => maxMs) +
      row('server, % of one core', ({ percentOfCore }) => percentOfCore.toFixed(1)),
  );
  const met = filtered.p95Ms < 50 && filtered.percentOfCore < 50 && filtered.connected === clients;
  process.stdout.write(`targets (p95 < 50 ms, < 50 % of one core): ${met ? 'met' : 'missed'}\n`);
  if (!met) process.exitCode = 1;
}

async function measure(guarded: boolean, seconds: number, clients: number): Promise<Measured> {
  const plant = await startDashboard(flow(), { guarded });
  const child = fork(fileURLToPath(import.meta.url), ['clients'], { stdio: 'inherit' });
  try {
    const cookie = guarded ? await logIn(plant) : '';
    child.send({ url: plant.url, cookie, clients });
    await answer(child, 'connected');
    await after(warmUpSeconds);
    child.send('begin');
    const before = cpuTicks(plant.pid);
    await after(seconds);
    const ticks = cpuTicks(plant.pid) - before;
    child.send('end');
    const { latencies, connected } = await answer(child, 'result');
    latencies.sort((a, b) => a - b);
    const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
    return {
      connected,
      deliveries: latencies.length,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      maxMs: at(1),
      percentOfCore: (ticks / ticksPerSecond / seconds) * 100,
    };
  } finally {
    child.kill();
    await plant.stop();
  }
}

/** The shipped dashboard with a text on the page Batches that changes all the time. */
function flow(): readonly object[] {
  const func = [
    `const text = 'x'.repeat(${payloadBytes});`,
    `setInterval(() => node.send({ payload: { sentAt: Date.now(), text } }), ${1000 / updatesPerSecond});`,
  ].join('\n');
  return [
    ...standInFlow(),
    {
      id: 'bench-source',
      type: 'function',
      z: 'test-tab',
      outputs: 1,
      func: '',
      initialize: func,
      wires: [['bench-text']],
    },
    {
      id: 'bench-text',
      type: 'ui-text',
      z: 'test-tab',
      group: 'dashboard-group-batches',
      name: 'bench',
      label: 'bench',
      format: '{{msg.payload}}',
      wires: [],
    },
  ];
}

async function logIn({ url }: DashboardProcess): Promise<string> {
  const form = await fetch(`${url}/login`);
  const page = await form.text();
  const cookieOf = (response: Response) => response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
  const body = new URLSearchParams(hidden.map(([, name = '', value = '']) => [name, value]));
  body.set('login', 'admin');
  body.set('password', adminPassword);
  const entered = await fetch(`${url}/login`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { cookie: cookieOf(form).join('; '), origin: url },
  });
  if (entered.status !== 303) throw new Error(`login answered ${entered.status}`);
  return cookieOf(entered).join('; ');
}

/** User and system time of a process, in ticks. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const after = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

interface Answer {
  readonly kind: 'connected' | 'result';
  readonly latencies: number[];
  readonly connected: number;
}

async function answer(child: ChildProcess, kind: Answer['kind']): Promise<Answer> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Answer];
    if (message.kind === kind) return message;
  }
}

/** The other process: all clients, so that their work is not the server's. */
function beClients(): void {
  const sockets: Socket[] = [];
  let latencies: number[] = [];
  let measuring = false;
  process.on('message', (message: 'begin' | 'end' | { url: string; cookie: string; clients: number }) => {
    if (message === 'begin') {
      latencies = [];
      measuring = true;
    } else if (message === 'end') {
      measuring = false;
      const connected = sockets.filter((socket) => socket.connected).length;
      process.send?.({ kind: 'result', latencies, connected });
    } else {
      const { url, cookie, clients } = message;
      let ready = 0;
      for (let index = 0; index < clients; index += 1) {
        const socket = io(url, {
          path: '/dashboard/socket.io',
          transports: ['websocket'],
          forceNew: true,
          extraHeaders: { cookie, origin: url },
        });
        socket.once('ui-config', () => {
          ready += 1;
          if (ready === clients) process.send?.({ kind: 'connected', latencies: [], connected: ready });
        });
        socket.on('msg-input:bench-text', (update: { payload: { sentAt: number } }) => {
          if (measuring) latencies.push(Date.now() - update.payload.sentAt);
        });
        sockets.push(socket);
      }
    }
  });
}

if (process.argv[2] === 'clients' && process.send) beClients();
