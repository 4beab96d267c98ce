// Hostile files sent as uploads: each is refused with its reason, or kept without what made it hostile.
import assert from 'node:assert/strict';
import { hostileArchives, hostilePdfs, pretenders } from './support/hostile-documents.ts';
import {
  goodFiles,
  type HostileFile,
  hostileGifs,
  hostileJpegs,
  hostilePngs,
  hostileWebps,
  secret,
} from './support/hostile-photos.ts';
import { allowedPieces, inventory } from './support/inventory.ts';
import { form, UploadServer } from './support/upload-server.ts';

const corpus: Readonly<Record<string, readonly HostileFile[]>> = {
  PNG: hostilePngs(),
  JPEG: hostileJpegs(),
  GIF: hostileGifs(),
  WebP: hostileWebps(),
  PDF: hostilePdfs(),
  'ZIP and DOCX': hostileArchives(),
  'something else': pretenders(),
};

describe('a hostile file', function () {
  this.timeout(60_000);
  let server: UploadServer;
  before(async () => {
    server = await UploadServer.start();
  });
  after(() => server.stop());

  it('is one of more than 200', () => {
    const files = Object.values(corpus).flat();
    assert.ok(files.length > 200, String(files.length));
    assert.equal(new Set(files.map(({ what }) => what)).size, files.length);
  });

  for (const [kind, files] of Object.entries(corpus)) {
    describe(`that is ${kind}`, () => {
      for (const { what, bytes, expected, name = 'photo.jpg' } of files) {
        it(expected === 'harmless' ? `loses what it hides: ${what}` : `is refused (${expected}): ${what}`, async () => {
          const before = server.filesOnDisk();
          const { status, body } = await server.send(form([['photos', bytes, name]]));
          if (expected !== 'harmless') {
            assert.equal(body.error?.code, expected, JSON.stringify(body));
            assert.ok(status >= 400 && status < 500, String(status));
            assert.deepEqual(server.filesOnDisk(), before);
            return;
          }
          assert.equal(status, 200, JSON.stringify(body));
          const [kept] = body.files ?? [];
          assert.ok(kept);
          const served = await server.book.read(kept.id);
          assert.equal(served.bytes.includes(secret), false);
          assert.equal(served.bytes.includes('SECRET'), false);
          const pieces = inventory(kept.type, served.bytes);
          assert.deepEqual(
            pieces.filter((piece) => !allowedPieces.has(piece)),
            [],
          );
          assert.equal(served.headers['x-content-type-options'], 'nosniff');
        });
      }
    });
  }
});

describe('an honest file', () => {
  let server: UploadServer;
  before(async () => {
    server = await UploadServer.start();
  });
  after(() => server.stop());

  for (const { what, bytes } of goodFiles()) {
    it(`is taken: ${what}`, async () => {
      const { status, body } = await server.send(form([['photos', bytes, 'x']]));
      assert.equal(status, 200, JSON.stringify(body));
      const [kept] = body.files ?? [];
      assert.ok(kept);
      const { bytes: served } = await server.book.read(kept.id);
      assert.equal(served.length, kept.sizeBytes);
      // What is kept is clean, so that sending it again changes nothing.
      const again = await server.send(form([['photos', served, 'x']]));
      assert.equal(again.body.files?.[0]?.sha256, kept.sha256, JSON.stringify(again.body));
    });
  }
});
