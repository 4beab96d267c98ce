// The link that every node of one PLC shares: orders requests, gives each a deadline, and heals the connection.
import type { BackoffPolicy } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { WordRange } from '../memory-map.ts';
import { type PlcLink, PlcLinkError, type RequestOptions } from '../plc-link.ts';
import { describeRange, mostWordsPerWrite } from '../read-plan.ts';
import { AdaptiveDepth } from './adaptive-depth.ts';
import type { AddressMap } from './address-map.ts';
import { ConnectionKeeper } from './connection-keeper.ts';
import type { LinkCounters, LinkPhase, LinkStatus } from './link-status.ts';
import { PlcRequest, type RequestBody } from './plc-request.ts';
import { RequestQueue } from './request-queue.ts';
import type { Transport } from './transport.ts';
import { WritableArea } from './writable-area.ts';

/** Unanswered requests in a row after which draining the line is given up and the connection is rebuilt. */
const timeoutsBeforeRebuild = 3;

export interface ScheduledLinkOptions {
  /** Makes a new transport for each connection attempt. */
  readonly connect: () => Transport;
  readonly addresses: AddressMap;
  /** D-words that may be written; everything else is refused before it is sent. */
  readonly writable: readonly WordRange[];
  /** Most words per read, 1 to 125. */
  readonly wordsPerRequest: number;
  /** Requests in flight, or `auto` to measure. The transport's own limit goes before. */
  readonly depth: number | 'auto';
  /** Time for an answer, from the moment the request leaves. Also how long a request waits for the very first connection. */
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Most requests waiting at once. */
  readonly queueLimit: number;
  /** Longest time that a request waits for its turn. */
  readonly queueTimeoutMs: number;
  readonly backoff: BackoffPolicy;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Called on transitions only: a retry that fails like the one before it is none. */
  readonly onStatus?: (state: LinkStatus) => void;
}

export class ScheduledLink implements PlcLink {
  readonly #options: ScheduledLinkOptions;
  readonly #keeper: ConnectionKeeper;
  readonly #queue: RequestQueue;
  readonly #writable: WritableArea;
  readonly #inFlight = new Set<PlcRequest>();
  readonly #adaptive: AdaptiveDepth | undefined;
  #transport: Transport | undefined;
  #draining = false;
  #closed = false;
  #status: LinkStatus;
  /** The running poll cycle, from the first request on an idle line to the answer that leaves it idle again. */
  #cycle: { readonly startMs: number; requests: number; pure: boolean } | undefined;
  #timeoutsInARow = 0;
  #connections = 0;
  #requests = 0;
  #merged = 0;
  #dropped = 0;
  #timeouts = 0;
  #lastAnswerMs: number | undefined;

