// Node ui-production: shows the machines of production on a dashboard page and sends what people ask for into the flow.
import type { Node, NodeAPI } from 'node-red';
import { declareWidget } from '../access/widget-policy.ts';
import { productionActions } from '../production/production-actions.ts';
import { trackerActions } from '../production/tracker-actions.ts';
import { type ListWidgetDef, startListWidget } from './list-widget.ts';
import { productionShape, readProductionView } from './machine-views.ts';
import { parseProductionRequest } from './page-request.ts';

const { quarantine, replay, dismiss, machine, 'replay-all': replayAll, 'dismiss-all': dismissAll } = trackerActions;
const trackerCommands = { quarantine, replay, dismiss, machine, 'replay-all': replayAll, 'dismiss-all': dismissAll };
/** The socket guard asks the policy for these before a message reaches this node; who answers asks again. */
declareWidget('ui-production', { ...productionActions, ...trackerCommands });

/** Commands of cumulative-tracker; the others are production-oee's. */
const ofTracker: ReadonlySet<string> = new Set(Object.keys(trackerCommands));

export default function (RED: NodeAPI): void {
  function Production(this: Node, config: ListWidgetDef) {
    RED.nodes.createNode(this, config);
    startListWidget(RED, this, config, {
      topic: 'production',
      shape: productionShape,
      read: readProductionView,
      parse: parseProductionRequest,
      outputOf: (command) => (ofTracker.has(command) ? 1 : 0),
      texts: { noGroup: RED._('ui-production.status.noGroup'), items: RED._('ui-production.status.machines') },
    });
  }

  RED.nodes.registerType('ui-production', Production);
}
