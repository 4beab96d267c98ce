// What machine-status-in does with messages: those of one wake-up become one batch, and each waits until the batch is settled.
import type { Clock } from '../core/clock.ts';
import { abandonDelivery, openDelivery } from './deliveries.ts';
import type { ArrivedMessage } from './intake-link.ts';
import { type LinkChange, type MachineLiveness, willText } from './machine-liveness.ts';
import type { MachineReading, ReadingBatch, RefusedReading } from './messages.ts';
import { isMachineName, isRefused, longestPayload, type ReadingParser, wrongTopic } from './reading-parser.ts';
import { machineInTopic } from './topic-filter.ts';

export interface IntakeParts {
  readonly parser: ReadingParser;
  readonly liveness: MachineLiveness;
  /** Topic filters of last wills; the first `+` is the machine. */
  readonly willTopics: readonly string[];
  readonly clock: Clock;
  /** Runs work at the end of this turn of the event loop. */
  readonly defer: (work: () => void) => void;
  /** False: nobody commits; messages are acknowledged when they are sent. */
  readonly awaitsCommit: boolean;
  readonly send: (batch: ReadingBatch) => void;
  readonly onChange: (change: LinkChange) => void;
  readonly acknowledge: (tickets: readonly number[]) => void;
  /** Asks the broker to send again what was not acknowledged. */
  readonly redeliver: () => void;
}

/** Told when the batch of an input message is settled. */
type Settled = (ok: boolean) => void;

interface Gathered {
  readings: MachineReading[];
  refused: RefusedReading[];
  tickets: number[];
  settled: Settled[];
  /** Of what arrives in this turn of the event loop: a clock is asked as often as a commit, not as often as a message. */
  arrivedMs: number;
}

/** Turns that a burst may take; a broker sends its window of 20 in fewer, and what never ends is committed in pieces. */
const mostTurns = 20;
/** The window that the README asks for: a commit costs the same for any number of messages. */
const enough = 1_000;

/** A character takes at most four bytes of UTF-8. */
const longestPayloadBytes = 4 * longestPayload;

export class StatusIntake {
  readonly #parts: IntakeParts;
  /** Deliveries that nobody has settled yet, with the instant they were sent. */
  readonly #open = new Map<string, number>();
  #gathered: Gathered | undefined;
  #isClosed = false;
  received = 0;
  refused = 0;
  lastArrivedMs: number | undefined;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** A message of the broker. */
  arrived({ topic, text, isUtf8, fullBytes = null, retain, dup, ticket }: ArrivedMessage): void {
    const gathered = this.#gather();
    if (ticket !== null) gathered.tickets.push(ticket);
    const nowMs = gathered.arrivedMs;
    if (fullBytes !== null) {
      this.#refuse(
        gathered,
        'too-long',
        `a message of ${fullBytes} bytes is longer than what is taken`,
        topic,
        text,
        nowMs,
      );
      return;
    }
    if (!isUtf8) {
      this.#refuse(gathered, 'not-utf8', 'the text is not UTF-8', topic, text, nowMs);
      return;
    }
    if (this.#parts.willTopics.length > 0 && this.#isWill(gathered, topic, text, retain, nowMs)) return;
    this.#parse(gathered, text, topic, nowMs, retain, dup);
    if (sizeOf(gathered) >= enough) this.#flush();
  }

  /** A message of the flow; `settled` is called once what it changed is committed, or never will be. */
  given(payload: unknown, topic: string, settled: Settled): void {
    const gathered = this.#gather();
    gathered.settled.push(settled);
    const nowMs = this.#now();
    for (const item of Array.isArray(payload) ? payload : [payload]) {
      if (Buffer.isBuffer(item) && item.length > longestPayloadBytes) {
        const beginning = item.toString('utf8', 0, 1_000);
        this.#refuse(gathered, 'too-long', `a message of ${item.length} bytes is no reading`, topic, beginning, nowMs);
        continue;
      }
      const one: unknown = Buffer.isBuffer(item) ? item.toString('utf8') : item;
      if (typeof one === 'string' || (typeof one === 'object' && one !== null)) {
        this.#parse(gathered, one, topic, nowMs, false, false);
      } else
        this.#refuse(gathered, 'not-an-object', 'the message must be an object or its JSON', topic, String(one), nowMs);
    }
  }

