// The PLC nodes inside Node-RED: messages in, messages out, and what Catch and the editor see.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import helper from 'node-red-node-test-helper';
import { encodeBatch } from '../../nodes/plc/block-codec.ts';
import type { LinkState, PlcConnectionNode } from '../../nodes/plc/connection-contract.ts';
import { originalMemoryMap as map } from '../../nodes/plc/memory-map.ts';
import plcBatchRead from '../../nodes/plc/plc-batch-read.ts';
import plcBatchWrite from '../../nodes/plc/plc-batch-write.ts';
import plcConnection from '../../nodes/plc/plc-connection.ts';
import plcSimulator from '../../nodes/plc/plc-simulator.ts';
import { FakePlcLink } from './support/fake-plc-link.ts';
import { batchOf, queueOf } from './support/queues.ts';

interface Received {
  readonly _msgid: string;
  readonly topic?: string;
  readonly payload?: unknown;
  readonly [property: string]: unknown;
}

/** Hands `message` to a node as a wire would. */
function give(node: string, message: object): void {
  const target: NodeJS.EventEmitter & { receive(message: object): void } = helper.getNode(node) as never;
  target.receive({ _msgid: 'message', ...message });
}

/** Gives `message` to a node and resolves with the next message that reaches `at`. */
async function exchange(node: string, message: object, at = 'out'): Promise<Received> {
  const arrival = once(helper.getNode(at), 'input');
  give(node, message);
  const [received] = (await arrival) as [Received];
  return received;
}

/** Gives `message` to a node and resolves with the text of the error that a Catch node would get for it. */
async function errorOf(node: string, message: object): Promise<string> {
  const failure = once(helper.getNode(node), 'call:error');
  give(node, message);
  const [call] = (await failure) as [{ args: [Error, Received] }];
  assert.equal(call.args[1]._msgid, 'message');
  return call.args[0].message;
}

/** Calls `collect` with every message that reaches `node`. */
function collectAt(node: string, collect: (message: Received) => void): void {
  const target: NodeJS.EventEmitter = helper.getNode(node);
  target.on('input', collect);
}

