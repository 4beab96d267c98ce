// Nodes that only tests have: a probe that prints what it receives, and a widget with a socket event of its own.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { authorise } from '../../../nodes/access/actor.ts';
import { declareWidget } from '../../../nodes/access/widget-policy.ts';

interface DashboardGroup {
  register(node: Node, config: object, events: object): void;
}

export default function (RED: NodeAPI): void {
  declareWidget('test-widget', { retry: 'batch.retry', history: 'history.read', settle: 'batch.cancel' });

  function TestProbe(this: Node, config: NodeDef & { action?: string }) {
    RED.nodes.createNode(this, config);
    this.on('input', (message, _send, done) => {
      const { payload, topic, _client: client, req } = message as Record<string, unknown> & typeof message;
      const user = typeof req === 'object' && req !== null && 'user' in req ? req.user : undefined;
      const checked = config.action
        ? authorise(message as object, config.action).then(
            (actor) => ({ actor: actor?.name ?? null }),
            (error: Error & { code?: string }) => ({ refused: error.code }),
          )
        : Promise.resolve({});
      checked.then((outcome) => {
        process.stdout.write(`PROBE ${JSON.stringify({ probe: this.id, payload, topic, client, user, ...outcome })}\n`);
        done();
      }, done);
    });
  }
  RED.nodes.registerType('test-probe', TestProbe);

  function TestWidget(this: Node, config: NodeDef & { group: string }) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group) as unknown as DashboardGroup;
    const onSocket = {
      'test-event': (_socket: unknown, id: string) => {
        if (id === this.id) this.send({ payload: 'raw event' });
      },
    };
    group.register(this, config, { onAction: true, onSocket });
  }
  RED.nodes.registerType('test-widget', TestWidget);
}
