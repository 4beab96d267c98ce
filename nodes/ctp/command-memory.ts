// A command that is repeated with its id is answered as it was the first time, and never done twice.
import { ShopfloorError } from '../core/errors.ts';
import type { CtpRecords } from './ctp-records.ts';

/**
 * Does `work` once for each `commandId`, in the transaction of `records`. The same id with other words, or from another actor, is
 * refused with 409.
 * @param words the command without its id, and what its files are
 */
export async function once<Reply>(
  records: CtpRecords,
  actor: string,
  commandId: string | undefined,
  words: unknown,
  work: () => Promise<Reply>,
): Promise<{ readonly reply: Reply; readonly isRepeat: boolean }> {
  if (commandId === undefined) return { reply: await work(), isRepeat: false };
  const request = JSON.stringify(words);
  const known = await records.commandById(commandId);
  if (known) {
    if (known.request === request && known.actor === actor)
      return { reply: JSON.parse(known.reply) as Reply, isRepeat: true };
    throw new ShopfloorError('command-id-reused', 409, 'This commandId was used for another command.', {
      hint: 'Give every command an id of its own.',
    });
  }
  const reply = await work();
  await records.rememberCommand(commandId, request, JSON.stringify(reply));
  return { reply, isRepeat: false };
}
