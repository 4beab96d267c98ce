// Node ui-ctp-machine: shows one CTP machine on a dashboard page: statistics, history, photos, and the forms for problems.
import type { Node, NodeAPI } from 'node-red';
import { type CtpWidgetDef, declareCtpWidget, startCtpWidget } from './ctp-widget.ts';

declareCtpWidget('ui-ctp-machine');

export default function (RED: NodeAPI): void {
  function CtpMachine(this: Node, config: CtpWidgetDef) {
    RED.nodes.createNode(this, config);
    startCtpWidget(RED, this, config, {
      noGroup: RED._('ui-ctp-machine.status.noGroup'),
      machines: RED._('ui-ctp-machine.status.machines'),
    });
  }

  RED.nodes.registerType('ui-ctp-machine', CtpMachine);
}
