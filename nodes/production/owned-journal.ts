// The journal of one line and who owns it: what is acknowledged and not folded yet, written and dropped by its owner alone.
import { CompiledQuery, sql, type Transaction } from 'kysely';
import { ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { JournalRow } from './commit-queue.ts';
import type { IntakeSchema } from './tables.ts';

/** Another tracker has taken over this line, or counted for one of its machines: begin anew with what the tables say. */
export class OwnershipLost extends ShopfloorError {
  constructor(line: string) {
    super('tracker-replaced', 409, `Another tracker counts for ${line}.`, {
      hint: 'Let one cumulative-tracker count each machine; give a second one another line.',
    });
  }
}

/** Journal numbers of one line: 1e12 commits, before the next line's begin. */
const seqSpan = 1e12;

export interface Ownership {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly journal: readonly JournalRow[];
}

export class OwnedJournal {
  readonly #store: Store;
  readonly #line: string;
  readonly #appendSql: string;

  constructor(store: Store, line: string) {
    this.#store = store;
    this.#line = line;
    // One statement is one durable transaction. PostgreSQL also locks the owner, so that a take-over waits for this row.
    this.#appendSql =
      store.engine === 'sqlite'
        ? 'insert into production_journal (seq, body) select ?, ? from production_owner where line = ? and epoch = ?'
        : 'with owner as (select 1 from production_owner where line = $3 and epoch = $4 for share) insert into production_journal (seq, body) select $1::bigint, $2::text from owner';
  }

  /** Commits what arrived. Throws OwnershipLost when another tracker took the line over. */
  async append({ seq, body }: JournalRow, epoch: number): Promise<void> {
    const query = CompiledQuery.raw(this.#appendSql, [seq, body, this.#line, epoch]);
    const { numAffectedRows } = await this.#db().executeQuery(query);
    if (numAffectedRows !== 1n) throw new OwnershipLost(this.#line);
  }

  /** Makes this process the one that folds the line, and reads what is acknowledged and not folded yet. */
  async takeOver(): Promise<Ownership> {
    const line = this.#line;
    const { number } = await this.#owner();
    // A transaction of its own: what the former owner committed before is visible to the next one, and nothing comes after.
    const { epoch, folded_seq: folded } = await this.#db()
      .updateTable('production_owner')
      .set((owner) => ({ epoch: owner('epoch', '+', 1) }))
      .where('line', '=', line)
      .returning(['epoch', 'folded_seq'])
      .executeTakeFirstOrThrow();
    const rows = await this.#db()
      .selectFrom('production_journal')
      .select(['seq', 'body'])
      .where('seq', '>=', number * seqSpan)
      .where('seq', '<', (number + 1) * seqSpan)
      .orderBy('seq')
      .execute();
    const lastSeq = Math.max(number * seqSpan, folded, rows.at(-1)?.seq ?? 0);
    return { epoch, lastSeq, journal: rows };
  }

  /** Runs `work` as the owner of the line; it is refused when that is another by now. */
  asOwner<Result>(epoch: number, work: (transaction: Transaction<IntakeSchema>) => Promise<Result>): Promise<Result> {
    return this.#store.transaction<IntakeSchema, Result>(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('production_owner')
        .set((owner) => ({ folded_seq: owner.ref('folded_seq') }))
        .where('line', '=', this.#line)
        .where('epoch', '=', epoch)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new OwnershipLost(this.#line);
      return work(transaction);
    });
  }

  /**
   * The last part of a fold: what it booked leaves the journal. Throws OwnershipLost where another tracker has taken over.
   * The owner's row comes last in its transaction: an append waits for whoever holds it.
   */
  async drop(transaction: Transaction<IntakeSchema>, epoch: number, upToSeq: number): Promise<void> {
    const { numUpdatedRows } = await transaction
      .updateTable('production_owner')
      .set({ folded_seq: upToSeq })
      .where('line', '=', this.#line)
      .where('epoch', '=', epoch)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new OwnershipLost(this.#line);
    await sql`delete from production_journal where seq <= ${upToSeq} and seq >= ${Math.floor(upToSeq / seqSpan) * seqSpan}`.execute(
      transaction,
    );
  }

  #db() {
    return this.#store.db<IntakeSchema>();
  }

  async #owner(): Promise<{ number: number }> {
    const line = this.#line;
    for (;;) {
      const owner = await this.#db()
        .selectFrom('production_owner')
        .select('number')
        .where('line', '=', line)
        .executeTakeFirst();
      if (owner) return owner;
      await this.#store.transaction<IntakeSchema, void>(async (transaction) => {
        const { last } = await transaction
          .selectFrom('production_owner')
          .select((select) => select.fn.max('number').as('last'))
          .executeTakeFirstOrThrow();
        await transaction
          .insertInto('production_owner')
          .values({ line, number: (last ?? 0) + 1, epoch: 0, folded_seq: 0 })
          .onConflict((conflict) => conflict.column('line').doNothing())
          .execute();
      });
    }
  }
}
