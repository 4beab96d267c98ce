// Node-RED inside the benchmark's own process, with this package, the peer's package and a probe; read cycles as its flows run them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linkPackage } from '../../../deploy/user-directory.ts';
import type { PlcSnapshot } from '../../../nodes/plc/messages.ts';
import { names } from './limits.ts';
import type { CycleClient } from './raw-client.ts';
import { blocks } from './words.ts';

const benchRoot = dirname(dirname(import.meta.dirname));
const packageRoot = dirname(benchRoot);
const peerPackage = 'node-red-contrib-modbus';

interface Probe {
  send(message: object): void;
  arrived: (message: { payload?: unknown; error?: unknown }) => void;
}

/** Filled by the bench-probe nodes; mapped by node id. */
const probes = new Map<string, Probe>();
Object.assign(globalThis, { shopfloorBenchProbes: probes });

export const peerIsInstalled = (): boolean => existsSync(join(benchRoot, 'node_modules', peerPackage));

export interface EmbeddedNodeRed {
  readonly clients: readonly CycleClient[];
  stop(): Promise<void>;
}

export async function embeddedNodeRed(port: number, withPeer: boolean): Promise<EmbeddedNodeRed> {
  const userDir = mkdtempSync(join(tmpdir(), 'shopfloor-bench-'));
  linkPackage(userDir, packageRoot);
  const modules = join(userDir, 'node_modules');
  mkdirSync(modules, { recursive: true });
  cpSync(join(import.meta.dirname, 'nodes'), join(modules, 'node-red-contrib-shopfloor-bench-probe'), {
    recursive: true,
  });
  if (withPeer) symlinkSync(join(benchRoot, 'node_modules', peerPackage), join(modules, peerPackage), 'junction');
  const flow = [
    { id: 'tab', type: 'tab', label: 'bench' },
    ...ourFlow('one', port, '1'),
    ...ourFlow('auto', port, 'auto'),
    ...(withPeer ? peerFlow(port) : []),
  ];
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
  const RED = createRequire(import.meta.url)('node-red');
  const started = new Promise<void>((resolve) => RED.events.once('flows:started', () => resolve()));
  RED.init(createServer(), {
    userDir,
    flowFile: 'flows.json',
    httpAdminRoot: false,
    httpNodeRoot: false,
    logging: { console: { level: 'error', metrics: false, audit: false } },
  });
  await RED.start();
  await started;
  const clients = [
    client(names.oneInFlight, 'one', checkSnapshot),
    client(names.auto, 'auto', checkSnapshot),
    ...(withPeer ? [client(names.flexGetter, 'peer', checkArrays)] : []),
  ];
  for (const one of clients) await untilReady(one);
  return {
    clients,
    stop: async () => {
      await RED.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
}

function ourFlow(id: string, port: number, depth: string): object[] {
  const connection = `${id}-plc`;
  return [
    { id: connection, type: 'plc-connection', name: id, url: `modbus-tcp://127.0.0.1:${port}?unit=1`, depth },
    { id: `${id}-in`, type: 'bench-probe', z: 'tab', wires: [[`${id}-read`]] },
    { id: `${id}-read`, type: 'plc-batch-read', z: 'tab', plc: connection, wires: [[`${id}-out`]] },
    { id: `${id}-out`, type: 'bench-probe', z: 'tab', wires: [[]] },
  ];
}

/** What users build: a function that splits the read area into requests, the getter, a function that joins its answers. */
function peerFlow(port: number): object[] {
  const requests = blocks.map(({ address, words }) => ({ fc: 3, unitid: 1, address, quantity: words.length }));
  return [
    {
      id: 'peer-client',
      type: 'modbus-client',
      name: 'peer',
      clienttype: 'tcp',
      bufferCommands: true,
      stateLogEnabled: false,
      queueLogEnabled: false,
      failureLogEnabled: true,
      tcpHost: '127.0.0.1',
      tcpPort: String(port),
      tcpType: 'DEFAULT',
      unit_id: '1',
      commandDelay: '1',
      clientTimeout: '1000',
      reconnectOnTimeout: true,
      reconnectTimeout: '2000',
      parallelUnitIdsAllowed: true,
      showErrors: true,
      showWarnings: true,
      showLogs: false,
    },
    { id: 'peer-in', type: 'bench-probe', z: 'tab', wires: [['peer-split']] },
    {
      id: 'peer-split',
      type: 'function',
      z: 'tab',
      func: `return [${JSON.stringify(requests)}.map((payload, index) => ({ payload, topic: String(index) }))];`,
      outputs: 1,
      libs: [],
      wires: [['peer-get']],
    },
    {
      id: 'peer-get',
      type: 'modbus-flex-getter',
      z: 'tab',
      server: 'peer-client',
      showStatusActivities: false,
      showErrors: true,
      showWarnings: true,
      logIOActivities: false,
      useIOFile: false,
      useIOForPayload: false,
      emptyMsgOnFail: false,
      keepMsgProperties: true,
      delayOnStart: false,
      wires: [['peer-join'], []],
    },
    {
      id: 'peer-join',
      type: 'function',
      z: 'tab',
      func: `const got = context.get('got') || [];
got[Number(msg.topic)] = msg.payload;
if (got.filter(Boolean).length < ${blocks.length}) { context.set('got', got); return null; }
context.set('got', []);
return { payload: got };`,
      outputs: 1,
      libs: [],
      wires: [['peer-out']],
    },
    { id: 'peer-out', type: 'bench-probe', z: 'tab', wires: [[]] },
  ];
}

function client(name: string, id: string, check: (payload: unknown) => void): CycleClient {
  const probe = (end: 'in' | 'out'): Probe => {
    const found = probes.get(`${id}-${end}`);
    if (!found) throw new Error(`Node-RED did not start the flow of ${name}.`);
    return found;
  };
  const input = probe('in');
  const output = probe('out');
  return {
    name,
    cycle: () =>
      new Promise((resolve, reject) => {
        output.arrived = ({ payload }) => {
          try {
            check(payload);
            resolve();
          } catch (error) {
            reject(error);
          }
        };
        input.send({ payload: { command: 'read' } });
      }),
    close: () => undefined,
  };
}

function checkSnapshot(payload: unknown): void {
  const snapshot = payload as PlcSnapshot;
  const readable = snapshot.blocks.filter(({ state }) => state === 'plausible').length;
  if (readable !== blocks.length) throw new Error(`only ${readable} blocks were plausible`);
}

function checkArrays(payload: unknown): void {
  const answers = payload as readonly (readonly number[])[];
  for (const [index, { words }] of blocks.entries()) {
    if (answers[index]?.length !== words.length) throw new Error(`block ${index + 1} is incomplete`);
  }
}

/** A client may still be connecting: the first cycle that comes back ends the wait. */
async function untilReady(one: CycleClient): Promise<void> {
  const giveUpMs = performance.now() + 20_000;
  for (;;) {
    const pause = new Promise<false>((resolve) => setTimeout(() => resolve(false), 1_500));
    const cycle = one.cycle().then(
      () => true as const,
      () => false as const,
    );
    if (await Promise.race([cycle, pause])) return;
    if (performance.now() > giveUpMs) throw new Error(`${one.name} does not answer.`);
  }
}
