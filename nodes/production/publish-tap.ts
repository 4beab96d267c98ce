// Takes the messages of a broker out of its byte stream before mqtt.js sees them; everything else of the protocol stays with mqtt.js.
// For each message it makes a packet object, a tick and a PUBACK of its own, which costs more than counting what the message says.
import { Duplex } from 'node:stream';
import { textOf } from './payload-text.ts';

/** A PUBLISH of MQTT 3.1.1. */
export interface Publish {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  /** Its payload; where that is no UTF-8, a character for each byte. */
  readonly text: string;
  readonly isUtf8: boolean;
  /** Bytes of a payload that is longer than what is taken, and of which `text` is the beginning; null for any other. */
  readonly fullBytes: number | null;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Null: QoS 0. */
  readonly packetId: number | null;
}

/** Where the body of a packet lies, also where not all of it is there. */
interface Body {
  readonly start: number;
  readonly end: number;
}

const publishType = 3;
/** MQTT 3.1.1, section 2.2.3: a length takes at most four bytes. */
const longestLength = 4;
/** Topics come again; beyond so many different ones they are read again. */
const keptTopics = 4_096;
/** A longer topic is read each time: 64 KiB are allowed, and thousands of them would fill the memory. */
const longestKeptTopic = 512;
/** Shown of a message that is too long to be taken. */
const shownBytes = 1_000;
/** CONNACK, SUBACK and their like are a few bytes for each subscription; what says to be longer is no packet of a broker. */
const longestOther = 65_536;
/** Nothing is too long. */
const unlimited = Number.POSITIVE_INFINITY;

/** The socket's bytes without those messages, for mqtt.js to read, and a way to write. */
export class PublishTap extends Duplex {
  readonly #socket: Duplex;
  readonly #onPublish: (publish: Publish) => boolean;
  readonly #maxPayloadBytes: number;
  /** Bytes that are still to come of a message that is too long. */
  #passingBy = 0;
  /** What came and was not taken yet: less than a packet, or what waits while `#isHeld`. */
  #rest: Buffer[] = [];
  #restLength = 0;
  /** Length of the packet at the beginning of the rest, where that is known and not all of it is there. */
  #awaited = 0;
  #isHeld = false;
  /** Mapped by a sum over the topic's bytes. */
  readonly #topics = new Map<number, { readonly bytes: Buffer; readonly topic: string }>();

