// Omron FINS over UDP through the optional package omron-fins: data memory, masked end codes, checked answer lengths.
import { createRequire } from 'node:module';
import { PlcLinkError } from '../plc-link.ts';
import type { FinsEndpoint } from './plc-url.ts';
import type { Transport } from './transport.ts';

/** Service ids count 1 to 254 and a timed-out connection is never used again, so this many cannot collide. */
const mostInFlight = 16;
/** The one that the library's own clean-up forgets. */
const lastServiceId = 254;
/** omron-fins has timers of its own; ours are shorter, so that its timeout never decides. */
const libraryTimeoutMs = 60_000;
/** DM word that is read to find out whether anybody is there: UDP itself never connects. */
const probeAddress = 0;
const endCodeMask = { main: 0x7f, sub: 0x3f };

/** The part of an omron-fins client that is used. */
interface FinsClient {
  connect(): void;
  disconnect(): void;
  read(address: string, count: number, callback: FinsCallback): number | null;
  write(address: string, words: readonly number[], callback: FinsCallback): number | null;
  readonly socket: { once(event: 'connect', listener: () => void): unknown };
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  readonly sequenceManager: { close(): void; remove(serviceId: number): void };
}

type FinsCallback = (error: unknown, sequence: FinsSequence | null) => void;

interface FinsSequence {
  readonly response?: {
    readonly MRES: number;
    readonly SRES: number;
    readonly endCodeDescription?: string;
    readonly buffer?: Buffer;
  };
}

export type FinsModule = {
  readonly FinsClient: new (
    port: number,
    host: string,
    options: { protocol: 'udp'; timeout: number; DA1: number; SA1: number },
    connect: false,
  ) => FinsClient;
};

export class FinsTransport implements Transport {
  readonly maxInFlight = mostInFlight;
  readonly #endpoint: FinsEndpoint;
  readonly #loadModule: () => FinsModule;
  #client: FinsClient | undefined;
  #ended = false;
  #onClosed: (reason: PlcLinkError) => void = () => undefined;

  constructor(endpoint: FinsEndpoint, loadModule: () => FinsModule = loadOmronFins) {
    this.#endpoint = endpoint;
    this.#loadModule = loadModule;
  }

  async open(): Promise<void> {
    const { FinsClient } = this.#loadModule();
    const { host, port, node, client } = this.#endpoint;
    const options = { protocol: 'udp', timeout: libraryTimeoutMs, DA1: node, SA1: client } as const;
    const fins = new FinsClient(port, host, options, false);
    this.#client = fins;
    fins.on('error', (error) => this.#troubled(error));
    fins.on('close', () => this.#end('The UDP socket closed.'));
    await new Promise<void>((resolve) => {
      fins.connect();
      // The library counts itself open when the socket is bound; a send before the host name is resolved would throw.
      fins.socket.once('connect', resolve);
    });
    try {
      await this.readWords(probeAddress, 1);
    } catch (error) {
      // Any answer, an unwelcome one included, shows that a PLC is there.
      if (!(error instanceof PlcLinkError && error.kind === 'refused')) throw error;
    }
  }

  async readWords(wireAddress: number, count: number): Promise<Uint16Array> {
    const bytes = await this.#ask((client, callback) => client.read(`D${wireAddress}`, count, callback));
    if (bytes.length !== 2 * count) {
      throw new PlcLinkError('protocol', `The PLC answered ${bytes.length} bytes for ${count} words.`);
    }
    return Uint16Array.from({ length: count }, (_, index) => bytes.readUInt16BE(2 * index));
  }

  async writeWords(wireAddress: number, words: Uint16Array): Promise<void> {
    await this.#ask((client, callback) => client.write(`D${wireAddress}`, [...words], callback));
  }

  async destroy(): Promise<void> {
    this.#ended = true;
    const client = this.#client;
    if (!client) return;
    client.disconnect();
    // Disconnecting leaves an interval and the timers of open requests running; a request reaches its timer one turn late.
    await new Promise<void>((resolve) => setImmediate(resolve));
    client.sequenceManager.close();
    client.sequenceManager.remove(lastServiceId);
  }

  onClosed(listener: (reason: PlcLinkError) => void): void {
    this.#onClosed = listener;
  }

  #ask(send: (client: FinsClient, callback: FinsCallback) => number | null): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const client = this.#client;
      if (!client || this.#ended) {
        reject(new PlcLinkError('disconnected', 'The FINS connection is closed.'));
        return;
      }
      send(client, (error, sequence) => {
        if (error) {
          reject(new PlcLinkError('protocol', `The answer is not one: ${textOf(error)}.`, { cause: error }));
          return;
        }
        const response = sequence?.response;
        const refusal = response && refusalOf(response.MRES, response.SRES, response.endCodeDescription);
        if (!response) reject(new PlcLinkError('protocol', 'The FINS answer is empty.'));
        else if (refusal) reject(refusal);
        else resolve(response.buffer ?? Buffer.alloc(0));
      });
    });
  }

  /** The library also reports an answer with an unknown service id here; only the socket's own errors end the connection. */
  #troubled(error: unknown): void {
    if (typeof error === 'object' && error !== null && 'syscall' in error) this.#end(textOf(error));
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onClosed(new PlcLinkError('disconnected', reason));
  }
}

/**
 * Why the PLC refused, or undefined when it did not. Bit 7 of the main code (network relay error) and bits 6 and 7 of the sub
 * code (CPU errors, such as a low battery) are flags beside the end code, not part of it (Omron W342, 5-1-3).
 */
export function refusalOf(main: number, sub: number, description = ''): PlcLinkError | undefined {
  const code = ((main & endCodeMask.main) << 8) | (sub & endCodeMask.sub);
  if (code === 0) return undefined;
  const endCode = code.toString(16).padStart(4, '0');
  return new PlcLinkError('refused', `The PLC refused with FINS end code ${endCode} ${description}`.trim(), {
    hint: 'Check the address and that the PLC allows writing in its mode.',
  });
}

/** The package omron-fins; throws a PlcLinkError that says how to install it. */
export function loadOmronFins(): FinsModule {
  try {
    return createRequire(import.meta.url)('omron-fins');
  } catch (cause) {
    throw new PlcLinkError('disconnected', 'The package omron-fins, which FINS needs, is not installed.', {
      hint: 'Run npm install omron-fins in the Node-RED user directory.',
      cause,
    });
  }
}

function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
