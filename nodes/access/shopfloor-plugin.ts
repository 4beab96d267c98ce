// Runtime plugin: mounts login, accounts and notification routes before any flow, and hooks accounts into Dashboard 2.0.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeAPI } from 'node-red';
import { asError } from '../core/errors.ts';
import { notifyRoom } from '../notify/notify-room.ts';
import { notifyRoutes } from '../notify/notify-routes.ts';
import { describedRoutes } from '../openapi/document.ts';
import { openApiRoutes } from '../openapi/openapi-routes.ts';
import type { Access } from './access.ts';
import { accessRoutes } from './access-routes.ts';
import { installedAccess } from './current-access.ts';
import { dashboardHooks } from './dashboard-hooks.ts';
import { EditorSockets } from './editor-sockets.ts';
import { setHttpRoot } from './http-root.ts';
import { answerError } from './middleware.ts';
import { type ListeningSettings, listensOpenly } from './open-network.ts';
import { PageRoutes } from './page-routes.ts';
import { answerRoute } from './router.ts';

interface Express {
  use(handler: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): void;
}

function shopfloorPlugin(RED: NodeAPI): void {
  setHttpRoot(RED.settings.httpNodeRoot);
  const installed = installedAccess();
  if (!installed) {
    RED.log.warn(
      'Shopfloor: settings.ts does not use shopfloorAccess, so nobody can log in and the nodes that need accounts stay off.',
    );
    return;
  }
  const { access, web, dashboardPath, connections, editorDoor } = installed;
  connections.watch(RED.server);
  const needsEditor = RED.auth.needsPermission('settings.read');
  editorDoor.open((request, response, next) => {
    needsEditor(request as never, response as never, () => {
      connections.know(request.socket);
      next();
    });
  });
  // At once, so that the first administrator is made and announced before anybody asks.
  access.ready().catch((error: unknown) => RED.log.error(`Shopfloor accounts: ${asError(error).message}`));
  cutEditors(RED, access);
  web.describeRoutes(describedRoutes);
  if (listensOpenly(RED.settings as unknown as ListeningSettings, web.isBehindProxy)) {
    RED.log.warn(
      'Shopfloor listens on every address without TLS: passwords go over the network as they are. Put a TLS proxy before it (uiHost 127.0.0.1 and its address in SHOPFLOOR_TRUSTED_PROXIES), or set https in settings.ts.',
    );
  }
  const pages = new PageRoutes(web, dashboardPath);
  const notifications = notifyRoom(installed);
  notifications.start((error) => RED.log.error(`Shopfloor notifications: ${asError(error).message}`));
  const routes = [...accessRoutes(web), ...notifyRoutes(notifications), ...openApiRoutes()];
  const logged = (error: Error, errorId: string) => RED.log.error(`[${errorId}] ${error.message}`);
  const http = RED.httpNode as unknown as Express | undefined;
  http?.use((request, response, next) => {
    const answered = async () =>
      (await pages.answer(request, response)) || (await answerRoute(web, routes, request, response, logged));
    answered().then(
      (done) => {
        if (!done) next();
      },
      (error: unknown) => answerError(response, error),
    );
  });
  // The type of a runtime plugin says nothing of the fields that Dashboard 2.0 reads.
  RED.plugins.registerPlugin('shopfloor-access', {
    type: 'node-red-dashboard-2',
    hooks: dashboardHooks(web),
  } as never);
}

/** An editor that is open in a browser ends with the session that opened it. */
function cutEditors(RED: NodeAPI, access: Access): void {
  const { httpAdminRoot } = RED.settings as unknown as { readonly httpAdminRoot?: string | false };
  if (httpAdminRoot === false) return;
  const sockets = new EditorSockets(RED.server, httpAdminRoot ?? '/');
  access.onReady(({ sessions }) => sessions.onEnd((_ids, _reason, kinds) => kinds.has('editor') && sockets.cut()));
}

// Node-RED takes `require()`'s result as the plugin; from an ES module that is the export of this name.
export { shopfloorPlugin as 'module.exports' };
