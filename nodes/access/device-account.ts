// Which accounts are devices: only such a one opens the session of a shared tablet, at which people switch by PIN or badge.
import { hasPasswordRights } from './policy.ts';
import type { Account } from './user-table.ts';

/**
 * A wall screen (`display` and nothing else), or an account that an administrator has marked. One that may do what asks for a
 * password is a person's: its rights must not lie open at a tablet for months.
 */
export function isDeviceAccount({ identity, stored }: Account): boolean {
  const isScreen = identity.roles.length > 0 && identity.roles.every((role) => role === 'display');
  return (isScreen || stored.shared_device === 1) && !hasPasswordRights(identity);
}
