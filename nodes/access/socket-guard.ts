// `dashboard.ioMiddleware`: fixes who is behind a socket, and stands between it and Dashboard 2.0 in both directions.
import type { IncomingMessage } from 'node:http';
import { mustChangePassword } from './access.ts';
import { type ConnectError, socketEvents, type UserIdentity } from './messages.ts';
import { type DashboardConfig, PageFilter } from './page-filter.ts';
import { can } from './policy.ts';
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
  readonly onRefused?: (login: string, event: string) => void;
}

export function socketGuard({ web, hub, onRefused = () => {} }: SocketGuardOptions): SocketMiddleware {
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
    const user = session.user.identity;
    socket.data.shopfloor = { sessionId: session.id, user };
    const filter = new PageFilter(user);
    const page = guardOutbound(socket, session.id, user, filter);
    guardInbound(socket, page, filter);
    hub.add(page);
    socket.on('disconnect', () => hub.remove(page));
  }

  /** Events go one after the other, as they came, each with the rights that hold at its turn. */
  function guardInbound(socket: DashboardSocket, page: OpenPage, filter: PageFilter): void {
    let turn: Promise<void> = Promise.resolve();
    socket.use(([event, ...args], next) => {
      turn = turn
        .then(async () => {
          if (event === socketEvents.askNotifications) hub.ask(page);
          else if (await mayPass(String(event), args, page, filter)) next();
          else onRefused(page.user.login, String(event));
        })
        .catch(() => onRefused(page.user.login, String(event)));
    });
  }

  async function mayPass(
    event: string,
    args: readonly unknown[],
    page: OpenPage,
    filter: PageFilter,
  ): Promise<boolean> {
    const verdict = filter.judge(event, args);
    if (verdict.kind !== 'needs') return verdict.kind === 'allowed';
    const { sessions } = await web.access.ready();
    const session = await sessions.findById(page.sessionId);
    const user = session?.user.identity;
    return user !== undefined && user.id === page.user.id && can(user, verdict.action);
  }
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
