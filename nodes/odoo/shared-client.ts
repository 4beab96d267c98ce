// One client for all nodes that name the same odoo-connection: opened by the first call, closed with the last user.
import type { OdooLinkState } from './connection-contract.ts';
import type { OdooClient } from './odoo-client.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooPort } from './odoo-port.ts';

export class SharedClient {
  readonly #connect: (onTransition: (state: OdooLinkState) => void) => OdooClient;
  readonly #listeners = new Set<(state: OdooLinkState) => void>();
  #client: OdooClient | undefined;
  #isClosed = false;

  constructor(connect: (onTransition: (state: OdooLinkState) => void) => OdooClient) {
    this.#connect = connect;
  }

  async session(): Promise<OdooPort> {
    if (this.#isClosed) throw new OdooError('transient', 'The Odoo connection is being closed.');
    this.#client ??= this.#connect((state) => {
      for (const listener of this.#listeners) listener(state);
    });
    return this.#client.session();
  }

  use(listener: (state: OdooLinkState) => void): () => void {
    // A function of its own, so that the same listener may be given twice.
    const own = (state: OdooLinkState) => listener(state);
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#end();
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #end(): void {
    this.#client?.close();
    this.#client = undefined;
  }
}
