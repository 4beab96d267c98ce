// Node ui-health: shows the health of components on a dashboard page and sends what people decide into the flow.
import type { Node, NodeAPI } from 'node-red';
import { declareWidget } from '../access/widget-policy.ts';
import { healthActions } from '../health/health-actions.ts';
import { type ListWidgetDef, startListWidget } from './list-widget.ts';
import { healthShape, readHealthView } from './machine-views.ts';
import { parseHealthRequest } from './page-request.ts';

/** The socket guard asks the policy for these before a message reaches this node; who answers asks again. */
declareWidget('ui-health', healthActions);

export default function (RED: NodeAPI): void {
  function Health(this: Node, config: ListWidgetDef) {
    RED.nodes.createNode(this, config);
    startListWidget(RED, this, config, {
      topic: 'health',
      shape: healthShape,
      read: readHealthView,
      parse: parseHealthRequest,
      outputOf: () => 0,
      texts: { noGroup: RED._('ui-health.status.noGroup'), items: RED._('ui-health.status.components') },
    });
  }

  RED.nodes.registerType('ui-health', Health);
}
