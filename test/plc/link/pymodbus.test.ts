import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScheduledLink } from '../../../nodes/plc/link/scheduled-link.ts';
import { requireTool } from '../../support/require-tool.ts';
import { type Peer, startPeer } from './support/child-process.ts';
import { outcome } from './support/link-world.ts';
import { connected, liveLink, tcp } from './support/live-link.ts';

const python = '/usr/bin/python3';
const script = join(import.meta.dirname, 'support', 'pymodbus_server.py');
const baud = 115_200;

describe('A Modbus server of another author (pymodbus)', function () {
  this.timeout(30_000);
  before(function () {
    requireTool(this, 'python3 with pymodbus', python, ['-c', 'import pymodbus, serial_asyncio']);
  });

  describe('over TCP', () => {
    let server: Peer;
    let link: ScheduledLink;

    before(async () => {
      server = await startPeer(python, [script, 'tcp', '0'], [/^ready (\d+)/]);
    });
    beforeEach(() => {
      link = liveLink(tcp(Number(server.ready[1])));
    });
    afterEach(() => link.close());
    after(() => server.stop());

    it('gives the words that are asked for, 125 at once', async () => {
      const words = await link.readWords(6000, 125);
      assert.deepEqual(
        [...words],
        Array.from({ length: 125 }, (_, index) => 6000 + index),
      );
    });

    it('keeps what is written, 123 words at once', async () => {
      const words = Uint16Array.from({ length: 123 }, (_, index) => 65_535 - index);
      await link.writeWords(7000, words);
      assert.deepEqual(await link.readWords(7000, 123), words);
    });

    it('refuses an address that it does not have, and goes on', async () => {
      assert.equal(await outcome(link.readWords(20_000, 1)), 'refused');
      assert.equal(await outcome(link.readWords(6000, 1)), '6000');
    });

    it('serves ten blocks in flight at once', async () => {
      const deep = liveLink(tcp(Number(server.ready[1])), { depth: 8 });
      await connected(deep);
      const blocks = await Promise.all(Array.from({ length: 10 }, (_, slot) => deep.readWords(6000 + 100 * slot, 77)));
      assert.deepEqual(
        blocks.map((block) => block[76]),
        Array.from({ length: 10 }, (_, slot) => 6076 + 100 * slot),
      );
      await deep.close();
    });
  });

  describe('over a serial line', () => {
    let folder: string;
    let line: Peer;
    let server: Peer;
    let link: ScheduledLink;
    const device = (end: string) => join(folder, end);
    const startServer = () => startPeer(python, [script, 'rtu', device('plc'), String(baud)], [/^ready/]);

    before(async function () {
      requireTool(this, 'socat', 'socat', ['-V']);
      folder = await mkdtemp(join(tmpdir(), 'shopfloor-rtu-'));
    });
    beforeEach(async () => {
      const ends = [device('plc'), device('ours')].map((path) => `pty,raw,echo=0,link=${path}`);
      line = await startPeer('socat', ['-d', '-d', ...ends], [/starting data transfer loop/]);
      server = await startServer();
      link = liveLink({
        protocol: 'modbus-rtu',
        path: device('ours'),
        baud,
        parity: 'none',
        stopBits: 1,
        unit: 1,
      });
    });
    afterEach(async () => {
      await link.close();
      await server.stop();
      await line.stop();
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it('gives ten blocks that were all asked for at once, each its own', async () => {
      await connected(link);
      const blocks = await Promise.all(Array.from({ length: 10 }, (_, slot) => link.readWords(6000 + 100 * slot, 77)));
      for (const [slot, block] of blocks.entries()) {
        assert.deepEqual(
          [...block],
          Array.from({ length: 77 }, (_, word) => 6000 + 100 * slot + word),
        );
      }
    });

    it('keeps what is written and refuses what it does not have', async () => {
      await connected(link);
      await link.writeWords(7000, Uint16Array.of(4711, 65_535));
      assert.equal(await outcome(link.readWords(7000, 2)), '4711 65535');
      assert.equal(await outcome(link.readWords(20_000, 1)), 'refused');
    });

    it('works again after the PLC was silent', async () => {
      await connected(link);
      assert.equal(await outcome(link.readWords(6000, 1)), '6000');
      await server.stop();
      assert.equal(await outcome(link.readWords(6000, 1)), 'timeout');
      server = await startServer();
      let end = '';
      while (end !== '6100') end = await outcome(link.readWords(6100, 1));
      assert.ok(link.counters.timeouts >= 1);
    });

    it('notices that the device is gone', async () => {
      await connected(link);
      await line.stop();
      while (link.status.phase === 'connected') await outcome(link.readWords(6000, 1));
      assert.equal(link.status.phase, 'disconnected');
    });
  });
});
