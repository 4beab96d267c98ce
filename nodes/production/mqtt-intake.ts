// The intake's own MQTT client: one for each broker and client id, a persistent session, and PUBACKs that leave when they are told to.
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { backoffDelayMs } from '../core/backoff.ts';
import type { ArrivedMessage, IntakeLink, IntakeListener, IntakeUse, LinkSettings } from './intake-link.ts';

const backoff = { firstMs: 500, capMs: 30_000 };
/** PUBACK of MQTT 3.1.1: type, remaining length, packet id. */
const pubackBytes = 4;
const idSpan = 65_536;
/** Why a PUBACK is not sent by mqtt.js itself: with an error, it sends none and goes on with the next packet. */
const deferred = new Error('acknowledged after the commit');

/** Clients of this process, mapped by broker and client id: a second one with the same id would throw the first one out. */
const links = new Map<string, MqttIntake>();

/** Joins the client of this broker and client id, or connects one; the last user to leave ends it. */
export function useMqttIntake(settings: LinkSettings, listener: IntakeListener): IntakeUse {
  const key = `${settings.url}\n${settings.clientId}`;
  const link = links.get(key) ?? new MqttIntake(settings, () => links.delete(key));
  links.set(key, link);
  return link.use(settings.topics, listener);
}

interface User {
  readonly topics: readonly string[];
  readonly listener: IntakeListener;
}

class MqttIntake implements IntakeLink {
  readonly #client: MqttClient;
  readonly #maxInFlight: number;
  readonly #onEnd: () => void;
  readonly #users = new Set<User>();
  /** Users that have not settled yet, mapped by ticket; only for messages of several users. */
  readonly #shared = new Map<number, number>();
  /** Counts connections: a packet id means something only on the connection it came on. */
  #connection = 0;
  #inFlight = 0;
  /** mqtt.js waits with the next packet until it is called, and so does the broker behind it. */
  #held: ((error?: Error) => void) | undefined;
  #attempts = 0;
  #hasSubscribed = false;
  #shown: { readonly connected: boolean; readonly detail: string } = { connected: false, detail: '' };

