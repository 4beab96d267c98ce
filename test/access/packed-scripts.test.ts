// The package's own scripts in Brotli, to browsers that take it and only where they have changed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { answerPackedScript } from '../../nodes/access/packed-scripts.ts';

const home = '/resources/@shopfloor/node-red-dashboard-2-shopfloor';

describe('a script of the package', () => {
  let folder: string;
  let server: Server;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-scripts-'));
    writeFileSync(join(folder, 'widgets.js.br'), brotliCompressSync('export const widgets = 1;'));
    writeFileSync(join(folder, 'secret.txt.br'), 'secret');
    server = createServer((request, response) => {
      void answerPackedScript(request, response, folder).then((isAnswered) => {
        if (!isAnswered) response.writeHead(404).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
    const { port } = server.address() as AddressInfo;
    const asked = get({ port, path, method, headers: { 'accept-encoding': 'gzip, br', ...headers }, agent: false });
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of reply) chunks.push(chunk as Buffer);
    return { status: reply.statusCode, headers: reply.headers, body: Buffer.concat(chunks) };
  };

  it('is sent compressed, below any root, and once', async () => {
    for (const root of ['', '/red', '/a/b']) {
      const { status, headers, body } = await ask(`${root}${home}/widgets.js`);
      assert.deepEqual([status, headers['content-encoding'], headers.vary], [200, 'br', 'accept-encoding']);
      assert.equal(brotliDecompressSync(body).toString(), 'export const widgets = 1;');
      const again = await ask(`${root}${home}/widgets.js`, { 'if-none-match': String(headers.etag) });
      assert.deepEqual([again.status, again.body.length], [304, 0]);
    }
    assert.deepEqual([(await ask(`${home}/widgets.js`, {}, 'HEAD')).body.length], [0]);
  });

  it('is left to Node-RED for a browser that takes no Brotli, for an unknown name and for every other path', async () => {
    for (const coding of ['gzip', 'br;q=0', 'br;q=0.0', 'identity', 'brotli']) {
      assert.equal((await ask(`${home}/widgets.js`, { 'accept-encoding': coding })).status, 404, coding);
    }
    assert.equal((await ask(`${home}/widgets.js`, { 'accept-encoding': 'br;q=0.5, gzip' })).status, 200);
    for (const path of [
      `${home}/other.js`,
      `${home}/secret.txt`,
      `${home}/../widgets.js`,
      `${home}/%2e%2e/widgets.js`,
      '/widgets.js',
    ]) {
      assert.equal((await ask(path)).status, 404, path);
    }
    assert.equal((await ask(`${home}/widgets.js`, {}, 'POST')).status, 404);
  });
});
