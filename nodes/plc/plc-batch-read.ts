// Node plc-batch-read: one message, one cycle over all read blocks; marks finished batches as read when told.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand } from '../core/command-input.ts';
import { acknowledge, readSnapshot } from './batch-reader.ts';
import { useConnection } from './connection-use.ts';
import type { PlcSnapshot } from './messages.ts';
import { parseReadCommand } from './plc-commands.ts';
import { SharedCycle } from './shared-cycle.ts';
import { type Lamp, StatusLamp } from './status-lamp.ts';

interface PlcBatchReadProperties extends NodeDef {
  /** Id of the plc-connection node. */
  plc: string;
}

export default function (RED: NodeAPI): void {
  function PlcBatchRead(this: Node, config: PlcBatchReadProperties) {
    RED.nodes.createNode(this, config);
    const lamp = new StatusLamp(this, systemClock);
    const connection = useConnection(RED, this, config.plc, lamp, 'plc-batch-read');
    const closing = new AbortController();
    const cycle = new SharedCycle(async () => {
      const { link, memoryMap: map, wordOrder, plcName } = connection();
      return readSnapshot({ link, map, wordOrder, plcName, clock: systemClock, signal: closing.signal });
    });

    onCommand(this, async (message, send) => {
      try {
        const command = parseReadCommand(message.payload);
        if (command.command === 'acknowledge') {
          const { link, memoryMap: map, watchOnly } = connection();
          const payload = await acknowledge({ link, map, watchOnly, blocks: command.blocks });
          send(Object.assign(message, { topic: 'plc/acknowledged', payload }));
          return;
        }
        const { value: payload, merged } = await cycle.trigger();
        lamp.show(lampOf(payload));
        send(Object.assign(message, { topic: 'plc/snapshot', payload, ...(merged > 0 && { merged }) }));
      } catch (error) {
        lamp.forget();
        throw error;
      }
    });
    this.on('close', (done: () => void) => {
      closing.abort();
      done();
    });

    function lampOf({ blocks, durationMs }: PlcSnapshot): Lamp {
      const doubtful = blocks.filter(({ state }) => state === 'implausible' || state === 'unreadable').length;
      const counts = { count: blocks.length, ms: Math.round(durationMs), doubtful };
      return doubtful > 0
        ? { fill: 'yellow', shape: 'dot', text: () => RED._('plc-batch-read.status.doubtful', counts) }
        : { fill: 'green', shape: 'dot', text: () => RED._('plc-batch-read.status.blocks', counts) };
    }
  }
  RED.nodes.registerType('plc-batch-read', PlcBatchRead);
}
