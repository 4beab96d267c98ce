// What the access room tells other rooms and the dashboard: roles, actions, the identity on the wire, routes and socket events.

export const roles = [
  'admin',
  'supervisor',
  'operator',
  'ctp',
  'qc',
  'qc-supervisor',
  'warehouse',
  'maintenance',
  'manager',
  'display',
] as const;
export type Role = (typeof roles)[number];

/** Roles whose people work at the machines that they are assigned to, and have their rights there alone. */
export const machineBoundRoles: readonly Role[] = ['operator', 'ctp'];

/** Departments of an operator; other roles are of the whole plant. */
export const departments = ['cutting', 'sewing', 'finishing', 'packing', 'production'] as const;
export type Department = (typeof departments)[number];

export const languages = ['id', 'en-US'] as const;
export type Language = (typeof languages)[number];

/**
 * One thing that somebody may do, such as `batch.retry`, or `page:<id>` for seeing a page. Rooms add theirs with
 * `declareActions` of nodes/access/policy.ts; what was never declared is allowed to nobody.
 */
export type Action = string;

/*
 * A widget's glue (nodes/.../ui-*.ts) tells the door which action each of its commands is, when its module is loaded:
 * `declareWidget('ui-batch-board', { history: 'history.read', retry: 'batch.retry' })` of nodes/access/widget-policy.ts. A browser's
 * `widget-action` then needs `payload.command` to be one of them; any other command is refused to everybody. A widget that does
 * not declare itself needs `widget.act` for whatever it sends.
 */

/** The person (or the tablet's own account) behind a session, as it travels; made by the server, never read from a browser. */
export interface UserIdentity {
  readonly id: string;
  readonly login: string;
  /** As shown to people. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly departments: readonly Department[];
  /** Machines this person works at; empty when none is assigned. */
  readonly machines: readonly string[];
  readonly language: Language;
  /** Present while only a PIN or badge says who this is: what asks for the password is not allowed then. */
  readonly provedBy?: 'pin';
}

/**
 * `msg._client` of every message that began at a widget, and never anything that the browser sent. `user` is for display and
 * for wiring; a command node asks `authorise(msg, action)`, which reads the rights again.
 */
export interface DashboardClient {
  readonly socketId: string;
  readonly user: UserIdentity;
  /** Lets `authorise` recognise what the server made, also after Node-RED has cloned the message. */
  readonly proof: string;
}

/**
 * What the page finds under `shopfloor` in the answer to `GET <dashboard>/_setup` (in a widget:
 * `store.state.setup.setup.shopfloor`), and under `data` in the answer to `GET /api/access/me`.
 */
export interface PageSetup {
  readonly user: UserIdentity;
  /** Every declared action that this user may do, pages included; for hiding buttons, never for deciding. */
  readonly permissions: readonly Action[];
  /** At a shared tablet: further actions, allowed once the person has given the password (`POST /api/access/step-up`). */
  readonly withPassword?: readonly Action[];
  /** Present in the session of a shared tablet: people switch with PIN or badge. */
  readonly sharedDevice?: { readonly account: string; readonly personActive: boolean };
  /** Pages of the menu that this user may see, by the path of their ui-page without slashes. */
  readonly pages: readonly string[];
  /** IANA name of the plant's time zone, in which pages show every time. */
  readonly timeZone: string;
  /** `/login`, with the HTTP root of the flows before it. */
  readonly loginPath: string;
  readonly logoutPath: string;
}

/**
 * Page ids are the paths of the ui-page nodes without slashes: `/batches` is the page `batches`.
 * A role listed here sees the page; `operator` is written with its department.
 */
export const pageRoles: Readonly<Record<string, readonly (Role | `operator:${Department}`)[]>> = {
  batches: ['admin', 'supervisor', 'operator:production', 'qc', 'qc-supervisor', 'warehouse', 'manager', 'display'],
  users: ['admin'],
  ctp: ['admin', 'supervisor', 'ctp', 'maintenance', 'manager'],
  'ctp-machine': ['admin', 'supervisor', 'ctp', 'maintenance', 'manager'],
  andon: ['admin', 'supervisor', 'ctp', 'maintenance', 'manager', 'display'],
  production: [
    'admin',
    'supervisor',
    'maintenance',
    'operator:production',
    'qc',
    'qc-supervisor',
    'manager',
    'display',
  ],
  health: ['admin', 'supervisor', 'maintenance', 'operator:production', 'qc', 'qc-supervisor', 'manager', 'display'],
  equipment: ['admin', 'supervisor', 'maintenance', 'operator:production', 'manager', 'display'],
};

