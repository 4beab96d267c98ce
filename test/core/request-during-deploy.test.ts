// A request that is under way while its node is taken away by a deploy: the client gets the node's answer, or a typed refusal.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import helper from 'node-red-node-test-helper';
import { onCommand } from '../../nodes/core/command-input.ts';
import { successReply } from '../../nodes/core/http-envelope.ts';

interface Reply {
  readonly success: boolean;
  readonly error?: { readonly code: string };
}

/** Told when the node has taken a message, and tells it how to go on. */
const course = new EventEmitter();

function slowNode(RED: NodeAPI): void {
  function Slow(this: Node, config: NodeDef & { readonly isReply?: boolean }) {
    RED.nodes.createNode(this, config);
    onCommand(this, async (message, send) => {
      course.emit('taken');
      const [how] = (await once(course, 'go')) as ['answer' | 'pass on' | 'break'];
      if (how === 'break') throw new Error('the database was closed');
      send(how === 'answer' ? Object.assign(message, successReply({ data: 'done' }, 201)) : message);
    });
  }
  RED.nodes.registerType('slow-node', Slow as never);
}

const flow = [
  { id: 'tab', type: 'tab' },
  { id: 'slow', type: 'slow-node', z: 'tab', wires: [['out']] },
  { id: 'out', type: 'helper', z: 'tab', wires: [] },
];

describe('a request under way during a deploy', () => {
  let server: Server;
  before(async () => {
    await helper.startServer();
    server = createServer((request, response) => {
      // As an http-in node hands it over.
      helper.getNode('slow').receive({ req: request, res: { _res: response }, payload: {} } as never);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await helper.stopServer();
  });
  afterEach(() => helper.unload());

  const askAndDeploy = async (how: 'answer' | 'pass on' | 'break'): Promise<{ status: number; body: Reply }> => {
    await helper.load([slowNode as never], flow);
    const taken = once(course, 'taken');
    const asked = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await taken;
    await helper.clearFlows();
    course.emit('go', how);
    const reply = await asked;
    return { status: reply.status, body: (await reply.json()) as Reply };
  };

  it('gets the answer of a node that comes to an end', async () => {
    const { status, body } = await askAndDeploy('answer');
    assert.deepEqual([status, body], [201, { success: true, data: 'done' }]);
  });

  it('is refused by name where it was only on its way, or lost what it needed', async () => {
    for (const how of ['pass on', 'break'] as const) {
      const { status, body } = await askAndDeploy(how);
      assert.deepEqual([status, body.error?.code], [503, 'flows-restarted'], how);
      await helper.unload();
    }
  });
});
