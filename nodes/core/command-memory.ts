// A command that is repeated with its id is answered as it was the first time, and never done twice.
import { ShopfloorError } from './errors.ts';

/** What a room keeps of a command under its id. */
export interface RememberedCommand {
  /** Identity of who gave it. */
  readonly actor: string;
  /** Its words as JSON. */
  readonly request: string;
  /** What was answered, as JSON. */
  readonly reply: string;
}

/** A room's table of commands, in the transaction of the command. */
export interface CommandMemory {
  commandById(commandId: string): Promise<RememberedCommand | undefined>;
  /** @param command with when it was done, ISO 8601 UTC */
  rememberCommand(commandId: string, command: RememberedCommand & { readonly at: string }): Promise<void>;
}

/** A command as it came. */
export interface RepeatableCommand {
  /** Undefined: it is done as often as it comes. */
  readonly commandId: string | undefined;
  readonly actor: string;
  /** All that the command says but its id. */
  readonly words: unknown;
  /** Now, ISO 8601 UTC. */
  readonly at: string;
}

/** Does `work` once for each `commandId`. @throws ShopfloorError 409 when the id was used for other words, or by another actor */
export async function once<Reply>(
  memory: CommandMemory,
  { commandId, actor, words, at }: RepeatableCommand,
  work: () => Promise<Reply>,
): Promise<{ readonly reply: Reply; readonly isRepeat: boolean }> {
  if (commandId === undefined) return { reply: await work(), isRepeat: false };
  const request = JSON.stringify(words);
  const known = await memory.commandById(commandId);
  if (isRepeat(known, { actor, request })) return { reply: JSON.parse(known.reply) as Reply, isRepeat: true };
  const reply = await work();
  await memory.rememberCommand(commandId, { actor, request, reply: JSON.stringify(reply), at });
  return { reply, isRepeat: false };
}

/**
 * Whether `known`, kept under the id of `command`, is the same command; false where nothing is kept.
 * @throws ShopfloorError 409 when it is another one
 */
export function isRepeat<Known extends Pick<RememberedCommand, 'actor' | 'request'>>(
  known: Known | undefined,
  command: Pick<RememberedCommand, 'actor' | 'request'>,
): known is Known {
  if (!known) return false;
  if (known.request === command.request && known.actor === command.actor) return true;
  throw new ShopfloorError('command-id-reused', 409, 'This commandId was used for another command.', {
    hint: 'Give every command an id of its own.',
  });
}
