// The simulator's Modbus server on a real socket: the protocol, any framing, and every fault on demand.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  defaultServerSettings,
  ModbusServer,
  type ModbusServerSettings,
} from '../../../nodes/plc/simulator/modbus-server.ts';
import { PlcMemory } from '../../../nodes/plc/simulator/plc-memory.ts';

const memory = new PlcMemory(new Uint16Array(10_000));

/** A client that sends raw bytes and collects whole answers. */
class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #waiting: (() => void) | undefined;
  #closed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#waiting?.();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#closed = true;
      this.#waiting?.();
    });
  }

  send(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** The next `length` bytes; fewer when the connection closes before. */
  async take(length: number): Promise<Buffer> {
    while (this.#received.length < length && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  /** The next answer's transaction id and PDU. */
  async answer(): Promise<{ transaction: number; unit: number; pdu: number[] }> {
    const header = await this.take(7);
    assert.equal(header.length, 7, 'the connection was closed');
    const pdu = await this.take(header.readUInt16BE(4) - 1);
    return { transaction: header.readUInt16BE(0), unit: header[6] ?? -1, pdu: [...pdu] };
  }

  async closed(): Promise<void> {
    if (!this.#closed) await once(this.socket, 'close');
  }
}

function frame(transaction: number, pdu: readonly number[], unit = 1): Buffer {
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transaction, 0);
  header.writeUInt16BE(pdu.length + 1, 4);
  header[6] = unit;
  return Buffer.concat([header, Buffer.from(pdu)]);
}

const word = (value: number): [number, number] => [value >> 8, value & 0xff];
const readPdu = (address: number, count: number, code = 3) => [code, ...word(address), ...word(count)];
const writePdu = (address: number, words: readonly number[]) => [
  16,
  ...word(address),
  ...word(words.length),
  words.length * 2,
  ...words.flatMap(word),
];

describe('the simulated Modbus server', () => {
  let server: ModbusServer;
  const clients: RawClient[] = [];

  async function open(settings: Partial<ModbusServerSettings> = {}): Promise<RawClient> {
    server = new ModbusServer(memory, settings);
    await server.start();
    return join();
  }

  function join(): RawClient {
    const client = new RawClient(server.port);
    clients.push(client);
    return client;
  }

  async function ask(client: RawClient, pdu: readonly number[]): Promise<number[]> {
    client.send(frame(1, pdu));
    return (await client.answer()).pdu;
  }

  beforeEach(() => {
    memory.words.fill(0);
    memory.words.set([0x1234, 0xabcd, 3], 7000);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.destroy();
    await server.stop();
  });

  it('reads words by functions 3 and 4', async () => {
    const client = await open();
    for (const code of [3, 4])
      assert.deepEqual(await ask(client, readPdu(7000, 3, code)), [code, 6, 0x12, 0x34, 0xab, 0xcd, 0, 3]);
  });

  it('writes one word by function 6 and many by function 16', async () => {
    const client = await open();
    assert.deepEqual(await ask(client, [6, ...word(7010), ...word(77)]), [6, ...word(7010), ...word(77)]);
    assert.deepEqual(await ask(client, writePdu(7011, [1, 65_535])), [16, ...word(7011), ...word(2)]);
    assert.deepEqual([...memory.words.subarray(7010, 7013)], [77, 1, 65_535]);
  });

  it('answers what it does not know, has not, or cannot with exceptions 1, 2 and 3', async () => {
    const client = await open();
    assert.deepEqual(await ask(client, [1, 0, 0, 0, 1]), [0x81, 1]);
    assert.deepEqual(await ask(client, readPdu(9999, 2)), [0x83, 2]);
    assert.deepEqual(await ask(client, writePdu(9999, [1, 1])), [0x90, 2]);
    assert.deepEqual(await ask(client, [6, ...word(10_000), 0, 0]), [0x86, 2]);
    for (const count of [0, 126]) assert.deepEqual(await ask(client, readPdu(7000, count)), [0x83, 3]);
    assert.deepEqual(await ask(client, writePdu(7000, Array(124).fill(0))), [0x90, 3]);
    assert.deepEqual(await ask(client, writePdu(7000, [])), [0x90, 3]);
    assert.deepEqual(await ask(client, [16, ...word(7000), ...word(2), 3, 0, 0, 0]), [0x90, 3]);
    assert.deepEqual(await ask(client, [3, 0]), [0x83, 3]);
    assert.deepEqual((await ask(client, readPdu(7000, 125))).length, 252);
    assert.deepEqual(await ask(client, writePdu(8000, Array(123).fill(5))), [16, ...word(8000), ...word(123)]);
  });

  it("finds a vendor's D0 at its wire offset", async () => {
    const client = await open({ wireOffset: 0x7000 });
    assert.deepEqual(await ask(client, readPdu(7000 + 0x7000, 1)), [3, 2, 0x12, 0x34]);
    assert.deepEqual(await ask(client, readPdu(7000, 1)), [0x83, 2]);
  });

  it('does not answer for another unit', async () => {
    const client = await open({ unitId: 5 });
    client.send(frame(1, readPdu(7000, 1), 1), frame(2, readPdu(7000, 1), 5));
    assert.deepEqual(await client.answer(), { transaction: 2, unit: 5, pdu: [3, 2, 0x12, 0x34] });
  });

  it('answers requests that come in one packet, in order', async () => {
    const client = await open();
    client.send(...[10, 11, 12].map((transaction) => frame(transaction, readPdu(7000 + transaction - 10, 1))));
    const answers = [await client.answer(), await client.answer(), await client.answer()];
    assert.deepEqual(
      answers.map(({ transaction, pdu }) => [transaction, pdu[3]]),
      [
        [10, 0x34],
        [11, 0xcd],
        [12, 3],
      ],
    );
  });

  it('answers a request that comes byte by byte', async () => {
    const client = await open();
    for (const byte of frame(9, readPdu(7000, 1))) {
      client.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual((await client.answer()).pdu, [3, 2, 0x12, 0x34]);
  });

  it('cuts a client that does not speak Modbus, and only that one', async () => {
    const stranger = await open();
    const client = join();
    stranger.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await stranger.closed();
    assert.deepEqual(await ask(client, readPdu(7000, 1)), [3, 2, 0x12, 0x34]);
  });

  it('serves several clients at once', async () => {
    const first = await open();
    const second = join();
    const answers = await Promise.all([ask(first, readPdu(7000, 1)), ask(second, readPdu(7001, 1))]);
    assert.deepEqual(answers, [
      [3, 2, 0x12, 0x34],
      [3, 2, 0xab, 0xcd],
    ]);
    assert.equal(server.connectionCount, 2);
    assert.equal(server.requestCount, 2);
  });

  it('delays answers by its latency, requests in flight side by side', async () => {
    const client = await open({ latencyMs: 100 });
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      let answered = 0;
      const all = (async () => {
        for (; answered < 4; answered += 1) assert.equal((await client.answer()).transaction, answered + 1);
      })();
      client.send(...[1, 2, 3, 4].map((transaction) => frame(transaction, readPdu(7000, 1))));
      while (server.requestCount < 4) await nextTurn();
      mock.timers.tick(99);
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      assert.equal(answered, 0);
      mock.timers.tick(1);
      await all;
    } finally {
      mock.timers.reset();
    }
  });

  it('keeps its port over a stop and a start', async () => {
    await open();
    const { port } = server;
    await server.stop();
    assert.equal(await server.start(), port);
    assert.deepEqual(await ask(join(), readPdu(7000, 1)), [3, 2, 0x12, 0x34]);
  });

  it('says when its port is taken', async () => {
    await open();
    const second = new ModbusServer(memory, { ...defaultServerSettings, port: server.port });
    await assert.rejects(second.start(), /EADDRINUSE/);
    await second.stop();
  });

  describe('on demand', () => {
    it('cuts every connection now', async () => {
      const first = await open();
      const second = join();
      await ask(first, readPdu(7000, 1));
      await ask(second, readPdu(7000, 1));
      await server.inject({ kind: 'drop-now' });
      await Promise.all([first.closed(), second.closed()]);
      assert.deepEqual(await ask(join(), readPdu(7000, 1)), [3, 2, 0x12, 0x34]);
    });

    it('answers so many requests more, then cuts', async () => {
      const client = await open();
      await server.inject({ kind: 'drop-after', requests: 2 });
      await ask(client, readPdu(7000, 1));
      await ask(client, readPdu(7000, 1));
      client.send(frame(3, writePdu(7000, [9])));
      await client.closed();
      assert.equal(memory.words[7000], 0x1234, 'the request was not carried out');
      assert.deepEqual(await ask(join(), readPdu(7000, 1)), [3, 2, 0x12, 0x34]);
    });

    it('cuts in the middle of a queue: the k-th write is carried out, its answer never comes', async () => {
      const client = await open();
      await server.inject({ kind: 'drop-in-queue-write', writes: 2 });
      await ask(client, writePdu(7100, [1]));
      await ask(client, readPdu(7100, 1));
      client.send(frame(3, writePdu(7200, [2])));
      await client.closed();
      assert.deepEqual([memory.words[7100], memory.words[7200]], [1, 2]);
      assert.deepEqual(await ask(join(), writePdu(7300, [3])), [16, ...word(7300), ...word(1)]);
    });

    it('is unplugged and plugged in again', async () => {
      const client = await open();
      await ask(client, readPdu(7000, 1));
      await server.inject({ kind: 'unplug' });
      await client.closed();
      const [error] = (await once(join().socket, 'error')) as [NodeJS.ErrnoException];
      assert.equal(error.code, 'ECONNREFUSED');
      await server.inject({ kind: 'plug-in' });
      assert.deepEqual(await ask(join(), readPdu(7000, 1)), [3, 2, 0x12, 0x34]);
    });

    it('leaves so many requests without an answer', async () => {
      const client = await open();
      await server.inject({ kind: 'never-answer', requests: 2 });
      client.send(...[1, 2, 3].map((transaction) => frame(transaction, readPdu(7000, 1))));
      assert.equal((await client.answer()).transaction, 3);
    });

    it('answers late, behind the answers that follow', async () => {
      const client = await open();
      await server.inject({ kind: 'answer-late', requests: 1, delayMs: 30 });
      client.send(frame(1, readPdu(7000, 1)), frame(2, readPdu(7000, 1)));
      assert.deepEqual([(await client.answer()).transaction, (await client.answer()).transaction], [2, 1]);
    });

    it('answers with a wrong transaction id', async () => {
      const client = await open();
      await server.inject({ kind: 'wrong-transaction-id', requests: 1 });
      client.send(frame(41, readPdu(7000, 1)));
      assert.equal((await client.answer()).transaction, 42);
    });

    it('answers with an impossible length', async () => {
      const client = await open();
      await server.inject({ kind: 'bad-length', requests: 1 });
      client.send(frame(1, readPdu(7000, 1)));
      assert.equal((await client.take(11)).readUInt16BE(4), 65_535);
    });

    it('answers with a word too few, in a frame that agrees with itself', async () => {
      const client = await open();
      await server.inject({ kind: 'short-answer', requests: 1 });
      assert.deepEqual(await ask(client, readPdu(7000, 3)), [3, 4, 0x12, 0x34, 0xab, 0xcd]);
    });

    it('answers in two packets', async () => {
      const client = await open();
      await server.inject({ kind: 'split-answer', requests: 1 });
      client.send(frame(1, readPdu(7000, 1)));
      const [first] = (await once(client.socket, 'data')) as [Buffer];
      assert.equal(first.length, 5);
      assert.deepEqual((await client.answer()).pdu, [3, 2, 0x12, 0x34]);
    });

    it('answers with any exception, and does not carry the request out', async () => {
      const client = await open();
      await server.inject({ kind: 'exception', requests: 1, code: 6 });
      assert.deepEqual(await ask(client, writePdu(7000, [9])), [0x90, 6]);
      assert.equal(memory.words[7000], 0x1234);
    });

    it('forgets faults that still wait', async () => {
      const client = await open();
      await server.inject({ kind: 'never-answer', requests: 5 });
      await server.inject({ kind: 'drop-after', requests: 0 });
      await server.inject({ kind: 'drop-in-queue-write', writes: 1 });
      server.clearFaults();
      assert.deepEqual(await ask(client, writePdu(7000, [9])), [16, ...word(7000), ...word(1)]);
    });
  });
});
