// Node plc-batch-write: hands a queue of batches to the PLC, verified word for word, the guard word last.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand } from '../core/command-input.ts';
import { InvalidInput } from '../core/errors.ts';
import { useConnection } from './connection-use.ts';
import type { PlcWriteResult } from './messages.ts';
import { parseWriteCommand } from './plc-commands.ts';
import { refusedQueue } from './queue-refusal.ts';
import { writeQueue } from './queue-writer.ts';
import { type Lamp, StatusLamp } from './status-lamp.ts';

interface PlcBatchWriteProperties extends NodeDef {
  /** Id of the plc-connection node. */
  plc: string;
  /** Missing in nodes of before: off. */
  firstStart?: boolean;
}

const lampOfOutcome: Readonly<Record<PlcWriteResult['outcome'], Omit<Lamp, 'text'>>> = {
  'handed-over': { fill: 'green', shape: 'dot' },
  recognised: { fill: 'green', shape: 'dot' },
  busy: { fill: 'yellow', shape: 'dot' },
  'watch-only': { fill: 'grey', shape: 'dot' },
  refused: { fill: 'red', shape: 'dot' },
  'first-start': { fill: 'yellow', shape: 'ring' },
};

export default function (RED: NodeAPI): void {
  function PlcBatchWrite(this: Node, config: PlcBatchWriteProperties) {
    RED.nodes.createNode(this, config);
    const lamp = new StatusLamp(this, systemClock);
    const connection = useConnection(RED, this, config.plc, lamp, 'plc-batch-write');

    onCommand(this, async (message, send) => {
      try {
        const command = parseWriteCommand(message.payload);
        const { link, memoryMap: map, wordOrder, watchOnly } = connection();
        lamp.show({ fill: 'blue', shape: 'dot', text: RED._('plc-batch-write.status.writing') });
        const firstStart = config.firstStart === true;
        const payload = await writeQueue({ link, map, wordOrder, command, watchOnly, firstStart }).catch(
          (thrown: unknown) => {
            // A person who asked over HTTP is answered with the fields; the ledger needs to know which batch to set aside.
            if (thrown instanceof InvalidInput && message.res === undefined) return refusedQueue(command, thrown);
            throw thrown;
          },
        );
        lamp.show({ ...lampOfOutcome[payload.outcome], text: RED._(`plc-batch-write.status.${payload.outcome}`) });
        send(Object.assign(message, { topic: 'plc/written', payload }));
      } catch (error) {
        lamp.forget();
        throw error;
      }
    });
  }
  RED.nodes.registerType('plc-batch-write', PlcBatchWrite);
}
