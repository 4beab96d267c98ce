// Node ui-ctp-log: shows the machines of Log CTP on a dashboard page: a status card for each machine, recent problems and charts.
import type { Node, NodeAPI } from 'node-red';
import { type CtpWidgetDef, declareCtpWidget, startCtpWidget } from './ctp-widget.ts';

declareCtpWidget('ui-ctp-log');

export default function (RED: NodeAPI): void {
  function CtpLog(this: Node, config: CtpWidgetDef) {
    RED.nodes.createNode(this, config);
    startCtpWidget(RED, this, config, {
      noGroup: RED._('ui-ctp-log.status.noGroup'),
      machines: RED._('ui-ctp-log.status.machines'),
    });
  }

  RED.nodes.registerType('ui-ctp-log', CtpLog);
}
