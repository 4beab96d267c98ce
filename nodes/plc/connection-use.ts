// How a node uses its plc-connection: finds it, shows its state until closed, and says what to do without it.
import type { Node, NodeAPI } from 'node-red';
import { ShopfloorError } from '../core/errors.ts';
import { refusalBehind } from '../core/refused-settings.ts';
import { type LinkState, type PlcConnectionNode, plcConnectionOf } from './connection-contract.ts';
import type { Lamp, StatusLamp } from './status-lamp.ts';

const lampOfState: Readonly<Record<LinkState['state'], Omit<Lamp, 'text'>>> = {
  connecting: { fill: 'yellow', shape: 'ring' },
  connected: { fill: 'green', shape: 'ring' },
  waiting: { fill: 'red', shape: 'ring' },
};

/** The connection as a function that throws while there is none; its state is shown on `lamp`, by `catalogue` key. */
export function useConnection(
  RED: Pick<NodeAPI, 'nodes' | '_'>,
  node: Node,
  connectionId: string,
  lamp: StatusLamp,
  catalogue: string,
): () => PlcConnectionNode {
  const connection = plcConnectionOf(RED, connectionId);
  if (!connection) {
    lamp.show({ fill: 'red', shape: 'ring', text: RED._(`${catalogue}.status.no-connection`) });
    const refusal = refusalBehind(RED.nodes.getNode(connectionId), 'This node has no working PLC connection.');
    return () => {
      if (refusal) throw refusal;
      throw new ShopfloorError('plc-missing', 503, 'This node has no working PLC connection.', {
        hint: 'Choose a plc-connection in its settings and correct that node where it reports an error.',
      });
    };
  }
  const stop = connection.onLinkState(({ state }) =>
    lamp.show({ ...lampOfState[state], text: RED._(`${catalogue}.status.${state}`) }),
  );
  node.on('close', (done: () => void) => {
    stop();
    done();
  });
  return () => connection;
}
