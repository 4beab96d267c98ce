import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { crc16 } from '../../../nodes/plc/link/crc16.ts';
import { ModbusRtuTransport } from '../../../nodes/plc/link/modbus-rtu-transport.ts';
import { cycleWireMs, frameGapMs, readWireMs } from '../../../nodes/plc/link/rtu-timing.ts';
import type { SerialLine } from '../../../nodes/plc/link/serial-line.ts';
import { PlcLinkError } from '../../../nodes/plc/plc-link.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { outcome, turn } from './support/link-world.ts';

const quietMs = 1_000;
const gapMs = frameGapMs(9600);

class FakeLine extends EventEmitter implements SerialLine {
  isOpen = false;
  closes = 0;
  readonly written: Buffer[] = [];

  open(callback: (error?: Error | null) => void): void {
    this.isOpen = true;
    callback();
  }
  close(callback: (error?: Error | null) => void): void {
    this.isOpen = false;
    this.closes += 1;
    callback();
  }
  flush(callback: (error?: Error | null) => void): void {
    callback();
  }
  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    return true;
  }
  receive(...chunks: Buffer[]): void {
    for (const chunk of chunks) this.emit('data', chunk);
  }
  unplug(): void {
    this.isOpen = false;
    this.emit('close', new Error('Device unplugged'));
  }
}

/** A frame with its checksum. */
function frame(...bytes: number[]): Buffer {
  const crc = crc16(Uint8Array.from(bytes));
  return Buffer.from([...bytes, crc & 0xff, crc >> 8]);
}

const twoWords = (first: number, second: number) =>
  frame(1, 3, 4, first >> 8, first & 0xff, second >> 8, second & 0xff);

describe('A serial line', () => {
  let line: FakeLine;
  let clock: ManualClock;
  let transport: ModbusRtuTransport;

  beforeEach(async () => {
    line = new FakeLine();
    clock = new ManualClock();
    transport = new ModbusRtuTransport(
      { protocol: 'modbus-rtu', path: '/dev/null', baud: 9600, parity: 'even', stopBits: 1, unit: 1 },
      { clock, quietMs, openLine: () => line },
    );
    await transport.open();
  });

  it('carries one request only', () => assert.equal(transport.maxInFlight, 1));

  it('puts a frame together from single bytes', async () => {
    const read = outcome(transport.readWords(6000, 2));
    assert.deepEqual(line.written[0], frame(1, 3, 0x17, 0x70, 0, 2));
    line.receive(...[...twoWords(4711, 2)].map((byte) => Buffer.of(byte)));
    assert.equal(await read, '4711 2');
  });

  it('finds the frame in noise, and does not believe one with a wrong checksum', async () => {
    const read = outcome(transport.readWords(6000, 2));
    const damaged = twoWords(1, 2);
    damaged[4] = 0xff;
    line.receive(Buffer.of(0, 1, 3), damaged, twoWords(3, 4));
    assert.equal(await read, '3 4');
  });

  it('does not take another unit’s answer', async () => {
    const read = outcome(transport.readWords(6000, 2));
    line.receive(frame(2, 3, 4, 0, 9, 0, 9));
    line.receive(twoWords(1, 2));
    assert.equal(await read, '1 2');
  });

  it('names another unit that answered as the remedy for the silence of the one that was asked', async () => {
    const read = transport.readWords(6000, 2);
    assert.equal(transport.remedy, undefined);
    line.receive(frame(7, 3, 4, 0, 9, 0, 9));
    assert.match(transport.remedy ?? '', /unit=7/);
    line.receive(twoWords(1, 2));
    await read;
    clock.advance(Math.ceil(gapMs));
    void transport.readWords(6000, 2);
    assert.equal(transport.remedy, undefined);
  });

  it('takes noise for nobody', async () => {
    void transport.readWords(6000, 2);
    line.receive(Buffer.of(7, 3, 4, 0, 9, 0, 9, 1, 2));
    assert.equal(transport.remedy, undefined);
  });

  it('hands nothing that came between requests to the next one', async () => {
    const first = outcome(transport.readWords(6000, 2));
    line.receive(twoWords(1, 2));
    await first;
    line.receive(twoWords(8, 8));
    clock.advance(Math.ceil(gapMs));
    const second = outcome(transport.readWords(6100, 2));
    line.receive(twoWords(3, 4));
    assert.equal(await second, '3 4');
  });

  it('keeps the silence between frames', async () => {
    const first = outcome(transport.readWords(6000, 2));
    line.receive(twoWords(1, 2));
    await first;
    void transport.readWords(6100, 2);
    assert.equal(line.written.length, 1);
    clock.advance(Math.ceil(gapMs));
    assert.equal(line.written.length, 2);
  });

  it('passes an exception on', async () => {
    const read = transport.readWords(6000, 2);
    line.receive(frame(1, 0x83, 2));
    await assert.rejects(read, (error) => error instanceof PlcLinkError && error.kind === 'refused');
  });

  it('drains until a late answer has passed', async () => {
    void transport.readWords(6000, 2);
    let quiet = false;
    const draining = transport.drain().then(() => {
      quiet = true;
    });
    clock.advance(quietMs - 100);
    line.receive(twoWords(1, 2));
    clock.advance(100);
    await turn();
    assert.equal(quiet, false);
    clock.advance(quietMs - 100);
    await draining;
    const next = outcome(transport.readWords(6100, 2));
    line.receive(twoWords(3, 4));
    assert.equal(await next, '3 4');
  });

  it('gives up on a line that never becomes quiet', async () => {
    const draining = transport.drain();
    const failed = assert.rejects(draining, /keeps talking/);
    for (let round = 0; round < 20; round += 1) {
      clock.advance(quietMs / 2);
      line.receive(Buffer.of(0x55));
      await turn();
    }
    await failed;
  });

  it('reports an unplugged device once, and lets go of an open one', async () => {
    const reasons: string[] = [];
    transport.onClosed((reason) => reasons.push(reason.message));
    line.unplug();
    line.unplug();
    assert.deepEqual(reasons, ['Device unplugged']);
    await transport.destroy();
    assert.equal(line.closes, 0);
    line.isOpen = true;
    await transport.destroy();
    assert.equal(line.closes, 1);
  });
});

describe('The time that a serial line takes', () => {
  it('is that of the standard’s characters and gaps', () => {
    // 125 words at 9600 baud: 8 + 255 characters of 11 bits, and two silences of 3.5.
    assert.equal(Math.round(readWireMs(9600, 125)), Math.round((8 + 255 + 7) * (11_000 / 9600)));
    assert.equal(frameGapMs(38_400), 1.75);
  });

  it('makes 977 words in eight requests last as long as measured', () => {
    const counts = [125, 125, 125, 125, 125, 125, 125, 102];
    const seconds = (baud: number) => (cycleWireMs(baud, counts) / 1000).toFixed(2);
    assert.deepEqual([9600, 19_200, 38_400].map(seconds), ['2.42', '1.21', '0.62']);
  });
});

describe('CRC-16', () => {
  it('is that of the Modbus standard', () => {
    assert.equal(crc16(Buffer.from('123456789', 'ascii')), 0x4b37);
    assert.equal(crc16(Buffer.from([0, 1, 3, 0, 0, 0, 1, 9]), 1, 7), crc16(Buffer.from([1, 3, 0, 0, 0, 1])));
  });
});
