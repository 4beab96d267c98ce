// `adminAuth` of Node-RED: the editor's logins are sessions of ours, so whatever ends a person's sessions ends the editor's token, for good.
import type { Access } from './access.ts';
import { can } from './policy.ts';
import type { Session } from './sessions.ts';

export interface EditorUser {
  readonly username: string;
  readonly permissions: '*' | 'read';
}

export interface AdminAuth {
  readonly type: 'credentials';
  /** Seconds. */
  readonly sessionExpiryTime: number;
  users(username: string): Promise<EditorUser | null>;
  authenticate(username: string, password: string): Promise<EditorUser | null>;
  tokens(token: string): Promise<EditorUser | null>;
}

/**
 * The editor belongs to administrators: the same login and password, or an API token with the scope `editor.use`.
 * @param isOn false: nobody is let in, so the flows stay as they are
 */
export function adminAuth(access: Access, isOn = true): AdminAuth {
  return {
    type: 'credentials',
    sessionExpiryTime: access.limits.editorMs / 1000,
    // Asked for tokens that Node-RED keeps itself: those of an older version, which no session of ours can end.
    users: async () => null,
    // nodes/access/editor-login.ts answers the editor's login before Node-RED would ask here.
    authenticate: async () => null,
    tokens: async (token) => {
      if (!isOn || token.length > 500) return null;
      const session = await (await access.ready()).sessions.find(token, true, 'editor');
      if (session) return mayEdit(session) ? { username: session.account.identity.login, permissions: '*' } : null;
      const holder = await access.tokenOf(token);
      return holder && can(holder, 'editor.use') ? { username: holder.name, permissions: '*' } : null;
    },
  };
}

function mayEdit({ account }: Session): boolean {
  return account.stored.must_change_password === 0 && can(account.identity, 'editor.use');
}
