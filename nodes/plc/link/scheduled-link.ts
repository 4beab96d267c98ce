// The link that every node of one PLC shares: orders requests, gives each a deadline, and heals the connection.
import { type PlcLink, PlcLinkError, type RequestOptions, type RequestPriority } from '../plc-link.ts';
import { describeRange } from '../read-plan.ts';
import { ConnectionKeeper } from './connection-keeper.ts';
import { DepthControl } from './depth-control.ts';
import type { ScheduledLinkOptions } from './link-options.ts';
import type { LinkCounters, LinkPhase, LinkStatus } from './link-status.ts';
import { PlcRequest, type RequestBody } from './plc-request.ts';
import { RequestGate } from './request-gate.ts';
import { RequestQueue } from './request-queue.ts';
import type { Transport } from './transport.ts';

/** Unanswered requests in a row after which draining the line is given up and the connection is rebuilt. */
const timeoutsBeforeRebuild = 3;

export class ScheduledLink implements PlcLink {
  readonly #options: ScheduledLinkOptions;
  readonly #keeper: ConnectionKeeper;
  readonly #queue: RequestQueue;
  readonly #gate: RequestGate;
  readonly #inFlight = new Set<PlcRequest>();
  readonly #depthControl: DepthControl;
  #transport: Transport | undefined;
  #draining = false;
  #closed = false;
  #status: LinkStatus;
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
    this.#gate = new RequestGate(options);
    this.#depthControl = new DepthControl(options.depth, options.clock);
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
    return this.#request(this.#gate.read(address, count), options.priority ?? 'poll', options.signal);
  }

  async writeWords(address: number, words: Uint16Array, options: RequestOptions = {}): Promise<void> {
    await this.#request(this.#gate.write(address, words), options.priority ?? 'command', options.signal);
  }

  #request(
    body: RequestBody | string,
    priority: RequestPriority,
    signal: AbortSignal | undefined,
  ): Promise<Uint16Array> {
    if (typeof body === 'string') return Promise.reject(new PlcLinkError('out-of-range', body));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const obstacle = this.#obstacle();
    if (obstacle) return Promise.reject(obstacle);
    const twin = priority === 'poll' && !body.words && this.#queue.findPoll(body.wireAddress, body.count);
    if (twin) {
      this.#merged += 1;
      return twin.join(signal);
    }
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
    return Math.min(this.#depthControl.depth, this.#transport?.maxInFlight ?? 1);
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
    if (this.#inFlight.size === 0 && this.#queue.length === 0) this.#depthControl.idle();
  }

  #send(request: PlcRequest): void {
    const transport = this.#transport;
    if (!transport) return;
    const { clock, requestTimeoutMs } = this.#options;
    request.sent = true;
    this.#inFlight.add(request);
    this.#requests += 1;
    this.#depthControl.sent(request);
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
    this.#depthControl.fault();
    request.reject(error);
    if (error.kind === 'protocol' && transport?.drain) this.#drain(transport);
    this.#pump();
  }

  /** After an unanswered request no later answer may be taken for a new one: drain the line, or end the connection. */
  #timedOut(request: PlcRequest, transport: Transport): void {
    if (!this.#inFlight.delete(request)) return;
    this.#timeouts += 1;
    this.#timeoutsInARow += 1;
    this.#depthControl.fault();
    const error = new PlcLinkError(
      'timeout',
      `${name(request)} was not answered in ${this.#options.requestTimeoutMs} ms.`,
      {
        hint: transport.remedy ?? 'Check that the PLC runs and that unit number and address are its own.',
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
    this.#depthControl.connected();
    // A PLC that accepts and hangs up again and again has not come back: then the first answer is the transition.
    if (!this.#keeper.doubtful) this.#enter('connected');
    this.#pump();
  }

  #lost(reason: PlcLinkError): void {
    this.#transport = undefined;
    this.#depthControl.fault();
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
