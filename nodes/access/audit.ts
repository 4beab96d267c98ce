// The audit trail of accounts: who changed what, and every login; it can only be added to.
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import { appendLinked } from './audit-chain.ts';
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
  db: Transaction<AccessSchema>,
  at: string,
  origin: Origin,
  { type, subject, detail = {} }: AuditEntry,
): Promise<void> {
  const { actor, address } = origin;
  await appendLinked(db, { at, actor, type, subject, detail: JSON.stringify(detail), address });
}

/** Transactions with a line of the trail take turns: each links to the line before. */
export const auditTurns = { turns: 'access-audit' } as const;

/** A line by itself, for what changes nothing else. */
export async function recordAudit(store: Store, at: string, origin: Origin, entry: AuditEntry): Promise<void> {
  await store.transaction<AccessSchema, void>((db) => writeAudit(db, at, origin, entry), auditTurns);
}

export interface AuditQuery {
  readonly limit: number;
  readonly offset: number;
  /** Part of an actor, a type or a subject. */
  readonly search?: string;
}

/** Rows of both, by time: what was done, and (with negative numbers) what was refused, summed by the hour. */
function rowsOf(db: Kysely<AccessSchema>, search: string | undefined) {
  const pattern = `%${(search ?? '').toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const found = search
    ? sql<boolean>`(lower(actor) like ${pattern} escape '\\' or lower(type) like ${pattern} escape '\\' or lower(subject) like ${pattern} escape '\\')`
    : sql<boolean>`1 = 1`;
  const done = db
    .selectFrom('access_audit')
    .select(['seq', 'at', 'actor', 'type', 'subject', 'detail', 'address'])
    .select((eb) => [sql<number>`1`.as('count'), eb.ref('at').as('since'), sql<number>`seq * 2`.as('place')])
    .where(found);
  const refused = db
    .selectFrom('access_refusal')
    .select((eb) => [eb.neg('seq').as('seq'), eb.ref('last_at').as('at')])
    .select(['actor', 'type', 'subject'])
    .select([sql<string>`'{}'`.as('detail')])
    .select(['address', 'count', 'first_at as since'])
    .select([sql<number>`after_seq * 2 + 1`.as('place')])
    .where(found);
  return { done, refused };
}

/** Newest first. */
export async function readAudit(
  db: Kysely<AccessSchema>,
  { limit, offset, search }: AuditQuery,
): Promise<{ readonly rows: readonly AuditRow[]; readonly total: number }> {
  const { done, refused } = rowsOf(db, search);
  const most = offset + limit;
  const rows = await db
    .selectFrom((eb) =>
      eb
        .selectFrom(done.orderBy('at', 'desc').orderBy('seq', 'desc').limit(most).as('done'))
        .selectAll()
        .unionAll(
          eb
            .selectFrom(
              refused
                .orderBy('last_at', 'desc')
                .orderBy('after_seq', 'desc')
                .orderBy('access_refusal.seq', 'desc')
                .limit(most)
                .as('refused'),
            )
            .selectAll(),
        )
        .as('trail'),
    )
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('place', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  const total = (await countOf(db, done)) + (await countOf(db, refused));
  return { total, rows: rows.map(auditRow) };
}

async function countOf(
  db: Kysely<AccessSchema>,
  query: ReturnType<typeof rowsOf>[keyof ReturnType<typeof rowsOf>],
): Promise<number> {
  const { total } = await db
    .selectFrom((query as ReturnType<typeof rowsOf>['done']).as('counted'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return Number(total);
}

interface TrailRow {
  readonly seq: unknown;
  readonly at: string;
  readonly actor: string;
  readonly type: string;
  readonly subject: string | null;
  readonly detail: string;
  readonly address: string | null;
  readonly count: unknown;
  readonly since: string;
}

function auditRow({ seq, at, actor, type, subject, detail, address, count, since }: TrailRow): AuditRow {
  const times = Number(count);
  const summed = times > 1 ? { count: times, since } : {};
  return {
    seq: Number(seq),
    at,
    actor,
    type,
    subject,
    detail: { ...(JSON.parse(detail) as Record<string, unknown>), ...summed },
    address,
  };
}