  constructor(options: ScheduledLinkOptions) {
    this.#options = options;
    this.#queue = new RequestQueue(options.queueLimit);
    this.#writable = new WritableArea(options.writable);
    this.#adaptive = options.depth === 'auto' ? new AdaptiveDepth() : undefined;
    this.#status = { phase: 'idle', since: options.clock.now() };
    this.#keeper = new ConnectionKeeper({
      connect: options.connect,
      connectTimeoutMs: options.connectTimeoutMs,
      backoff: options.backoff,
      clock: options.clock,
      random: options.random ?? Math.random,
      onOpen: (transport) => this.#opened(transport),
      onLost: (reason) => this.#lost(reason),
    });
  }

  get status(): LinkStatus {
    return this.#status;
  }

  get counters(): LinkCounters {
    return {
      requests: this.#requests,
      merged: this.#merged,
      dropped: this.#dropped,
      timeouts: this.#timeouts,
      reconnects: Math.max(0, this.#connections - 1),
      depth: this.#depth,
      lastAnswerAt: this.#lastAnswerMs === undefined ? undefined : this.#instant(this.#lastAnswerMs),
    };
  }

  /** Begins to connect, and goes on until `close`. */
  start(): void {
    if (this.#closed || this.#status.phase !== 'idle') return;
    this.#enter('connecting');
    this.#keeper.start();
  }

  /** Rejects what waits and ends the connection. Always resolves. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport = undefined;
    this.#rejectAll(new PlcLinkError('closed', 'The connection to the PLC is being closed.'));
    this.#enter('closed');
    await this.#keeper.close();
  }

  readWords(address: number, count: number, options: RequestOptions = {}): Promise<Uint16Array> {
    if (!Number.isInteger(count) || count < 1 || count > this.#options.wordsPerRequest) {
      return outOfRange(
        `A read of ${count} words at D${address} is refused: 1 to ${this.#options.wordsPerRequest} fit.`,
      );
    }
    return this.#request(address, count, undefined, options);
  }

  async writeWords(address: number, words: Uint16Array, options: RequestOptions = {}): Promise<void> {
    const count = words.length;
    if (count < 1 || count > mostWordsPerWrite) {
      await outOfRange(`A write of ${count} words at D${address} is refused: 1 to ${mostWordsPerWrite} fit.`);
    }
    if (!this.#writable.holds({ address, count })) {
      const where = describeRange({ address, count });
      await outOfRange(`A write to ${where} is refused: only ${this.#writable.describe()} may be written.`);
    }
    // A copy: the caller may reuse its array while the request waits.
    await this.#request(address, count, words.slice(), { priority: 'command', ...options });
  }

  #request(
    address: number,
    count: number,
    words: Uint16Array | undefined,
    { priority = 'poll', signal }: RequestOptions,
  ): Promise<Uint16Array> {
    const wire = this.#options.addresses.resolve(address, count);
    if (typeof wire === 'string') return outOfRange(wire);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const obstacle = this.#obstacle();
    if (obstacle) return Promise.reject(obstacle);
    if (priority === 'poll' && words === undefined) {
      const waiting = this.#queue.findPoll(wire, count);
      if (waiting) {
        this.#merged += 1;
        return waiting.join(signal);
      }
    }
    const body: RequestBody = { address, wireAddress: wire, count, ...(words && { words }) };
    const request = new PlcRequest(body, priority, (abandoned) => this.#abandoned(abandoned));
    const answer = request.join(signal);
    if (this.#hasRoom && this.#queue.length === 0) this.#send(request);
    else this.#enqueue(request);
    return answer;
  }

  /** Why a request cannot even wait: closed, or no connection that is about to come. */
  #obstacle(): PlcLinkError | undefined {
    if (this.#closed) return new PlcLinkError('closed', 'The connection to the PLC is closed.');
    if (this.#transport || this.#keeper.hopeful) return undefined;
    const reason = this.#status.reason ?? 'not started';
    return new PlcLinkError('disconnected', `No connection to the PLC: ${reason}`);
  }

  #enqueue(request: PlcRequest): void {
    const { clock, queueTimeoutMs, requestTimeoutMs, queueLimit } = this.#options;
    const dropped = this.#queue.add(request);
    if (dropped !== request) {
      const waitMs = this.#transport ? queueTimeoutMs : requestTimeoutMs;
      request.stopDeadline = clock.after(waitMs, () => {
        this.#queue.remove(request);
        const kind = this.#transport ? 'timeout' : 'disconnected';
        request.reject(new PlcLinkError(kind, `${name(request)} waited ${waitMs} ms for its turn and was not sent.`));
      });
    }
    if (dropped) {
      this.#dropped += 1;
      dropped.reject(
        new PlcLinkError('timeout', `${name(dropped)} was not sent: ${queueLimit} requests are waiting already.`),
      );
    }
  }

  get #depth(): number {
    const wanted = this.#adaptive?.depth ?? (this.#options.depth === 'auto' ? 1 : this.#options.depth);
    return Math.min(wanted, this.#transport?.maxInFlight ?? 1);
  }

  get #hasRoom(): boolean {
    return this.#transport !== undefined && !this.#draining && this.#inFlight.size < this.#depth;
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#hasRoom) {
      const request = this.#queue.next();
      if (!request) return;
      request.stopDeadline();
      this.#send(request);
    }
    if (this.#cycle && this.#inFlight.size === 0) this.#endCycle();
  }

  #send(request: PlcRequest): void {
    const transport = this.#transport;
    if (!transport) return;
    const { clock, requestTimeoutMs } = this.#options;
    request.sent = true;
    this.#inFlight.add(request);
    this.#requests += 1;
    if (this.#adaptive) this.#noteSent(request);
    request.stopDeadline = clock.after(requestTimeoutMs, () => this.#timedOut(request, transport));
    const { wireAddress, count, words } = request.body;
    const answer = words
      ? transport.writeWords(wireAddress, words).then(() => noWords)
      : transport.readWords(wireAddress, count);
    answer.then(
      (received) => this.#answered(request, received),
      (thrown: unknown) => this.#failed(request, thrown, transport),
    );
  }

  #answered(request: PlcRequest, received: Uint16Array): void {
    if (!this.#inFlight.has(request)) return;
    if (!request.isWrite && received.length !== request.body.count) {
      const fault = `${name(request)}: the PLC answered ${received.length} words instead of ${request.body.count}.`;
      this.#failed(request, new PlcLinkError('protocol', fault), this.#transport);
      return;
    }
    this.#noteAnswer();
    this.#inFlight.delete(request);
    request.resolve(received);
    this.#pump();
  }

  #failed(request: PlcRequest, thrown: unknown, transport: Transport | undefined): void {
    if (!this.#inFlight.delete(request)) return;
    const error =
      thrown instanceof PlcLinkError
        ? thrown
        : new PlcLinkError('protocol', `${name(request)} failed.`, { cause: thrown });
    // An exception is an answer: the PLC is there.
    if (error.kind === 'refused') this.#noteAnswer();
    this.#fault();
    request.reject(error);
    if (error.kind === 'protocol' && transport?.drain) this.#drain(transport);
    this.#pump();
  }

  /** After an unanswered request no later answer may be taken for a new one: drain the line, or end the connection. */
  #timedOut(request: PlcRequest, transport: Transport): void {
    if (!this.#inFlight.delete(request)) return;
    this.#timeouts += 1;
    this.#timeoutsInARow += 1;
    this.#fault();
    const error = new PlcLinkError(
      'timeout',
      `${name(request)} was not answered in ${this.#options.requestTimeoutMs} ms.`,
      {
        hint: 'Check that the PLC runs and that unit number and address are its own.',
      },
    );
    request.reject(error);
    if (transport.drain && this.#timeoutsInARow < timeoutsBeforeRebuild) this.#drain(transport);
    else this.#keeper.rebuild(error);
  }

  #drain(transport: Transport): void {
    if (!transport.drain || this.#draining) return;
    this.#draining = true;
    transport.drain().then(
      () => {
        if (this.#transport !== transport) return;
        this.#draining = false;
        this.#pump();
      },
      (thrown: unknown) => {
        if (this.#transport !== transport) return;
        this.#keeper.rebuild(new PlcLinkError('disconnected', 'The line does not become quiet.', { cause: thrown }));
      },
    );
  }

  #abandoned(request: PlcRequest): void {
    // In flight it keeps its place until the answer comes: the wire is busy with it.
    if (request.sent) return;
    request.stopDeadline();
    this.#queue.remove(request);
  }

  #opened(transport: Transport): void {
    this.#transport = transport;
    this.#draining = false;
    this.#timeoutsInARow = 0;
    this.#connections += 1;
    this.#adaptive?.connected();
    // A PLC that accepts and hangs up again and again has not come back: then the first answer is the transition.
    if (!this.#keeper.doubtful) this.#enter('connected');
    this.#pump();
  }

  #lost(reason: PlcLinkError): void {
    this.#transport = undefined;
    this.#fault();
    this.#cycle = undefined;
    this.#enter('disconnected', reason.message);
    const ended =
      reason.kind === 'protocol'
        ? reason
        : new PlcLinkError('disconnected', `The connection to the PLC ended: ${reason.message}`);
    this.#rejectAll(ended);
  }

  #rejectAll(reason: PlcLinkError): void {
    const pending = [...this.#inFlight, ...this.#queue.takeAll()];
    this.#inFlight.clear();
    for (const request of pending) request.reject(reason);
  }

  #noteAnswer(): void {
    this.#timeoutsInARow = 0;
    this.#lastAnswerMs = this.#options.clock.monotonicMs();
    this.#keeper.answered();
    if (this.#status.phase !== 'connected') this.#enter('connected');
  }

  #noteSent(request: PlcRequest): void {
    this.#cycle ??= { startMs: this.#options.clock.monotonicMs(), requests: 0, pure: true };
    this.#cycle.requests += 1;
    if (request.priority === 'command') this.#cycle.pure = false;
  }

  #endCycle(): void {
    const cycle = this.#cycle;
    this.#cycle = undefined;
    if (!cycle?.pure) return;
    this.#adaptive?.cycle({
      requests: cycle.requests,
      durationMs: this.#options.clock.monotonicMs() - cycle.startMs,
    });
  }

  #fault(): void {
    if (this.#cycle) this.#cycle.pure = false;
    this.#adaptive?.fault();
  }

  #instant(monotonicMs: number): Date {
    const { clock } = this.#options;
    return new Date(clock.now().getTime() - (clock.monotonicMs() - monotonicMs));
  }

  #enter(phase: LinkPhase, reason?: string): void {
    if (this.#status.phase === phase) {
      if (reason !== undefined) this.#status = { ...this.#status, reason };
      return;
    }
    this.#status = { phase, since: this.#options.clock.now(), ...(reason !== undefined && { reason }) };
    this.#options.onStatus?.(this.#status);
  }
}

const noWords = new Uint16Array(0);

function name({ body }: PlcRequest): string {
  return `${body.words ? 'Write' : 'Read'} of ${describeRange(body)}`;
}

function outOfRange(message: string): Promise<never> {
  return Promise.reject(new PlcLinkError('out-of-range', message));
}
