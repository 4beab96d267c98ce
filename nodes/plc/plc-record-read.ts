// Node plc-record-read: one message, one look at what the PLC reports outside the batches; marks a record as read when told.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand } from '../core/command-input.ts';
import { useConnection } from './connection-use.ts';
import { parseRecordCommand } from './plc-commands.ts';
import { acknowledgeRecord, readRecords } from './record-reader.ts';
import { StatusLamp } from './status-lamp.ts';

interface PlcRecordReadProperties extends NodeDef {
  /** Id of the plc-connection node. */
  plc: string;
}

export default function (RED: NodeAPI): void {
  function PlcRecordRead(this: Node, config: PlcRecordReadProperties) {
    RED.nodes.createNode(this, config);
    const lamp = new StatusLamp(this, systemClock);
    const connection = useConnection(RED, this, config.plc, lamp, 'plc-record-read');

    onCommand(this, async (message, send) => {
      try {
        const command = parseRecordCommand(message.payload);
        const { link, memoryMap: map, wordOrder, plcName, watchOnly } = connection();
        if (command.command === 'acknowledge') {
          const payload = await acknowledgeRecord({ link, map, watchOnly, command });
          send(Object.assign(message, { topic: 'plc/record-acknowledged', payload }));
          return;
        }
        const payload = await readRecords({ link, map, wordOrder, plcName, clock: systemClock });
        const isNew = payload.failure?.state === 'new' || payload.weighing?.state === 'new';
        lamp.show({
          fill: 'green',
          shape: isNew ? 'dot' : 'ring',
          text: RED._(`plc-record-read.status.${isNew ? 'new' : 'nothing'}`),
        });
        send(Object.assign(message, { topic: 'plc/records', payload }));
      } catch (error) {
        lamp.forget();
        throw error;
      }
    });
  }
  RED.nodes.registerType('plc-record-read', PlcRecordRead);
}
