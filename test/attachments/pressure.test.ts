// The largest files that are taken: the server's event loop stays free, and its memory flat, however many come at once.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateSync } from 'node:zlib';
import { pdf, zip } from './support/documents.ts';
import { gif, gifFrame, jpeg, lzwPixels, png, pngChunk, riff, riffChunk, webpLossy } from './support/pictures.ts';
import type { ChildHealth } from './support/upload-child.ts';
import { form } from './support/upload-server.ts';

const megabyte = 1024 * 1024;
const turnLimitMs = 20;
/** On a busy machine several pieces wait for one turn; what a single piece costs shows each time. */
const runs = 4;

const stored = { level: constants.Z_NO_COMPRESSION };
const largest: readonly (readonly [what: string, make: () => Buffer])[] = [
  ['a JPEG of 16 MB', () => jpeg({ width: 8000, height: 6000, entropy: noZeroes(16 * megabyte - 1_000) })],
  [
    'a JPEG of 16 MB full of stuffed zeroes',
    () => jpeg({ width: 8000, height: 6000, entropy: Buffer.alloc(16 * megabyte - 1_000, Buffer.from([0xff, 0])) }),
  ],
  ['a PNG that unpacks to 400 MB', () => png({ width: 10_000, height: 5_000, depth: 16, colour: 6 })],
  [
    'a PNG of 15 MB that does not shrink',
    () => png({ width: 2500, height: 2000, pixels: pngChunk('IDAT', deflateSync(noisyRows(2500, 2000), stored)) }),
  ],
  [
    'a PNG of 20,000 chunks',
    () => png({ before: Array.from({ length: 19_000 }, () => pngChunk('tEXt', Buffer.alloc(500))) }),
  ],
  ['a GIF of 15 MB', () => gif({ width: 5000, height: 4000, frame: gifFrame(5000, 4000, lzwPixels(20_000_000)) })],
  [
    'a WebP of 16 MB',
    () => riff(riffChunk('VP8 ', Buffer.concat([webpLossy.subarray(20), randomBytes(16 * megabyte - 2_000)]))),
  ],
  ['a PDF of 16 MB full of names', () => pdf({ objects: [Buffer.alloc(16 * megabyte - 2_000, '/A')] })],
  [
    'a PDF of 16 MB that is one name',
    () => pdf({ objects: [Buffer.alloc(16 * megabyte - 2_000, 'A').fill('/', 0, 1)] }),
  ],
  [
    'an archive that unpacks to 250 MB',
    () => zip(Array.from({ length: 5 }, (_, n) => ({ name: `${n}`, body: Buffer.alloc(50 * megabyte, shrinking()) }))),
  ],
  [
    'an archive of 2,000 entries',
    () =>
      zip(Array.from({ length: 2_000 }, (_, n) => ({ name: `${n}`, body: randomBytes(8_000), stored: n % 2 === 0 }))),
  ],
];

describe('a server that takes large files', function () {
  this.timeout(600_000);
  let directory: string;
  let child: ChildProcess;
  let url: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-uploads-large-'));
    child = fork(join(import.meta.dirname, 'support', 'upload-child.ts'), [directory, '20'], {
      execArgv: ['--expose-gc'],
    });
    [url] = (await once(child, 'message')) as [string];
  });
  after(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  });

  const health = async (then: 'measure' | 'memory' | 'rest' = 'rest'): Promise<ChildHealth> => {
    child.send(then);
    const [answer] = (await once(child, 'message')) as [ChildHealth];
    return answer;
  };
  const send = async (bytes: Buffer): Promise<void> => {
    const response = await fetch(`${url}/files/1`, { method: 'POST', body: form([['photos', bytes, 'x']]) });
    assert.equal(response.status, 200, await response.text());
  };

  for (const [what, make] of largest) {
    it(`is never busy for ${turnLimitMs} ms with ${what}`, async () => {
      const bytes = make();
      assert.ok(bytes.length <= 16 * megabyte, String(bytes.length));
      await send(png());
      const turns: number[] = [];
      for (let run = 0; run < runs && Math.min(...turns) >= turnLimitMs; run += 1) {
        await health('measure');
        const began = performance.now();
        await send(bytes);
        const seconds = ((performance.now() - began) / 1_000).toFixed(2);
        const { longestTurnMs } = await health();
        turns.push(longestTurnMs);
        process.stdout.write(`      ${what}: ${longestTurnMs.toFixed(1)} ms longest turn, ${seconds} s in all\n`);
      }
      assert.ok(Math.min(...turns) < turnLimitMs, turns.join(', '));
    });
  }

  it('holds no file in memory, also when ten come at once', async () => {
    const bytes = jpeg({ width: 8000, height: 6000, entropy: noZeroes(16 * megabyte - 1_000) });
    await send(png());
    await health('memory');
    const idle = (await health('memory')).heldBytes;
    await send(bytes);
    const one = await health('memory');
    await Promise.all(Array.from({ length: 10 }, () => send(bytes)));
    const ten = await health();
    const shown = [idle, one.heldBytes, ten.heldBytes].map((held) => `${Math.round(held / megabyte)} MB`).join(', ');
    process.stdout.write(`      held while idle, with one upload, with ten: ${shown} (${ten.samples} samples)\n`);
    assert.ok(ten.samples >= 5, String(ten.samples));
    // The files are 160 MB; an upload under way holds about 3 MB in its socket, its parser and its next write.
    assert.ok(ten.heldBytes - idle < 64 * megabyte, `${idle} -> ${ten.heldBytes}`);
  });
});

/** Random bytes in which nothing is a marker. */
function noZeroes(length: number): Buffer {
  return randomBytes(length).map((byte) => (byte === 0xff ? 0x7f : byte)) as Buffer;
}

/** A megabyte that shrinks to a thirtieth. */
function shrinking(): Buffer {
  const bytes = Buffer.alloc(megabyte);
  for (let at = 0; at < bytes.length; at += 100) randomBytes(2).copy(bytes, at);
  return bytes;
}

function noisyRows(width: number, height: number): Buffer {
  const row = 1 + width * 3;
  const rows = randomBytes(row * height);
  for (let at = 0; at < rows.length; at += row) rows[at] = 0;
  return rows;
}