  constructor(settings: LinkSettings, onEnd: () => void) {
    this.#maxInFlight = settings.maxInFlight;
    this.#onEnd = onEnd;
    const options: IClientOptions = {
      clientId: settings.clientId,
      clean: false,
      protocolVersion: 4,
      keepalive: 60,
      connectTimeout: 10_000,
      reconnectPeriod: backoffDelayMs(backoff, 0),
      resubscribe: false,
      ...(settings.username !== undefined && { username: settings.username }),
      ...(settings.password !== undefined && { password: settings.password }),
      ...(settings.certificateAuthority !== undefined && { ca: settings.certificateAuthority }),
    };
    this.#client = connect(settings.url, options);
    this.#client.handleMessage = (packet, callback) => this.#handle(packet as never, callback);
    this.#client.on('connect', ({ sessionPresent }) => this.#connected(sessionPresent));
    this.#client.on('reconnect', () => {
      this.#attempts += 1;
      this.#client.options.reconnectPeriod = backoffDelayMs(backoff, this.#attempts);
    });
    this.#client.on('close', () => this.#disconnected(''));
    this.#client.on('error', (error) => this.#show(false, error.message));
  }

  use(topics: readonly string[], listener: IntakeListener): IntakeUse {
    const user = { topics, listener };
    this.#users.add(user);
    if (this.#client.connected) this.#subscribe(topics);
    listener.onLink(this.#shown.connected, this.#shown.detail);
    return {
      acknowledge: (tickets) => this.#acknowledge(tickets),
      redeliver: () => this.#client.stream.destroy(),
      close: async () => {
        this.#users.delete(user);
        if (this.#users.size > 0) {
          // What only this one took, nobody will settle: the broker sends it again to those who stay.
          if (this.#shared.size > 0) this.#client.stream.destroy();
          return;
        }
        this.#onEnd();
        this.#letGo();
        await this.#client.endAsync(true);
      },
    };
  }

  #handle(
    packet: { topic: string; payload: Buffer; qos: number; retain: boolean; dup: boolean; messageId?: number },
    callback: (error?: Error) => void,
  ): void {
    const isHeldBack = packet.qos > 0 && packet.messageId !== undefined;
    const ticket = isHeldBack ? this.#connection * idSpan + (packet.messageId ?? 0) : null;
    if (ticket !== null) this.#inFlight += 1;
    this.#hand(packet, ticket);
    if (ticket === null) callback();
    else if (this.#inFlight < this.#maxInFlight) callback(deferred);
    else this.#held = callback;
  }

  #hand({ topic, payload, retain, dup }: Omit<ArrivedMessage, 'ticket'>, ticket: number | null): void {
    const message: ArrivedMessage = { topic, payload, retain, dup, ticket };
    if (this.#users.size === 1) {
      for (const { listener } of this.#users) listener.onMessage(message);
      return;
    }
    const takers = [...this.#users].filter(({ topics }) => topics.some((filter) => topicFits(filter, topic)));
    if (ticket !== null) this.#shared.set(ticket, Math.max(1, takers.length));
    if (takers.length === 0 && ticket !== null) this.#acknowledge([ticket]);
    for (const { listener } of takers) listener.onMessage(message);
  }

  /** Writes the PUBACKs of this connection's tickets in one go; those of an earlier one are void, the broker sends them again. */
  #acknowledge(tickets: readonly number[]): void {
    const bytes = Buffer.allocUnsafe(tickets.length * pubackBytes);
    let length = 0;
    const first = this.#connection * idSpan;
    for (const ticket of tickets) {
      if (this.#shared.size > 0 && !this.#isLastUser(ticket)) continue;
      const id = ticket - first;
      if (id < 0) continue;
      bytes[length] = 0x40;
      bytes[length + 1] = 0x02;
      bytes.writeUInt16BE(id, length + 2);
      length += pubackBytes;
    }
    if (length === 0) return;
    this.#inFlight -= length / pubackBytes;
    if (this.#client.connected) this.#client.stream.write(bytes.subarray(0, length));
    if (this.#inFlight < this.#maxInFlight) this.#letGo();
  }

  #isLastUser(ticket: number): boolean {
    const left = (this.#shared.get(ticket) ?? 1) - 1;
    if (left > 0) this.#shared.set(ticket, left);
    else this.#shared.delete(ticket);
    return left <= 0;
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.(deferred);
  }

  #connected(sessionPresent: boolean): void {
    this.#attempts = 0;
    this.#client.options.reconnectPeriod = backoffDelayMs(backoff, 0);
    this.#show(true, '');
    // Subscribing again would bring every retained message again; the session remembers, unless the broker lost it.
    if (sessionPresent && this.#hasSubscribed) return;
    this.#hasSubscribed = true;
    this.#subscribe([...new Set([...this.#users].flatMap(({ topics }) => topics))]);
  }

  #subscribe(topics: readonly string[]): void {
    this.#client.subscribe([...topics], { qos: 1 }, (error, granted) => {
      const refused = granted?.filter(({ qos }) => qos > 2).map(({ topic }) => topic) ?? [];
      if (error) this.#show(this.#client.connected, error.message);
      else if (refused.length > 0) this.#show(true, `the broker refuses ${refused.join(', ')}`);
    });
  }

  /** Packet ids of the old connection mean nothing on the next one: the broker sends what was not acknowledged again. */
  #disconnected(detail: string): void {
    this.#connection += 1;
    this.#inFlight = 0;
    this.#shared.clear();
    this.#letGo();
    this.#show(false, detail || this.#shown.detail);
  }

  #show(connected: boolean, detail: string): void {
    if (this.#shown.connected === connected && this.#shown.detail === detail) return;
    this.#shown = { connected, detail };
    for (const { listener } of this.#users) listener.onLink(connected, detail);
  }
}

function topicFits(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (levels[index] === undefined || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