describe('the PLC nodes', () => {
  let link: FakePlcLink;
  let watchOnly: boolean;
  const listeners = new Set<(state: LinkState) => void>();

  /** A connection over memory instead of a wire. */
  function fakeConnection(RED: NodeAPI): void {
    function FakeConnection(this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
      const onLinkState: PlcConnectionNode['onLinkState'] = (listener) => {
        listeners.add(listener);
        listener({ state: 'connected', detail: 'fake' });
        return () => listeners.delete(listener);
      };
      Object.assign(this, { plcName: 'Mill', link, memoryMap: map, wordOrder: 'high-first', watchOnly, onLinkState });
    }
    RED.nodes.registerType('plc-connection', FakeConnection);
  }

  const flow = [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'plc', type: 'plc-connection', name: 'Mill' },
    { id: 'read', z: 'tab', type: 'plc-batch-read', plc: 'plc', wires: [['out']] },
    { id: 'write', z: 'tab', type: 'plc-batch-write', plc: 'plc', wires: [['out']] },
    { id: 'lonely', z: 'tab', type: 'plc-batch-read', plc: '', wires: [['out']] },
    { id: 'out', z: 'tab', type: 'helper' },
  ];
  const load = (): Promise<void> => helper.load([fakeConnection, plcBatchRead, plcBatchWrite], flow);

  before(() => helper.startServer());
  after(() => helper.stopServer());

  beforeEach(() => {
    link = new FakePlcLink();
    link.memory[7076] = 1;
    watchOnly = false;
  });

  afterEach(() => helper.unload());

  describe('plc-batch-read', () => {
    it('answers one message with one snapshot and leaves the rest of the message alone', async () => {
      await load();
      link.memory.set(encodeBatch(map, 'high-first', batchOf(1)), 6000);
      const parts = { id: 1 };
      const message = await exchange('read', { _msgid: 'm1', payload: 1_700_000_000, taskRun: 'run-7', parts });
      assert.equal(message.topic, 'plc/snapshot');
      assert.deepEqual([message._msgid, message.taskRun, message.parts], ['m1', 'run-7', parts]);
      const snapshot = message.payload as { plc: string; blocks: { state: string }[] };
      assert.equal(snapshot.plc, 'Mill');
      assert.deepEqual(
        snapshot.blocks.map(({ state }) => state),
        ['plausible', ...Array(9).fill('empty')],
      );
      assert.equal(link.requests.length, 10);
      assert.equal('merged' in message, false);
    });

    it('merges triggers that come while a cycle runs, and every message goes on', async () => {
      await load();
      const messages: Received[] = [];
      const all = new Promise<void>((resolve) => {
        collectAt('out', (message) => {
          messages.push(message);
          if (messages.length === 4) resolve();
        });
      });
      let release: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const readWords = link.readWords.bind(link);
      link.readWords = async (address, count) => {
        await gate;
        return readWords(address, count);
      };
      for (const run of [1, 2, 3, 4]) give('read', { run });
      setTimeout(release, 20);
      await all;
      assert.deepEqual(
        messages.map(({ run, merged }) => [run, merged]),
        [
          [1, undefined],
          [2, 2],
          [3, 2],
          [4, 2],
        ],
      );
      assert.equal(link.requests.length, 20);
      assert.deepEqual(messages[1]?.payload, messages[3]?.payload);
    });

    it('acknowledges when told', async () => {
      await load();
      link.memory.set(encodeBatch(map, 'high-first', batchOf(1)), 6000);
      link.memory[6072] = 1;
      const blocks = [{ slot: 1, moName: 'WH/MO/00001' }];
      const message = await exchange('read', { payload: { command: 'acknowledge', blocks } });
      assert.equal(message.topic, 'plc/acknowledged');
      assert.deepEqual(message.payload, { acknowledged: blocks, refused: [], watchOnly: false });
      assert.equal(link.memory[6076], 1);
    });

    it('hands a failing link and a wrong command to Catch', async () => {
      await load();
      link.failure = { atRequest: 0, how: 'lost', kind: 'timeout', stays: true };
      assert.match(await errorOf('read', {}), /timeout/);
      assert.match(await errorOf('read', { payload: { command: 'erase' } }), /payload\.command/);
    });

    it('without a connection says what to do', async () => {
      await load();
      assert.match(await errorOf('lonely', {}), /Choose a plc-connection/);
    });

    it('shows the state of its link and lets go of it when closed', async () => {
      await load();
      assert.equal(listeners.size, 2);
      const read: NodeJS.EventEmitter = helper.getNode('read');
      const red = new Promise<object>((resolve) => {
        read.on('call:status', ({ args: [status] }: { args: [{ fill: string }] }) => {
          if (status.fill === 'red') resolve(status);
        });
      });
      for (const listener of listeners) listener({ state: 'waiting', detail: 'no route' });
      assert.deepEqual(await red, { fill: 'red', shape: 'ring', text: 'plc-batch-read.stat…' });
      await helper.clearFlows();
      assert.equal(listeners.size, 0);
    });
  });

  describe('plc-batch-write', () => {
    it('hands a queue over and says so', async () => {
      await load();
      const message = await exchange('write', { payload: queueOf([1, 2]), taskRun: 'run-8' });
      assert.deepEqual([message.topic, message.taskRun], ['plc/written', 'run-8']);
      const slots = [1, 2].map((slot) => ({ slot, moName: `WH/MO/0000${slot}` }));
      assert.deepEqual(message.payload, { queueId: 'queue-1', outcome: 'handed-over', slots });
      assert.equal(link.memory[7076], 0);
    });

    it('hands a failed verification to Catch', async () => {
      await load();
      link.between = () => link.memory.fill(9, 7128, 7129);
      assert.match(await errorOf('write', { payload: queueOf([1, 2]) }), /Slot 2: D7128 holds 9 instead of 0/);
      assert.equal(link.memory[7076], 1);
    });

    it('answers a refused queue that came over HTTP with 400 and the fields', async () => {
      await load();
      const message = await exchange('write', { payload: queueOf([11]), res: {} });
      assert.equal(message.statusCode, 400);
      const { success, error } = message.payload as { success: boolean; error: { fields: { field: string }[] } };
      assert.deepEqual([success, error.fields[0]?.field], [false, 'batches[0].slot']);
    });

    it('in watch-only mode writes nothing', async () => {
      watchOnly = true;
      await load();
      const message = await exchange('write', { payload: queueOf([1]) });
      assert.equal((message.payload as { outcome: string }).outcome, 'watch-only');
      assert.deepEqual(link.requests, []);
    });
  });
});

