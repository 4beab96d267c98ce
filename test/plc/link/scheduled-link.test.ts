import assert from 'node:assert/strict';
import { PlcLinkError } from '../../../nodes/plc/plc-link.ts';
import { FakeSerialTransport } from './support/fake-transport.ts';
import { connectedWorld, connectTimeoutMs, linkWorld, outcome, requestTimeoutMs, turn } from './support/link-world.ts';

describe('The link to one PLC', () => {
  describe('orders requests', () => {
    it('keeps one request in flight and sends the next at the answer', async () => {
      const { link, wire } = await connectedWorld();
      const first = outcome(link.readWords(6000, 2));
      const second = outcome(link.readWords(6100, 2));
      assert.equal(wire().sent.length, 1);
      wire().last.answer();
      assert.equal(await first, '6000 6000');
      assert.equal(wire().last.wireAddress, 6100);
      wire().last.answer();
      assert.equal(await second, '6100 6100');
      await link.close();
    });

    it('sends commands before the polls that waited longer', async () => {
      const { link, wire } = await connectedWorld();
      const polls = [6000, 6100, 6200].map((address) => outcome(link.readWords(address, 1)));
      const commands = [
        outcome(link.writeWords(7000, Uint16Array.of(1))),
        outcome(link.readWords(7076, 1, { priority: 'command' })),
      ];
      const order: number[] = [];
      for (let sent = 0; sent < 5; sent += 1) {
        order.push(wire().last.wireAddress);
        wire().last.answer();
        await turn();
      }
      assert.deepEqual(order, [6000, 7000, 7076, 6100, 6200]);
      await Promise.all([...polls, ...commands]);
      await link.close();
    });

    it('merges identical polls that wait, counts them, and gives each its own words', async () => {
      const { link, wire } = await connectedWorld();
      const busy = link.readWords(6000, 1);
      const first = link.readWords(6100, 2);
      const twin = link.readWords(6100, 2);
      const other = outcome(link.readWords(6100, 3));
      wire().last.answer();
      await busy;
      wire().last.answer();
      const [words, twinWords] = await Promise.all([first, twin]);
      assert.deepEqual(twinWords, words);
      assert.notEqual(twinWords, words);
      wire().last.answer();
      assert.equal(await other, '6100 6100 6100');
      assert.equal(wire().sent.length, 3);
      assert.equal(link.counters.merged, 1);
      await link.close();
    });

    it('never merges a poll with one that has left, whose answer may be older than the question', async () => {
      const { link, wire } = await connectedWorld({ depth: 2 });
      const both = [outcome(link.readWords(6000, 1)), outcome(link.readWords(6000, 1))];
      assert.equal(wire().sent.length, 2);
      for (const request of wire().sent) request.answer();
      await Promise.all(both);
      await link.close();
    });

    it('refuses polls beyond its bound, and drops the oldest poll for a command', async () => {
      const { link, wire } = await connectedWorld({ queueLimit: 2 });
      const sent = outcome(link.readWords(6000, 1));
      const oldest = outcome(link.readWords(6100, 1));
      const waiting = outcome(link.readWords(6200, 1));
      assert.equal(await outcome(link.readWords(6300, 1)), 'timeout');
      const command = outcome(link.writeWords(7000, Uint16Array.of(5)));
      assert.equal(await oldest, 'timeout');
      assert.equal(link.counters.dropped, 2);
      for (let left = 0; left < 3; left += 1) {
        wire().last.answer();
        await turn();
      }
      assert.deepEqual(await Promise.all([sent, command, waiting]), ['6000', 'written', '6200']);
      await link.close();
    });

    it('takes a poll out of the queue when its signal says so', async () => {
      const { link, wire } = await connectedWorld();
      const sent = outcome(link.readWords(6000, 1));
      const stop = new AbortController();
      const given = link.readWords(6100, 1, { signal: stop.signal });
      stop.abort(new Error('deploy'));
      await assert.rejects(given, /deploy/);
      wire().last.answer();
      await sent;
      assert.equal(wire().sent.length, 1);
      await assert.rejects(link.readWords(6100, 1, { signal: stop.signal }), /deploy/);
      await link.close();
    });

    it('keeps the place of an aborted poll in flight until its answer came', async () => {
      const { link, wire } = await connectedWorld();
      const stop = new AbortController();
      const given = link.readWords(6000, 1, { signal: stop.signal });
      const next = outcome(link.readWords(6100, 1));
      stop.abort(new Error('deploy'));
      await assert.rejects(given, /deploy/);
      assert.equal(wire().sent.length, 1);
      wire().last.answer();
      await turn();
      wire().last.answer();
      assert.equal(await next, '6100');
      await link.close();
    });

    it('does not abandon a write that has left', async () => {
      const { link, wire } = await connectedWorld();
      const stop = new AbortController();
      const write = outcome(link.writeWords(7000, Uint16Array.of(1), { signal: stop.signal }));
      await turn();
      stop.abort();
      wire().last.answer();
      assert.equal(await write, 'written');
      await link.close();
    });

    it('never has more in flight than the wire carries, whatever depth is set', async () => {
      const { link, wire } = await connectedWorld({ depth: 8 }, () => new FakeSerialTransport());
      const requests = [6000, 6100, 6200].map((address) => outcome(link.readWords(address, 1)));
      for (let sent = 1; sent <= 3; sent += 1) {
        assert.equal(wire().sent.length, sent);
        wire().last.answer();
        await turn();
      }
      await Promise.all(requests);
      await link.close();
    });
  });

  describe('guards the PLC', () => {
    it('refuses a write outside the writable words before anything is sent', async () => {
      const { link, wire } = await connectedWorld({
        writable: [
          { address: 7000, count: 77 },
          { address: 6076, count: 1 },
        ],
      });
      for (const [address, count] of [
        [6999, 2],
        [7076, 2],
        [6000, 1],
        [6075, 2],
        [8000, 1],
      ] as const) {
        assert.equal(await outcome(link.writeWords(address, new Uint16Array(count))), 'out-of-range');
      }
      assert.equal(wire().sent.length, 0);
      const flag = outcome(link.writeWords(6076, Uint16Array.of(1)));
      await turn();
      wire().last.answer();
      assert.equal(await flag, 'written');
      await link.close();
    });

    it('refuses counts that no request can carry', async () => {
      const { link, wire } = await connectedWorld({ wordsPerRequest: 100 });
      for (const count of [0, -1, 1.5, 101]) assert.equal(await outcome(link.readWords(6000, count)), 'out-of-range');
      assert.equal(await outcome(link.writeWords(7000, new Uint16Array(124))), 'out-of-range');
      assert.equal(await outcome(link.writeWords(7000, new Uint16Array(0))), 'out-of-range');
      assert.equal(await outcome(link.readWords(65_500, 100)), 'out-of-range');
      assert.equal(wire().sent.length, 0);
      await link.close();
    });

    it('writes the words as they were when asked', async () => {
      const { link, wire } = await connectedWorld();
      const words = Uint16Array.of(1, 2);
      const write = link.writeWords(7000, words);
      words.fill(9);
      await turn();
      assert.deepEqual(wire().last.words, Uint16Array.of(1, 2));
      wire().last.answer();
      await write;
      await link.close();
    });

    it('does not pass on an answer of another length', async () => {
      const { link, wire } = await connectedWorld();
      const read = outcome(link.readWords(6000, 3));
      wire().last.answer(Uint16Array.of(1, 2));
      assert.equal(await read, 'protocol');
      await link.close();
    });
  });

  describe('gives every request a deadline', () => {
    it('ends the connection after an unanswered request, so that a late answer meets nobody', async () => {
      const { link, clock, wires, wire } = await connectedWorld();
      const late = outcome(link.readWords(6000, 1));
      const waiting = outcome(link.readWords(6100, 1));
      const [firstWire] = wires;
      clock.advance(requestTimeoutMs);
      assert.equal(await late, 'timeout');
      assert.equal(await waiting, 'disconnected');
      assert.equal(firstWire?.destroyed, true);
      await turn();
      clock.advance(400);
      await turn();
      wire().accept();
      await turn();
      const next = outcome(link.readWords(6000, 1));
      firstWire?.last.answer(Uint16Array.of(111));
      wire().last.answer(Uint16Array.of(222));
      assert.equal(await next, '222');
      assert.deepEqual([link.counters.timeouts, link.counters.reconnects], [1, 1]);
      await link.close();
    });

    it('says the remedy that the wire knows when a request is not answered', async () => {
      const { link, clock, wire } = await connectedWorld();
      const late = link.readWords(6000, 1);
      wire().remedy = 'Unit 7 answers here.';
      clock.advance(requestTimeoutMs);
      await assert.rejects(late, /Unit 7 answers here/);
      await link.close();
    });

    it('drains a serial line after an unanswered request and goes on', async () => {
      const { link, clock, wire, wires } = await connectedWorld({}, () => new FakeSerialTransport());
      const late = outcome(link.readWords(6000, 1));
      const waiting = outcome(link.readWords(6100, 1));
      clock.advance(requestTimeoutMs);
      assert.equal(await late, 'timeout');
      assert.equal(wire().sent.length, 1);
      wire().becomeQuiet();
      await turn();
      wire().last.answer();
      assert.equal(await waiting, '6100');
      assert.equal(wires.length, 1);
      await link.close();
    });

    it('reopens a serial line that babbles, or after three unanswered requests in a row', async () => {
      const babbling = await connectedWorld({}, () => new FakeSerialTransport());
      const lost = outcome(babbling.link.readWords(6000, 1));
      babbling.clock.advance(requestTimeoutMs);
      assert.equal(await lost, 'timeout');
      babbling.wire().keepBabbling();
      await turn();
      assert.equal(babbling.wire().destroyed, true);
      await babbling.link.close();

      const silent = await connectedWorld({}, () => new FakeSerialTransport());
      for (let time = 1; time <= 3; time += 1) {
        const request = outcome(silent.link.readWords(6000, 1));
        silent.clock.advance(requestTimeoutMs);
        assert.equal(await request, 'timeout');
        assert.equal(silent.wire().destroyed, time === 3);
        silent.wire().becomeQuiet();
        await turn();
      }
      await silent.link.close();
    });

    it('gives up a request whose turn does not come', async () => {
      const { link, clock, wire } = await connectedWorld({ queueTimeoutMs: 1_500, requestTimeoutMs: 60_000 });
      const sent = outcome(link.readWords(6000, 1));
      const waiting = outcome(link.readWords(6100, 1));
      clock.advance(1_500);
      assert.equal(await waiting, 'timeout');
      wire().last.answer();
      assert.equal(await sent, '6000');
      assert.equal(wire().sent.length, 1);
      await link.close();
    });
  });

  describe('heals the connection', () => {
    it('lets a request right after the start wait for the first connection', async () => {
      const { link, wire } = linkWorld();
      link.start();
      const early = outcome(link.readWords(6000, 1));
      wire().accept();
      await turn();
      wire().last.answer();
      assert.equal(await early, '6000');
      await link.close();
    });

    it('lets it wait no longer than its deadline', async () => {
      const { link, clock } = linkWorld();
      link.start();
      const early = outcome(link.readWords(6000, 1));
      clock.advance(requestTimeoutMs);
      assert.equal(await early, 'disconnected');
      await link.close();
    });

    it('rejects at once while no connection is in sight', async () => {
      const { link, wire, clock, wires } = linkWorld();
      link.start();
      wire().refuse();
      await turn();
      assert.equal(await outcome(link.readWords(6000, 1)), 'disconnected');
      clock.advance(400);
      await turn();
      assert.equal(wires.length, 2);
      assert.equal(await outcome(link.readWords(6000, 1)), 'disconnected');
      await link.close();
    });

    it('lets a request wait for the connection that follows one which the PLC ended for idleness', async () => {
      const { link, wire, clock } = await connectedWorld();
      clock.advance(120_000);
      wire().breakOff(new PlcLinkError('disconnected', 'The PLC closed the connection.'));
      const read = outcome(link.readWords(6000, 1));
      await turn();
      clock.advance(400);
      await turn();
      wire().accept();
      await turn();
      wire().last.answer();
      assert.equal(await read, '6000');
      await link.close();
    });

    it('gives a connection attempt a deadline of its own', async () => {
      const { link, clock, wires } = linkWorld();
      link.start();
      clock.advance(connectTimeoutMs);
      await turn();
      assert.equal(wires[0]?.destroyed, true);
      clock.advance(400);
      await turn();
      assert.equal(wires.length, 2);
      await link.close();
    });

    it('tries without end, with pauses that grow to the cap', async () => {
      const { link, clock, wire, wires } = linkWorld({ random: () => 0.999_999 });
      link.start();
      const pauses: number[] = [];
      for (let attempt = 1; attempt <= 12; attempt += 1) {
        wire().refuse();
        await turn();
        const before = clock.monotonicMs();
        while (wires.length === attempt) {
          clock.advance(100);
          await turn();
        }
        pauses.push(clock.monotonicMs() - before);
      }
      assert.deepEqual(pauses.slice(0, 6), [400, 800, 1_600, 3_200, 6_400, 10_000]);
      assert.equal(pauses.at(-1), 10_000);
      await link.close();
    });

    it('rejects everything at once when the connection goes', async () => {
      const { link, wire } = await connectedWorld();
      const requests = [6000, 6100].map((address) => outcome(link.readWords(address, 1)));
      wire().breakOff();
      assert.deepEqual(await Promise.all(requests), ['disconnected', 'disconnected']);
      await link.close();
    });

    it('blames the protocol on the request that met it', async () => {
      const { link, wire } = await connectedWorld();
      const request = outcome(link.readWords(6000, 1));
      wire().breakOff(new PlcLinkError('protocol', 'The peer sent protocol id 7.'));
      assert.equal(await request, 'protocol');
      await link.close();
    });

    it('tells transitions only, however often it retries', async () => {
      const { link, wire, clock, transitions } = await connectedWorld();
      wire().breakOff();
      for (let attempt = 0; attempt < 20; attempt += 1) {
        await turn();
        clock.advance(10_000);
        await turn();
        wire().refuse();
        await turn();
      }
      clock.advance(10_000);
      await turn();
      wire().accept();
      await turn();
      const read = link.readWords(6000, 1);
      wire().last.answer();
      await read;
      assert.deepEqual(
        transitions.map(({ phase }) => phase),
        ['connecting', 'connected', 'disconnected', 'connected'],
      );
      await link.close();
    });

    it('waits longer each time for a PLC that accepts and hangs up, and does not call that connected', async () => {
      const { link, wire, clock, wires, transitions } = linkWorld();
      link.start();
      for (let attempt = 0; attempt < 6; attempt += 1) {
        wire().accept();
        await turn();
        wire().breakOff();
        await turn();
        clock.advance(7_500);
        await turn();
      }
      const before = wires.length;
      wire().accept();
      await turn();
      wire().breakOff();
      await turn();
      clock.advance(7_000);
      await turn();
      assert.equal(wires.length, before);
      assert.deepEqual(
        transitions.map(({ phase }) => phase),
        ['connecting', 'connected', 'disconnected'],
      );
      await link.close();
    });
  });

  describe('closes', () => {
    it('rejects everything, frees the wire and leaves no timer', async () => {
      const { link, wire, clock } = await connectedWorld();
      const requests = [6000, 6100].map((address) => outcome(link.readWords(address, 1)));
      await link.close();
      assert.deepEqual(await Promise.all(requests), ['closed', 'closed']);
      assert.equal(await outcome(link.readWords(6000, 1)), 'closed');
      assert.equal(wire().destroyed, true);
      assert.equal(clock.pendingTimers, 0);
      await link.close();
    });

    it('does not wait for a device that never lets go', async () => {
      const { link, wire, clock } = await connectedWorld();
      wire().destroy = () => new Promise(() => undefined);
      const closing = link.close();
      await turn();
      clock.advance(2_000);
      await closing;
    });

    it('stops trying', async () => {
      const { link, wire, wires, clock } = linkWorld();
      link.start();
      wire().refuse();
      await turn();
      await link.close();
      clock.advance(60_000);
      await turn();
      assert.equal(wires.length, 1);
    });
  });

  it('says when the PLC answered last, an exception included', async () => {
    const { link, wire, clock } = await connectedWorld();
    const answeredAt = () => link.counters.lastAnswerAt?.toISOString();
    assert.equal(answeredAt(), undefined);
    const read = outcome(link.readWords(6000, 1));
    wire().last.fail(new PlcLinkError('refused', 'exception 2'));
    assert.equal(await read, 'refused');
    clock.advance(500);
    assert.equal(answeredAt(), '2026-01-05T00:00:00.000Z');
    await link.close();
  });

  it('pipelines polls with auto only after depth 1 was measured, and falls back at a fault', async () => {
    const { link, wire, clock } = await connectedWorld({ depth: 'auto' });
    const cycle = async () => {
      const before = wire().sent.length;
      const reads = Array.from({ length: 10 }, (_, slot) => outcome(link.readWords(6000 + 100 * slot, 1)));
      const inFlight = wire().sent.length - before;
      let answered = before;
      while (answered < before + 10) {
        const sent = wire().sent.slice(answered);
        clock.advance(5);
        for (const request of sent) request.answer();
        answered += sent.length;
        await turn();
      }
      await Promise.all(reads);
      return inFlight;
    };
    const depths: number[] = [];
    for (let run = 0; run < 50; run += 1) depths.push(await cycle());
    assert.deepEqual([...new Set(depths)], [1, 2, 4, 8, 10]);
    assert.equal(link.counters.depth, 16);
    const refused = outcome(link.readWords(9000, 1));
    wire().last.fail(new PlcLinkError('refused', 'exception 6'));
    await refused;
    assert.equal(await cycle(), 1);
    await link.close();
  });
});
