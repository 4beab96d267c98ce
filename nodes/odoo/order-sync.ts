// Runs the commands of this room against one Odoo; in watch-only mode it looks, decides, and sends nothing.

import { type Clock, systemClock } from '../core/clock.ts';
import { cancelOrder, decideCancel } from './cancel-order.ts';
import { fetchOrders } from './fetch-orders.ts';
import { lookAtOrders } from './look-orders.ts';
import type {
  OdooCancelCommand,
  OdooCommand,
  OdooFetchCommand,
  OdooFetchResult,
  OdooLookCommand,
  OdooLookResult,
  OdooPushCommand,
  OdooPushResult,
  OdooStatusResult,
} from './messages.ts';
import { OdooError } from './odoo-error.ts';
import { CountedPort, type OdooPort } from './odoo-port.ts';
import { decidePush, pushOrder, type UnitReader } from './push-order.ts';
import { type Outcome, outcomeOfError } from './push-outcome.ts';
import { RefusalMemory } from './refusal-memory.ts';
import type { SyncSettings } from './sync-settings.ts';
import { UnitBook } from './unit-resolution.ts';

/** What this needs of a connection: a logged-in port, and whether it may be written through. */
export interface SyncConnection {
  session(): Promise<OdooPort>;
  readonly watchOnly: boolean;
  readonly database: string;
  readonly login: string;
}

/** A finished command as the node sends it. */
export type SyncReply =
  | { readonly topic: 'odoo/orders'; readonly payload: OdooFetchResult }
  | { readonly topic: 'odoo/pushed'; readonly payload: OdooPushResult }
  | { readonly topic: 'odoo/looked'; readonly payload: OdooLookResult }
  | { readonly topic: 'odoo/status'; readonly payload: OdooStatusResult };

export class OrderSync {
  readonly #connection: SyncConnection;
  readonly #settings: SyncSettings;
  readonly #clock: Clock;
  readonly #units: UnitBook;
  readonly #memory: RefusalMemory;

  /** Made once for a node: it remembers which orders a fetch refused, and how finely Odoo keeps its units. */
  constructor(connection: SyncConnection, settings: SyncSettings, clock: Clock = systemClock) {
    this.#connection = connection;
    this.#settings = settings;
    this.#clock = clock;
    this.#units = new UnitBook(() => clock.monotonicMs());
    this.#memory = new RefusalMemory(() => clock.monotonicMs());
  }

  async execute(command: OdooCommand): Promise<SyncReply> {
    switch (command.command) {
      case 'fetch':
        return { topic: 'odoo/orders', payload: await this.fetch(command) };
      case 'push':
        return { topic: 'odoo/pushed', payload: await this.push(command) };
      case 'cancel':
        return { topic: 'odoo/pushed', payload: await this.cancel(command) };
      case 'look':
        return { topic: 'odoo/looked', payload: await this.look(command) };
      case 'status':
        return { topic: 'odoo/status', payload: await this.status() };
    }
  }

  /** Rejects with an OdooError; nothing was changed anywhere. */
  async fetch(command: OdooFetchCommand): Promise<OdooFetchResult> {
    const world = {
      settings: this.#settings,
      now: this.#clock.now(),
      units: this.#units,
      memory: this.#memory,
    };
    return fetchOrders(await this.#connection.session(), command, world);
  }

  /** Rejects with an OdooError. */
  async look(command: OdooLookCommand): Promise<OdooLookResult> {
    return lookAtOrders(await this.#connection.session(), command, this.#settings);
  }

  async status(): Promise<OdooStatusResult> {
    const { database, login } = this.#connection;
    const { server } = await this.#connection.session();
    return { connected: true, serverVersion: server.version, protocol: server.protocol, database, login };
  }

  /** Always ends in a result: what went wrong with Odoo is an outcome, for the ledger to act on. */
  push(command: OdooPushCommand): Promise<OdooPushResult> {
    return this.#run('push', command, (port, session) => {
      // The units are read once in an hour and are no part of what one push costs.
      const units = (ids: readonly number[]) => this.#units.of(session, ids);
      return this.#connection.watchOnly
        ? this.#watchPush(port, command, units)
        : pushOrder(port, command, this.#settings, units);
    });
  }

  cancel(command: OdooCancelCommand): Promise<OdooPushResult> {
    return this.#run('cancel', command, (port) =>
      this.#connection.watchOnly ? this.#watchCancel(port, command) : cancelOrder(port, command, this.#settings),
    );
  }

  async #run(
    action: 'push' | 'cancel',
    command: { readonly pushId: string; readonly orderId: number },
    work: (port: OdooPort, session: OdooPort) => Promise<Outcome>,
  ): Promise<OdooPushResult> {
    const { pushId, orderId } = command;
    let counted: CountedPort | undefined;
    try {
      const session = await this.#connection.session();
      counted = new CountedPort(session);
      const outcome = await work(counted, session);
      return { pushId, orderId, action, calls: counted.calls, ...outcome };
    } catch (error) {
      if (!(error instanceof OdooError)) throw error;
      return { pushId, orderId, action, calls: counted?.calls ?? 0, ...outcomeOfError(error) };
    }
  }

  async #watchPush(port: OdooPort, command: OdooPushCommand, units: UnitReader): Promise<Outcome> {
    const decision = await decidePush(port, command, this.#settings, units);
    if ('outcome' in decision) return { outcome: 'watch-only', wouldSend: { calls: [], because: decision } };
    const write = { model: 'mrp.production', method: 'write', ids: [command.orderId], values: decision.values };
    const close = { model: 'mrp.production', method: 'button_mark_done', ids: [command.orderId] };
    return { outcome: 'watch-only', wouldSend: { calls: command.close ? [write, close] : [write] } };
  }

  async #watchCancel(port: OdooPort, command: OdooCancelCommand): Promise<Outcome> {
    const decided = await decideCancel(port, command, this.#settings);
    if (decided) return { outcome: 'watch-only', wouldSend: { calls: [], because: decided } };
    const cancel = { model: 'mrp.production', method: 'action_cancel', ids: [command.orderId] };
    return { outcome: 'watch-only', wouldSend: { calls: [cancel] } };
  }
}
