// What the node user-admin and the routes under /api/access both do: one command, one action, one reply.
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import type { Access, AccessRooms } from './access.ts';
import type { Origin } from './audit.ts';
import { verifyChain } from './audit-chain.ts';
import { refuseBeyondGiver } from './giving.ts';
import type { Action, UserAdminCommand, UserAdminReply } from './messages.ts';
import type { Subject } from './policy.ts';
import type { AccessSchema } from './schema.ts';

type CommandName = UserAdminCommand['command'];
type Input = Readonly<Record<string, unknown>>;

/** The action of each command, for the policy. */
export const userAdminActions: Readonly<Record<CommandName, Action>> = {
  list: 'users.read',
  create: 'users.manage',
  change: 'users.manage',
  lock: 'users.manage',
  unlock: 'users.manage',
  'reset-password': 'users.manage',
  'set-pin': 'users.manage',
  'set-badge': 'users.manage',
  'end-sessions': 'users.manage',
  audit: 'audit.read',
  'verify-audit': 'audit.read',
  tokens: 'tokens.read',
  'create-token': 'tokens.manage',
  'revoke-token': 'tokens.manage',
};

type Work = (
  rooms: AccessRooms,
  input: Input,
  origin: Origin,
  access: Access,
) => Promise<Omit<UserAdminReply, 'success'>>;

const works: Readonly<Record<CommandName, Work>> = {
  list: async ({ users }) => ({ data: await users.list() }),
  create: async ({ users }, input, origin) => {
    const { row, oneTimePassword } = await users.create(input, origin);
    return { data: row, ...(oneTimePassword !== undefined && { oneTimePassword }) };
  },
  change: async ({ users }, input, origin) => ({ data: await users.change(idOf(input), input, origin) }),
  lock: async ({ users }, input, origin) => {
    const reason = typeof input.reason === 'string' ? input.reason.slice(0, 500) : undefined;
    return { data: await users.lock(idOf(input), reason, origin) };
  },
  unlock: async ({ users }, input, origin) => ({ data: await users.unlock(idOf(input), origin) }),
  'reset-password': async ({ users }, input, origin) => {
    const { row, oneTimePassword } = await users.resetPassword(idOf(input), origin);
    return { data: row, ...(oneTimePassword !== undefined && { oneTimePassword }) };
  },
  'set-pin': async ({ users }, input, origin) => ({ data: await users.setPin(idOf(input), input.pin, origin) }),
  'set-badge': async ({ users }, input, origin) => ({ data: await users.setBadge(idOf(input), input.badge, origin) }),
  'end-sessions': async ({ users }, input, origin) => ({ data: await users.endSessions(idOf(input), origin) }),
  audit: async (_rooms, input, _origin, access) => {
    const search =
      typeof input.search === 'string' && input.search !== '' ? { search: input.search.slice(0, 100) } : {};
    const limit = wholeNumber(input.limit, 'limit', 100, 1, 500);
    const offset = wholeNumber(input.offset, 'offset', 0, 0, Number.MAX_SAFE_INTEGER);
    const { rows, total } = await access.audit({ limit, offset, ...search });
    return { data: rows, total };
  },
  'verify-audit': async ({ store }) => ({ data: await verifyChain(store.reader<AccessSchema>()) }),
  tokens: async ({ tokens }) => ({ data: await tokens.list() }),
  'create-token': async ({ tokens }, input, origin) => {
    const { row, token } = await tokens.create(input, origin);
    return { data: row, token };
  },
  'revoke-token': async ({ tokens }, input, origin) => ({ data: await tokens.revoke(idOf(input), origin) }),
};

/** Narrows an input to a known command; throws InvalidInput. */
export function parseUserAdminCommand(input: unknown): Input & { readonly command: CommandName } {
  const given: Input = typeof input === 'object' && input !== null ? (input as Input) : {};
  const command = Object.keys(works).find((name): name is CommandName => name === given.command);
  if (command) return { ...given, command };
  throw new InvalidInput([{ field: 'command', message: `must be one of ${Object.keys(works).join(', ')}` }]);
}

/** Runs a command whose action the caller has checked. @param giver who commands, with the rights of now; undefined for the flow itself */
export async function runUserAdmin(
  access: Access,
  input: Input & { readonly command: CommandName },
  origin: Origin,
  giver?: Subject,
): Promise<UserAdminReply> {
  const rooms = await access.ready();
  await refuseBeyondGiver(rooms, input, giver);
  return { success: true, ...(await works[input.command](rooms, input, origin, access)) };
}

function idOf(input: Input): string {
  if (typeof input.id === 'string' && input.id !== '') return input.id;
  throw new ShopfloorError('invalid-input', 400, 'The id is missing.', {
    fields: [{ field: 'id', message: 'must be the id of a row' }],
  });
}

function wholeNumber(value: unknown, field: string, fallback: number, min: number, max: number): number {
  if (value === undefined || value === null || value === '') return fallback;
  const parsed = Number(value);
  if (Number.isSafeInteger(parsed) && parsed >= min && parsed <= max) return parsed;
  throw new InvalidInput([{ field, message: `must be a whole number from ${min} to ${max}` }]);
}
