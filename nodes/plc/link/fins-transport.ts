// Omron FINS over UDP through the optional package omron-fins: data memory, masked end codes, checked answer lengths.
import { createRequire } from 'node:module';
import { type Clock, pause, systemClock } from '../../core/clock.ts';
import { PlcLinkError } from '../plc-link.ts';
import type { FinsEndpoint } from './plc-url.ts';
import type { Transport } from './transport.ts';

/** Service ids count 1 to 254 and a timed-out connection is never used again, so this many cannot collide. */
const mostInFlight = 16;
/** The one that the library's own clean-up forgets. */
const lastServiceId = 254;
/** omron-fins has timers of its own; ours are shorter, so that its timeout never decides. */
const libraryTimeoutMs = 60_000;
/** Half of the connection's default time for an answer: the repeated datagram has the other half. */
const defaultRepeatAfterMs = 1_000;
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

export interface FinsOptions {
  readonly clock: Clock;
  /** Silence after which a datagram counts as lost; the link's own time for an answer must be longer. */
  readonly repeatAfterMs: number;
}

/** One datagram that waits for its answer. */
interface Asked {
  readonly answer: Promise<Buffer>;
  /** Gives up waiting and frees the service id. */
  forget(): void;
}

const silence = Symbol('no answer yet');

export class FinsTransport implements Transport {
  readonly maxInFlight = mostInFlight;
  readonly #endpoint: FinsEndpoint;
  readonly #loadModule: () => FinsModule;
  readonly #options: FinsOptions;
  #client: FinsClient | undefined;
  #ended = false;
  #onClosed: (reason: PlcLinkError) => void = () => undefined;

  constructor(
    endpoint: FinsEndpoint,
    loadModule: () => FinsModule = loadOmronFins,
    options: FinsOptions = { clock: systemClock, repeatAfterMs: defaultRepeatAfterMs },
  ) {
    this.#endpoint = endpoint;
    this.#loadModule = loadModule;
    this.#options = options;
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

  /** UDP loses datagrams without a word, so a question that nothing answers is asked once more, under another service id. */
  async readWords(wireAddress: number, count: number): Promise<Uint16Array> {
    const first = this.#askWords(wireAddress, count);
    let bytes = await this.#patiently(first.answer);
    if (bytes === silence) {
      const second = this.#askWords(wireAddress, count);
      try {
        bytes = await Promise.race([first.answer, second.answer]);
      } finally {
        first.forget();
        second.forget();
      }
    }
    if (bytes.length !== 2 * count) {
      throw new PlcLinkError('protocol', `The PLC answered ${bytes.length} bytes for ${count} words.`);
    }
    return wordsOf(bytes);
  }

  /**
   * A write is never sent twice: the PLC may have taken the first one and gone on from there. Where its answer stays away, the
   * memory is read instead; words that stand there are written.
   */
  async writeWords(wireAddress: number, words: Uint16Array): Promise<void> {
    const write = this.#ask((client, callback) => client.write(`D${wireAddress}`, [...words], callback));
    if ((await this.#patiently(write.answer)) !== silence) return;
    const held = this.#askWords(wireAddress, words.length);
    try {
      const stands = await Promise.race([
        write.answer.then(() => true),
        held.answer.then(
          (bytes) => bytes.length === 2 * words.length && wordsOf(bytes).every((word, index) => word === words[index]),
          () => false,
        ),
      ]);
      if (stands) return;
    } finally {
      write.forget();
      held.forget();
    }
    throw new PlcLinkError(
      'timeout',
      `The PLC did not confirm a write of ${words.length} words at D${wireAddress}, and its memory holds others.`,
      { hint: 'The datagram may be lost: read the words back before writing again.' },
    );
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

  #askWords(wireAddress: number, count: number): Asked {
    return this.#ask((client, callback) => client.read(`D${wireAddress}`, count, callback));
  }

  #ask(send: (client: FinsClient, callback: FinsCallback) => number | null): Asked {
    let serviceId: number | null = null;
    let isSettled = false;
    const answer = new Promise<Buffer>((resolve, reject) => {
      const client = this.#client;
      if (!client || this.#ended) {
        reject(new PlcLinkError('disconnected', 'The FINS connection is closed.'));
        return;
      }
      serviceId = send(client, (error, sequence) => {
        isSettled = true;
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
    // The answer to a datagram that was given up may still come, and is of no interest.
    answer.catch(() => undefined);
    return {
      answer,
      forget: () => {
        if (!isSettled && serviceId !== null && !this.#ended) this.#client?.sequenceManager.remove(serviceId);
      },
    };
  }

  async #patiently(answer: Promise<Buffer>): Promise<Buffer | typeof silence> {
    const { clock, repeatAfterMs } = this.#options;
    const impatience = new AbortController();
    try {
      return await Promise.race([
        answer,
        pause(clock, repeatAfterMs, impatience.signal).then(
          (): typeof silence => silence,
          (): typeof silence => silence,
        ),
      ]);
    } finally {
      impatience.abort();
    }
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

function wordsOf(bytes: Buffer): Uint16Array {
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readUInt16BE(2 * index));
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
