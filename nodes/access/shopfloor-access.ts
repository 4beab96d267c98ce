// The one helper of a plant's settings.ts: what it returns protects routes, dashboard and editor with the same accounts.
import { IncomingMessage } from 'node:http';
import { installAttachments } from '../attachments/attachments-contract.ts';
import { type AttachmentsOptions, openAttachments } from '../attachments/open-attachments.ts';
import { openStore } from '../store/open-store.ts';
import { Access } from './access.ts';
import { setClientRecogniser, setRefusalListener } from './actor.ts';
import { ConnectionDoor } from './connection-limits.ts';
import { installAccess } from './current-access.ts';
import { dashboardGuard } from './dashboard-guard.ts';
import { recogniseDashboardClient } from './dashboard-hooks.ts';
import { type AdminAuth, adminAuth } from './editor-auth.ts';
import { EditorDoor } from './editor-door.ts';
import { httpAdminGuard, httpNodeGuard, type Middleware } from './middleware.ts';
import { declarePages, type Grantee } from './policy.ts';
import type { SessionLimits } from './session-limits.ts';
import { type SocketMiddleware, socketGuard } from './socket-guard.ts';
import { SocketHub } from './socket-hub.ts';
import type { OwnUpload } from './upload-door.ts';
import { WebAccess } from './web-access.ts';

export { keepHomePrivate } from './private-home.ts';

export interface ShopfloorAccessOptions {
  /** The plant's store: `sqlite:PATH` or `postgres://...`, the same as in its store node. */
  readonly databaseUrl: string;
  /** SHOPFLOOR_API_TOKEN. */
  readonly apiToken?: string | undefined;
  /** SHOPFLOOR_ADMIN_PASSWORD, used once. */
  readonly adminPassword?: string | undefined;
  /** Reverse proxies whose `X-Forwarded-*` headers are believed: addresses or networks. */
  readonly trustedProxies?: readonly string[];
  /** Origins of pages elsewhere that may act here. */
  readonly origins?: readonly string[];
  /** Paths of http-in nodes that need no login, such as `/health`. */
  readonly publicPaths?: readonly string[];
  /** Photos and documents, and where they lie. Without it no request may carry files. */
  readonly attachments?: AttachmentsOptions;
  /** Routes of the plant's own flows that take files through their http-in node. */
  readonly uploads?: readonly OwnUpload[];
  /** The plant's own pages: path of the ui-page without slashes, and who sees it. A page that is named nowhere is seen by nobody. */
  readonly pages?: Readonly<Record<string, readonly Grantee[]>>;
  /** IANA name of the plant's time zone, in which pages show times; default Asia/Jakarta. */
  readonly timeZone?: string | undefined;
  /** Where the dashboard is; default `/dashboard`. */
  readonly dashboardPath?: string;
  readonly limits?: Partial<SessionLimits>;
  /** False while the plant runs: nobody gets into the editor, whatever the account or token. */
  readonly editor?: boolean;
}

/** The part of Node-RED's settings that the helper fills. */
export interface ShopfloorAccessSettings {
  readonly httpNodeMiddleware: Middleware;
  readonly httpAdminMiddleware: Middleware;
  readonly dashboard: { readonly middleware: Middleware; readonly ioMiddleware: SocketMiddleware };
  readonly adminAuth: AdminAuth;
  /** Where the accounts are; a store node without an address of its own goes there, too. */
  readonly shopfloorStore?: { readonly databaseUrl: string };
}

/**
 * ```ts
 * const access = shopfloorAccess({ databaseUrl: 'sqlite:/var/lib/shopfloor/shopfloor.sqlite' });
 * const settings = { ...access, flowFile: 'flows.json' };
 * ```
 */
export function shopfloorAccess(options: ShopfloorAccessOptions): ShopfloorAccessSettings {
  const access = new Access({
    openStore: () => openStore(options.databaseUrl),
    apiToken: options.apiToken,
    adminPassword: options.adminPassword,
    announce: (text) => process.stdout.write(`${text}\n`),
    ...(options.limits && { limits: options.limits }),
  });
  return { ...accessSettings(access, options), shopfloorStore: { databaseUrl: options.databaseUrl } };
}

/** The settings around an Access that exists already. */
export function accessSettings(
  access: Access,
  options: Omit<ShopfloorAccessOptions, 'databaseUrl'> = {},
): ShopfloorAccessSettings {
  declarePages(options.pages ?? {});
  const connections = new ConnectionDoor(access.clock);
  const web = new WebAccess(access, {
    onKnown: ({ socket }) => connections.know(socket),
    trustedProxies: options.trustedProxies ?? [],
    origins: options.origins ?? [],
    ...(options.timeZone !== undefined && { timeZone: options.timeZone }),
  });
  const hub = new SocketHub();
  const dashboardPath = (options.dashboardPath ?? '/dashboard').replace(/\/+$/, '');
  access.watchSessions(() => hub.sessionIds());
  access.onReady(({ sessions }) => sessions.onEnd((ids, reason) => hub.endSessions(ids, reason)));
  setClientRecogniser((client) => recogniseDashboardClient(access, client));
  setRefusalListener((actor, action, message) =>
    access.noteRefusal({
      type: 'command-refused',
      actor: actor.name,
      subject: action,
      address: message.req instanceof IncomingMessage ? web.facts(message.req).address : null,
    }),
  );
  const editorDoor = new EditorDoor();
  installAccess({ access, hub, web, dashboardPath, connections, editorDoor });
  const files = options.attachments && openAttachments(options.attachments);
  installAttachments(files?.attachments);
  return {
    httpNodeMiddleware: httpNodeGuard(web, {
      publicPaths: options.publicPaths ?? [],
      uploads: options.uploads ?? [],
      ...(files && { door: files.door }),
    }),
    httpAdminMiddleware: httpAdminGuard(web, options.editor ?? true, (request, response) =>
      editorDoor.isEditor(request, response),
    ),
    dashboard: {
      middleware: dashboardGuard(web, dashboardPath),
      ioMiddleware: socketGuard({
        web,
        hub,
        onRefused: (actor, event, address) =>
          access.noteRefusal({ type: 'message-refused', actor, subject: event, address }),
      }),
    },
    adminAuth: adminAuth(access, options.editor ?? true),
  };
}
