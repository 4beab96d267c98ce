import assert from 'node:assert/strict';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import helper from 'node-red-node-test-helper';
import { type LinkState, type PlcConnectionNode, plcConnectionOf } from '../../../nodes/plc/connection-contract.ts';
import plcConnection from '../../../nodes/plc/plc-connection.ts';
import { type HostileServer, honestPdu, hostileServer, mbap } from './support/hostile-server.ts';
import { outcome } from './support/link-world.ts';

/** The admin API as the editor calls it. */
interface AdminApi {
  post(path: string): {
    send(body: object): PromiseLike<{
      status: number;
      body: {
        addresses?: { word: string; wire?: number }[];
        error?: { fields?: { field: string }[] };
      };
    }>;
  };
}

/** Link states that the users of a connection saw, in order. */
let seen: LinkState[] = [];

/** A node that uses a connection as the batch nodes do. */
function plcUser(RED: NodeAPI): void {
  function PlcUser(this: Node, config: NodeDef & { plc: string }) {
    RED.nodes.createNode(this, config);
    const connection = plcConnectionOf(RED, config.plc);
    const stop = connection?.onLinkState((state) => seen.push(state));
    this.on('close', (done: () => void) => {
      stop?.();
      done();
    });
  }
  RED.nodes.registerType('plc-user', PlcUser);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('The plc-connection node', () => {
  let server: HostileServer;

  before(async () => {
    await helper.startServer();
  });
  after(() => helper.stopServer());
  beforeEach(async () => {
    seen = [];
    server = await hostileServer((request) => mbap(request, honestPdu(request)));
  });
  afterEach(async () => {
    await helper.unload();
    await server.stop();
    delete process.env.SHOPFLOOR_WATCH_ONLY;
    delete process.env.PLC_URL_OF_TEST;
  });

  const flow = (properties: object, users = 3) => [
    { id: 'plc', type: 'plc-connection', name: 'Line 1', url: `modbus-tcp://127.0.0.1:${server.port}`, ...properties },
    { id: 'tab', type: 'tab', label: 'floor' },
    ...Array.from({ length: users }, (_, user) => ({
      id: `user${user}`,
      type: 'plc-user',
      z: 'tab',
      plc: 'plc',
      wires: [],
    })),
  ];
  const connection = () => helper.getNode('plc') as PlcConnectionNode;

  it('shares one connection among all nodes', async () => {
    await helper.load([plcConnection, plcUser], flow({}));
    await until(() => seen.filter(({ state }) => state === 'connected').length === 3);
    assert.equal(server.accepted(), 1);
    assert.equal(connection().plcName, 'Line 1');
    assert.equal(await outcome(connection().link.readWords(6000, 2)), '6000 6001');
  });

  it('does not connect while no node uses it', async () => {
    await helper.load([plcConnection, plcUser], flow({}, 0));
    assert.equal(await outcome(connection().link.readWords(6000, 1)), 'disconnected');
    assert.equal(server.accepted(), 0);
  });

  it('has one connection after any number of deploys', async () => {
    await helper.load([plcConnection, plcUser], flow({}));
    await until(() => seen.some(({ state }) => state === 'connected'));
    let open = 0;
    for (let deploy = 1; deploy <= 5; deploy += 1) {
      seen = [];
      await helper.setFlows(flow({ wordOrder: deploy % 2 ? 'low-first' : 'high-first' }), 'full');
      await until(() => seen.some(({ state }) => state === 'connected'));
      assert.equal(server.accepted(), 1 + deploy);
      open = await server.open();
      assert.equal(open, 1, `${open} connections after ${deploy} deploys`);
    }
  });

  it('keeps its connection when only the nodes that use it are deployed', async () => {
    await helper.load([plcConnection, plcUser], flow({}, 1));
    await until(() => seen.some(({ state }) => state === 'connected'));
    for (let deploy = 1; deploy <= 3; deploy += 1) {
      const changed = flow({}, 1).map((node) =>
        node.type === 'plc-user' ? { ...node, name: `deploy ${deploy}` } : node,
      );
      await helper.setFlows(changed, 'nodes');
    }
    assert.equal(await outcome(connection().link.readWords(6000, 1)), '6000');
    assert.equal(server.accepted(), 1);
  });

  it('takes its PLC from the environment', async () => {
    process.env.PLC_URL_OF_TEST = `modbus-tcp://127.0.0.1:${server.port}?unit=5`;
    await helper.load([plcConnection, plcUser], flow({ url: ['$', '{PLC_URL_OF_TEST}'].join('') }));
    await until(() => seen.some(({ state }) => state === 'connected'));
    await connection().link.readWords(6000, 1);
    assert.equal(server.seen[0]?.unit, 5);
  });

  it('writes only where the memory map allows', async () => {
    await helper.load([plcConnection, plcUser], flow({}));
    const { link } = connection();
    assert.equal(await outcome(link.writeWords(7000, new Uint16Array(77))), 'written');
    assert.equal(await outcome(link.writeWords(6076, Uint16Array.of(1))), 'written');
    assert.equal(await outcome(link.writeWords(6075, Uint16Array.of(1))), 'out-of-range');
    assert.equal(await outcome(link.writeWords(7077, Uint16Array.of(1))), 'out-of-range');
    assert.equal(server.seen.length, 2);
  });

  it('writes nothing in watch-only mode, whether set here or for all', async () => {
    await helper.load([plcConnection, plcUser], flow({ watchOnly: true }));
    assert.equal(connection().watchOnly, true);
    assert.equal(await outcome(connection().link.writeWords(7000, Uint16Array.of(1))), 'out-of-range');
    process.env.SHOPFLOOR_WATCH_ONLY = 'true';
    await helper.setFlows(flow({ watchOnly: false }), 'full');
    assert.equal(connection().watchOnly, true);
    assert.equal(await outcome(connection().link.writeWords(7000, Uint16Array.of(1))), 'out-of-range');
    assert.equal(server.seen.length, 0);
  });

  it('refuses wrong settings with a sentence, and is no connection for others', async () => {
    await helper.load([plcConnection, plcUser], flow({ url: 'modbus-tcp://127.0.0.1:99999', wordsPerRequest: '10' }));
    const messages = helper
      .log()
      .args.flat()
      .map((entry) => JSON.stringify(entry));
    assert.ok(
      messages.some((message) => message.includes('url port: 99999 is not from 1 to 65535, as in modbus-tcp://')),
    );
    assert.equal(plcConnectionOf({ nodes: { getNode: () => connection() } } as unknown as NodeAPI, 'plc'), undefined);
    assert.equal(seen.length, 0);
  });

  it('closes although the PLC never answered', async () => {
    await server.stop();
    server = await hostileServer(() => undefined);
    await helper.load([plcConnection, plcUser], flow({ requestTimeout: '60000' }));
    await until(() => seen.some(({ state }) => state === 'connected'));
    const open = outcome(connection().link.readWords(6000, 1));
    await helper.clearFlows();
    assert.equal(await open, 'closed');
  });

  it('shows the editor where the words lie', async () => {
    await helper.load([plcConnection, plcUser], flow({}, 0));
    const post = async (body: object) =>
      await (helper.request() as AdminApi).post('/shopfloor/plc-connection/resolve').send(body);
    const delta = await post({ addressPreset: 'delta-dvp', addressOffset: '0', addressBase: '0' });
    assert.equal(delta.status, 200);
    assert.deepEqual(
      delta.body.addresses?.map(({ word, wire }) => [word, wire]),
      [
        ['D6000', 38_768],
        ['D7000', 39_768],
        ['D7076', 39_844],
      ],
    );
    const refused = await post({ addressPreset: 'delta-dvp', addressOffset: 'x' });
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error?.fields?.[0]?.field, 'addressOffset');
    assert.equal((await post([])).status, 400);
  });
});
