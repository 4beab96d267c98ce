// What the three CTP pages share on the server: they take the board of the machines, keep it, and send it to the pages.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { declareWidget, declareWidgetView } from '../access/widget-policy.ts';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import type { CtpBoard } from '../ctp/messages.ts';
import { readCtpBoard } from './ctp-board-input.ts';
import { boardFor } from './ctp-board-view.ts';
import { type DashboardGroup, refuseWithoutPlace, withOwnInput } from './dashboard-host.ts';
import { LatestPublisher } from './latest-publisher.ts';

export interface CtpWidgetDef extends NodeDef {
  group: string;
}

/** Words of the node's own catalogue. */
export interface CtpWidgetTexts {
  readonly noGroup: string;
  readonly machines: string;
}

/** Pages send nothing over the socket: they ask and act over the HTTP routes, which check every request. */
export function declareCtpWidget(type: string): void {
  declareWidget(type, {});
  declareWidgetView(type, boardFor);
}

export function startCtpWidget(RED: NodeAPI, node: Node, config: CtpWidgetDef, texts: CtpWidgetTexts): void {
  const group = RED.nodes.getNode(config.group) as unknown as DashboardGroup | undefined;
  if (!group) {
    refuseWithoutPlace(node, texts.noGroup);
    return;
  }
  const base = group.getBase();
  const widget = withOwnInput(node);
  const publisher = new LatestPublisher<CtpBoard>(systemClock, (board) => {
    const message = { topic: 'ctp/board', payload: board };
    base.stores.data.save(base, widget, message);
    base.emit(`msg-input:${node.id}`, message, widget);
    node.status({ fill: 'green', shape: 'dot', text: statusText(`${board.cards.length} ${texts.machines}`) });
  });
  group.register(widget, config, {});
  onCommand(node, async (message) => publisher.offer(readCtpBoard(message.payload)));
  node.on('close', () => publisher.stop());
}
