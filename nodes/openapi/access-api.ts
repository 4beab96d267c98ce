// Routes of accounts: the own one, the person at a shared tablet, users, tokens and their trail.
import { departments, languages, roles } from '../access/messages.ts';
import type { Operation, RoomOfApi } from './operations.ts';
import {
  atLeast,
  called,
  exactly,
  flag,
  instant,
  listOf,
  oneOf,
  orNull,
  success,
  text,
  whole,
} from './schema-words.ts';

const users = '/api/access/users';
const user = success({ data: called('User') });
const self = success({ data: called('PageSetup') });
const identity = {
  id: text,
  login: text,
  name: text,
  roles: listOf(oneOf(...roles)),
  departments: listOf(oneOf(...departments)),
  machines: listOf(text),
  language: oneOf(...languages),
};

function onUser(summary: string, body = exactly({})): Operation {
  return { summary, body, reply: user, refusals: [404, 409] };
}

export const accessApi: RoomOfApi = {
  tag: 'accounts',
  description: 'Who may do what. Administration needs the role admin.',
  operations: {
    'GET /api/access/me': { summary: 'Who I am and what I may do', reply: self },
    'PUT /api/access/me': {
      summary: 'Set the own language',
      body: exactly({ language: oneOf(...languages) }),
      reply: self,
    },
    'POST /api/access/password': {
      summary: 'Change the own password',
      body: exactly({ current: text, next: text }),
      reply: success(),
      refusals: [429],
    },
    'POST /api/access/pin': {
      summary: 'Change the own PIN',
      body: exactly({ password: text, pin: orNull(text) }),
      reply: success(),
      refusals: [429],
    },
    'POST /api/access/switch': {
      summary: 'Take over a shared tablet with badge or PIN',
      body: exactly({ 'badge?': text, 'login?': text, 'pin?': text }),
      reply: self,
      refusals: [429],
    },
    'POST /api/access/step-up': {
      summary: 'Give the password for what a PIN or badge does not carry; it holds for five minutes',
      body: exactly({ password: text }),
      reply: self,
      refusals: [409, 429],
    },
    'POST /api/access/switch-back': { summary: 'Leave a shared tablet', body: exactly({}), reply: self },
    [`GET ${users}`]: { summary: 'All accounts', reply: success({ data: listOf(called('User')) }) },
    [`POST ${users}`]: {
      summary: 'Make an account',
      body: exactly({
        login: text,
        name: text,
        roles: identity.roles,
        'departments?': identity.departments,
        'machines?': identity.machines,
        'language?': identity.language,
        'sharedDevice?': flag,
        'password?': text,
      }),
      reply: success({ data: called('User'), 'oneTimePassword?': text }),
      status: 201,
      refusals: [409],
    },
    [`PATCH ${users}/{id}`]: onUser(
      'Change an account',
      exactly({
        version: whole,
        'name?': text,
        'roles?': identity.roles,
        'departments?': identity.departments,
        'machines?': identity.machines,
        'language?': identity.language,
        'sharedDevice?': flag,
      }),
    ),
    [`POST ${users}/{id}/lock`]: onUser('Lock an account', exactly({ 'reason?': text })),
    [`POST ${users}/{id}/unlock`]: onUser('Unlock an account'),
    [`POST ${users}/{id}/reset-password`]: {
      ...onUser('Make a one-time password'),
      reply: success({ data: called('User'), 'oneTimePassword?': text }),
    },
    [`PUT ${users}/{id}/pin`]: onUser('Set or take away a PIN', exactly({ pin: orNull(text) })),
    [`PUT ${users}/{id}/badge`]: onUser('Set or take away a badge', exactly({ badge: orNull(text) })),
    [`POST ${users}/{id}/end-sessions`]: onUser('End all sessions'),
    'GET /api/access/audit': {
      summary: 'The trail of changes, newest first',
      query: [
        { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 } },
        { name: 'offset', schema: { type: 'integer', minimum: 0, default: 0 } },
        { name: 'search', schema: text },
      ],
      reply: success({ data: listOf(called('AuditRow')), total: whole }),
      refusals: [400],
    },
    'GET /api/access/audit/verify': {
      summary: 'Compare every row of the trail with its hash',
      reply: success({ data: called('AuditCheck') }),
    },
    'GET /api/access/tokens': { summary: 'All API tokens', reply: success({ data: listOf(called('ApiToken')) }) },
    'POST /api/access/tokens': {
      summary: 'Make an API token, shown once',
      body: exactly({ name: text, scopes: listOf(text), 'days?': { type: 'integer', minimum: 1, maximum: 365 } }),
      reply: success({ data: called('ApiToken'), token: text }),
      status: 201,
    },
    'DELETE /api/access/tokens/{id}': {
      summary: 'Revoke an API token',
      reply: success({ data: called('ApiToken') }),
      refusals: [404],
    },
  },
  schemas: {
    User: exactly({
      ...identity,
      locked: flag,
      hasPin: flag,
      hasBadge: flag,
      sharedDevice: flag,
      mustChangePassword: flag,
      lastLoginAt: orNull(instant),
      sessions: whole,
      version: whole,
    }),
    PageSetup: exactly({
      user: exactly({ ...identity, 'provedBy?': oneOf('pin') }),
      permissions: listOf(text),
      'withPassword?': listOf(text),
      pages: listOf(text),
      'sharedDevice?': exactly({ account: text, personActive: flag }),
      timeZone: text,
      loginPath: text,
      logoutPath: text,
    }),
    AuditRow: exactly({
      seq: whole,
      at: instant,
      actor: text,
      type: text,
      subject: orNull(text),
      detail: atLeast({}),
      address: orNull(text),
    }),
    AuditCheck: exactly({ rows: whole, head: text, 'wrongSeq?': whole, 'fault?': text }),
    ApiToken: exactly({
      id: text,
      name: text,
      scopes: listOf(text),
      createdAt: instant,
      createdBy: text,
      lastUsedAt: orNull(instant),
      revokedAt: orNull(instant),
      expiresAt: orNull(instant),
    }),
  },
};
