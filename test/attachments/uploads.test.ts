// Uploads over real HTTP: what gets in, what is refused and how, and that nothing stays behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { StagedFile } from '../../nodes/attachments/messages.ts';
import { docx, pdf, zip } from './support/documents.ts';
import { gif, jpeg, png, webpLossy } from './support/pictures.ts';
import { fieldPart, filePart, multipart, type Part, sendRaw } from './support/raw-request.ts';
import { form, keepAll, UploadServer, type UploadServerOptions, withMethods } from './support/upload-server.ts';

const megabyte = 1024 * 1024;

/** A JPEG of exactly so many bytes. */
function jpegOf(bytes: number): Buffer {
  const frame = jpeg({ width: 6000, height: 5000, entropy: Buffer.alloc(0) }).length;
  return jpeg({ width: 6000, height: 5000, entropy: Buffer.alloc(bytes - frame, 0x55) });
}

describe('an upload', function () {
  this.timeout(60_000);
  let server: UploadServer;
  const start = async (options: UploadServerOptions = {}) => {
    server = await UploadServer.start(options);
    return server;
  };
  const nothingStays = () => server.settles(() => server.filesOnDisk().length === 0, 'the end of all its files');
  afterEach(() => server.stop());

  describe('that is good', () => {
    beforeEach(() => start());

    it('is kept with its fields, and named, measured and typed by content', async () => {
      const { status, body } = await server.send(
        form([
          ['description', 'Plat macet di jalur keluar'],
          ['parts[]', 'roller'],
          ['parts[]', 'belt'],
          ['photos', png(), 'C:\\DCIM\\foto 1.png'],
          ['photos', jpeg(), 'x.html'],
          ['photos', gif(), 'a.gif'],
          ['photos', webpLossy, 'a.webp'],
        ]),
      );
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body.fields, { description: 'Plat macet di jalur keluar', parts: ['roller', 'belt'] });
      assert.deepEqual(
        body.files?.map(({ name, type, width, height }) => ({ name, type, width, height })),
        [
          { name: 'foto 1.png', type: 'image/png', width: 8, height: 8 },
          { name: 'x.html.jpg', type: 'image/jpeg', width: 16, height: 16 },
          { name: 'a.gif', type: 'image/gif', width: 8, height: 8 },
          { name: 'a.webp', type: 'image/webp', width: 1, height: 1 },
        ],
      );
      await server.settles(() => server.filesOnDisk().length === 4, 'the end of the upload');
    });

    it('may be of documents', async () => {
      const { status, body } = await server.send(
        form([
          ['documents', pdf(), 'manual.pdf'],
          ['documents', docx(), 'report.docx'],
          ['documents', zip([{ name: 'a/b.txt', body: Buffer.from('text') }]), 'logs.zip'],
        ]),
      );
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(
        body.files?.map(({ kind, type }) => [kind, type]),
        [
          ['document', 'application/pdf'],
          ['document', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
          ['document', 'application/zip'],
        ],
      );
    });

    it('links the small pictures of a browser with their photos, in whatever order they come', async () => {
      const { status, body } = await server.send(
        form([
          ['thumbnail_1', png({ width: 4, height: 4 }), 't1'],
          ['photos', png(), 'one.png'],
          ['photos', jpeg(), 'two.jpg'],
          ['thumbnail_0', png({ width: 3, height: 3 }), 't0'],
        ]),
      );
      assert.equal(status, 200, JSON.stringify(body));
      const widths = await Promise.all(
        (body.files ?? []).map(async ({ thumbnailId }) => (await server.book.find(thumbnailId ?? '')).width),
      );
      assert.deepEqual(widths, [3, 4]);
      assert.equal((await server.book.attachmentsOf('test', ['1'])).get('1')?.length, 2);
    });

    it('links a small picture with the photo right before it', async () => {
      const { status, body } = await server.send(
        form([
          ['problem_photos', png(), 'one.png'],
          ['problem_photos', png(), 'two.png'],
          ['thumbnails', png({ width: 4, height: 4 }), 'two.png'],
          ['problem_documents', pdf(), 'three.pdf'],
        ]),
      );
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(
        body.files?.map(({ name, thumbnailId }) => [name, thumbnailId !== null]),
        [
          ['one.png', false],
          ['two.png', true],
          ['three.pdf', false],
        ],
      );
    });

    it('passes over a file field in which nobody chose anything', async () => {
      const reply = await sendRaw({
        url: server.url,
        body: [multipart([fieldPart('note', 'x'), filePart('photos', '', '', 'application/octet-stream')])],
      });
      assert.deepEqual([reply?.status, reply?.body.files, reply?.body.fields], [200, [], { note: 'x' }]);
    });

    it('may come in single bytes', async () => {
      const bytes = multipart([fieldPart('note', 'lambat'), filePart('photos', 'a.png', png())]);
      const reply = await sendRaw({ url: server.url, body: [...bytes].map((byte) => Buffer.from([byte])) });
      assert.equal(reply?.status, 200, JSON.stringify(reply?.body));
      assert.equal(reply?.body.files?.length, 1);
    });

    it('takes 16 MB to the byte, five times', async () => {
      const whole = jpegOf(16 * megabyte);
      const reply = await server.send(
        form(Array.from({ length: 5 }, (_, n) => ['photos', whole, `${n}.jpg`] as const)),
      );
      assert.equal(reply.status, 200, JSON.stringify(reply.body));
      assert.deepEqual(
        reply.body.files?.map(({ sizeBytes }) => sizeBytes),
        Array(5).fill(16 * megabyte),
      );
    });
  });

  describe('that is too much', () => {
    beforeEach(() => start());

    const refusals: readonly (readonly [
      what: string,
      status: number,
      code: string,
      message: RegExp,
      () => FormData,
    ])[] = [
      [
        '16 MB and one byte',
        413,
        'file-too-large',
        /16 MB/,
        () => form([['photos', jpegOf(16 * megabyte + 1), 'a.jpg']]),
      ],
      [
        'six files',
        413,
        'too-many-files',
        /5 files/,
        () => form(Array.from({ length: 6 }, () => ['photos', png(), 'a'] as const)),
      ],
      [
        'eleven files',
        413,
        'too-many-files',
        /5 files/,
        () => form(Array.from({ length: 11 }, () => ['photos', png(), 'a'] as const)),
      ],
      [
        '10,000 fields',
        413,
        'too-many-fields',
        /60 fields/,
        () => form(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, 'x'] as const)),
      ],
      ['a field of 100 KB', 413, 'field-too-large', /65536/, () => form([['note', 'x'.repeat(100_000)]])],
      [
        'a small picture of 300 KB',
        413,
        'file-too-large',
        /256 KB/,
        () =>
          form([
            ['photos', png(), 'a'],
            ['thumbnail_0', jpegOf(300_000), 't'],
          ]),
      ],
      [
        'a small picture of 1,000 pixels',
        413,
        'picture-too-large',
        /640/,
        () =>
          form([
            ['photos', png(), 'a'],
            ['thumbnail_0', png({ width: 1000, height: 2 }), 't'],
          ]),
      ],
      [
        'a small picture without a photo',
        400,
        'malformed-upload',
        /photo/,
        () =>
          form([
            ['thumbnail_3', png(), 't'],
            ['photos', png(), 'a'],
          ]),
      ],
      [
        'a small picture before its photo',
        400,
        'malformed-upload',
        /photo/,
        () =>
          form([
            ['thumbnails', png(), 't'],
            ['photos', png(), 'a'],
          ]),
      ],
      [
        'two small pictures of one photo',
        400,
        'malformed-upload',
        /twice/,
        () =>
          form([
            ['photos', png(), 'a'],
            ['thumbnail_0', png(), 't'],
            ['thumbnail_0', png(), 't'],
          ]),
      ],
      [
        'a small picture of a document',
        400,
        'malformed-upload',
        /photo/,
        () =>
          form([
            ['documents', pdf(), 'a'],
            ['thumbnail_0', png(), 't'],
          ]),
      ],
      [
        'a small picture that is a document',
        415,
        'unknown-file-type',
        /picture/,
        () =>
          form([
            ['photos', png(), 'a'],
            ['thumbnail_0', pdf(), 't'],
          ]),
      ],
      [
        'four good files and a bad one',
        415,
        'unknown-file-type',
        /web page/,
        () =>
          form([
            ['photos', png(), 'a'],
            ['photos', png(), 'b'],
            ['photos', jpeg(), 'c'],
            ['photos', gif(), 'd'],
            ['photos', Buffer.from('<html>'), 'e'],
          ]),
      ],
    ];
    for (const [what, status, code, message, made] of refusals) {
      it(`is refused with ${status} and leaves nothing: ${what}`, async () => {
        const reply = await server.send(made());
        assert.deepEqual([reply.status, reply.body.error?.code], [status, code], JSON.stringify(reply.body));
        assert.match(reply.body.error?.message ?? '', message);
        await nothingStays();
      });
    }

    it('is refused before it is read when it says so itself', async () => {
      const reply = await sendRaw({ url: server.url, body: ['--edge\r\n'], length: 200 * megabyte });
      assert.deepEqual([reply?.status, reply?.body.error?.code], [413, 'file-too-large']);
    });

    it('is refused when it does not say so and does not end', async () => {
      const piece = Buffer.alloc(megabyte, 0x55);
      const head = '--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\n';
      const chunks = Array.from({ length: 90 }, () => [`${megabyte.toString(16)}\r\n`, piece, '\r\n']).flat();
      const reply = await sendRaw({
        url: server.url,
        headers: { 'transfer-encoding': 'chunked' },
        length: null,
        body: [`${head.length.toString(16)}\r\n${head}\r\n`, ...chunks],
      });
      assert.equal(reply?.status, 413);
      await nothingStays();
    });
  });

  describe('that plays tricks with its form', () => {
    beforeEach(() => start({ settings: { idleMs: 1_000, longestMs: 5_000 } }));
    const image = png();
    const tricks: readonly (readonly [what: string, body: Buffer | string, headers?: Record<string, string>])[] = [
      ['no boundary', multipart([filePart('photos', 'a.png', image)]), { 'content-type': 'multipart/form-data' }],
      [
        'an empty boundary',
        multipart([filePart('photos', 'a.png', image)]),
        { 'content-type': 'multipart/form-data; boundary=' },
      ],
      [
        'another boundary',
        multipart([filePart('photos', 'a.png', image)]),
        { 'content-type': 'multipart/form-data; boundary=other' },
      ],
      [
        'a boundary of 5,000 characters',
        multipart([filePart('photos', 'a.png', image)]),
        { 'content-type': `multipart/form-data; boundary=${'x'.repeat(5_000)}` },
      ],
      [
        'another kind of multipart',
        multipart([filePart('photos', 'a.png', image)]),
        { 'content-type': 'multipart/mixed; boundary=edge' },
      ],
      ['no end', multipart([filePart('photos', 'a.png', image)], '')],
      ['an end within a part', multipart([filePart('photos', 'a.png', image)]).subarray(0, 150)],
      ['an end within a part header', '--edge\r\nContent-Disposition: form-da'],
      ['nothing at all', ''],
      ['a field without a name', multipart([{ headers: ['Content-Disposition: form-data'], body: 'x' }])],
      [
        'a file without a name of its field',
        multipart([{ headers: ['Content-Disposition: form-data; filename="a.png"'], body: image }]),
      ],
      ['a field named __proto__', multipart([fieldPart('__proto__', 'x')])],
      ['a field named constructor', multipart([fieldPart('constructor', 'x')])],
      ['a field named like a path', multipart([filePart('../../evil', 'a.png', image)])],
      ['a field with a name of 2,000 characters', multipart([fieldPart('x'.repeat(2_000), 'x')])],
      ['a field twice', multipart([fieldPart('a', '1'), fieldPart('a', '2')])],
      ['a field that is a list and a text', multipart([fieldPart('a[]', '1'), fieldPart('a', '2')])],
      ['a field that is a text and a list', multipart([fieldPart('a', '1'), fieldPart('a[]', '2')])],
      ['a field with a null character', multipart([fieldPart('a', 'x\0y')])],
      [
        'a small picture number 12',
        multipart([filePart('thumbnail_12', 'a.png', image), filePart('photos', 'a.png', Buffer.from('no'))]),
      ],
    ];
    for (const [what, body, headers] of tricks) {
      it(`is refused and leaves nothing: ${what}`, async () => {
        const reply = await sendRaw({ url: server.url, body: [body], ...(headers && { headers }) });
        assert.ok(reply && reply.status >= 400 && reply.status < 500, JSON.stringify(reply));
        assert.equal(reply.body.success, false);
        await nothingStays();
      });
    }

    const harmless: readonly (readonly [what: string, parts: readonly Part[], files: number])[] = [
      [
        'a header of 100 KB',
        [
          {
            headers: [`X-Big: ${'x'.repeat(100_000)}`, 'Content-Disposition: form-data; name="photos"; filename="a"'],
            body: image,
          },
        ],
        0,
      ],
      [
        '500 headers',
        [
          {
            headers: [
              ...Array.from({ length: 500 }, (_, n) => `X-${n}: x`),
              'Content-Disposition: form-data; name="photos"; filename="a"',
            ],
            body: image,
          },
        ],
        0,
      ],
      [
        'a part that is no form data',
        [{ headers: ['Content-Disposition: attachment; filename="a.png"'], body: image }],
        0,
      ],
      [
        'a form within the form',
        [
          {
            headers: ['Content-Disposition: form-data; name="a"', 'Content-Type: multipart/mixed; boundary=inner'],
            body: '--inner\r\nContent-Disposition: file; filename="x.html"\r\n\r\n<html>\r\n--inner--',
          },
        ],
        0,
      ],
      ['a name that leads out of the folder', [filePart('photos', '../../../etc/cron.d/evil.png', image)], 1],
      ['a name that is a Windows path', [filePart('photos', 'C:\\Windows\\evil.png', image)], 1],
      ['a name with a null character', [filePart('photos', 'a.png\0.html', image)], 1],
      ['a name that turns its direction', [filePart('photos', 'a\u202egnp.exe', image)], 1],
      ['a name of 10 KB', [filePart('photos', `${'x'.repeat(10_000)}.png`, image)], 1],
      [
        'a name in another writing',
        [
          {
            headers: ['Content-Disposition: form-data; name="photos"; filename*=UTF-8\'\'%2e%2e%2fevil.png'],
            body: image,
          },
        ],
        1,
      ],
      ['a type that is a lie', [filePart('photos', 'a.html', image, 'text/html')], 1],
      ['a type that is a script', [filePart('photos', 'a.js', image, 'application/javascript')], 1],
    ];
    for (const [what, parts, files] of harmless) {
      it(`does no harm: ${what}`, async () => {
        const reply = await sendRaw({ url: server.url, body: [multipart(parts)] });
        assert.equal(reply?.status, 200, JSON.stringify(reply));
        assert.equal(reply.body.files?.length, files);
        for (const { name, type } of reply.body.files ?? []) {
          assert.equal(type, 'image/png');
          assert.match(name, /^[^\\/\p{Cc}\p{Cf}]{1,150}\.png$/u);
        }
        assert.equal(
          server.filesOnDisk().every((path) => /^kept\/[\w-]{22}$/.test(path)),
          true,
        );
      });
    }

    it('is refused when it stalls', async () => {
      const begun = multipart([filePart('photos', 'a.png', image)]).subarray(0, 100);
      const reply = await sendRaw({ url: server.url, body: [begun], length: 5_000 });
      assert.equal(reply?.body.error?.code, 'upload-too-slow');
      await nothingStays();
    });

    it('is refused when it drips', async () => {
      const { port } = new URL(server.url);
      const socket = connect(Number(port), '127.0.0.1');
      const answered = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
      socket.on('error', () => {});
      socket.write(
        'POST /files/1 HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=edge\r\ncontent-length: 90000\r\n\r\n--edge\r\n',
      );
      const drip = setInterval(() => socket.write('x'), 200);
      const answer = await answered;
      clearInterval(drip);
      socket.destroy();
      assert.match(answer, /upload-too-slow/);
      await nothingStays();
    });

    it('leaves nothing when its length was a lie and the line ends', async () => {
      const body = multipart([filePart('photos', 'a.png', image)]);
      await sendRaw({ url: server.url, body: [body], length: body.length + 1_000, afterwards: 'end' });
      await nothingStays();
    });

    it('is cut off where its length says', async () => {
      const body = multipart([filePart('photos', 'a.png', image)]);
      const reply = await sendRaw({ url: server.url, body: [body], length: body.length - 60 });
      // What is left over is no request, so that the server may close before its answer is read.
      assert.equal(reply?.status ?? 400, 400);
      await nothingStays();
    });

    it('leaves nothing when the sender goes away in the middle', async () => {
      const body = multipart([filePart('photos', 'a.jpg', jpegOf(4 * megabyte))]);
      for (const part of [200, 70_000, megabyte, 3 * megabyte, body.length - 5]) {
        await sendRaw({ url: server.url, body: [body.subarray(0, part)], length: body.length, afterwards: 'destroy' });
        await nothingStays();
      }
    });
  });

  describe('among others', () => {
    it('is one of at most five of a person and of a few of everybody', async () => {
      await start({ settings: { perSender: 2, altogether: 3 } });
      const begun = multipart([filePart('photos', 'a.png', png())]).subarray(0, -30);
      const { port } = new URL(server.url);
      const open = (sender: string) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => {});
        socket.write(
          `POST /files/1 HTTP/1.1\r\nhost: x\r\nx-sender: ${sender}\r\ncontent-type: multipart/form-data; boundary=edge\r\ncontent-length: 90000\r\n\r\n`,
        );
        socket.write(begun);
        return socket;
      };
      const arrived = (count: number) =>
        server.settles(() => server.filesOnDisk().length === count, `the arrival of ${count} uploads`);
      const mine = [open('ani'), open('ani')];
      await arrived(2);
      const third = await server.send(form([['photos', png(), 'a.png']]), { 'x-sender': 'ani' });
      assert.deepEqual([third.status, third.body.error?.code], [429, 'too-many-uploads']);
      const other = open('budi');
      await arrived(3);
      const fourth = await server.send(form([['photos', png(), 'a.png']]), { 'x-sender': 'citra' });
      assert.deepEqual([fourth.status, fourth.body.error?.code], [503, 'uploads-busy']);
      for (const socket of [...mine, other]) socket.destroy();
      await nothingStays();
      const later = await server.send(form([['photos', png(), 'a.png']]), { 'x-sender': 'ani' });
      assert.equal(later.status, 200);
    });

    it('does not get in for somebody who may not', async () => {
      await start();
      const reply = await server.send(form([['photos', png(), 'a.png']]), { 'x-sender': 'stranger' });
      assert.deepEqual([reply.status, reply.body.error?.code], [403, 'forbidden']);
      assert.deepEqual(server.filesOnDisk(), []);
    });

    it('does not get in where no room expects files', async () => {
      await start();
      const response = await fetch(`${server.url}/elsewhere`, {
        method: 'POST',
        body: form([['photos', png(), 'a.png']]),
      });
      assert.equal(response.status, 415);
      assert.deepEqual(server.filesOnDisk(), []);
    });
  });

  describe('that the flow does not keep', () => {
    it('is gone when the response ends', async () => {
      await start({
        flow: async ({ response }) => {
          response.end('{}');
        },
      });
      assert.equal(
        (
          await server.send(
            form([
              ['photos', png(), 'a.png'],
              ['thumbnail_0', png(), 't'],
            ]),
          )
        ).status,
        200,
      );
      await nothingStays();
    });

    it('is gone when the transaction that was to keep it is rolled back', async () => {
      await start({
        flow: async ({ server: own, request, response }) => {
          const order = { room: 'test', owner: '1', role: null, actor: 'ani' };
          await own.store
            .transaction(async (transaction) => {
              await own.book.keep(transaction, own.attachments.uploadsOf(request), order);
              throw new Error('a rule says no');
            })
            .catch(() => {});
          response.end('{}');
        },
      });
      await server.send(
        form([
          ['photos', png(), 'a.png'],
          ['thumbnail_0', png(), 't'],
        ]),
      );
      await nothingStays();
      assert.equal((await server.book.attachmentsOf('test', ['1'])).size, 0);
    });

    it('can not be kept any more once its request has ended', async () => {
      let files: readonly StagedFile[] = [];
      await start({
        flow: async ({ server: own, request, response }) => {
          files = own.attachments.uploadsOf(request);
          response.end('{}');
        },
      });
      await server.send(form([['photos', png(), 'a.png']]));
      await nothingStays();
      const order = { room: 'test', owner: '1', role: null, actor: 'ani' };
      await assert.rejects(
        server.store.transaction((transaction) => server.book.keep(transaction, files, order)),
        { code: 'upload-gone', httpStatus: 409 },
      );
    });

    it('is not taken for an upload without files once its sender has left', async () => {
      let request: unknown;
      await start({
        flow: async (call) => {
          request = call.request;
          call.response.end('{}');
        },
      });
      await server.send(form([['photos', png(), 'a.png']]));
      await nothingStays();
      assert.throws(() => server.attachments.uploadsOf(request), { code: 'upload-gone', httpStatus: 409 });
    });

    it('reaches no flow when its sender leaves while its last file is checked', async () => {
      const sender = new AbortController();
      let left: Promise<unknown> = Promise.resolve();
      let calls = 0;
      await start({
        arrived: (response) => {
          left = once(response, 'close');
        },
        spoil: (area) =>
          withMethods(area, {
            openIncoming: async (id) => {
              sender.abort();
              await left;
              return area.openIncoming(id);
            },
          }),
        flow: async ({ response }) => {
          calls += 1;
          response.end('{}');
        },
      });
      const body = form([['photos', png(), 'a.png']]);
      await assert.rejects(fetch(`${server.url}/files/1`, { method: 'POST', body, signal: sender.signal }));
      await left;
      await nothingStays();
      assert.equal(calls, 0);
    });

    it('is either kept or gone when the sender leaves while it is being kept', async () => {
      for (let turn = 0; turn < 10; turn += 1) {
        let kept: Promise<void> = Promise.resolve();
        let arrived: () => void = () => {};
        const inFlow = new Promise<void>((resolve) => {
          arrived = resolve;
        });
        await start({
          flow: (call) => {
            arrived();
            kept = keepAll(call).catch(() => {});
            return kept;
          },
        });
        const sender = new AbortController();
        const sending = fetch(`${server.url}/files/1`, {
          method: 'POST',
          body: form([
            ['photos', png(), 'a.png'],
            ['thumbnail_0', png(), 't'],
          ]),
          signal: sender.signal,
        }).catch(() => {});
        await inFlow;
        if (turn % 2 === 0) await new Promise((resolve) => setTimeout(resolve, turn / 2));
        sender.abort();
        await Promise.all([sending, kept]);
        const files = (await server.book.attachmentsOf('test', ['1'])).get('1') ?? [];
        await server.settles(() => server.filesOnDisk().length === files.length * 2, 'agreement of rows and files');
        if (turn < 9) await server.stop();
      }
    });
  });
});
