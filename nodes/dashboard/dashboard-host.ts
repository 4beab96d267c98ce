// The part of Dashboard 2.0 that our nodes rely on; test/dashboard/dashboard-contract.test.ts checks it against the installed release.
import type { Node } from 'node-red';
import { statusText } from '../core/command-input.ts';
import { SettingsRefused } from '../core/errors.ts';
import { answerRefused } from '../core/refused-settings.ts';

/** What a widget node hands over to be drawn, besides its settings. */
export interface WidgetNode {
  readonly id: string;
  readonly type: string;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** A message that a browser sent, after the dashboard has put the server's `_client` on it. */
export interface WidgetMessage {
  readonly payload?: unknown;
  readonly topic?: unknown;
  readonly _client?: unknown;
  readonly [property: string]: unknown;
}

export interface WidgetEvents {
  /** Called for `widget-send` after every plugin's `onSend` has let it through. */
  readonly onSend?: (message: WidgetMessage) => void | Promise<void>;
}

/** The node of type ui-base. */
export interface DashboardBase {
  readonly acceptsClientConfig?: readonly string[];
  readonly includeClientData?: boolean;
  /** Sends to every page, or to the one of `message._client.socketId` when `node.type` is in acceptsClientConfig. */
  emit(event: string, message: object, node: WidgetNode): void;
  readonly stores: {
    readonly data: { save(base: DashboardBase, node: WidgetNode, message: object): void; clear(id: string): void };
  };
  register(page: null, group: null, node: WidgetNode, config: object, events: WidgetEvents): void;
}

/** The node of type ui-group. */
export interface DashboardGroup {
  getBase(): DashboardBase;
  register(node: WidgetNode, config: object, events: WidgetEvents): void;
}

/** A widget without its place on the dashboard; `text` for its status. What it is sent is answered with what to choose. */
export function refuseWithoutPlace(node: Node, text: string): void {
  const refusal = new SettingsRefused(`This ${node.type} node has no place on the dashboard.`, {
    hint: 'Choose a group, or for the bar a dashboard, in its settings and deploy.',
  });
  node.error(refusal.message);
  node.status({ fill: 'red', shape: 'ring', text: statusText(text) });
  answerRefused(node, refusal);
}

/**
 * The setting of its ui-base without which `type` can't answer the one page that asked, or can't say who asked; undefined when
 * both are there. A plant's own ui-base has neither of this package's types at first.
 */
export function missingBaseSetting(base: DashboardBase, type: string): string | undefined {
  const { acceptsClientConfig, includeClientData } = base;
  if (acceptsClientConfig && !acceptsClientConfig.includes(type)) return 'acceptsClientConfig';
  return includeClientData === false ? 'includeClientData' : undefined;
}

/**
 * Registers `node` without the dashboard's own input handler: that one would store and broadcast every message as it came,
 * and ours decides what becomes of it. Closing works as for any widget.
 */
export function withOwnInput(node: Node): WidgetNode {
  return {
    id: node.id,
    type: node.type,
    on: (event, listener) => (event === 'input' ? undefined : node.on(event as 'close', listener as () => void)),
  };
}