describe('the PLC nodes on the simulator node', () => {
  const ends: object[] = [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'reply', z: 'tab', type: 'helper' },
    { id: 'events', z: 'tab', type: 'helper' },
    { id: 'out', z: 'tab', type: 'helper' },
  ];
  const simulator = {
    id: 'mill',
    z: 'tab',
    type: 'plc-simulator',
    port: '0',
    secondsPerBatch: '0.2',
    wires: [['reply'], ['events']],
  };
  const types = [plcConnection, plcBatchRead, plcBatchWrite, plcSimulator];
  let folder: string;

  /** The whole line on a simulator that listens on `port`. */
  function line(port: number, changes: object = {}): object[] {
    return [
      ...ends,
      { ...simulator, port: String(port), ...changes },
      { id: 'plc', type: 'plc-connection', name: 'Mill', url: `modbus-tcp://127.0.0.1:${port}?unit=1` },
      { id: 'read', z: 'tab', type: 'plc-batch-read', plc: 'plc', wires: [['out']] },
      { id: 'write', z: 'tab', type: 'plc-batch-write', plc: 'plc', wires: [['out']] },
    ];
  }

  /** The port of the loaded simulator, once it listens. */
  async function listeningPort(): Promise<number> {
    for (;;) {
      const { payload } = await exchange('mill', {}, 'reply');
      const { port } = payload as { port: number };
      if (port > 0) return port;
    }
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plc-nodes-'));
    helper.settings({ userDir: folder });
    await helper.startServer();
  });

  after(async () => {
    await helper.stopServer();
    helper.settings({});
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => helper.unload());

  it('carry a queue to the mill and what it made back', async () => {
    await helper.load(types, [...ends, { ...simulator, keepMemory: false }]);
    await helper.setFlows(line(await listeningPort(), { keepMemory: false }));
    await listeningPort();
    const events: Received[] = [];
    const finished = new Promise<void>((resolve) => {
      collectAt('events', (message) => {
        events.push(message);
        if (message.topic === 'plc-simulator/batch-finished') resolve();
      });
    });
    const written = await exchange('write', { payload: queueOf([3]) });
    assert.equal((written.payload as { outcome: string }).outcome, 'handed-over');
    await finished;
    assert.deepEqual(
      events.map(({ topic }) => topic),
      ['plc-simulator/queue-taken', 'plc-simulator/batch-started', 'plc-simulator/batch-finished'],
    );
    const snapshot = await exchange('read', {});
    const { blocks } = snapshot.payload as { blocks: { batch?: { consumption: unknown; finished: boolean } }[] };
    const made = events[2] as Received & { payload: { consumption: unknown } };
    assert.equal(blocks[2]?.batch?.finished, true);
    assert.deepEqual(blocks[2]?.batch?.consumption, made.payload.consumption);
  });

  it('keep the memory of the simulated PLC over a deploy', async () => {
    await helper.load(types, [...ends, simulator]);
    const port = await listeningPort();
    await helper.setFlows(line(port));
    await listeningPort();
    await exchange('mill', { payload: { command: 'stall' } }, 'reply');
    await exchange('write', { payload: queueOf([1]) });
    await helper.setFlows([...ends, { ...simulator, port: String(port), secondsPerBatch: '0.1' }]);
    const finished = new Promise<Received>((resolve) => {
      collectAt('events', (message) => {
        if (message.topic === 'plc-simulator/batch-finished') resolve(message);
      });
    });
    assert.equal(((await finished).payload as { moName: string }).moName, 'WH/MO/00001');
  });

  it('stay off with an empty port, and say so when asked', async () => {
    await helper.load(types, [...ends, { ...simulator, port: '' }]);
    assert.match(await errorOf('mill', {}), /simulator is off/);
  });

  it('refuse wrong settings and wrong commands by field', async () => {
    await helper.load(types, [...ends, simulator, { ...simulator, id: 'wrong', scatterPercent: '-1' }]);
    const logged = helper.log().args.map(([entry]) => entry as { id?: string; msg: unknown });
    assert.match(String(logged.find(({ id }) => id === 'wrong')?.msg), /scatterPercent: "-1"/);
    assert.match(await errorOf('mill', { payload: { command: 'garble', slot: 12 } }), /payload\.slot/);
  });
});
