// The value of an XML-RPC reply: small ones are parsed at once, large ones in a thread, so that no list of orders stalls the plant.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { notOdoo, xmlRpcFault } from './server-faults.ts';
import { type ParsedReply, parseXmlRpc } from './xml-rpc-parser.ts';

/** Parsed in under 5 ms; what is larger (200 orders are 2.6 MB) is worth the 50 ms that a thread takes to start. */
const parsedAtOnceBytes = 32 * 1024;

/** The reply's value; rejects with an OdooError for a fault (by its kind) and for anything that is no XML-RPC. */
export async function readXmlRpcReply(body: Buffer): Promise<unknown> {
  const parsed = await (body.length > parsedAtOnceBytes ? parseInThread(body) : parseXmlRpc(body));
  switch (parsed.kind) {
    case 'value':
      return parsed.value;
    case 'fault':
      throw xmlRpcFault(parsed.code, parsed.text);
    case 'malformed':
      throw notOdoo('no well-formed XML-RPC', new Error(parsed.message));
  }
}

/** What a thread sends back is JSON text: XML-RPC has no value that JSON lacks, and it is read faster than a cloned object. */
async function parseInThread(body: Buffer): Promise<ParsedReply> {
  const bytes = Uint8Array.from(body);
  const worker = new Worker(new URL(`./xml-rpc-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: bytes,
    transferList: [bytes.buffer],
  });
  try {
    const text = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The thread that read the reply of Odoo ended early.')));
    });
    return JSON.parse(text) as ParsedReply;
  } finally {
    await worker.terminate();
  }
}
