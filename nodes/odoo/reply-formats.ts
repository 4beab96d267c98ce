// The formats in which Odoo answers, each parsed within the limits of an answer.
import { jsonFault } from './reply-limits.ts';
import { type ParsedReply, parseXmlRpc } from './xml-rpc-parser.ts';

export type ReplyFormat = 'xml-rpc' | 'json';

/** Never rejects: an answer that is not well-formed, or beyond a limit, is `malformed`. */
export async function parseBytes(format: ReplyFormat, bytes: Uint8Array): Promise<ParsedReply> {
  return format === 'xml-rpc' ? parseXmlRpc(bytes) : parseJson(bytes);
}

function parseJson(bytes: Uint8Array): ParsedReply {
  const message = jsonFault(bytes);
  if (message !== undefined) return { kind: 'malformed', message };
  try {
    return { kind: 'value', value: JSON.parse(Buffer.from(bytes).toString('utf8')) };
  } catch (error) {
    return { kind: 'malformed', message: error instanceof Error ? error.message : String(error) };
  }
}
