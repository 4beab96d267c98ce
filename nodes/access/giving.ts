// Who administers accounts and tokens gives nothing away that is not theirs: no administrator by a narrow token, no scope beyond the own ones.
import { ShopfloorError } from '../core/errors.ts';
import type { AccessRooms } from './access.ts';
import { roles as allRoles, type Role, type UserAdminCommand } from './messages.ts';
import { mayAdminister, mayGiveScope, type Subject } from './policy.ts';

type Input = Readonly<Record<string, unknown>> & { readonly command: UserAdminCommand['command'] };

const reads: ReadonlySet<UserAdminCommand['command']> = new Set([
  'list',
  'audit',
  'verify-audit',
  'tokens',
  'revoke-token',
]);

/** @param giver who commands; undefined: the flow itself, which is the engineer's own */
export async function refuseBeyondGiver(
  { users }: AccessRooms,
  input: Input,
  giver: Subject | undefined,
): Promise<void> {
  if (giver === undefined || reads.has(input.command)) return;
  if (input.command === 'create-token') {
    const scopes: readonly unknown[] = Array.isArray(input.scopes) ? input.scopes : [];
    // What is no text at all, the token's own rules refuse.
    const beyond = scopes.find((scope): scope is string => typeof scope === 'string' && !mayGiveScope(giver, scope));
    if (beyond !== undefined) throw refusal(`Nobody gives a token what they may not do themselves (${beyond}).`);
    return;
  }
  const target = typeof input.id === 'string' && input.command !== 'create' ? await users.get(input.id) : undefined;
  const wanted: readonly unknown[] = Array.isArray(input.roles) ? input.roles : [];
  const touched: readonly Role[] = [...(target?.roles ?? []), ...allRoles.filter((role) => wanted.includes(role))];
  if (!mayAdminister(giver, touched)) {
    throw refusal('Only who may do everything that administrators may makes or changes one.');
  }
}

function refusal(message: string): ShopfloorError {
  return new ShopfloorError('forbidden', 403, message, { hint: 'Ask an administrator.' });
}
