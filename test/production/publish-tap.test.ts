// What the intake takes out of a broker's bytes, however the network cuts them, and what it leaves to mqtt.js.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { type Publish, PublishTap } from '../../nodes/production/publish-tap.ts';

interface Sent {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly id: number;
}

describe('the tap of the broker’s bytes', () => {
  const sent = fc.record({
    topic: fc.stringMatching(/^[a-zé/0-9]{1,40}$/),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(text)),
      // What a reader of UTF-8 puts where there is none, and a byte order mark.
      fc.constantFrom('\uFFFD', '\uFEFF{"a":"\uFEFF"}').map((text) => Buffer.from(text)),
    ),
    qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    retain: fc.boolean(),
    dup: fc.boolean(),
    id: fc.integer({ min: 1, max: 65_535 }),
  });
  /** PINGRESP, SUBACK and PUBREL: whatever is no message. */
  const control = fc.constantFrom([0xd0, 0], [0x90, 3, 0, 7, 1], [0x62, 2, 0, 9]).map((bytes) => Buffer.from(bytes));

  it('hands over every message as it was sent and leaves the rest, wherever the bytes are cut', async () => {
    const packet = fc.oneof({ weight: 4, arbitrary: sent }, control);
    const cuts = fc.array(fc.nat(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(packet, { maxLength: 12 }), cuts, async (packets, places) => {
        const bytes = Buffer.concat(packets.map((one) => (Buffer.isBuffer(one) ? one : packetOf(one))));
        const { tap, socket, messages } = tapped(() => true);
        for (const piece of cutAt(bytes, places)) socket.push(piece);
        socket.push(null);
        const rest = await everything(tap);
        assert.deepEqual(rest, Buffer.concat(packets.filter((one) => Buffer.isBuffer(one))));
        assert.deepEqual(
          messages.map(({ topic, text, isUtf8, qos, retain, dup, packetId }) => [
            topic,
            [text, isUtf8],
            qos,
            retain,
            dup,
            packetId,
          ]),
          packets.flatMap((one) =>
            Buffer.isBuffer(one)
              ? []
              : [[one.topic, read(one.payload), one.qos, one.retain, one.dup, one.qos === 0 ? null : one.id]],
          ),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('hands over no further message until it is let go, and then all of them in order', async () => {
    const { tap, socket, messages } = tapped((count) => count % 2 === 1);
    const bytes = Buffer.concat([1, 2, 3, 4, 5].map((id) => packetOf(numbered(id))));
    for (const piece of cutAt(bytes, [7, 31, 44])) socket.push(piece);
    for (const count of [2, 4, 5]) {
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(messages.length, count);
      tap.letGo();
    }
    assert.deepEqual(
      messages.map(({ packetId }) => packetId),
      [1, 2, 3, 4, 5],
    );
    tap.destroy();
  });

  it('keeps two topics apart whose sums are the same', async () => {
    const { tap, socket, messages } = tapped(() => true);
    // 31 * 'a' + 'B' is 31 * 'b' + '#'.
    for (const topic of ['aB', 'b#', 'aB']) socket.push(packetOf({ ...numbered(1), topic }));
    socket.push(null);
    await everything(tap);
    assert.deepEqual(
      messages.map(({ topic }) => topic),
      ['aB', 'b#', 'aB'],
    );
  });

  it('lets a message that is too long pass by, and hands over its length and its beginning', async () => {
    const limit = 100;
    const long = fc.record({
      topic: fc.stringMatching(/^[a-z/]{1,40}$/),
      payload: fc.uint8Array({ minLength: 60, maxLength: 3_000 }),
      qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      retain: fc.boolean(),
      dup: fc.boolean(),
      id: fc.integer({ min: 1, max: 65_535 }),
    });
    const cuts = fc.array(fc.nat(), { maxLength: 40 });
    const stops = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(long, control), { maxLength: 10 }),
        cuts,
        stops,
        async (packets, places, goes) => {
          const bytes = Buffer.concat(packets.map((one) => (Buffer.isBuffer(one) ? one : packetOf(one))));
          const { tap, socket, messages } = tapped((count) => goes[count] ?? true, limit);
          const going = setInterval(() => tap.letGo(), 0);
          for (const piece of cutAt(bytes, places)) socket.push(piece);
          const expected = packets.flatMap((one) => (Buffer.isBuffer(one) ? [] : [one]));
          while (messages.length < expected.length) await new Promise((resolve) => setImmediate(resolve));
          socket.push(null);
          const rest = await everything(tap);
          clearInterval(going);
          assert.deepEqual(rest, Buffer.concat(packets.filter((one) => Buffer.isBuffer(one))));
          assert.deepEqual(
            messages.map(({ topic, packetId, fullBytes }) => [topic, packetId, fullBytes]),
            expected.map(({ topic, qos, id, payload }) => [
              topic,
              qos === 0 ? null : id,
              payload.length > limit ? payload.length : null,
            ]),
          );
          for (const { text, fullBytes } of messages) if (fullBytes !== null) assert.ok(text.length <= 1_000);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps nothing of a message of 200 MB', async () => {
    const { tap, socket, messages } = tapped(() => true, 1_000);
    const head = Buffer.from([0x32, 0x80, 0x84, 0xaf, 0x5f, 0, 1, 0x61, 0, 7]);
    const before = process.memoryUsage().arrayBuffers;
    socket.push(head);
    const chunk = Buffer.alloc(65_536, 0x20);
    // 200,000,000 bytes of body are 0x80 0x84 0xaf 0x5f; five of them came with the head.
    for (let left = 200_000_000 - 5; left > 0; left -= chunk.length) {
      socket.push(chunk.subarray(0, Math.min(left, chunk.length)));
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
    }
    socket.push(packetOf(numbered(9)));
    socket.push(null);
    await everything(tap);
    assert.deepEqual(
      messages.map(({ packetId, fullBytes }) => [packetId, fullBytes]),
      [
        [7, 199_999_995],
        [9, null],
      ],
    );
  });

  for (const [what, bytes] of [
    ['an acknowledgement of 70,000 bytes', [0x90, 0xf0, 0xa2, 0x04, 0, 1]],
    ['a length of five bytes', [0x32, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a topic longer than its packet', [0x32, 4, 0, 9, 97, 98]],
    ['a QoS of three', [0x36, 5, 0, 1, 97, 0, 1]],
  ] as const) {
    it(`ends the connection at ${what}`, async () => {
      const { tap, socket, messages } = tapped(() => true);
      socket.push(Buffer.from(bytes));
      const [error] = (await once(tap, 'error')) as [Error & { code: string }];
      assert.equal(error.code, 'ERR_MQTT_PACKET');
      assert.equal(socket.destroyed, true);
      assert.deepEqual(messages, []);
    });
  }
});

/** As the standard's own strict decoder reads it. */
function read(payload: Uint8Array): readonly [text: string, isUtf8: boolean] {
  try {
    return [new TextDecoder('utf-8', { fatal: true }).decode(payload), true];
  } catch {
    return [Buffer.from(payload).toString('latin1'), false];
  }
}

function numbered(id: number): Sent {
  return { topic: 'plant/M1', payload: Buffer.from('{}'), qos: 1, retain: false, dup: false, id };
}

function tapped(goesOn: (count: number) => boolean, maxPayloadBytes?: number) {
  const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  const messages: Publish[] = [];
  const tap = new PublishTap(
    socket,
    (publish) => {
      messages.push(publish);
      return goesOn(messages.length);
    },
    maxPayloadBytes,
  );
  return { tap, socket, messages };
}

function packetOf({ topic, payload, qos, retain, dup, id }: Sent): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    Buffer.from(qos === 0 ? [] : [id >> 8, id & 0xff]),
    payload,
  ]);
  const length: number[] = [];
  for (let rest = body.length; ; rest >>= 7) {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0), ...length]), body]);
}

function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const borders = [...new Set([0, bytes.length, ...places.map((place) => place % (bytes.length + 1))])].sort(
    (one, other) => one - other,
  );
  return borders.slice(1).map((border, index) => Buffer.from(bytes.subarray(borders[index], border)));
}

async function everything(tap: PublishTap): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of tap) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
