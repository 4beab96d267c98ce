// Node ui-ctp-andon: shows every machine on a wall screen: state, colour and age, without any control.
import type { Node, NodeAPI } from 'node-red';
import { type CtpWidgetDef, declareCtpWidget, startCtpWidget } from './ctp-widget.ts';

declareCtpWidget('ui-ctp-andon');

export default function (RED: NodeAPI): void {
  function CtpAndon(this: Node, config: CtpWidgetDef) {
    RED.nodes.createNode(this, config);
    startCtpWidget(RED, this, config, {
      noGroup: RED._('ui-ctp-andon.status.noGroup'),
      machines: RED._('ui-ctp-andon.status.machines'),
    });
  }

  RED.nodes.registerType('ui-ctp-andon', CtpAndon);
}
