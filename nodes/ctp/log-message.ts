// Turns messages into commands and askers, and replies of the problem log into messages.
import { voucherOf } from '../access/actor.ts';
import { installedAttachments } from '../attachments/attachments-contract.ts';
import type { StagedFile } from '../attachments/messages.ts';
import type { Send, WireMessage } from '../core/command-input.ts';
import { successReply } from '../core/http-envelope.ts';
import type { Asker } from './asker.ts';
import type { LogReply } from './log-reply.ts';
import { responseOf, streamExport, wholeExport } from './send-export.ts';

/**
 * The command of a message. The id of a repeatable command may also be the header `Idempotency-Key`, and what the notify node says of
 * a stored notice (topic `notify/stored`, with the `notice` that this node gave it) is the command `told`.
 */
export function commandIn(message: WireMessage): unknown {
  const { payload, topic, notice } = message;
  if (topic === 'notify/stored' && typeof notice === 'number') return { command: 'told', notice };
  const key = idempotencyKey(message.req);
  if (key === undefined || typeof payload !== 'object' || payload === null || 'commandId' in payload) return payload;
  return { ...payload, commandId: key };
}

function idempotencyKey(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || !('headers' in request)) return undefined;
  const { headers } = request as { readonly headers: Readonly<Record<string, unknown>> };
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

export function uploadsIn(message: WireMessage): readonly StagedFile[] {
  return installedAttachments()?.uploadsOf(message.req) ?? [];
}

/** Whom the server vouched for; inside a flow whom an earlier node names, with every right: the wiring is the engineer's own. */
export function askerOf(message: WireMessage): Asker {
  const voucher = voucherOf(message);
  if (voucher) return voucher;
  const { actor } = message;
  const named = typeof actor === 'object' && actor !== null && 'name' in actor && typeof actor.name === 'string';
  const name = named && actor.name !== '' ? String(actor.name).slice(0, 100) : 'flow';
  return { actor: { name, via: 'flow' }, may: async () => true };
}

/** Sends a reply: result, then one message for each event and each notice. An export of a route goes straight into its response. */
export async function sendReply(
  message: WireMessage,
  command: string,
  reply: LogReply,
  send: Send,
  newId: () => string,
): Promise<void> {
  const { answer, events, notices } = reply;
  const response = answer.kind === 'export' ? responseOf(message.res) : undefined;
  // What the notify node said is no question: nobody waits for an answer.
  const result = command === 'told' || response ? null : await resultOf(message, command, reply);
  send([
    result,
    events.map((payload) => ({ _msgid: newId(), topic: 'ctp/event', payload })),
    notices.map(({ id, payload }) => ({ _msgid: newId(), topic: 'ctp/notify', payload, notice: id })),
  ]);
  if (!response || answer.kind !== 'export') return;
  // Its head has left: a failure can only cut the download, and is told to Catch.
  message.res = undefined;
  await streamExport(response, answer);
}

async function resultOf(message: WireMessage, command: string, { answer }: LogReply): Promise<WireMessage> {
  const topic = `ctp/${command}`;
  if (answer.kind === 'file')
    return Object.assign(message, { topic, statusCode: 200, payload: answer.bytes, headers: answer.headers });
  if (answer.kind === 'export')
    return Object.assign(message, { topic, payload: await wholeExport(answer), headers: answer.headers });
  const { data, page, created } = answer;
  const isAsked = message.res !== undefined;
  return Object.assign(
    message,
    { topic },
    isAsked ? successReply({ data, ...page }, created ? 201 : 200) : { payload: page ? { data, ...page } : data },
  );
}