/** Socket events from the server to every open page of this package. */
export const socketEvents = {
  /** Payload `UnreadCount` of nodes/notify/messages.ts: after connecting and whenever the count changes. */
  notifications: 'shopfloor:notifications',
  /** Payload `SessionEnded`: clear the screen and go to `/login`. The socket is disconnected right after it. */
  sessionEnded: 'shopfloor:session-ended',
  /** No payload. Page to server: ask for the unread count again. */
  askNotifications: 'shopfloor:ask-notifications',
  /** No payload. Page to server, at most twice a minute: a person touched the page, so nobody has walked away. */
  active: 'shopfloor:active',
  /** Payload `RequestRefused`: a message of a widget was refused before it reached a flow. */
  refused: 'shopfloor:refused',
} as const;

/** Says of which request; a message without a `requestId` is refused without a word. */
export interface RequestRefused {
  readonly requestId: string;
  /** `busy`: too many of this session wait already; send it again in a moment. */
  readonly code: 'forbidden' | 'password-needed' | 'busy';
}

/** `error.message` of socket.io's `connect_error` when there is no session (go to `/login`) or the page is of another origin. */
export type ConnectError = 'unauthorized' | 'foreign-origin' | 'busy';

export interface SessionEnded {
  /** `changed`: roles, machines or person changed; the page should reload itself instead of going to the login. */
  readonly reason: 'logged-out' | 'expired' | 'changed' | 'locked' | 'password-changed';
}

/** A user as the administration page lists it; no hash ever leaves the store. */
export interface UserRow extends UserIdentity {
  readonly locked: boolean;
  readonly hasPin: boolean;
  readonly hasBadge: boolean;
  /** Marked by an administrator as the account of a tablet that people share; an account of the role `display` alone is one anyway. */
  readonly sharedDevice: boolean;
  readonly mustChangePassword: boolean;
  readonly lastLoginAt: string | null;
  readonly sessions: number;
  /** Sent back with a change; a change of an older version is answered with 409 and the current row. */
  readonly version: number;
}

export interface ApiTokenRow {
  readonly id: string;
  readonly name: string;
  /** Actions, or `*` for every action. */
  readonly scopes: readonly Action[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  /** A token works for a year at most. */
  readonly expiresAt: string | null;
}

export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  /** Such as `user-created`, `roles-changed`, `login-failed`. */
  readonly type: string;
  /** Login or token name that it is about. */
  readonly subject: string | null;
  /** JSON object with what changed; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}

/** What reading the whole trail showed. */
export interface AuditCheck {
  readonly rows: number;
  /** Hash of the newest row; kept elsewhere, it shows later whether the whole trail was written anew. */
  readonly head: string;
  /** Number of the first row that does not fit. */
  readonly wrongSeq?: number;
  /** In words; absent when the trail is what was written. */
  readonly fault?: string;
}

/** Input commands of the node user-admin (action `users.manage`, tokens: `tokens.manage`), and bodies of its routes. */
export type UserAdminCommand =
  | { readonly command: 'list' }
  | {
      readonly command: 'create';
      readonly login: string;
      readonly name: string;
      readonly roles: readonly Role[];
      readonly departments?: readonly Department[];
      readonly machines?: readonly string[];
      readonly language?: Language;
      readonly sharedDevice?: boolean;
      /** Generated and returned once when left out. */
      readonly password?: string;
    }
  | {
      readonly command: 'change';
      readonly id: string;
      readonly version: number;
      readonly name?: string;
      readonly roles?: readonly Role[];
      readonly departments?: readonly Department[];
      readonly machines?: readonly string[];
      readonly language?: Language;
      readonly sharedDevice?: boolean;
    }
  | { readonly command: 'lock'; readonly id: string; readonly reason?: string }
  | { readonly command: 'unlock'; readonly id: string }
  /** Answers with a one-time password that must be changed at the next login. */
  | { readonly command: 'reset-password'; readonly id: string }
  /** `null` takes it away. */
  | { readonly command: 'set-pin'; readonly id: string; readonly pin: string | null }
  | { readonly command: 'set-badge'; readonly id: string; readonly badge: string | null }
  | { readonly command: 'end-sessions'; readonly id: string }
  | { readonly command: 'audit'; readonly limit?: number; readonly offset?: number; readonly search?: string }
  /** Compares every row of the trail with its hash. */
  | { readonly command: 'verify-audit' }
  | { readonly command: 'tokens' }
  /** Answers with the token itself, once. */
  | {
      readonly command: 'create-token';
      readonly name: string;
      readonly scopes: readonly Action[];
      /** Until it ends; 365, the most, when left out. */
      readonly days?: number;
    }
  | { readonly command: 'revoke-token'; readonly id: string };

/** First output of user-admin, topic `access/<command>`: `payload` is `{success: true, data, ...}` as on the routes. */
export interface UserAdminReply {
  readonly success: true;
  readonly data: UserRow | readonly UserRow[] | readonly AuditRow[] | ApiTokenRow | readonly ApiTokenRow[] | AuditCheck;
  /** `create` without a password and `reset-password`. */
  readonly oneTimePassword?: string;
  /** `create-token`. */
  readonly token?: string;
  readonly total?: number;
}