  /** Looks for machines that fell silent. */
  sweep(): void {
    for (const change of this.#parts.liveness.sweep(this.#now())) this.#parts.onChange(change);
  }

  /** Age of the oldest delivery that nobody has settled, ms; 0 when nothing waits. */
  get oldestOpenMs(): number {
    for (const sentMs of this.#open.values()) return this.#now() - sentMs;
    return 0;
  }

  /** What nobody has settled is not acknowledged: the broker sends it again to whoever comes next. */
  close(): void {
    this.#isClosed = true;
    for (const id of this.#open.keys()) abandonDelivery(id);
    this.#open.clear();
    for (const settled of this.#gathered?.settled ?? []) settled(false);
    this.#gathered = undefined;
  }

  #gather(): Gathered {
    if (this.#gathered) return this.#gathered;
    this.#gathered = { readings: [], refused: [], tickets: [], settled: [], arrivedMs: this.#now() };
    this.#flushLater(this.#gathered, 0, 0);
    return this.#gathered;
  }

  /**
   * A broker writes message by message, and a burst arrives over several turns of the event loop: what still grows waits for
   * the next turn, so that one commit serves the whole burst. No timer: a turn in which nothing came ends the waiting.
   */
  #flushLater(gathered: Gathered, seen: number, turns: number): void {
    this.#parts.defer(() => {
      if (this.#gathered !== gathered) return;
      gathered.arrivedMs = this.#now();
      const size = sizeOf(gathered);
      if (size > seen && turns < mostTurns) this.#flushLater(gathered, size, turns + 1);
      else this.#flush();
    });
  }

  #flush(): void {
    const gathered = this.#gathered;
    if (!gathered || this.#isClosed) return;
    this.#gathered = undefined;
    const { readings, refused } = gathered;
    const settle = (ok: boolean) => this.#settle(gathered, ok);
    if (readings.length === 0 && refused.length === 0) {
      settle(true);
      return;
    }
    if (!this.#parts.awaitsCommit) {
      this.#parts.send({ readings, refused, delivery: null });
      settle(true);
      return;
    }
    const id = openDelivery((ok) => {
      this.#open.delete(id);
      settle(ok);
    });
    this.#open.set(id, this.#now());
    this.#parts.send({ readings, refused, delivery: id });
  }

  #settle({ tickets, settled }: Gathered, ok: boolean): void {
    if (tickets.length > 0) {
      if (ok) this.#parts.acknowledge(tickets);
      else this.#parts.redeliver();
    }
    for (const one of settled) one(ok);
  }

  #parse(
    gathered: Gathered,
    payload: string | object,
    source: string,
    arrivedMs: number,
    retained: boolean,
    redelivered: boolean,
  ): void {
    this.received += 1;
    const parsed = this.#parts.parser.parse(payload, { source, arrivedMs, retained, redelivered });
    if (isRefused(parsed)) {
      this.refused += 1;
      gathered.refused.push(parsed);
      return;
    }
    gathered.readings.push(parsed);
    this.lastArrivedMs = arrivedMs;
    if (retained) return;
    const change = this.#parts.liveness.heard(parsed.machine, arrivedMs);
    if (change) this.#parts.onChange(change);
  }

  #refuse(gathered: Gathered, code: string, message: string, source: string, raw: string, arrivedMs: number): void {
    this.received += 1;
    this.refused += 1;
    gathered.refused.push({ source, code, message, raw, arrivedMs, machine: null });
  }

  #isWill(gathered: Gathered, topic: string, text: string, retained: boolean, atMs: number): boolean {
    for (const filter of this.#parts.willTopics) {
      const machine = machineInTopic(filter, topic);
      if (machine === null) continue;
      if (!isMachineName(machine)) {
        this.#refuse(gathered, 'wrong-topic', wrongTopic, topic, text, atMs);
        return true;
      }
      const isOnline = willText(text);
      if (isOnline === undefined) {
        this.#refuse(gathered, 'unknown-will', 'a last will says online or offline', topic, text, atMs);
        return true;
      }
      const change = this.#parts.liveness.willed(machine, isOnline, atMs);
      if (change) this.#parts.onChange(change);
      if (change?.state === 'offline') gathered.readings.push(offlineReading(machine, atMs, retained, text));
      return true;
    }
    return false;
  }

  #now(): number {
    return this.#parts.clock.now().getTime();
  }
}

function sizeOf({ readings, refused }: Gathered): number {
  return readings.length + refused.length;
}

/** A last will as a reading: a state and nothing to count. */
function offlineReading(machine: string, atMs: number, retained: boolean, raw: string): MachineReading {
  return {
    machine,
    state: 'offline',
    performanceRate: null,
    qualityRate: null,
    availabilityRate: null,
    cumulativeProduction: null,
    cumulativeDefects: null,
    intervalProduction: null,
    intervalDefects: null,
    pulses: null,
    sourceMs: atMs,
    clockTrusted: false,
    arrivedMs: atMs,
    sequence: null,
    messageId: null,
    order: null,
    errorMessage: null,
    failureReason: null,
    isCritical: null,
    retained,
    raw,
  };
}
