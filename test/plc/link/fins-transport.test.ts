import assert from 'node:assert/strict';
import { FinsTransport, refusalOf } from '../../../nodes/plc/link/fins-transport.ts';
import type { ScheduledLink } from '../../../nodes/plc/link/scheduled-link.ts';
import { PlcLinkError } from '../../../nodes/plc/plc-link.ts';
import { type FinsServer, finsServer } from './support/fins-server.ts';
import { outcome } from './support/link-world.ts';
import { connected, liveLink } from './support/live-link.ts';

describe('An Omron PLC over FINS', () => {
  let plc: FinsServer;
  let link: ScheduledLink;
  const endpoint = (port: number) => ({ protocol: 'fins', host: '127.0.0.1', port, node: 2, client: 11 }) as const;

  beforeEach(async () => {
    plc = await finsServer();
    link = liveLink(endpoint(plc.port));
    await connected(link);
  });
  /** For requests that nobody will answer; one that is answered could be late on a busy machine. */
  const losePatience = async () => {
    await link.close();
    link = liveLink(endpoint(plc.port), { requestTimeoutMs: 300, connectTimeoutMs: 300 });
    await connected(link);
  };
  afterEach(async () => {
    await link.close();
    await plc.stop();
  });

  it('reads words of data memory, node numbers and area as configured', async () => {
    const words = await link.readWords(7000, 77);
    assert.deepEqual(
      [...words],
      Array.from({ length: 77 }, (_, index) => 7000 + index),
    );
    const { serviceId, ...request } = plc.seen.at(-1) ?? assert.fail('nothing arrived');
    assert.deepEqual(request, {
      sourceNode: 11,
      destinationNode: 2,
      command: 0x0101,
      area: 0x82,
      address: 7000,
      count: 77,
    });
    assert.notEqual(serviceId, plc.seen.at(-2)?.serviceId);
  });

  it('reads and writes all sixteen bits', async () => {
    await link.writeWords(7000, Uint16Array.of(0xffff, 0x8000, 1));
    assert.deepEqual([...plc.memory.subarray(7000, 7003)], [0xffff, 0x8000, 1]);
    assert.equal(await outcome(link.readWords(7000, 3)), '65535 32768 1');
  });

  it('reads more blocks than there are service ids', async () => {
    for (let round = 0; round < 300; round += 1) assert.equal(await outcome(link.readWords(round, 1)), String(round));
  });

  it('takes warning bits beside a normal end code for what they are', async () => {
    plc.endCode = 0x8040;
    assert.equal(await outcome(link.readWords(6000, 1)), '6000');
    plc.endCode = 0x00c0;
    assert.equal(await outcome(link.writeWords(7000, Uint16Array.of(1))), 'written');
  });

  it('passes a refusal on with its end code', async () => {
    plc.endCode = 0x1103;
    await assert.rejects(link.readWords(6000, 1), /end code 1103/);
    assert.equal(await outcome(link.writeWords(7000, Uint16Array.of(1))), 'refused');
    plc.endCode = 0;
    assert.equal(await outcome(link.readWords(6000, 1)), '6000');
  });

  it('refuses an answer that is short, long, odd or empty', async () => {
    for (const change of [-2, 2, -1]) {
      plc.alter = (frame) => (change < 0 ? frame.subarray(0, change) : Buffer.concat([frame, Buffer.alloc(change)]));
      assert.equal(await outcome(link.readWords(6000, 3)), 'protocol', `${change} bytes`);
    }
    plc.alter = (frame) => frame.subarray(0, 14);
    assert.equal(await outcome(link.readWords(6000, 3)), 'protocol');
    plc.alter = (frame) => frame;
    assert.equal(await outcome(link.readWords(6000, 1)), '6000');
  });

  it('does not take an answer with another service id', async () => {
    await losePatience();
    plc.alter = (frame) => {
      frame[9] = ((frame[9] ?? 0) + 7) & 0xff;
      return frame;
    };
    assert.equal(await outcome(link.readWords(6000, 1)), 'timeout');
  });

  it('survives noise on its port', async () => {
    await losePatience();
    for (const bytes of [0, 2, 12, 13]) {
      let noise = true;
      plc.alter = (frame) => {
        const answer = noise ? Buffer.alloc(bytes) : frame;
        noise = false;
        return answer;
      };
      assert.equal(await outcome(link.readWords(6000, 1)), '6000', `${bytes} bytes`);
    }
  });

  /** Loses the next datagrams on their way back, or on their way there as well. */
  const lose = (datagrams: number) => {
    let left = datagrams;
    plc.alter = (frame) => (left-- > 0 ? undefined : frame);
  };
  const phases = async (during: () => Promise<void>) => {
    const before = link.counters.reconnects;
    await during();
    return link.counters.reconnects - before;
  };

  it('asks once more when a datagram is lost, and keeps its connection', async () => {
    await losePatience();
    const reconnects = await phases(async () => {
      for (let round = 0; round < 3; round += 1) {
        lose(1);
        assert.equal(await outcome(link.readWords(6000, 2)), '6000 6001');
      }
    });
    assert.equal(reconnects, 0);
    assert.equal(link.counters.timeouts, 0);
  });

  it('gives the link up when the second datagram is lost, too', async () => {
    await losePatience();
    lose(2);
    assert.equal(await outcome(link.readWords(6000, 2)), 'timeout');
    await usable(link);
  });

  it('takes the answer that is late for the one that was lost', async () => {
    await losePatience();
    let held: Buffer | undefined;
    plc.alter = (frame) => {
      if (held) return frame;
      held = frame;
      return undefined;
    };
    assert.equal(await outcome(link.readWords(6000, 1)), '6000');
    assert.equal(await outcome(link.readWords(6100, 1)), '6100');
  });

  it('reads the memory instead of writing twice when a confirmation is lost', async () => {
    await losePatience();
    lose(1);
    assert.equal(await outcome(link.writeWords(7000, Uint16Array.of(5, 6))), 'written');
    const writes = plc.seen.filter(({ command }) => command === 0x0102);
    assert.equal(writes.length, 1);
  });

  it('calls a write unconfirmed whose words do not stand in the memory, and keeps its connection', async () => {
    await losePatience();
    const reconnects = await phases(async () => {
      let isFirst = true;
      plc.alter = (frame) => {
        if (!isFirst) return frame;
        isFirst = false;
        plc.memory[7001] = 99;
        return undefined;
      };
      await assert.rejects(link.writeWords(7000, Uint16Array.of(5, 6)), /its memory holds others/);
      assert.equal(await outcome(link.readWords(7000, 2)), '5 99');
    });
    assert.equal(reconnects, 0);
  });

  it('asks more often than there are service ids, each time after a loss', async () => {
    await link.close();
    link = liveLink(endpoint(plc.port), { requestTimeoutMs: 40, connectTimeoutMs: 300, depth: 8 });
    await connected(link);
    let count = 0;
    plc.alter = (frame) => (count++ % 9 === 0 ? undefined : frame);
    for (let round = 0; round < 100; round += 1) {
      const reads = [0, 1, 2].map((place) => outcome(link.readWords(6000 + 10 * round + place, 1)));
      const read = await Promise.all(reads);
      for (const [place, words] of read.entries())
        assert.ok([String(6000 + 10 * round + place), 'timeout', 'disconnected'].includes(words), words);
    }
  });

  it('is not connected before somebody answers', async () => {
    plc.alter = () => undefined;
    const silent = liveLink(endpoint(plc.port), { connectTimeoutMs: 100 });
    while (silent.status.phase === 'connecting') await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(silent.status.phase, 'disconnected');
    await silent.close();
  });

  it('works again after the PLC was away', async () => {
    await losePatience();
    plc.alter = () => undefined;
    assert.equal(await outcome(link.readWords(6000, 1)), 'timeout');
    plc.alter = (frame) => frame;
    await usable(link);
  });

  it('closes with a request open, at once', async () => {
    plc.alter = () => undefined;
    const open = outcome(link.readWords(6000, 1));
    await link.close();
    assert.equal(await open, 'closed');
  });

  it('says what to install when the optional package is missing', async () => {
    const transport = new FinsTransport(endpoint(plc.port), () => {
      throw new PlcLinkError('disconnected', 'The package omron-fins is not installed.', {
        hint: 'npm install omron-fins',
      });
    });
    await assert.rejects(transport.open(), /npm install omron-fins/);
    await transport.destroy();
  });

  it('masks only the flag bits of an end code', () => {
    assert.equal(refusalOf(0x00, 0x00), undefined);
    assert.equal(refusalOf(0x80, 0xc0), undefined);
    assert.match(refusalOf(0x91, 0x43)?.message ?? '', /end code 1103/);
    assert.match(refusalOf(0x25, 0x10)?.message ?? '', /end code 2510/);
  });
});

/** Waits until a request gets through to a connection and its words come back. */
async function usable(link: ScheduledLink): Promise<void> {
  while ((await outcome(link.readWords(6100, 2))) !== '6100 6101')
    await new Promise((resolve) => setTimeout(resolve, 10));
}
