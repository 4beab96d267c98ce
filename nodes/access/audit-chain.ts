// The audit trail as a chain: each row carries a hash over itself and the hash before it, so that a changed, added or missing row shows.
import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AuditCheck } from './messages.ts';
import type { AccessSchema } from './schema.ts';

/** What a link covers: every column but the number, which the database gives, and the hash itself. */
export interface ChainedRow {
  readonly at: string;
  readonly actor: string;
  readonly type: string;
  readonly subject: string | null;
  readonly detail: string;
  readonly address: string | null;
}

/** The hash before the first row. */
export const chainStart = '0'.repeat(64);

/** SHA-256 in hex over the hash before and the row. JSON keeps the fields apart and null from a text. */
export function linkOf(previous: string, row: ChainedRow): string {
  const covered = [previous, row.at, row.actor, row.type, row.subject, row.detail, row.address];
  return createHash('sha256').update(JSON.stringify(covered)).digest('hex');
}

/** Appends a row; the head is written first, so that two processes never link to the same row. */
export async function appendLinked(db: Transaction<AccessSchema>, row: ChainedRow): Promise<void> {
  const head = await db.selectFrom('access_audit_head').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
  const hash = linkOf(head.hash, row);
  await db
    .updateTable('access_audit_head')
    .set({ hash, links: Number(head.links) + 1 })
    .where('id', '=', 1)
    .execute();
  await db
    .insertInto('access_audit')
    .values({ ...row, hash })
    .execute();
}

const page = 1_000;

/** Rows of before the trail was a chain have no hash of their own; the first link after them covers them. */
export async function readChain(db: Kysely<AccessSchema>): Promise<AuditCheck> {
  let head = chainStart;
  let rows = 0;
  let after = -1;
  let isChained = false;
  let wrongSeq: number | undefined;
  for (;;) {
    const next = await db
      .selectFrom('access_audit')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(page)
      .execute();
    for (const row of next) {
      const link = linkOf(head, row);
      const fits = row.hash === null ? !isChained : row.hash === link;
      if (!fits) wrongSeq ??= Number(row.seq);
      isChained ||= row.hash !== null;
      head = row.hash ?? link;
      rows += 1;
    }
    const last = next.at(-1);
    if (!last) return { rows, head, ...(wrongSeq !== undefined && { wrongSeq }) };
    after = Number(last.seq);
  }
}

/**
 * Compares the whole trail with its hashes and with its head. Whoever can write every table of the database can write the trail
 * anew: the head that this returns, kept elsewhere, shows that, too.
 */
export async function verifyChain(db: Kysely<AccessSchema>): Promise<AuditCheck> {
  const read = await readChain(db);
  const { hash, links } = await db
    .selectFrom('access_audit_head')
    .selectAll()
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  if (read.wrongSeq !== undefined) {
    return { ...read, fault: `Row ${read.wrongSeq}, or one before it, was changed, added or taken away.` };
  }
  if (read.head === hash && read.rows === Number(links)) return read;
  return {
    ...read,
    fault: `${links} rows were written and ${read.rows} are there: the newest were changed or taken away.`,
  };
}
