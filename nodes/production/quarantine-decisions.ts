// What a person decides about a message of the quarantine: to judge it again, or that it counts nowhere.
import type { Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { PlantTime } from '../core/plant-time.ts';
import type { CumulativeCounter } from './cumulative-counter.ts';
import { type Reply, remember, rememberedReply, settle } from './decision-memory.ts';
import { arrivalOf } from './quarantined-message.ts';
import type { IntakeSchema, QuarantineTable } from './tables.ts';
import type { PersonCommand } from './tracker-commands.ts';
import type { TrackerSettings } from './tracker-settings.ts';

export interface ReplayParts {
  readonly counter: CumulativeCounter;
  readonly settings: TrackerSettings;
  readonly plant: PlantTime;
  readonly clock: Clock;
}

export async function dismiss(
  transaction: Transaction<IntakeSchema>,
  { id, reason }: PersonCommand & { command: 'dismiss' },
  actor: Actor,
  at: string,
): Promise<Reply> {
  await waitingRow(transaction, id);
  await transaction
    .updateTable('production_quarantine')
    .set({ status: 'dismissed', decided_by: actor.name, decided_at: at, reason })
    .where('id', '=', id)
    .execute();
  return { command: 'dismiss', id, status: 'dismissed' };
}

/** The message goes the way of messages and is judged like any; its row then says what became of it. */
export function replay(
  parts: ReplayParts,
  command: PersonCommand & { command: 'replay' },
  actor: Actor,
): Promise<Reply> {
  return inTurn(parts.counter, () => replayNow(parts, command, actor));
}

/** The replay under way, mapped by counter. */
const replays = new WeakMap<CumulativeCounter, Promise<unknown>>();

/** A replay takes three steps: a second one of the same message must find what the first made of it. */
export function inTurn(counter: CumulativeCounter, work: () => Promise<Reply>): Promise<Reply> {
  const result = (replays.get(counter) ?? Promise.resolve()).then(work, work);
  replays.set(counter, result);
  return result;
}

async function replayNow(
  parts: ReplayParts,
  command: PersonCommand & { command: 'replay' },
  actor: Actor,
): Promise<Reply> {
  const { counter } = parts;
  const { id } = command;
  const begun = await counter.decide((store, epoch) =>
    store.journal.asOwner(epoch, async (transaction) => {
      const known = await rememberedReply(transaction, command, actor);
      if (known?.reply) return { reply: known.reply };
      // A crash came between what became of the message and its answer: the answer is what the row says.
      if (known) {
        const made = await replyOfRow(transaction, id);
        if (made.status !== 'waiting') return { reply: await settle(transaction, command, made) };
      }
      const row = await waitingRow(transaction, id);
      if (row.raw_cut === 1) {
        throw new ShopfloorError(
          'replay-cut',
          409,
          'Its text was too long to be kept whole, so it can only be dismissed.',
        );
      }
      await transaction
        .updateTable('production_quarantine')
        .set({ decided_by: actor.name, decided_at: parts.clock.now().toISOString() })
        .where('id', '=', id)
        .execute();
      if (!known) await remember(transaction, command, actor, null, parts.clock.now().toISOString());
      return { row };
    }),
  );
  if ('reply' in begun) return begun.reply;
  if (!(await counter.commit(arrivalOf(begun.row, parts.plant))))
    throw new ShopfloorError('tracker-closed', 503, 'The tracker was closed before the message was judged.');
  return counter.decide((store, epoch) =>
    store.journal.asOwner(epoch, async (transaction) =>
      settle(transaction, command, await replyOfRow(transaction, id)),
    ),
  );
}

type ReplayReply = Reply & { readonly status: QuarantineTable['status'] };

async function replyOfRow(transaction: Transaction<IntakeSchema>, id: number): Promise<ReplayReply> {
  const row = await transaction
    .selectFrom('production_quarantine')
    .select(['status', 'code', 'message'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { command: 'replay', id, ...row };
}

async function waitingRow(transaction: Transaction<IntakeSchema>, id: number) {
  const row = await transaction.selectFrom('production_quarantine').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new ShopfloorError('quarantine-unknown', 404, `The quarantine has no message ${id}.`);
  if (row.status !== 'waiting') {
    const { status, decided_by: by, decided_at: when } = row;
    throw new ShopfloorError('quarantine-decided', 409, `Message ${id} was ${status} already.`, {
      current: { status, decided_by: by, decided_at: when },
    });
  }
  return row;
}
