// The intake's own MQTT client: one for each broker and client id, a persistent session, and PUBACKs that leave when they are told to.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type IClientOptions, MqttClient } from 'mqtt';
import { backoffDelayMs } from '../core/backoff.ts';
import { systemClock } from '../core/clock.ts';
import { ContestedId, undisputedMs } from './contested-id.ts';
import {
  type ArrivedMessage,
  defaultMaxMessageBytes,
  type IntakeLink,
  type IntakeListener,
  type IntakeUse,
  type LinkSettings,
} from './intake-link.ts';
import { type Publish, PublishTap } from './publish-tap.ts';
import { topicFits } from './topic-filter.ts';

const backoff = { firstMs: 500, capMs: 30_000 };
/** Between two clients that close each other: slow enough to trouble no broker, quick enough to be back when the other one ends. */
const contestedBackoff = { firstMs: 500, capMs: 5_000 };
/** PUBACK of MQTT 3.1.1: type, remaining length, packet id. */
const pubackBytes = 4;
const puback = 0x40;
/** Of QoS 2: with it the broker's copy is ours. mqtt.js goes on from there: it answers PUBREL with PUBCOMP. */
const pubrec = 0x50;
const idSpan = 65_536;
/**
 * Messages between two turns of the event loop. libuv hands over up to two megabytes in one turn, and until it ends nothing of it
 * can be committed: in pieces, one is committed while the next one is read. The window that the README asks for.
 */
const perTurn = 1_000;
/** Topics come again; beyond so many different ones it is found out again which users take them. */
const keptTopics = 10_000;
/** A longer topic is not kept: 64 KiB are allowed, and thousands of them would fill the memory. */
const longestKeptTopic = 512;
/** Clients of this process, mapped by broker and client id: a second one with the same id would throw the first one out. */
const links = new Map<string, MqttIntake>();

/** What each session is subscribed to as far as this process knows, mapped like `links`; the broker remembers it too. */
const subscriptions = new Map<string, Set<string>>();

/** A deploy takes away nodes and brings them back: only after this long what nobody asks for any more is given up. */
const deployMs = 5_000;

/** Joins the client of this broker and client id, or connects one; the last user to leave ends it. */
export function useMqttIntake(
  settings: LinkSettings,
  listener: IntakeListener,
  giveUpMs = deployMs,
  lastingMs = undisputedMs,
): IntakeUse {
  const key = `${settings.url}\n${settings.clientId}`;
  const subscribed = subscriptions.get(key) ?? new Set();
  subscriptions.set(key, subscribed);
  const link = links.get(key) ?? new MqttIntake(settings, subscribed, giveUpMs, lastingMs, () => links.delete(key));
  links.set(key, link);
  return link.use(settings.topics, listener);
}

interface User {
  readonly topics: readonly string[];
  readonly listener: IntakeListener;
}

class MqttIntake implements IntakeLink {
  readonly #client: MqttClient;
  readonly #clientId: string;
  readonly #contested: ContestedId;
  readonly #lastingMs: number;
  /** This side ended the present connection. */
  #endedByUs = false;
  #lasting: NodeJS.Timeout | undefined;
  readonly #maxInFlight: number;
  readonly #onEnd: () => void;
  readonly #users = new Set<User>();
  /** Who takes a topic, mapped by topic. */
  readonly #takers = new Map<string, readonly User[]>();
  /** Filters that the broker has for this session. */
  readonly #subscribed: Set<string>;
  /** Filters that the broker had, and may still have messages of. */
  readonly #former = new Set<string>();
  readonly #giveUpMs: number;
  #givingUp: NodeJS.Timeout | undefined;
  /** Messages that nobody takes at the moment: of a node that a deploy brings back, or of a subscription of former times. */
  #strays: ArrivedMessage[] = [];
  #hasToldOfStrays = false;
  /** Users that have not settled yet, mapped by ticket; only for messages of several users. */
  readonly #shared = new Map<number, number>();
  /** Tickets of messages of QoS 2, as an earlier subscription of this session may have asked for. */
  readonly #exactlyOnce = new Set<number>();
  /** Counts connections: a packet id means something only on the connection it came on. */
  #connection = 0;
  #inFlight = 0;
  /** Messages of this turn of the event loop. */
  #inTurn = 0;
  /** Of the connection there is. */
  #tap: PublishTap | undefined;
  #attempts = 0;
  #hasSubscribed = false;
  #shown: { readonly connected: boolean; readonly detail: string } = { connected: false, detail: '' };

