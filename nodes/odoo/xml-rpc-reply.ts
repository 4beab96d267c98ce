// The value of an XML-RPC reply, or the error that its fault means.
import { parseReply } from './parse-reply.ts';
import { notOdoo, xmlRpcFault } from './server-faults.ts';

/** Enough for a caller that has no deadline of its own. */
const usualMs = 20_000;

/** The reply's value; rejects with an OdooError for a fault (by its kind) and for anything that is no XML-RPC. */
export async function readXmlRpcReply(body: Buffer, remainingMs = usualMs): Promise<unknown> {
  const parsed = await parseReply('xml-rpc', body, remainingMs);
  switch (parsed.kind) {
    case 'value':
      return parsed.value;
    case 'fault':
      throw xmlRpcFault(parsed.code, parsed.text);
    case 'malformed':
      throw notOdoo('no well-formed XML-RPC', new Error(parsed.message));
  }
}
