// What the nodes of this room need of an odoo-connection node: one logged-in session, shared, and how it is doing.
import type { Node, NodeAPI } from 'node-red';
import type { OdooPort } from './odoo-port.ts';

export interface OdooLinkState {
  readonly away: boolean;
  /** A sentence for people. */
  readonly detail: string;
}

export interface OdooConnectionNode extends Node {
  readonly database: string;
  readonly login: string;
  /** True: nothing is ever written to this Odoo. */
  readonly watchOnly: boolean;
  /** Logs in when that is still to be done; rejects with an OdooError. */
  session(): Promise<OdooPort>;
  /**
   * Counts the caller as a user and tells it when the server goes away and comes back, until the returned function
   * is called. The connection is closed with its last user.
   */
  use(listener: (state: OdooLinkState) => void): () => void;
}

/** The deployed odoo-connection with this id; undefined when there is none, or it refused its own settings. */
export function odooConnectionOf(RED: Pick<NodeAPI, 'nodes'>, id: string): OdooConnectionNode | undefined {
  const node: unknown = RED.nodes.getNode(id);
  if (typeof node !== 'object' || node === null) return undefined;
  const candidate = node as Partial<Record<keyof OdooConnectionNode, unknown>>;
  const isConnection =
    typeof candidate.session === 'function' &&
    typeof candidate.use === 'function' &&
    typeof candidate.watchOnly === 'boolean' &&
    typeof candidate.database === 'string';
  return isConnection ? (node as OdooConnectionNode) : undefined;
}
