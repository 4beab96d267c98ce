import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScheduledLink } from '../../../nodes/plc/link/scheduled-link.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type HostileServer, honestPdu, hostileServer, mbap, type SeenRequest } from './support/hostile-server.ts';
import { outcome } from './support/link-world.ts';
import { connected, liveLink, tcp } from './support/live-link.ts';

describe('Modbus/TCP against a peer that does not keep to it', () => {
  let server: HostileServer | undefined;
  let link: ScheduledLink | undefined;

  afterEach(async () => {
    await link?.close();
    await server?.stop();
  });

  const honest = (request: SeenRequest) => mbap(request, honestPdu(request));

  async function linkTo(
    react: (request: SeenRequest) => Buffer | undefined,
    options: Parameters<typeof liveLink>[1] = {},
  ): Promise<ScheduledLink> {
    server = await hostileServer(react);
    link = liveLink(tcp(server.port), options);
    return link;
  }

  it('reads words and confirms writes', async () => {
    const plc = await linkTo(honest);
    assert.equal(await outcome(plc.readWords(6000, 3)), '6000 6001 6002');
    assert.equal(await outcome(plc.writeWords(7000, Uint16Array.of(1, 0xffff))), 'written');
    assert.deepEqual([...(server?.seen[1]?.pdu ?? [])], [16, 0x1b, 0x58, 0, 2, 4, 0, 1, 0xff, 0xff]);
  });

  it('matches answers that come in reverse order, in one packet', async () => {
    const held: SeenRequest[] = [];
    const plc = await linkTo(
      (request) => {
        held.push(request);
        return held.length === 8 ? Buffer.concat(held.splice(0).reverse().map(honest)) : undefined;
      },
      { depth: 8 },
    );
    await connected(plc);
    const reads = Array.from({ length: 8 }, (_, slot) => outcome(plc.readWords(6000 + 100 * slot, 1)));
    assert.deepEqual(
      await Promise.all(reads),
      Array.from({ length: 8 }, (_, slot) => String(6000 + 100 * slot)),
    );
  });

  it('reads an answer that comes byte by byte', async () => {
    const plc = await linkTo((request) => {
      const frame = honest(request);
      const sendFrom = (index: number): void => {
        if (index >= frame.length || request.socket.destroyed) return;
        request.socket.write(frame.subarray(index, index + 1), () => setImmediate(() => sendFrom(index + 1)));
      };
      sendFrom(0);
      return undefined;
    });
    assert.equal(await outcome(plc.readWords(6000, 2)), '6000 6001');
    assert.equal(await outcome(plc.readWords(6100, 2)), '6100 6101');
  });

  it('reads an answer that is cut in two at any place', async () => {
    let cut = 0;
    const plc = await linkTo((request) => {
      const frame = honest(request);
      request.socket.write(frame.subarray(0, cut), () =>
        setTimeout(() => request.socket.write(frame.subarray(cut)), 2),
      );
      return undefined;
    });
    for (cut = 1; cut < 13; cut += 1) {
      assert.equal(await outcome(plc.readWords(0x1234, 2)), '4660 4661', `cut after ${cut} bytes`);
    }
  });

  it('answers a thousand concurrent reads rightly, though ids wrapped at 256 would not', async () => {
    const plc = await linkTo(honest, { depth: 8 });
    await connected(plc);
    const reads = Array.from({ length: 1000 }, (_, index) => outcome(plc.readWords(index * 10, 1)));
    assert.deepEqual(
      await Promise.all(reads),
      Array.from({ length: 1000 }, (_, index) => String(index * 10)),
    );
  });

  it('never takes an answer that is 256 requests late for a new one', async () => {
    let first: SeenRequest | undefined;
    let count = 0;
    const plc = await linkTo(
      (request) => {
        count += 1;
        first ??= request;
        if (request === first) return undefined;
        // With ids of 8 bits the stale answer would carry the id of this request.
        return count === 257 ? Buffer.concat([honest(first), honest(request)]) : honest(request);
      },
      { depth: 2, requestTimeoutMs: 5_000 },
    );
    await connected(plc);
    const late = outcome(plc.readWords(9000, 1));
    for (let index = 0; index < 256; index += 1) {
      assert.equal(await outcome(plc.readWords(index, 1)), String(index));
    }
    assert.equal(await late, '9000');
  });

  it('gives no words of another request to one, when the peer numbers its answers wrongly', async () => {
    for (const wrongId of [
      (id: number) => (id + 1) & 0xffff,
      (id: number) => (id - 1) & 0xffff,
      (id: number) => id & 0xff,
    ]) {
      const held: SeenRequest[] = [];
      const plc = await linkTo(
        (request) => {
          held.push(request);
          if (held.length < 8) return undefined;
          return Buffer.concat(held.splice(0).map((one) => mbap(one, honestPdu(one), { id: wrongId(one.id) })));
        },
        { depth: 8, requestTimeoutMs: 100 },
      );
      await connected(plc);
      const reads = Array.from({ length: 8 }, (_, slot) => outcome(plc.readWords(6000 + 100 * slot, 1)));
      // An id below 256 survives being cut to a byte; its answer is the right one.
      for (const [slot, end] of (await Promise.all(reads)).entries()) {
        assert.ok(['timeout', 'disconnected', String(6000 + 100 * slot)].includes(end), end);
      }
      await link?.close();
      await server?.stop();
    }
    server = undefined;
  });

  it('passes over an answer that nobody waits for', async () => {
    const plc = await linkTo((request) => {
      const stray = mbap(request, honestPdu({ pdu: Buffer.from([3, 0, 9, 0, 1]) }), { id: request.id ^ 0x4000 });
      return Buffer.concat([stray, honest(request), honest(request)]);
    });
    assert.equal(await outcome(plc.readWords(6000, 1)), '6000');
    assert.equal(await outcome(plc.readWords(6100, 1)), '6100');
    assert.equal(server?.accepted(), 1);
  });

  const malformed: readonly [string, (request: SeenRequest) => Buffer][] = [
    ['another unit', (request) => mbap(request, honestPdu(request), { unit: 9 })],
    ['another function', (request) => mbap(request, Buffer.concat([Buffer.of(4), honestPdu(request).subarray(1)]))],
    [
      'a byte count that is not its own',
      (request) => {
        const pdu = honestPdu(request);
        pdu[1] = 2;
        return mbap(request, pdu);
      },
    ],
    [
      'an odd byte count',
      (request) => {
        const pdu = honestPdu(request);
        pdu[1] = (pdu[1] ?? 0) - 1;
        return mbap(request, pdu);
      },
    ],
    [
      'a byte count beyond its end',
      (request) => {
        const pdu = honestPdu(request);
        pdu[1] = (pdu[1] ?? 0) + 2;
        return mbap(request, pdu);
      },
    ],
    ['one word too few', (request) => mbap(request, honestPdu({ pdu: Buffer.from([3, 0, 0, 0, 1]) }))],
    ['one word too many', (request) => mbap(request, honestPdu({ pdu: Buffer.from([3, 0, 0, 0, 3]) }))],
  ];
  for (const [what, answer] of malformed) {
    it(`refuses an answer with ${what}, and goes on`, async () => {
      let count = 0;
      const plc = await linkTo((request) => (count++ === 0 ? answer(request) : honest(request)));
      assert.equal(await outcome(plc.readWords(6000, 2)), 'protocol');
      assert.equal(await outcome(plc.readWords(6000, 2)), '6000 6001');
    });
  }

  it('names the unit that answered in place of the one that was asked', async () => {
    const plc = await linkTo((request) => mbap(request, honestPdu(request), { unit: 9 }));
    await assert.rejects(plc.readWords(6000, 2), {
      message: /Unit 9 answered a question to unit 1\. .*unit=9/,
    });
  });

  const untrustworthy: readonly [string, (request: SeenRequest) => Buffer][] = [
    ['a length of 65535', (request) => mbap(request, honestPdu(request), { length: 65_535 })],
    ['a length of 0', (request) => mbap(request, honestPdu(request), { length: 0 })],
    ['another protocol id', (request) => mbap(request, honestPdu(request), { protocol: 7 })],
    ['a web page', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ];
  for (const [what, answer] of untrustworthy) {
    it(`blames the request that got ${what}, and works on a new connection`, async () => {
      let count = 0;
      const plc = await linkTo((request) => (count++ === 0 ? answer(request) : honest(request)));
      assert.equal(await outcome(plc.readWords(6000, 2)), 'protocol');
      while ((await outcome(plc.readWords(6000, 2))) !== '6000 6001')
        await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(server?.accepted(), 2);
    });
  }

  it('does not believe a confirmation of another write', async () => {
    const plc = await linkTo((request) => mbap(request, Buffer.from([16, 0x1b, 0x58, 0, 1])));
    assert.equal(await outcome(plc.writeWords(7000, Uint16Array.of(1))), 'written');
    assert.equal(await outcome(plc.writeWords(7001, Uint16Array.of(1))), 'protocol');
    assert.equal(await outcome(plc.writeWords(7000, Uint16Array.of(1, 2))), 'protocol');
  });

  it('passes an exception on as a refusal that says what to check', async () => {
    const plc = await linkTo((request) => mbap(request, Buffer.from([0x83, 2])));
    await assert.rejects(plc.readWords(6000, 1), /exception 2: Illegal data address.*Check the address preset/);
    assert.equal(server?.accepted(), 1);
  });

  it('rejects at the close, not at the timeout', async () => {
    const plc = await linkTo(
      (request) => {
        request.socket.destroy();
        return undefined;
      },
      { requestTimeoutMs: 60_000 },
    );
    assert.equal(await outcome(plc.readWords(6000, 1)), 'disconnected');
  });

  it('rejects when the peer closes in good order', async () => {
    const plc = await linkTo(
      (request) => {
        request.socket.end();
        return undefined;
      },
      { requestTimeoutMs: 60_000 },
    );
    assert.equal(await outcome(plc.readWords(6000, 1)), 'disconnected');
  });

  it('works again after silence, and no late answer is taken for a new one', async () => {
    const late: SeenRequest[] = [];
    const clock = new ManualClock();
    const plc = await linkTo(
      (request) => {
        if (late.length === 0) {
          late.push(request);
          return undefined;
        }
        for (const request of late) if (!request.socket.destroyed) request.socket.write(honest(request));
        return honest(request);
      },
      { requestTimeoutMs: 100, clock },
    );
    const unanswered = outcome(plc.readWords(6000, 1));
    while (late.length === 0) await nextTurn();
    clock.advance(100);
    assert.equal(await unanswered, 'timeout');
    while (plc.counters.reconnects === 0) {
      // Only the wait before the next try needs time to pass; the connection itself needs none of this clock.
      if (plc.status.phase === 'disconnected') clock.advance(100);
      await nextTurn();
    }
    assert.equal(await outcome(plc.readWords(6100, 1)), '6100');
    assert.equal(server?.accepted(), 2);
  });

  it('closes with requests open, at once', async () => {
    const plc = await linkTo(() => undefined, { requestTimeoutMs: 60_000 });
    await connected(plc);
    const open = outcome(plc.readWords(6000, 1));
    await plc.close();
    assert.equal(await open, 'closed');
  });

  it('closes while it connects to nobody', async () => {
    link = liveLink({ protocol: 'modbus-tcp', host: '192.0.2.1', port: 502, unit: 1 });
    const open = outcome(link.readWords(6000, 1));
    await link.close();
    assert.equal(await open, 'closed');
  });

  it('comes back when the PLC does', async () => {
    const plc = await linkTo(honest);
    assert.equal(await outcome(plc.readWords(6000, 1)), '6000');
    const port = server?.port ?? 0;
    await server?.stop();
    assert.equal(await outcome(plc.readWords(6000, 1)), 'disconnected');
    server = undefined;
    const { createServer } = await import('node:net');
    const revived = createServer((socket) =>
      socket.on('data', (chunk) =>
        socket.write(mbap({ id: chunk.readUInt16BE(0), unit: 1 }, honestPdu({ pdu: chunk.subarray(7) }))),
      ),
    );
    await new Promise<void>((resolve) => revived.listen(port, '127.0.0.1', resolve));
    await connectedAgain(plc);
    assert.equal(await outcome(plc.readWords(6000, 1)), '6000');
    await plc.close();
    await new Promise((resolve) => revived.close(resolve));
  });
});

/** Waits until requests are taken again after a loss. */
async function connectedAgain(link: ScheduledLink): Promise<void> {
  const before = link.counters.reconnects;
  while (link.counters.reconnects === before) await new Promise((resolve) => setTimeout(resolve, 5));
}
