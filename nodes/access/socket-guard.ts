// `dashboard.ioMiddleware`: fixes who is behind a socket, and stands between it and Dashboard 2.0 in both directions.
import type { IncomingMessage } from 'node:http';
import { mustChangePassword } from './access.ts';
import { ClientPace, socketPace } from './client-pace.ts';
import { EventTurns } from './event-turns.ts';
import { type ConnectError, type RequestRefused, socketEvents, type UserIdentity } from './messages.ts';
import { type DashboardConfig, PageFilter } from './page-filter.ts';
import { actionRule, can, needsPassword } from './policy.ts';
import { header } from './request-facts.ts';
import type { OpenPage, SocketHub } from './socket-hub.ts';
import type { WebAccess } from './web-access.ts';

/** The part of socket.io's server socket that is needed. */
export interface DashboardSocket {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly conn: { readonly transport: { readonly name: string } };
  readonly data: SocketData;
  emit(event: string, ...args: unknown[]): boolean;
  use(guard: (event: unknown[], next: (error?: Error) => void) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  disconnect(close: boolean): unknown;
}

/** `socket.data` as the guard leaves it, for the dashboard plugin. */
export interface SocketData {
  shopfloor?: { readonly sessionId: string; readonly user: UserIdentity };
}

export type SocketMiddleware = (socket: DashboardSocket, next: (error?: Error) => void) => void;

export interface SocketGuardOptions {
  readonly web: WebAccess;
  readonly hub: SocketHub;
  /** Told of an event that was refused. */
  readonly onRefused?: (login: string, event: string, address: string) => void;
}

/** Tabs of one browser; a wall of screens with one login has fewer. */
const mostPages = 40;
/** No page sends so much; a script that does is not listening. */
const mostRefusedInRow = 1_000;

export function socketGuard({ web, hub, onRefused = () => {} }: SocketGuardOptions): SocketMiddleware {
  const pace = new ClientPace(socketPace, web.access.clock);
  const addressOf = (socket: DashboardSocket) => web.facts(socket.request).address;
  return (socket, next) => {
    open(socket).then(
      () => next(),
      (error: unknown) => next(error instanceof ConnectRefused ? error : new ConnectRefused('unauthorized')),
    );
  };

  async function open(socket: DashboardSocket): Promise<void> {
    refuseForeignSocket(web, socket);
    const session = await web.access.sessionOf(web.cookieOf(socket.request));
    if (!session || mustChangePassword(session)) throw new ConnectRefused('unauthorized');
    if (hub.pages().filter(({ sessionId }) => sessionId === session.id).length >= mostPages)
      throw new ConnectRefused('busy');
    const user = session.user.identity;
    socket.data.shopfloor = { sessionId: session.id, user };
    web.recognised(socket.request);
    const filter = new PageFilter(user);
    const page = guardOutbound(socket, session.id, user, filter);
    guardInbound(socket, page, filter);
    hub.add(page);
  }

  /**
   * Events go one after the other, as they came, each with the rights that hold at its turn, and at the pace of their session. A
   * sender who goes on although the queue is full is let go: reading and refusing costs something, too.
   */
  function guardInbound(socket: DashboardSocket, page: OpenPage, filter: PageFilter): void {
    const turns = new EventTurns(pace, page.sessionId);
    let refusedInRow = 0;
    socket.use(([event, ...args], next) => {
      const name = String(event);
      const isTaken = turns.add(async () => {
        refusedInRow = 0;
        await take(socket, name, args, page, filter, next).catch(() =>
          onRefused(page.user.login, name, addressOf(socket)),
        );
      });
      if (isTaken) return;
      refuse(socket, name, args, page, 'busy');
      refusedInRow += 1;
      if (refusedInRow >= mostRefusedInRow) socket.disconnect(true);
    });
    socket.on('disconnect', () => {
      turns.end();
      hub.remove(page);
    });
  }

  async function take(
    socket: DashboardSocket,
    event: string,
    args: readonly unknown[],
    page: OpenPage,
    filter: PageFilter,
    next: () => void,
  ): Promise<void> {
    if (event === socketEvents.askNotifications) hub.ask(page);
    else if (event === socketEvents.active) await (await web.access.ready()).sessions.findById(page.sessionId);
    else {
      const refusal = await refusalOf(event, args, page, filter);
      if (refusal === undefined) next();
      else refuse(socket, event, args, page, refusal);
    }
  }

  function refuse(
    socket: DashboardSocket,
    event: string,
    args: readonly unknown[],
    page: OpenPage,
    code: RequestRefused['code'],
  ): void {
    const requestId = requestIdOf(args[1]);
    if (requestId !== undefined) page.push(socketEvents.refused, { requestId, code } satisfies RequestRefused);
    onRefused(page.user.login, event, addressOf(socket));
  }

  /** Undefined when the event may pass. What asks for no right, and what only reads, puts no idle end off. */
  async function refusalOf(
    event: string,
    args: readonly unknown[],
    page: OpenPage,
    filter: PageFilter,
  ): Promise<RequestRefused['code'] | undefined> {
    const verdict = filter.judge(event, args);
    if (verdict.kind === 'allowed') return undefined;
    if (verdict.kind === 'refused') return 'forbidden';
    const { sessions } = await web.access.ready();
    const session = await sessions.findById(page.sessionId, actionRule(verdict.action)?.kind !== 'read');
    const user = session?.user.identity;
    if (user === undefined || user.id !== page.user.id) return 'forbidden';
    if (can(user, verdict.action)) return undefined;
    return needsPassword(user, verdict.action) ? 'password-needed' : 'forbidden';
  }
}

/** The id by which a page finds its request again; longer texts are none. */
function requestIdOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('requestId' in message)) return undefined;
  const { requestId } = message;
  return typeof requestId === 'string' && requestId.length <= 100 ? requestId : undefined;
}

class ConnectRefused extends Error {
  constructor(message: ConnectError) {
    super(message);
  }
}

/** Browsers name the origin of every WebSocket and of every cross-origin request; a polling request of our own page names none. */
function refuseForeignSocket(web: WebAccess, socket: DashboardSocket): void {
  const origin = header(socket.request, 'origin');
  const own = origin === undefined ? socket.conn.transport.name === 'polling' : web.isOwnOrigin(socket.request, origin);
  if (!own) throw new ConnectRefused('foreign-origin');
}

/** Wraps `socket.emit`, the one way by which Dashboard 2.0 sends: everything but what the filter knows stays here. */
function guardOutbound(socket: DashboardSocket, sessionId: string, user: UserIdentity, filter: PageFilter): OpenPage {
  const send = socket.emit.bind(socket);
  let ended = false;
  socket.emit = (event, ...args) => {
    if (ended) return false;
    if (event === 'ui-config') {
      const [id, config] = args;
      return send(event, id, filter.filterConfig((config ?? {}) as DashboardConfig));
    }
    return filter.passes(event) ? send(event, ...filter.shown(event, args).map(withoutClient)) : false;
  };
  return {
    socketId: socket.id,
    sessionId,
    user,
    push: (event, payload) => {
      if (!ended) send(event, payload);
    },
    end: (reason) => {
      if (ended) return;
      send(socketEvents.sessionEnded, { reason });
      ended = true;
      socket.disconnect(true);
    },
  };
}

/** Who sent a message to a widget before is nobody else's business. */
function withoutClient(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('_client' in value)) return value;
  const { _client, ...rest } = value;
  return rest;
}
