// Routes under /api/access: the own account, the person at a shared tablet, and the administration of users and tokens.
import { successReply } from '../core/http-envelope.ts';
import { pageSetup } from './access.ts';
import type { UserAdminCommand } from './messages.ts';
import type { Body, Route, RouteCall } from './router.ts';
import { runUserAdmin, userAdminActions } from './user-admin-commands.ts';
import type { WebAccess } from './web-access.ts';

export function accessRoutes(web: WebAccess): readonly Route[] {
  return [...ownRoutes(web), ...administrationRoutes(web)];
}

function ownRoutes(web: WebAccess): readonly Route[] {
  const { access } = web;
  const address = (call: RouteCall) => web.facts(call.request).address;
  return [
    {
      method: 'GET',
      path: '/api/access/me',
      // A wall screen has a page to set up too.
      action: 'notification.read',
      session: true,
      handle: async ({ session }) => successReply({ data: pageSetup(session, web.timeZone) }),
    },
    {
      method: 'PUT',
      path: '/api/access/me',
      action: 'account.own',
      session: true,
      handle: async ({ session, body, origin }) => {
        const { users, sessions } = await access.ready();
        await users.setLanguage(session.user.identity.id, body.language, origin);
        const now = await sessions.findById(session.id);
        return successReply({ data: pageSetup(now ?? session, web.timeZone) });
      },
    },
    {
      method: 'POST',
      path: '/api/access/password',
      action: 'account.own',
      session: true,
      beforePasswordChange: true,
      handle: async (call) => {
        const { logins } = await access.ready();
        await logins.changeOwnPassword(call.session, text(call.body, 'current'), call.body.next, address(call));
        return successReply({});
      },
    },
    {
      method: 'POST',
      path: '/api/access/pin',
      action: 'account.own',
      session: true,
      handle: async (call) => {
        const { logins } = await access.ready();
        await logins.changeOwnPin(call.session, text(call.body, 'password'), call.body.pin, address(call));
        return successReply({});
      },
    },
    {
      method: 'POST',
      path: '/api/access/switch',
      // The tablet's own account may be a wall screen; the badge or PIN is what is checked.
      action: 'notification.read',
      session: true,
      handle: async (call) => {
        const { logins, sessions } = await access.ready();
        const given =
          call.body.badge !== undefined
            ? { badge: text(call.body, 'badge').trim() }
            : { login: text(call.body, 'login'), pin: text(call.body, 'pin') };
        const cookie = await logins.switchPerson(call.session, given, address(call));
        web.setCookie(call.request, call.response, cookie, true);
        const session = await sessions.find(cookie);
        return successReply({ data: pageSetup(session ?? call.session, web.timeZone) });
      },
    },
    {
      method: 'POST',
      path: '/api/access/step-up',
      action: 'notification.read',
      session: true,
      handle: async (call) => {
        const { logins, sessions } = await access.ready();
        await logins.stepUp(call.session, text(call.body, 'password'), address(call));
        const now = await sessions.findById(call.session.id);
        return successReply({ data: pageSetup(now ?? call.session, web.timeZone) });
      },
    },
    {
      method: 'POST',
      path: '/api/access/switch-back',
      action: 'notification.read',
      session: true,
      // A person who has to change a one-time password first may leave the tablet instead.
      beforePasswordChange: true,
      handle: async (call) => {
        const { logins, sessions } = await access.ready();
        // Also an ordinary session sends it: there it changes nothing.
        if (!call.session.personActive) return successReply({ data: pageSetup(call.session, web.timeZone) });
        const cookie = await logins.leave(call.session, address(call));
        web.setCookie(call.request, call.response, cookie, true);
        const session = await sessions.find(cookie);
        return successReply({ data: pageSetup(session ?? call.session, web.timeZone) });
      },
    },
  ];
}

function administrationRoutes(web: WebAccess): readonly Route[] {
  const route = (
    method: Route['method'],
    path: string,
    command: UserAdminCommand['command'],
    input: (call: RouteCall) => Body = ({ body, parameters }) => ({ ...body, ...parameters }),
    statusCode = 200,
  ): Route => ({
    method,
    path,
    action: userAdminActions[command],
    handle: async (call) => ({
      statusCode,
      payload: await runUserAdmin(
        web.access,
        { ...input(call), command },
        call.origin,
        // Nobody, once the rights are gone while the request is under way.
        (await call.who.voucher.rights?.()) ?? { scopes: [] },
      ),
    }),
  });
  const query = ({ query }: RouteCall): Body => Object.fromEntries(query);
  return [
    route('GET', '/api/access/users', 'list'),
    route('POST', '/api/access/users', 'create', undefined, 201),
    route('PATCH', '/api/access/users/{id}', 'change'),
    route('POST', '/api/access/users/{id}/lock', 'lock'),
    route('POST', '/api/access/users/{id}/unlock', 'unlock'),
    route('POST', '/api/access/users/{id}/reset-password', 'reset-password'),
    route('PUT', '/api/access/users/{id}/pin', 'set-pin'),
    route('PUT', '/api/access/users/{id}/badge', 'set-badge'),
    route('POST', '/api/access/users/{id}/end-sessions', 'end-sessions'),
    route('GET', '/api/access/audit', 'audit', query),
    route('GET', '/api/access/audit/verify', 'verify-audit'),
    route('GET', '/api/access/tokens', 'tokens'),
    route('POST', '/api/access/tokens', 'create-token', undefined, 201),
    route('DELETE', '/api/access/tokens/{id}', 'revoke-token'),
  ];
}

function text(body: Body, field: string): string {
  const value = body[field];
  return typeof value === 'string' ? value : '';
}
