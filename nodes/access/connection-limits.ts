// Ends connections whose sender shows no login: how many of them there may be, and how long one may take to say what it wants.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';

export interface ConnectionLimits {
  /** Connections of unknown senders that have not said what they want for a second; the oldest give way. */
  readonly mostUnknown: number;
  /** The same, however young: when a plant's tablets all come back at once, each has six. */
  readonly mostOpening: number;
  /** Until a request has come whole, or an open socket is known. */
  readonly saysWithinMs: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  mostUnknown: 200,
  mostOpening: 4_000,
  saysWithinMs: 10_000,
};

const lookEveryMs = 500;
/** Time to send a request that is short and at hand. */
const graceMs = 1_000;
/** Opcode of a WebSocket frame of text (RFC 6455, section 5.2). */
const textFrame = 0x81;

interface Unknown {
  sinceMs: number;
  /** A request has come whole and is being answered: the time is the server's own. */
  isAnswering: boolean;
}

export class ConnectionDoor {
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #unknown = new Map<Duplex, Unknown>();
  #stopLooking: () => void = () => undefined;

  constructor(clock: Clock, limits: ConnectionLimits = defaultConnectionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get unknown(): number {
    return this.#unknown.size;
  }

  /** The sender of a request on this connection is known from now on, for as long as it lasts. */
  know(socket: Duplex): void {
    this.#unknown.delete(socket);
  }

  /** Watches a server until the returned function is called. */
  watch(server: Server): () => void {
    // Of TLS the requests name the decrypted connection, not the one below it.
    const opening = 'setSecureContext' in server ? 'secureConnection' : 'connection';
    const onOpen = (socket: Socket) => this.#opened(socket);
    const onRequest = (request: IncomingMessage, response: ServerResponse) => this.#asked(request, response);
    const onUpgrade = (request: IncomingMessage, socket: Duplex) => this.#upgraded(request, socket);
    server.on(opening, onOpen);
    server.on('request', onRequest);
    server.on('upgrade', onUpgrade);
    this.#lookLater();
    return () => {
      server.off(opening, onOpen);
      server.off('request', onRequest);
      server.off('upgrade', onUpgrade);
      this.#stopLooking();
    };
  }

  #opened(socket: Socket): void {
    this.#unknown.set(socket, { sinceMs: this.#clock.monotonicMs(), isAnswering: false });
    socket.once('close', () => this.#unknown.delete(socket));
    if (this.#unknown.size <= this.#limits.mostOpening) return;
    const [oldest = socket] = [...this.#unknown].find(([, { isAnswering }]) => !isAnswering) ?? [];
    this.#end(oldest);
  }

  #asked(request: IncomingMessage, response: ServerResponse): void {
    const state = this.#unknown.get(request.socket);
    if (!state) return;
    const whole = () => {
      state.isAnswering = true;
    };
    // Without a body the request is whole with its headers.
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    if (hasBody) request.once('end', whole);
    else whole();
    response.once('close', () => {
      state.isAnswering = false;
      state.sinceMs = this.#clock.monotonicMs();
    });
  }

  /** The editor's own socket says nothing until it has been sent a token that holds; the dashboard's is made known by its guard. */
  #upgraded(request: IncomingMessage, socket: Duplex): void {
    if (!this.#unknown.has(socket) || !/\/comms\/?$/.test((request.url ?? '').replace(/\?.*$/, ''))) return;
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      const [chunk] = args;
      if (Buffer.isBuffer(chunk) && chunk[0] === textFrame) {
        this.know(socket);
        socket.write = write as typeof socket.write;
      }
      return write(...args);
    };
  }

  #lookLater(): void {
    this.#stopLooking = this.#clock.after(lookEveryMs, () => {
      const nowMs = this.#clock.monotonicMs();
      const slow = [...this.#unknown]
        .filter(([, { sinceMs, isAnswering }]) => !isAnswering && nowMs - sinceMs >= graceMs)
        .sort(([, one], [, other]) => one.sinceMs - other.sinceMs);
      const tooMany = slow.length - this.#limits.mostUnknown;
      for (const [index, [socket, { sinceMs }]] of slow.entries()) {
        if (index < tooMany || nowMs - sinceMs >= this.#limits.saysWithinMs) this.#end(socket);
      }
      this.#lookLater();
    });
  }

  #end(socket: Duplex): void {
    this.#unknown.delete(socket);
    socket.destroy();
  }
}
