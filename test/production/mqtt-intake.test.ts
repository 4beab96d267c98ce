// The intake's MQTT client against a real broker, and what it leans on in mqtt.js 5.16.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, connectAsync, type MqttClient } from 'mqtt';
import type { ArrivedMessage, IntakeUse, LinkSettings } from '../../nodes/production/intake-link.ts';
import { useMqttIntake } from '../../nodes/production/mqtt-intake.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

/** What a test sends to itself through the broker, numbered, and leaves out of the messages that it compares. */
const probe = /^probe (\d+)$/;
let probes = 0;

describe('the MQTT client of the intake', function () {
  this.timeout(30_000);
  let broker: Mosquitto;
  let publisher: MqttClient;
  const uses: IntakeUse[] = [];
  let clients = 0;
  before(async function () {
    broker = await startMosquitto(this, { configuration: ['max_inflight_messages 5'] });
    publisher = await connectAsync(broker.url);
  });
  after(async () => {
    await publisher?.endAsync(true);
    await broker?.stop();
  });
  afterEach(async () => {
    for (const use of uses.splice(0)) await use.close();
  });

  const open = async (more: Partial<LinkSettings> = {}, giveUpMs = 5_000, lastingMs?: number) => {
    clients += 1;
    const messages: ArrivedMessage[] = [];
    const states: boolean[] = [];
    const details: string[] = [];
    const settings: LinkSettings = {
      url: broker.url,
      clientId: `intake-${clients}`,
      username: undefined,
      password: undefined,
      certificateAuthority: undefined,
      topics: [`t${clients}/+/status`],
      maxInFlight: 100,
      ...more,
    };
    let newestProbe = 0;
    const listener = {
      onMessage: (message: ArrivedMessage) => {
        const [, number] = probe.exec(message.text) ?? [];
        if (number === undefined) messages.push(message);
        else newestProbe = Number(number);
      },
      onLink: (connected: boolean, detail: string) => {
        states.push(connected);
        details.push(detail);
      },
    };
    const use = useMqttIntake(settings, listener, giveUpMs, lastingMs);
    uses.push(use);
    await until(() => states.at(-1) === true);
    const topic = settings.topics[0]?.replace(/^\$share\/[^/]+\//, '').replace('+', 'M1') ?? '';
    /** Resolves when a message has come through the broker that was sent after the call; of QoS 0, lost while nobody has subscribed. */
    const heard = async () => {
      const before = probes;
      while (newestProbe <= before) {
        probes += 1;
        await publisher.publishAsync(topic, `probe ${probes}`);
        await wait(10);
      }
    };
    await heard();
    /** The broker reads all that waits in its sockets in one turn: after two ways through it, it has read what we wrote before. */
    const settled = async () => {
      await heard();
      await heard();
    };
    return { use, messages, states, details, settings, topic, heard, settled };
  };
  const texts = (messages: readonly ArrivedMessage[]) => messages.map(({ text }) => text);
  const tickets = (messages: readonly ArrivedMessage[]) => messages.flatMap(({ ticket }) => ticket ?? []);

  it('is held to the minor version that its deferred PUBACK was checked with', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    assert.equal(manifest.dependencies.mqtt, '~5.16.0');
    const installed = createRequire(import.meta.url)('mqtt/package.json') as { version: string };
    assert.match(installed.version, /^5\.16\./);
  });

  it('sends no PUBACK by itself, goes on with the next packets, and sends one when it is told to', async () => {
    const { use, messages, topic } = await open();
    for (let n = 1; n <= 12; n += 1) publisher.publish(topic, String(n), { qos: 1 });
    await until(() => messages.length === 5);
    await wait(100);
    // The broker's window of five is full: nothing was acknowledged.
    assert.deepEqual(texts(messages), ['1', '2', '3', '4', '5']);
    use.acknowledge(tickets(messages));
    await until(() => messages.length === 12);
  });

  it('gets again what it did not acknowledge, also in a new life with the same client id, and nothing else', async () => {
    const first = await open();
    for (let n = 1; n <= 4; n += 1) await publisher.publishAsync(first.topic, String(n), { qos: 1 });
    await until(() => first.messages.length === 4);
    first.use.acknowledge(tickets(first.messages.slice(0, 2)));
    await first.settled();
    await first.use.close();
    uses.splice(0);
    await publisher.publishAsync(first.topic, '5', { qos: 1 });
    const second = await open({ clientId: first.settings.clientId, topics: first.settings.topics });
    await until(() => second.messages.length === 3);
    assert.deepEqual(texts(second.messages), ['3', '4', '5']);
    assert.equal(second.messages[0]?.dup, true);
  });

  it('takes over a message that an earlier subscription asked for exactly once only when it is told to', async () => {
    const settings = { clientId: 'once-more', topics: ['once/+/status'] };
    const earlier = await connectAsync(broker.url, { clientId: settings.clientId, clean: false, protocolVersion: 4 });
    await earlier.subscribeAsync('once/+/status', { qos: 2 });
    await earlier.endAsync();
    await publisher.publishAsync('once/M1/status', 'two', { qos: 2 });
    const { use, messages, states, settled } = await open(settings);
    await until(() => messages.length === 1);
    use.redeliver();
    await until(() => messages.length === 2 && states.at(-1) === true);
    use.acknowledge(tickets(messages.slice(1)));
    await settled();
    use.redeliver();
    await until(() => states.length > 4 && states.at(-1) === true);
    await publisher.publishAsync('once/M1/status', 'three', { qos: 1 });
    await until(() => messages.length > 2);
    use.acknowledge(tickets(messages.slice(2)));
    assert.deepEqual(texts(messages), ['two', 'two', 'three']);
  });

  it('forgets the packet ids of a connection that is gone', async () => {
    const { use, messages, topic, states, settled } = await open();
    await publisher.publishAsync(topic, 'a', { qos: 1 });
    await until(() => messages.length === 1);
    const old = tickets(messages);
    use.redeliver();
    await until(() => messages.length === 2 && states.at(-1) === true);
    use.acknowledge(old);
    await settled();
    use.redeliver();
    // Had the old ticket acknowledged the new delivery, this one would not come.
    await until(() => messages.length === 3);
    use.acknowledge(tickets(messages.slice(2)));
    assert.deepEqual(texts(messages), ['a', 'a', 'a']);
  });

  it('lets the broker wait when too much is uncommitted', async () => {
    const { use, messages, topic } = await open({ maxInFlight: 2 });
    for (let n = 1; n <= 6; n += 1) publisher.publish(topic, String(n), { qos: 1 });
    await until(() => messages.length === 2);
    await wait(100);
    assert.equal(messages.length, 2);
    for (let done = 0; done < 6; ) {
      const fresh = messages.slice(done);
      done = messages.length;
      use.acknowledge(tickets(fresh));
      await wait(20);
    }
    assert.deepEqual(texts(messages), ['1', '2', '3', '4', '5', '6']);
  });

  it('comes back after the broker was killed, and two nodes with one client id share one connection', async () => {
    const first = await open();
    const second = await open({ clientId: first.settings.clientId, topics: ['other/+/status'] });
    await broker.kill();
    await until(() => first.states.at(-1) === false && second.states.at(-1) === false);
    await broker.start();
    await until(() => first.states.at(-1) === true && second.states.at(-1) === true);
    // It was killed before it had saved anything: what it kept for this session is gone, and nobody else can say so.
    assert.match(first.details.at(-1) ?? '', /has lost this session/);
    await until(() => publisher.connected);
    await Promise.all([first.heard(), second.heard()]);
    await publisher.publishAsync(first.topic, 'one', { qos: 1 });
    await publisher.publishAsync('other/M9/status', 'two', { qos: 1 });
    await until(() => first.messages.length === 1 && second.messages.length === 1);
    assert.deepEqual([texts(first.messages), texts(second.messages)], [['one'], ['two']]);
    first.use.acknowledge(tickets(first.messages));
    second.use.acknowledge(tickets(second.messages));
  });

  /** What the broker sends to a session that another client takes over, of messages on these topics. */
  const sessionGets = async (clientId: string, topics: readonly string[]) => {
    const client = connect(broker.url, { clientId, clean: false, protocolVersion: 4 });
    const got: string[] = [];
    client.on('message', (topic) => got.push(topic));
    await new Promise((resolve) => client.once('connect', resolve));
    for (const topic of topics) await publisher.publishAsync(topic, 'x', { qos: 1 });
    await until(() => got.includes(topics.at(-1) ?? ''));
    await client.endAsync();
    return got;
  };

  it('gives up a topic that its node no longer asks for, and nothing that comes back within a deploy', async () => {
    const first = await open({ topics: ['old/+/status', 'kept/+/status'] }, 100);
    await first.use.close();
    uses.splice(0);
    const { clientId } = first.settings;
    // All that follows up to the third one happens within this time, also on a busy machine.
    const giveUpMs = 2_000;
    const second = await open({ clientId, topics: ['kept/+/status', 'new/+/status'] }, giveUpMs);
    await publisher.publishAsync('old/M1/status', 'old', { qos: 1 });
    await publisher.publishAsync('kept/M1/status', 'kept', { qos: 1 });
    await until(() => second.messages.length === 1);
    const third = await open({ clientId, topics: ['old/+/status'] });
    await until(() => third.messages.length === 1);
    third.use.acknowledge(tickets(third.messages));
    second.use.acknowledge(tickets(second.messages));
    await third.use.close();
    // Its timer was set first.
    await wait(giveUpMs);
    await second.use.close();
    uses.splice(0);
    assert.deepEqual([texts(second.messages), texts(third.messages)], [['kept'], ['old']]);
    assert.deepEqual(second.details.join(''), '');
    const topics = ['old/M1/status', 'kept/M1/status', 'new/M1/status'];
    assert.deepEqual(await sessionGets(clientId, topics), topics.slice(1));
  });

  it('acknowledges what comes of a subscription that it knows nothing of, counts none of it, and says so once', async () => {
    const clientId = 'of-another-life';
    const earlier = await connectAsync(broker.url, { clientId, clean: false, protocolVersion: 4 });
    await earlier.subscribeAsync('life/+/status', { qos: 1 });
    await earlier.endAsync();
    const { messages, details, use } = await open({ clientId, topics: ['now/+/status'] }, 100);
    for (let n = 1; n <= 8; n += 1) await publisher.publishAsync(`life/M${n}/status`, 'x', { qos: 1 });
    await publisher.publishAsync('now/M1/status', 'mine', { qos: 1 });
    // Eight are more than the broker's window: the last one comes only when they were acknowledged.
    await until(() => messages.length === 1);
    use.acknowledge(tickets(messages));
    assert.deepEqual(texts(messages), ['mine']);
    assert.equal(details.filter((detail) => detail.includes('life/M1/status')).length, 1);
  });

  it('names a client id that another client uses as well, once, and is not healthy until a connection lasts', async () => {
    const { states, details, settings, messages, topic, use } = await open({}, 5_000, 2_000);
    const other = connect(broker.url, {
      clientId: settings.clientId,
      clean: false,
      protocolVersion: 4,
      reconnectPeriod: 100,
    });
    let takeovers = 0;
    other.on('connect', () => {
      takeovers += 1;
    });
    await until(() => details.some((detail) => detail.includes('another client uses the same id')));
    const namedAt = states.length;
    assert.equal(states.at(-1), false);
    const seen = takeovers;
    await until(() => takeovers > seen + 1);
    // Connections come and go; nothing of it is told.
    assert.equal(states.length, namedAt);
    assert.match(details.at(-1) ?? '', new RegExp(`client id ${settings.clientId} .*of its own`));
    await other.endAsync(true);
    await until(() => states.at(-1) === true);
    assert.equal(details.at(-1), '');
    await publisher.publishAsync(topic, 'after', { qos: 1 });
    await until(() => texts(messages).includes('after'));
    use.acknowledge(tickets(messages));
  });

  it('lets a message of 1 MB pass by, acknowledges it when it is told to, and goes on', async () => {
    const { use, messages, topic } = await open({ maxMessageBytes: 10_000 });
    await publisher.publishAsync(topic, 'x'.repeat(1_000_000), { qos: 1 });
    await publisher.publishAsync(topic, 'short', { qos: 1 });
    await until(() => messages.length === 2);
    assert.deepEqual(
      messages.map(({ fullBytes, text }) => [fullBytes, text.length <= 1_000]),
      [
        [1_000_000, true],
        [null, true],
      ],
    );
    use.acknowledge(tickets(messages));
  });

  it('shares the messages of a group with others', async () => {
    const one = await open({ topics: ['$share/plant/group/+/status'] });
    const other = await open({ topics: ['$share/plant/group/+/status'] });
    for (let n = 1; n <= 4; n += 1) await publisher.publishAsync('group/M1/status', String(n), { qos: 1 });
    await until(() => one.messages.length + other.messages.length === 4);
    assert.deepEqual(texts([...one.messages, ...other.messages]).sort(), ['1', '2', '3', '4']);
    for (const { use, messages } of [one, other]) use.acknowledge(tickets(messages));
  });

  it('gets again for those who stay what one who left has taken and not acknowledged', async () => {
    const first = await open();
    const second = await open({ clientId: first.settings.clientId, topics: first.settings.topics });
    await publisher.publishAsync(first.topic, 'one', { qos: 1 });
    await until(() => first.messages.length === 1 && second.messages.length === 1);
    second.use.acknowledge(tickets(second.messages));
    await first.use.close();
    await until(() => second.messages.length === 2);
    assert.deepEqual(texts(second.messages), ['one', 'one']);
    second.use.acknowledge(tickets(second.messages.slice(1)));
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(10);
}