  constructor(settings: LinkSettings, subscribed: Set<string>, giveUpMs: number, lastingMs: number, onEnd: () => void) {
    this.#contested = new ContestedId(lastingMs);
    this.#lastingMs = lastingMs;
    this.#clientId = settings.clientId;
    this.#maxInFlight = settings.maxInFlight;
    this.#subscribed = subscribed;
    this.#giveUpMs = giveUpMs;
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
    };
    this.#client = new MqttClient(() => this.#open(settings), options);
    this.#client.on('connect', ({ sessionPresent }) => this.#connected(sessionPresent));
    this.#client.on('reconnect', () => {
      this.#attempts += 1;
      if (!this.#contested.isSuspected) this.#client.options.reconnectPeriod = backoffDelayMs(backoff, this.#attempts);
    });
    this.#client.on('close', () => this.#disconnected(''));
    this.#client.on('error', (error) => this.#show(false, error.message));
  }

  use(topics: readonly string[], listener: IntakeListener): IntakeUse {
    const user = { topics, listener };
    this.#users.add(user);
    this.#giveUpLater();
    if (this.#client.connected) this.#subscribe(topics);
    for (const stray of this.#strays.splice(0)) this.#hand(stray);
    listener.onLink(this.#shown.connected, this.#shown.detail, this.#contested.isSuspected);
    return {
      acknowledge: (tickets) => this.#acknowledge(tickets),
      redeliver: () => this.#breakOff(),
      close: async () => {
        this.#users.delete(user);
        this.#giveUpLater();
        if (this.#users.size > 0) {
          // What only this one took, nobody will settle: the broker sends it again to those who stay.
          if (this.#shared.size > 0) this.#breakOff();
          return;
        }
        clearTimeout(this.#givingUp);
        clearTimeout(this.#lasting);
        this.#onEnd();
        await this.#client.endAsync(true);
      },
    };
  }

  /** Ends the connection so that the broker sends again what was not acknowledged. */
  #breakOff(): void {
    this.#endedByUs = true;
    this.#client.stream.destroy();
  }

  #open(settings: LinkSettings): PublishTap {
    const tap = new PublishTap(
      socketTo(settings),
      (publish) => this.#published(publish),
      settings.maxMessageBytes ?? defaultMaxMessageBytes,
    );
    this.#tap = tap;
    return tap;
  }

  /** False where so much came in this turn, or waits for a commit, that the broker has to. */
  #published({ topic, text, isUtf8, fullBytes, retain, dup, qos, packetId }: Publish): boolean {
    const ticket = packetId === null ? null : this.#connection * idSpan + packetId;
    if (ticket !== null) {
      this.#inFlight += 1;
      if (qos === 2) this.#exactlyOnce.add(ticket);
    }
    this.#hand({ topic, text, isUtf8, fullBytes, retain, dup, ticket });
    if (this.#inTurn === 0) setImmediate(this.#nextTurn);
    this.#inTurn += 1;
    return this.#mayGoOn();
  }

  readonly #nextTurn = () => {
    this.#inTurn = 0;
    if (this.#mayGoOn()) this.#tap?.letGo();
  };

  #mayGoOn(): boolean {
    return this.#inFlight < this.#maxInFlight && this.#inTurn < perTurn;
  }

  #hand(message: ArrivedMessage): void {
    const { topic, ticket } = message;
    const takers = this.#takersOf(topic);
    if (takers.length === 0) {
      if (this.#givingUp) this.#strays.push(message);
      else this.#drop([message]);
      return;
    }
    if (ticket !== null && this.#users.size > 1) this.#shared.set(ticket, takers.length);
    for (const { listener } of takers) listener.onMessage(message);
  }

  #takersOf(topic: string): readonly User[] {
    const known = this.#takers.get(topic);
    if (known) return known;
    const takers = [...this.#users].filter(({ topics }) => topics.some((filter) => topicFits(filter, topic)));
    if (this.#takers.size >= keptTopics) this.#takers.clear();
    if (topic.length <= longestKeptTopic) this.#takers.set(topic, takers);
    return takers;
  }

  #giveUpLater(): void {
    this.#takers.clear();
    clearTimeout(this.#givingUp);
    this.#givingUp = setTimeout(() => {
      this.#givingUp = undefined;
      this.#giveUp();
    }, this.#giveUpMs);
  }

  /** Unsubscribes what nobody asks for any more, and lets go what came of it. */
  #giveUp(): void {
    const wanted = this.#wanted();
    const unwanted = [...this.#subscribed].filter((filter) => !wanted.has(filter));
    for (const filter of unwanted) this.#former.add(filter);
    if (unwanted.length > 0 && this.#client.connected) {
      this.#client.unsubscribe(unwanted, (error) => {
        if (!error) for (const filter of unwanted) this.#subscribed.delete(filter);
      });
    }
    this.#drop(this.#strays.splice(0));
  }

  #wanted(): ReadonlySet<string> {
    return new Set([...this.#users].flatMap(({ topics }) => topics));
  }

  /** Nobody takes them. A session may have subscriptions of another life of this process, and the broker tells nobody which. */
  #drop(strays: readonly ArrivedMessage[]): void {
    this.#acknowledge(strays.flatMap(({ ticket }) => ticket ?? []));
    const stranger = strays.find(({ topic }) => ![...this.#former].some((filter) => topicFits(filter, topic)));
    if (!stranger || this.#hasToldOfStrays) return;
    this.#hasToldOfStrays = true;
    this.#show(
      true,
      `the broker still sends ${stranger.topic} to this client id, and no node asks for it: end that session there`,
    );
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
      bytes[length] = this.#exactlyOnce.size > 0 && this.#exactlyOnce.delete(ticket) ? pubrec : puback;
      bytes[length + 1] = 0x02;
      bytes[length + 2] = id >> 8;
      bytes[length + 3] = id & 0xff;
      length += pubackBytes;
    }
    if (length === 0) return;
    this.#inFlight -= length / pubackBytes;
    this.#tap?.writeRaw(bytes.subarray(0, length));
    if (this.#mayGoOn()) this.#tap?.letGo();
  }

  #isLastUser(ticket: number): boolean {
    const left = (this.#shared.get(ticket) ?? 1) - 1;
    if (left > 0) this.#shared.set(ticket, left);
    else this.#shared.delete(ticket);
    return left <= 0;
  }

  #connected(sessionPresent: boolean): void {
    this.#attempts = 0;
    this.#client.options.reconnectPeriod = this.#contested.isSuspected
      ? backoffDelayMs(contestedBackoff, this.#contested.shortInRow)
      : backoffDelayMs(backoff, 0);
    this.#contested.opened(systemClock.monotonicMs());
    clearTimeout(this.#lasting);
    this.#lasting = setTimeout(() => this.#lasted(), this.#lastingMs).unref();
    const isLost = !sessionPresent && this.#hasSubscribed;
    this.#show(true, isLost ? 'the broker has lost this session, and what it kept for it: let it save sessions' : '');
    this.#giveUpLater();
    if (!sessionPresent) this.#subscribed.clear();
    // Subscribing again would bring every retained message again; the session remembers, unless the broker lost it.
    const isKnown = sessionPresent && this.#hasSubscribed;
    this.#hasSubscribed = true;
    const missing = [...this.#wanted()].filter((filter) => !isKnown || !this.#subscribed.has(filter));
    if (missing.length > 0) this.#subscribe(missing);
  }

  #lasted(): void {
    const wasSuspected = this.#contested.isSuspected;
    this.#contested.lasted();
    if (wasSuspected) this.#show(true, '');
  }

  #subscribe(topics: readonly string[]): void {
    this.#client.subscribe([...topics], { qos: 1 }, (error, granted) => {
      for (const { topic, qos } of error ? [] : (granted ?? [])) if (qos <= 2) this.#subscribed.add(topic);
      const refused = granted?.filter(({ qos }) => qos > 2).map(({ topic }) => topic) ?? [];
      if (error) this.#show(this.#client.connected, error.message);
      else if (refused.length > 0) this.#show(true, `the broker refuses ${refused.join(', ')}`);
    });
  }

  /** Packet ids of the old connection mean nothing on the next one: the broker sends what was not acknowledged again. */
  #disconnected(detail: string): void {
    clearTimeout(this.#lasting);
    const wasSuspected = this.#contested.isSuspected;
    this.#contested.ended(systemClock.monotonicMs(), this.#endedByUs);
    this.#endedByUs = false;
    this.#connection += 1;
    this.#inFlight = 0;
    this.#shared.clear();
    this.#strays = [];
    this.#exactlyOnce.clear();
    const isAway = wasSuspected && !this.#contested.isSuspected;
    this.#show(false, isAway ? 'the broker accepts no connection' : detail || this.#shown.detail);
  }

  #show(isConnected: boolean, text: string): void {
    // Between two clients that close each other, the socket's own words would come and go with each connection.
    const { isSuspected } = this.#contested;
    const connected = isConnected && !isSuspected;
    const detail = isSuspected ? contestedText(this.#clientId) : text;
    if (this.#shown.connected === connected && this.#shown.detail === detail) return;
    this.#shown = { connected, detail };
    for (const { listener } of this.#users) listener.onLink(connected, detail, this.#contested.isSuspected);
  }
}

/** The state of a link whose connections last for seconds only is not healthy each time one of them is up. */
function contestedText(clientId: string): string {
  return (
    `the broker accepts the client id ${clientId} and ends the connection soon, again and again: ` +
    'another client uses the same id. Give this node an id of its own, or stop the other client'
  );
}

/** Like mqtt.js's own, which can't be asked for it: a broker over TLS must show who it is. */
function socketTo({ url, certificateAuthority }: LinkSettings): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'mqtt:') return connectTcp({ host, port: Number(port || 1883), noDelay: true });
  const socket = connectTls({
    host,
    port: Number(port || 8883),
    rejectUnauthorized: true,
    ...(isIP(host) === 0 && { servername: host }),
    ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
  });
  return socket.setNoDelay(true);
}
