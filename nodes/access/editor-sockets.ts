// The editor's WebSockets: Node-RED asks for the token when one opens and never again, so they are cut when a session of the editor ends.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export class EditorSockets {
  readonly #open = new Set<Duplex>();
  readonly #server: Pick<Server, 'prependListener' | 'off'>;
  readonly #onUpgrade: (request: IncomingMessage, socket: Duplex) => void;

  /** @param adminRoot `httpAdminRoot` of the settings */
  constructor(server: Pick<Server, 'prependListener' | 'off'>, adminRoot: string) {
    this.#server = server;
    const path = `/${adminRoot}/comms`.replace(/\/+/g, '/');
    this.#onUpgrade = (request, socket) => {
      if ((request.url ?? '').split('?')[0] !== path) return;
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    };
    server.prependListener('upgrade', this.#onUpgrade);
  }

  /** Cuts all of them: an editor opens its own anew by itself, and is asked for its token again. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#server.off('upgrade', this.#onUpgrade);
  }
}
