// What the pages Production and Health share on the server: views in, at most two a second out to the pages; requests out, answers back to who asked.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { onCommand, statusText } from '../core/command-input.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import {
  type DashboardBase,
  type DashboardGroup,
  missingBaseSetting,
  refuseWithoutPlace,
  type WidgetMessage,
  withOwnInput,
} from './dashboard-host.ts';
import { ListPublisher, type ListShape } from './list-publisher.ts';
import type { PageReply } from './messages.ts';
import { readPageAnswer } from './page-answer.ts';
import type { PageRequest } from './page-request.ts';

export interface ListWidgetDef extends NodeDef {
  group: string;
}

export interface ListWidget<View, Item, Rest, Payload extends { readonly command: string }> {
  /** First part of the topics: `production` for `production/view`. */
  readonly topic: string;
  readonly shape: ListShape<View, Item, Rest>;
  /** Throws InvalidInput. */
  readonly read: (payload: unknown) => View;
  /** Throws InvalidInput. */
  readonly parse: (message: WidgetMessage) => PageRequest<Payload>;
  /** Index of the output for a command. */
  readonly outputOf: (command: Payload['command']) => number;
  /** Words of the node's own catalogue. */
  readonly texts: { readonly noGroup: string; readonly items: string };
}

export function startListWidget<View, Item, Rest, Payload extends { readonly command: string }>(
  RED: NodeAPI,
  node: Node,
  config: ListWidgetDef,
  widget: ListWidget<View, Item, Rest, Payload>,
): void {
  const { topic, shape, texts } = widget;
  const group = RED.nodes.getNode(config.group) as unknown as DashboardGroup | undefined;
  if (!group) {
    refuseWithoutPlace(node, texts.noGroup);
    return;
  }
  const base = group.getBase();
  if (refuseWithoutSetting(node, base)) return;
  const drawn = withOwnInput(node);
  const event = `msg-input:${node.id}`;
  const publisher = new ListPublisher(systemClock, shape, ({ whole, delta }) => {
    const message = { topic: `${topic}/view`, payload: whole };
    base.stores.data.save(base, drawn, message);
    base.emit(event, delta ? { topic: `${topic}/delta`, payload: delta } : message, drawn);
    node.status({ fill: 'green', shape: 'dot', text: statusText(`${shape.items(whole.view).length} ${texts.items}`) });
  });
  const reply = (payload: PageReply, client: unknown) =>
    base.emit(event, { topic: `${topic}/reply`, payload, _client: { socketId: socketOf(client) } }, drawn);

  const onSend = (message: WidgetMessage) => {
    try {
      const { requestId, payload } = widget.parse(message);
      const { command } = payload;
      const output = {
        _client: message._client,
        topic: `${topic}/${command}`,
        payload,
        pageRequest: { requestId, command },
      };
      node.send([...Array<null>(widget.outputOf(command)).fill(null), output] as never);
    } catch (thrown) {
      const error = asError(thrown);
      const requestId = typeof message.requestId === 'string' ? message.requestId : '';
      const code = error instanceof ShopfloorError ? error.code : 'failed';
      reply({ requestId, ok: false, code, message: error.message }, message._client);
    }
  };

  group.register(drawn, config, { onSend });
  onCommand(node, async (message) => {
    const answer = readPageAnswer(message);
    if (answer) reply(answer, message._client);
    else publisher.offer(widget.read(message.payload));
  });
  node.on('close', () => publisher.stop());
}

/** Red, with the reason: answers meant for one person would go to every page. */
export function refuseWithoutSetting(node: Node, base: DashboardBase): boolean {
  const missing = missingBaseSetting(base, node.type);
  if (missing === undefined) return false;
  node.status({ fill: 'red', shape: 'ring', text: statusText(missing) });
  const advice =
    missing === 'acceptsClientConfig'
      ? `tick ${node.type} under "Accept Client Data" in the settings of the dashboard (ui-base), and deploy`
      : 'tick "Include Client Data" in the settings of the dashboard (ui-base), and deploy';
  node.error(`${node.type} stays off: ${advice}.`);
  return true;
}

export function socketOf(client: unknown): string | undefined {
  const socketId = (client as { socketId?: unknown } | null | undefined)?.socketId;
  return typeof socketId === 'string' ? socketId : undefined;
}
