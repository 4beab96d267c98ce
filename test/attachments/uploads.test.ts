// Uploads over real HTTP: what gets in, what is refused and how, and that nothing stays behind.
import assert from 'node:assert/strict';
import { docx, pdf, zip } from './support/documents.ts';
import { gif, jpeg, png, webpLossy } from './support/pictures.ts';
import { form, UploadServer } from './support/upload-server.ts';

describe('an upload', () => {
  let server: UploadServer;
  beforeEach(async () => {
    server = await UploadServer.start();
  });
  afterEach(() => server.stop());

  it('is kept with its fields, named, measured and typed by content', async () => {
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

  it('takes documents', async () => {
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
});