  /**
   * @param onPublish told of each message in its order; false: no further one until `letGo`
   * @param maxPayloadBytes a longer payload passes by without being kept: `text` is its beginning, `fullBytes` its length
   */
  constructor(socket: Duplex, onPublish: (publish: Publish) => boolean, maxPayloadBytes = unlimited) {
    super();
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#socket = socket;
    this.#onPublish = onPublish;
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Goes on after a message that was the last for a while. */
  letGo(): void {
    if (!this.#isHeld || this.destroyed) return;
    this.#isHeld = false;
    this.#take(this.#takeRest());
    if (!this.#isHeld) this.#socket.resume();
  }

  /** What is written here needs no packet of mqtt.js, such as many PUBACKs at once. */
  writeRaw(bytes: Buffer): void {
    if (!this.destroyed) this.#socket.write(bytes);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#rest = [];
    this.#socket.destroy();
    callback(error);
  }

  #arrived(arrived: Buffer): void {
    const passed = Math.min(this.#passingBy, arrived.length);
    this.#passingBy -= passed;
    if (passed === arrived.length) return;
    const chunk = passed === 0 ? arrived : arrived.subarray(passed);
    if (!this.#isHeld && this.#restLength === 0) {
      this.#take(chunk);
      return;
    }
    const missing = this.#awaited - this.#restLength;
    const isCut = !this.#isHeld && missing > 0 && missing < chunk.length;
    // Only the packet that was cut is put together; what follows it stays where the socket read it.
    const first = isCut ? chunk.subarray(0, missing) : chunk;
    this.#rest.push(first);
    this.#restLength += first.length;
    if (this.#isHeld || this.#restLength < this.#awaited) return;
    this.#take(this.#takeRest());
    if (isCut && !this.destroyed) this.#arrived(chunk.subarray(missing));
  }

  #takeRest(): Buffer {
    const [first] = this.#rest;
    const bytes = this.#rest.length === 1 && first ? first : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restLength = 0;
    return bytes;
  }

  #take(bytes: Buffer): void {
    let at = 0;
    this.#awaited = 0;
    while (at < bytes.length && !this.#isHeld && !this.destroyed) {
      const body = this.#bodyAt(bytes, at);
      if (body === undefined) break;
      const head = bytes[at] ?? 0;
      const isPublish = head >> 4 === publishType;
      const neededEnd = isPublish ? this.#neededEnd(bytes, head, body) : body.end;
      if (neededEnd > bytes.length) {
        if (!isPublish && body.end - body.start > longestOther) this.#refuse();
        this.#awaited = neededEnd - at;
        break;
      }
      if (isPublish) this.#publish(bytes, head, body.start, body.end);
      else this.push(bytes.subarray(at, body.end));
      at = Math.min(body.end, bytes.length);
      this.#passingBy = body.end - at;
    }
    if (at === bytes.length || this.destroyed) return;
    this.#rest = [at === 0 ? bytes : bytes.subarray(at)];
    this.#restLength = bytes.length - at;
  }

  /** Where the packet at `at` has its body; undefined while its length is not all there. */
  #bodyAt(bytes: Buffer, at: number): Body | undefined {
    let length = 0;
    for (let used = 0; used < longestLength; used += 1) {
      const byte = bytes[at + 1 + used];
      if (byte === undefined) return undefined;
      length += (byte & 127) << (7 * used);
      if (byte < 128) {
        const start = at + 2 + used;
        return { start, end: start + length };
      }
    }
    this.#refuse();
    return undefined;
  }

  /** Where a message ends as far as it is needed: whole, or of one that is too long its topic and packet id. */
  #neededEnd(bytes: Buffer, head: number, { start, end }: Body): number {
    if (end - start <= this.#maxPayloadBytes) return end;
    if (start + 2 > bytes.length) return start + 2;
    const payloadStart = payloadStartOf(bytes, head, start);
    return end - payloadStart <= this.#maxPayloadBytes ? end : payloadStart;
  }

  #publish(bytes: Buffer, head: number, start: number, end: number): void {
    const qos = (head >> 1) & 0b11;
    const payloadStart = payloadStartOf(bytes, head, start);
    const topicEnd = payloadStart - (qos > 0 ? 2 : 0);
    if (qos === 3 || payloadStart > end) {
      this.#refuse();
      return;
    }
    const isTooLong = end - payloadStart > this.#maxPayloadBytes;
    const text = isTooLong
      ? bytes.toString('utf8', payloadStart, Math.min(payloadStart + shownBytes, bytes.length))
      : textOf(bytes, payloadStart, end);
    const goesOn = this.#onPublish({
      topic: this.#topicOf(bytes, start + 2, topicEnd),
      text: text ?? bytes.toString('latin1', payloadStart, end),
      isUtf8: text !== undefined,
      fullBytes: isTooLong ? end - payloadStart : null,
      qos: qos as 0 | 1 | 2,
      retain: (head & 0b0001) !== 0,
      dup: (head & 0b1000) !== 0,
      packetId: qos > 0 ? ((bytes[topicEnd] ?? 0) << 8) | (bytes[topicEnd + 1] ?? 0) : null,
    });
    if (goesOn) return;
    this.#isHeld = true;
    this.#socket.pause();
  }

  #topicOf(bytes: Buffer, start: number, end: number): string {
    let sum = end - start;
    for (let at = start; at < end; at += 1) sum = (Math.imul(sum, 31) + (bytes[at] ?? 0)) | 0;
    const known = this.#topics.get(sum);
    if (known && areAt(known.bytes, bytes, start, end)) return known.topic;
    const topic = bytes.toString('utf8', start, end);
    if (topic.length > longestKeptTopic) return topic;
    if (this.#topics.size >= keptTopics) this.#topics.clear();
    this.#topics.set(sum, { bytes: Buffer.from(bytes.subarray(start, end)), topic });
    return topic;
  }

  /** What follows can't be told apart any more: a new connection begins anew. */
  #refuse(): void {
    // mqtt.js passes on only errors with a code.
    this.destroy(Object.assign(new Error('the broker sent what is no MQTT packet'), { code: 'ERR_MQTT_PACKET' }));
  }
}

/** Behind the topic and, of QoS 1 and 2, the packet id (MQTT 3.1.1, section 3.3.2). */
function payloadStartOf(bytes: Buffer, head: number, start: number): number {
  const topicBytes = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
  return start + 2 + topicBytes + (((head >> 1) & 0b11) > 0 ? 2 : 0);
}

/** Of so few bytes quicker than asking for a comparison. */
function areAt(wanted: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (wanted.length !== end - start) return false;
  for (let at = 0; at < wanted.length; at += 1) if (wanted[at] !== bytes[start + at]) return false;
  return true;
}
