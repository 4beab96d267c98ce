// The audit trail of accounts: who changed what, and every login; it can only be added to.
import { type Kysely, sql } from 'kysely';
import type { AuditRow } from './messages.ts';
import type { AccessSchema } from './schema.ts';

/** Where an act came from: `login` of a person, name of a token, or `system`. */
export interface Origin {
  readonly actor: string;
  /** Client address; null for the system's own acts. */
  readonly address: string | null;
}

export interface AuditEntry {
  readonly type: string;
  readonly subject: string | null;
  /** Never holds a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Part of the transaction that it reports on, so that there is no change without its line. */
export async function writeAudit(
  db: Kysely<AccessSchema>,
  at: string,
  origin: Origin,
  { type, subject, detail = {} }: AuditEntry,
): Promise<void> {
  await db
    .insertInto('access_audit')
    .values({ at, actor: origin.actor, type, subject, detail: JSON.stringify(detail), address: origin.address })
    .execute();
}

export interface AuditQuery {
  readonly limit: number;
  readonly offset: number;
  /** Part of an actor, a type or a subject. */
  readonly search?: string;
}

/** Newest first. */
export async function readAudit(
  db: Kysely<AccessSchema>,
  { limit, offset, search }: AuditQuery,
): Promise<{ readonly rows: readonly AuditRow[]; readonly total: number }> {
  const pattern = `%${(search ?? '').toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  let query = db.selectFrom('access_audit');
  if (search) {
    query = query.where((eb) =>
      eb.or(
        (['actor', 'type', 'subject'] as const).map(
          (column) => sql<boolean>`lower(${eb.ref(column)}) like ${pattern} escape '\\'`,
        ),
      ),
    );
  }
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await query.selectAll().orderBy('seq', 'desc').limit(limit).offset(offset).execute();
  return {
    total,
    rows: rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> })),
  };
}
