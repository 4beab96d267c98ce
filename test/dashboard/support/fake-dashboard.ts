// A dashboard that keeps what a widget's node gives it, for tests without a browser.
import type { Node, NodeAPI } from 'node-red';
import type { DashboardBase, WidgetEvents } from '../../../nodes/dashboard/dashboard-host.ts';

export interface Sent<Payload> {
  readonly event: string;
  readonly message: { readonly topic: string; readonly payload: Payload; readonly _client?: unknown };
}

export class FakeDashboard<Payload> {
  /** What every page was told. */
  sent: Sent<Payload>[] = [];
  /** What a page gets that opens now. */
  stored: unknown;
  /** What the widget registered. */
  events: WidgetEvents = {};
  #told: () => void = () => {};

  /** Resolves as soon as pages were told `count` things. */
  async hasSent(count: number): Promise<void> {
    while (this.sent.length < count) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }

  forget(): void {
    this.sent = [];
    this.stored = undefined;
    this.events = {};
  }

  /** Registers the node type `fake-group`, the group of every widget of the test. */
  readonly group = (RED: NodeAPI): void => {
    const base: DashboardBase = {
      emit: (event, message) => {
        this.sent.push({ event, message: message as Sent<Payload>['message'] });
        this.#told();
      },
      stores: {
        data: {
          save: (_base, _node, message) => {
            this.stored = message;
          },
          clear: () => undefined,
        },
      },
      register: () => undefined,
    };
    const register = (_node: unknown, _config: unknown, registered: WidgetEvents) => {
      this.events = registered;
    };
    function Group(this: Node, config: never) {
      RED.nodes.createNode(this, config);
      Object.assign(this, { getBase: () => base, register });
    }
    RED.nodes.registerType('fake-group', Group);
  };
}
