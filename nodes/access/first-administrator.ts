// Makes the first administrator of a new plant, and prints a generated password exactly once.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import { auditTurns, writeAudit } from './audit.ts';
import { commonPasswordFault, isCommonPassword } from './common-passwords.ts';
import type { AccessSchema } from './schema.ts';
import { readablePassword, type SecretHasher } from './secrets.ts';
import { passwordFaults } from './user-input.ts';
import { writeBelongings } from './user-table.ts';

const login = 'admin';

interface FirstStart {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: SecretHasher;
  readonly adminPassword: string | undefined;
  readonly announce: ((text: string) => void) | undefined;
}

/** Does nothing once there is any user: a changed SHOPFLOOR_ADMIN_PASSWORD never opens an old plant. */
export async function firstAdministrator({ store, clock, hasher, adminPassword, announce }: FirstStart): Promise<void> {
  const someone = await store.db<AccessSchema>().selectFrom('access_user').select('id').limit(1).executeTakeFirst();
  if (someone) return;
  const [fault] = adminPassword === undefined ? [] : passwordFaults(adminPassword, login);
  const isCommon = adminPassword !== undefined && isCommonPassword(adminPassword);
  const message = fault?.message ?? (isCommon ? commonPasswordFault : undefined);
  if (message !== undefined) throw new ShopfloorError('admin-password', 400, `SHOPFLOOR_ADMIN_PASSWORD ${message}.`);
  const generated = adminPassword === undefined ? readablePassword() : undefined;
  const password_hash = await hasher.hash(adminPassword ?? generated ?? '');
  const at = clock.now().toISOString();
  const created = await store.transaction<AccessSchema, boolean>(async (db) => {
    // Another process may have been first.
    const { count } = await db
      .selectFrom('access_user')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (count > 0) return false;
    const id = randomUUID();
    await db
      .insertInto('access_user')
      .values({
        id,
        login,
        name: 'Administrator',
        language: 'id',
        password_hash,
        pin_hash: null,
        badge_hash: null,
        must_change_password: 0,
        locked_at: null,
        version: 1,
        created_at: at,
        last_login_at: null,
      })
      .execute();
    await writeBelongings(db, id, { roles: ['admin'], departments: [], machines: [] });
    const detail = { roles: ['admin'], password: generated === undefined ? 'from the environment' : 'generated' };
    await writeAudit(db, at, { actor: 'system', address: null }, { type: 'user-created', subject: login, detail });
    return true;
  }, auditTurns);
  if (created && generated !== undefined) {
    announce?.(
      `First administrator: login ${login}, password ${generated} (shown only now; change it after logging in)`,
    );
  }
}
