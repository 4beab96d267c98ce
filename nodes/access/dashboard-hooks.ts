// Hooks of Dashboard 2.0: the page learns who its user is, and every message from a widget carries the server's own `_client`.
import type { Access } from './access.ts';
import { pageSetup } from './access.ts';
import type { Voucher } from './actor.ts';
import type { DashboardClient } from './messages.ts';
import type { SocketData } from './socket-guard.ts';
import type { WebAccess } from './web-access.ts';

interface Connection {
  readonly id: string;
  readonly data: SocketData;
}

/** Dashboard 1.31 calls `onSend` too, although its documentation leaves it out. */
export interface DashboardHooks {
  readonly onSetup: (config: unknown, request: object) => Readonly<Record<string, unknown>>;
  readonly onAddConnectionCredentials: (connection: Connection, message: object) => object;
  readonly onAction: (connection: Connection, widgetId: string, message: unknown) => unknown;
  readonly onChange: (connection: Connection, widgetId: string, message: unknown) => unknown;
  readonly onSend: (connection: Connection, widgetId: string, message: unknown) => unknown;
}

export function dashboardHooks(web: WebAccess): DashboardHooks {
  const { access } = web;
  /** A dashboard can be set to leave `_client` out of messages, so it is written here too; null keeps the message back. */
  const stamped = (connection: Connection, message: unknown): unknown => {
    const client = clientOf(access, connection);
    if (!client) return null;
    const envelope = typeof message === 'object' && message !== null ? message : { payload: message };
    return Object.assign(envelope, { _client: client });
  };
  return {
    onSetup: (_config, request) => {
      const session = web.knownSession(request);
      return session ? { shopfloor: pageSetup(session, web.timeZone) } : {};
    },
    onAddConnectionCredentials: (connection, message) =>
      Object.assign(message, { _client: clientOf(access, connection) ?? {} }),
    onAction: (connection, _id, message) => stamped(connection, message),
    onChange: (connection, _id, message) => stamped(connection, message),
    onSend: (connection, _id, message) => stamped(connection, message),
  };
}

function clientOf(access: Access, { id, data }: Connection): DashboardClient | undefined {
  if (!data.shopfloor) return undefined;
  const { sessionId, user } = data.shopfloor;
  const content = JSON.stringify([id, sessionId, user.login]);
  const proof = `${Buffer.from(content).toString('base64url')}.${access.sign('client', content)}`;
  return { socketId: id, user, proof };
}

/** The voucher of a `_client` that `clientOf` made, even after Node-RED has cloned it; undefined for any other. */
export function recogniseDashboardClient(access: Access, client: object): Voucher | undefined {
  const proof = 'proof' in client && typeof client.proof === 'string' ? client.proof : '';
  const [encoded = '', signature = ''] = proof.split('.');
  const content = Buffer.from(encoded, 'base64url').toString('utf8');
  if (encoded === '' || access.sign('client', content) !== signature) return undefined;
  const [, sessionId, login] = JSON.parse(content) as [string, string, string];
  return access.sessionVoucher(sessionId, login);
}
