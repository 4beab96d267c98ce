// Parses an XML-RPC reply with the `xmlrpc` package's parser, and refuses what that parser would let pass.
import { Readable } from 'node:stream';
import Deserializer from 'xmlrpc/lib/deserializer.js';
import { maximumDepth, maximumElements } from './reply-limits.ts';

/** Which elements may stand in which; the parser itself reads tags in any order and forgives missing ends. */
const allowedChildren: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['METHODRESPONSE']],
  ['METHODRESPONSE', ['PARAMS', 'FAULT']],
  ['PARAMS', ['PARAM']],
  ['PARAM', ['VALUE']],
  ['FAULT', ['VALUE']],
  // No base64 or dateTime: no field that we read is sent as one.
  ['VALUE', ['INT', 'I4', 'BOOLEAN', 'STRING', 'DOUBLE', 'NIL', 'ARRAY', 'STRUCT']],
  ['ARRAY', ['DATA']],
  ['DATA', ['VALUE']],
  ['STRUCT', ['MEMBER']],
  ['MEMBER', ['NAME', 'VALUE']],
]);

/** Number of children that must be there at the end; an absent entry means any number. */
const neededChildren: ReadonlyMap<string, number> = new Map([
  ['METHODRESPONSE', 1],
  ['PARAMS', 1],
  ['PARAM', 1],
  ['FAULT', 1],
  ['ARRAY', 1],
  ['MEMBER', 2],
]);

/** Elements whose text is a value; VALUE may hold text (a string) or one child. */
const textElements = new Set(['INT', 'I4', 'BOOLEAN', 'STRING', 'DOUBLE', 'NAME']);

interface Frame {
  readonly name: string;
  children: number;
  text: boolean;
}

/** Thrown through the package's parser, which would read a reply to its end after a fault. */
class Stopped extends Error {}

/** Bytes that the parser gets at once. */
const chunkBytes = 64 * 1024;

class StrictDeserializer extends Deserializer {
  #elements = 0;
  readonly #open: Frame[] = [{ name: '', children: 0, text: false }];

  constructor() {
    super('utf8');
    // The package asks its SAX parser for the tolerance of web pages: it invents missing ends. XML has none.
    const sax: unknown = Reflect.get(this.parser, '_parser');
    if (typeof sax !== 'object' || sax === null) throw new TypeError('this xmlrpc package has another parser inside');
    Reflect.set(sax, 'strict', true);
  }

  /** A fault without a struct would throw here, outside of any promise. */
  override onDone(): void {
    try {
      super.onDone();
    } catch (error) {
      if (error instanceof Stopped) throw error;
      this.onError(error instanceof Error ? error : String(error));
    }
  }

  /** The first fault ends it: nothing behind it is looked at. */
  override onError(fault: Error | string): void {
    super.onError(fault);
    throw new Stopped();
  }

  /** Reads the reply; the callback of `deserializeMethodResponse` has been called when this returns. */
  read(body: Uint8Array): void {
    try {
      for (let from = 0; from < body.length; from += chunkBytes) {
        this.parser.write(Buffer.from(body.subarray(from, from + chunkBytes)));
      }
      this.parser.end();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
  }

  override onOpentag(tag: { readonly name: string }): void {
    this.#elements += 1;
    if (this.#elements > maximumElements) this.onError(new Error(`more than ${maximumElements} elements`));
    // The tolerant parser wrote all names in capitals, and the package expects them so.
    const node = { name: tag.name.toUpperCase() };
    const parent = this.#open.at(-1);
    const allowed = allowedChildren.get(parent?.name ?? '') ?? [];
    const full = parent && (parent.name === 'VALUE' || parent.name === '') && parent.children > 0;
    const misplaced = parent?.name === 'MEMBER' && allowed[parent.children] !== node.name;
    if (!parent || full || misplaced || !allowed.includes(node.name) || this.#open.length > maximumDepth) {
      this.onError(new Error(`element ${node.name} is misplaced`));
    } else {
      parent.children += 1;
    }
    this.#open.push({ name: node.name, children: 0, text: false });
    super.onOpentag(node);
  }

  override onText(text: string): void {
    const frame = this.#open.at(-1);
    if (frame && !textElements.has(frame.name) && text.trim() !== '') {
      frame.text = true;
      if (frame.name !== 'VALUE') this.onError(new Error('text is misplaced'));
    }
    super.onText(text);
  }

  override onClosetag(tag: string): void {
    const name = tag.toUpperCase();
    const frame = this.#open.pop();
    const needed = neededChildren.get(name);
    if (
      frame?.name !== name ||
      (needed !== undefined && frame.children !== needed) ||
      (frame.text && frame.children > 0)
    ) {
      this.onError(new Error(`element ${name} is incomplete`));
    }
    if (name === 'NAME' && this.data.join('') === '__proto__') this.onError(new Error('a member name is reserved'));
    super.onClosetag(name);
  }

  /** The parser's own reads "12abc" as 12. */
  override endInt(data: string): void {
    if (!/^\s*[+-]?\d{1,15}\s*$/.test(data)) throw new Error('an integer is none');
    super.endInt(data);
  }

  override endDouble(data: string): void {
    if (data.trim() === '' || !Number.isFinite(Number(data))) throw new Error('a double is none');
    super.endDouble(data);
  }
}

/** What a reply says; `malformed` is no XML-RPC. */
export type ParsedReply =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly code: unknown; readonly text: unknown }
  | { readonly kind: 'malformed'; readonly message: string };

/** Takes about 10 ms of the thread for each 100 kB, and nothing for what stands behind a fault. Never rejects. */
export function parseXmlRpc(body: Uint8Array): Promise<ParsedReply> {
  return new Promise((resolve) => {
    const deserializer = new StrictDeserializer();
    // The package wants a stream that it can read; the bytes are here, and are handed over by us so that we can stop.
    deserializer.deserializeMethodResponse(new Readable({ read() {} }), (error, result) => {
      if (!error) {
        resolve({ kind: 'value', value: result });
        return;
      }
      const isFault = error.faultCode !== undefined || error.faultString !== undefined;
      resolve(
        isFault
          ? { kind: 'fault', code: error.faultCode, text: error.faultString }
          : { kind: 'malformed', message: error.message },
      );
    });
    deserializer.read(body);
  });
}
