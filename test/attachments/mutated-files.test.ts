// Whole files with random faults: a check refuses or cleans, and never breaks in any other way.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ByteSource } from '../../nodes/attachments/byte-source.ts';
import { checkFile } from '../../nodes/attachments/check-file.ts';
import { FileRefused } from '../../nodes/attachments/refusals.ts';
import { goodFiles } from './support/hostile-photos.ts';
import { allowedPieces, inventory } from './support/inventory.ts';
import { exifSegment, jfifSegment, jpeg } from './support/pictures.ts';

const originals = [
  ...goodFiles().map(({ bytes }) => bytes),
  jpeg({ segments: [jfifSegment, exifSegment(6), exifSegment(3, 'II')] }),
];

function sourceOf(bytes: Buffer): ByteSource {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
}

/** The clean copy; undefined when the file was refused. */
async function checked(bytes: Buffer): Promise<{ readonly type: string; readonly bytes: Buffer } | undefined> {
  const pieces: Buffer[] = [];
  try {
    const { type } = await checkFile(sourceOf(bytes), {
      write: async (piece) => {
        pieces.push(Buffer.from(piece));
      },
    });
    return { type, bytes: Buffer.concat(pieces) };
  } catch (error) {
    if (error instanceof FileRefused) return undefined;
    throw error;
  }
}

describe('a file with faults', function () {
  this.timeout(120_000);
  const original = fc.constantFrom(...originals);
  const place = fc.integer({ min: 0, max: 9_999 }).map((share) => share / 10_000);
  const fault = fc.oneof(
    fc.record({
      kind: fc.constant('change' as const),
      at: place,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('remove' as const), at: place, count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      kind: fc.constant('insert' as const),
      at: place,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    }),
    fc.record({ kind: fc.constant('cut' as const), at: place }),
  );
  const mutated = fc.tuple(original, fc.array(fault, { minLength: 1, maxLength: 4 })).map(([bytes, faults]) =>
    faults.reduce((now, each) => {
      const at = Math.floor(each.at * now.length);
      switch (each.kind) {
        case 'change':
          return Buffer.concat([now.subarray(0, at), each.bytes, now.subarray(at + each.bytes.length)]);
        case 'remove':
          return Buffer.concat([now.subarray(0, at), now.subarray(at + each.count)]);
        case 'insert':
          return Buffer.concat([now.subarray(0, at), each.bytes, now.subarray(at)]);
        case 'cut':
          return now.subarray(0, at);
      }
      return now;
    }, bytes),
  );

  it('is refused, or cleaned to a picture of known pieces that stays as it is when it is cleaned again', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(mutated, async (bytes) => {
        const clean = await checked(bytes);
        if (!clean) return;
        taken += 1;
        if (clean.type.startsWith('image/')) {
          const foreign = inventory(clean.type, clean.bytes).filter((piece) => !allowedPieces.has(piece));
          assert.deepEqual(foreign, []);
        }
        const again = await checked(clean.bytes);
        assert.ok(again?.bytes.equals(clean.bytes));
      }),
      { numRuns: 10_000 },
    );
    assert.ok(taken > 50, `only ${taken} were taken, so that little was shown`);
  });
});
