// Chromium makes photos small before they are sent, and draws what the server kept of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, openChromium } from '../dashboard/support/chromium.ts';
import { requireTool } from '../support/require-tool.ts';
import { goodFiles } from './support/hostile-photos.ts';
import { exifSegment, gif, jpeg, jpegSegment, png, webpAlpha, webpAnimated } from './support/pictures.ts';
import { form, UploadServer } from './support/upload-server.ts';

interface Prepared {
  readonly refused?: string;
  readonly photo?: {
    readonly type: string;
    readonly size: number;
    readonly width: number;
    readonly height: number;
    readonly colour: readonly number[];
  };
  readonly thumbnail?: {
    readonly type: string;
    readonly size: number;
    readonly width: number;
    readonly height: number;
  } | null;
}

describe('Chromium', function () {
  this.timeout(120_000);
  let browser: Browser;
  let page: Page;
  let server: UploadServer;
  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    browser = await openChromium();
    page = await browser.newPage();
    const source = readFileSync(join(import.meta.dirname, '../../dashboard/common/photo.ts'), 'utf8');
    const script = stripTypeScriptTypes(source).replaceAll('export ', '');
    await page.setContent('<!doctype html>');
    await page.addScriptTag({ content: `${script}; window.preparePhoto = preparePhoto;` });
    server = await UploadServer.start();
  });
  after(async () => {
    await server?.stop();
    await browser?.close();
  });

  /** Runs preparePhoto in the page. @param make text of an expression for a Blob */
  const prepare = (make: string): Promise<Prepared> =>
    page.evaluate(`(async () => {
      const canvas = (width, height, paint) => {
        const made = document.createElement('canvas');
        made.width = width; made.height = height;
        paint(made.getContext('2d'));
        return (type) => new Promise((resolve) => made.toBlob(resolve, type, 0.95));
      };
      const facts = async (blob) => {
        const bitmap = await createImageBitmap(blob);
        const onto = document.createElement('canvas').getContext('2d');
        onto.drawImage(bitmap, 0, 0);
        return { type: blob.type, size: blob.size, width: bitmap.width, height: bitmap.height, colour: [...onto.getImageData(2, 2, 1, 1).data] };
      };
      const bytes = (text, type) => new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type });
      const file = await (${make});
      try {
        const { photo, thumbnail } = await preparePhoto(file);
        return { photo: await facts(photo), thumbnail: thumbnail && await facts(thumbnail) };
      } catch (error) {
        return { refused: error.reason ?? String(error) };
      }
    })()`);
  const noise = (width: number, height: number) => `canvas(${width}, ${height}, (context) => {
    const image = context.createImageData(${width}, ${height});
    for (let at = 0; at < image.data.length; at += 1) image.data[at] = at % 4 === 3 ? 255 : (at * 7919) % 251;
    context.putImageData(image, 0, 0);
  })`;
  const asBytes = (bytes: Buffer, type: string) => `bytes('${bytes.toString('base64')}', '${type}')`;

  it('makes a large photo 1600 px long and its thumbnail 320 px', async () => {
    const { photo, thumbnail } = await prepare(`${noise(4000, 3000)}('image/jpeg')`);
    assert.deepEqual([photo?.type, photo?.width, photo?.height], ['image/jpeg', 1600, 1200]);
    assert.deepEqual([thumbnail?.type, thumbnail?.width, thumbnail?.height], ['image/jpeg', 320, 240]);
    assert.ok((thumbnail?.size ?? 0) < 256 * 1024);
  });

  it('makes a high photo as high as that', async () => {
    const { photo } = await prepare(`${noise(500, 4000)}('image/png')`);
    assert.deepEqual([photo?.width, photo?.height], [200, 1600]);
  });

  it('leaves a small photo as it is, and a tiny one without thumbnail', async () => {
    const small = await prepare(`canvas(800, 600, (context) => context.fillRect(0, 0, 9, 9))('image/png')`);
    assert.deepEqual([small.photo?.type, small.photo?.width, small.thumbnail?.width], ['image/png', 800, 320]);
    const tiny = await prepare(asBytes(gif(), 'image/gif'));
    assert.deepEqual([tiny.photo?.type, tiny.photo?.size, tiny.thumbnail], ['image/gif', gif().length, null]);
  });

  it('turns a photo the right way up', async () => {
    const turned = jpeg({ width: 2000, height: 1000, segments: [exifSegment(6)] });
    const { photo, thumbnail } = await prepare(asBytes(turned, 'image/jpeg'));
    assert.deepEqual([photo?.width, photo?.height], [800, 1600]);
    assert.deepEqual([thumbnail?.width, thumbnail?.height], [160, 320]);
  });

  it('puts what is transparent on white, and makes a JPEG of a kind that the server does not take', async () => {
    const { photo } = await prepare(`canvas(3000, 100, () => {})('image/png')`);
    assert.deepEqual([photo?.type, photo?.colour], ['image/jpeg', [255, 255, 255, 255]]);
    const bmp = Buffer.concat([
      Buffer.from('BM'),
      Buffer.alloc(8),
      Buffer.from([54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0]),
      Buffer.alloc(24),
      Buffer.from([9, 9, 9, 0]),
    ]);
    assert.equal((await prepare(asBytes(bmp, 'image/bmp'))).photo?.type, 'image/jpeg');
  });

  it('refuses what it can not draw, and names a HEIC photo', async () => {
    const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(500)]);
    assert.equal((await prepare(asBytes(heic, 'image/heic'))).refused, 'heic');
    assert.equal((await prepare(asBytes(Buffer.from('<html>'), 'image/png'))).refused, 'unreadable');
    assert.equal((await prepare(asBytes(Buffer.alloc(0), 'image/png'))).refused, 'unreadable');
    assert.equal((await prepare(asBytes(png().subarray(0, 60), 'image/png'))).refused, 'unreadable');
  });

  it('draws every kept photo in the size that the server measured', async () => {
    const pictures = [
      ...goodFiles().filter(({ what }) => !/DOCX|ZIP|PDF/.test(what)),
      { what: 'a WebP film', bytes: webpAnimated },
      { what: 'a WebP with transparency', bytes: webpAlpha },
      {
        what: 'a JPEG with everything',
        bytes: Buffer.concat([
          jpeg({ width: 33, height: 65, segments: [exifSegment(8), jpegSegment(0xfe, Buffer.from('x'))] }),
          Buffer.from('tail'),
        ]),
      },
    ];
    for (const { what, bytes } of pictures) {
      const reply = await server.send(form([['photos', bytes, 'x']]));
      const [kept] = reply.body.files ?? [];
      assert.ok(kept, `${what}: ${JSON.stringify(reply.body)}`);
      const served = await server.book.read(kept.id);
      const drawn = await prepare(asBytes(served.bytes, kept.type));
      const sides = [drawn.photo?.width, drawn.photo?.height];
      assert.deepEqual(sides, [kept.width, kept.height], `${what}: ${JSON.stringify(drawn)}`);
    }
  });
});
