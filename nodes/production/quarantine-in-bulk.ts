// What a person decides about many messages of the quarantine at once: those of a machine, or those with one reason.
import type { Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import { ShopfloorError } from '../core/errors.ts';
import { type Reply, remember, rememberedReply, settle } from './decision-memory.ts';
import { inTurn, type ReplayParts } from './quarantine-decisions.ts';
import { arrivalOf } from './quarantined-message.ts';
import type { IntakeSchema } from './tables.ts';
import type { PersonCommand, Waiting } from './tracker-commands.ts';

/** Rows that are judged in one go: some hundred milliseconds of work. */
const atOnce = 1_000;

/** The oldest first, as they came: each counts where its source made it, also before a machine's baseline. */
export function replayAll(
  parts: ReplayParts,
  command: PersonCommand & { command: 'replay-all' },
  actor: Actor,
): Promise<Reply> {
  return inTurn(parts.counter, () => replayAllNow(parts, command, actor));
}

async function replayAllNow(
  parts: ReplayParts,
  command: PersonCommand & { command: 'replay-all' },
  actor: Actor,
): Promise<Reply> {
  const { counter } = parts;
  const at = parts.clock.now().toISOString();
  const begun = await counter.decide((store, epoch) =>
    store.journal.asOwner(epoch, async (transaction) => {
      const known = await rememberedReply(transaction, command, actor);
      if (known?.reply) return { reply: known.reply };
      const rows = await waitingRows(transaction, command)
        .selectAll()
        .where('raw_cut', '=', 0)
        .where('id', '>', command.after ?? 0)
        .orderBy('id')
        .limit(atOnce)
        .execute();
      if (rows.length > 0) {
        await transaction
          .updateTable('production_quarantine')
          .set({ decided_by: actor.name, decided_at: at })
          .where('status', '=', 'waiting')
          .where('id', 'in', idsOf(rows))
          .execute();
      }
      // Where a crash keeps the answer back, the same command goes on with what still waits then.
      if (!known) await remember(transaction, command, actor, null, at);
      return { rows };
    }),
  );
  if ('reply' in begun) return begun.reply;
  const { rows } = begun;
  // One commit takes them all: each is an arrival of its own, because each is told apart by its row.
  const judged = await Promise.all(rows.map((row) => counter.commit(arrivalOf(row, parts.plant))));
  if (judged.includes(false))
    throw new ShopfloorError('tracker-closed', 503, 'The tracker was closed before all messages were judged.');
  const last = rows.at(-1)?.id ?? command.after;
  return counter.decide((store, epoch) =>
    store.journal.asOwner(epoch, async (transaction) => {
      const counted = await transaction
        .selectFrom('production_quarantine')
        .select((row) => row.fn.countAll<number>().as('replayed'))
        .where('status', '=', 'replayed')
        .where('id', 'in', rows.length > 0 ? idsOf(rows) : [0])
        .executeTakeFirstOrThrow();
      const { left } = await waitingRows(transaction, command)
        .select((row) => row.fn.countAll<number>().as('left'))
        .where('raw_cut', '=', 0)
        .where('id', '>', last ?? 0)
        .executeTakeFirstOrThrow();
      const replayed = Number(counted.replayed);
      const reply = { command: 'replay-all', replayed, refused: rows.length - replayed, left: Number(left), last };
      return settle(transaction, command, reply);
    }),
  );
}

export async function dismissAll(
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand & { command: 'dismiss-all' },
  actor: Actor,
  at: string,
): Promise<Reply> {
  const { numUpdatedRows } = await transaction
    .updateTable('production_quarantine')
    .set({ status: 'dismissed', decided_by: actor.name, decided_at: at, reason: command.reason })
    .where('id', 'in', waitingRows(transaction, command).select('id'))
    .executeTakeFirst();
  return { command: 'dismiss-all', dismissed: Number(numUpdatedRows) };
}

function waitingRows(transaction: Transaction<IntakeSchema>, { machine, code, upTo }: Waiting) {
  let rows = transaction.selectFrom('production_quarantine').where('status', '=', 'waiting');
  if (machine === null) rows = rows.where('machine', 'is', null);
  else if (machine !== undefined) rows = rows.where('machine', '=', machine);
  if (code !== undefined) rows = rows.where('code', '=', code);
  return upTo === null ? rows : rows.where('id', '<=', upTo);
}

function idsOf(rows: readonly { readonly id: number }[]): number[] {
  return rows.map(({ id }) => id);
}
