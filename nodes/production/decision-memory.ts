// Remembers the answer to a person's command, so that the same command under the same id is answered and not done again.
import type { Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import { isRepeat } from '../core/command-memory.ts';
import type { IntakeSchema } from './tables.ts';
import type { PersonCommand } from './tracker-commands.ts';

export type Reply = Readonly<Record<string, unknown>>;

function requestOf(command: PersonCommand): string {
  return JSON.stringify({ ...command, commandId: null });
}

/** @returns undefined for a command that was never seen; a null reply for one whose end a crash kept back */
export async function rememberedReply(
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand,
  actor: Actor,
): Promise<{ readonly reply: Reply | null } | undefined> {
  if (command.commandId === null) return undefined;
  const known = await transaction
    .selectFrom('production_command')
    .selectAll()
    .where('command_id', '=', command.commandId)
    .executeTakeFirst();
  if (!isRepeat(known, { actor: actor.name, request: requestOf(command) })) return undefined;
  return { reply: JSON.parse(known.reply) as Reply | null };
}

/** @param reply null: what becomes of it is decided by another commit */
export async function remember(
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand,
  actor: Actor,
  reply: Reply | null,
  at: string,
): Promise<void> {
  if (command.commandId === null) return;
  await transaction
    .insertInto('production_command')
    .values({
      command_id: command.commandId,
      actor: actor.name,
      request: requestOf(command),
      reply: JSON.stringify(reply),
      at,
    })
    .execute();
}

/** Writes the answer of a command that was remembered without one. */
export async function settle(
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand,
  reply: Reply,
): Promise<Reply> {
  if (command.commandId === null) return reply;
  await transaction
    .updateTable('production_command')
    .set({ reply: JSON.stringify(reply) })
    .where('command_id', '=', command.commandId)
    .execute();
  return reply;
}
