import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonBody } from '../../nodes/access/json-body.ts';

describe('the JSON body of a request', () => {
  let server: Server;
  let url: string;

  before(async () => {
    server = createServer((request, response) => {
      jsonBody(request, response, () =>
        response.end(JSON.stringify((request as { body?: unknown }).body ?? 'not read')),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  after(async () => {
    server.close();
    await once(server, 'close');
  });

  const post = (body: string, type = 'application/json') =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': type } });

  it('is read once, and an empty one is an empty object', async () => {
    assert.equal(await (await post('{"accept":true}')).text(), '{"accept":true}');
    assert.equal(await (await post('')).text(), '{}');
  });

  it('is answered with 400 when it is malformed', async () => {
    const reply = await post('{"accept":');
    assert.equal(reply.status, 400);
    assert.match(await reply.text(), /"code":"invalid-json"/);
  });

  it('is answered with 413 when it is too large', async () => {
    const reply = await post(JSON.stringify('x'.repeat(2 * 1024 * 1024)));
    assert.equal(reply.status, 413);
  });

  it('is left alone when it is of another kind', async () => {
    assert.equal(await (await post('a=b', 'text/plain')).text(), '"not read"');
  });
});
