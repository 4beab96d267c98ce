// Node ui-equipment: shows what the PLC reports outside the batches, and sends what people decide about it into the flow.
import type { Node, NodeAPI } from 'node-red';
import { declareWidget } from '../access/widget-policy.ts';
import { systemClock } from '../core/clock.ts';
import { EquipmentParts, equipmentShape } from './equipment-view.ts';
import { type ListWidgetDef, startListWidget } from './list-widget.ts';
import { parseEquipmentRequest } from './page-request.ts';

/** The socket guard asks the policy for these before a message reaches this node; who answers asks again. */
declareWidget('ui-equipment', { acknowledge: 'equipment.acknowledge', 'settle-weighing': 'batch.correct' });

export default function (RED: NodeAPI): void {
  function Equipment(this: Node, config: ListWidgetDef) {
    RED.nodes.createNode(this, config);
    const parts = new EquipmentParts(systemClock);
    startListWidget(RED, this, config, {
      topic: 'equipment',
      shape: equipmentShape,
      read: (payload) => parts.take(payload),
      parse: parseEquipmentRequest,
      outputOf: (command) => (command === 'acknowledge' ? 0 : 1),
      texts: { noGroup: RED._('ui-equipment.status.noGroup'), items: RED._('ui-equipment.status.failures') },
    });
  }

  RED.nodes.registerType('ui-equipment', Equipment);
}
