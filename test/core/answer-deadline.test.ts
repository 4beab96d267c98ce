// A request that its flow leaves alone is answered all the same, once; what comes too late goes nowhere.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerInTime, answerInTimeOnceRead, answerNow, answerWhenDone } from '../../nodes/core/answer-deadline.ts';

const limitMs = 50;

describe('the deadline of an answer', () => {
  let server: Server;
  let handle: (response: ServerResponse) => void;
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  before(async () => {
    server = createServer((_request, response) => handle(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  it('answers with a typed 503 what nobody answers', async () => {
    handle = (response) => answerInTime(response, limitMs);
    const reply = await fetch(url());
    assert.equal(reply.status, 503);
    const body = (await reply.json()) as { success: boolean; error: { code: string; message: string } };
    assert.deepEqual([body.success, body.error.code], [false, 'no-answer-in-time']);
    assert.match(body.error.message, /same commandId/);
  });

  it('leaves alone what is answered in time, and what has begun', async () => {
    handle = (response) => {
      answerInTime(response, limitMs);
      response.writeHead(200);
      response.write('first ');
      setTimeout(() => response.end('second'), limitMs * 3);
    };
    assert.equal(await (await fetch(url())).text(), 'first second');
  });

  it('lets an answer that comes too late go nowhere, without a fault', async () => {
    const late = new Promise<void>((resolve, reject) => {
      handle = (response) => {
        answerInTime(response, limitMs);
        response.once('finish', () => {
          try {
            response.statusCode = 201;
            response.setHeader('x-late', 'yes');
            response.writeHead(201, { 'x-late': 'yes' });
            response.write('late');
            response.end('late');
            resolve();
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      };
    });
    const reply = await fetch(url());
    assert.deepEqual([reply.status, reply.headers.get('x-late')], [503, null]);
    assert.doesNotMatch(await reply.text(), /late/);
    await late;
  });

  it('keeps the first deadline of a response, and none for a long job', async () => {
    handle = (response) => {
      answerInTime(response, limitMs);
      answerInTime(response, limitMs * 100);
    };
    assert.equal((await fetch(url())).status, 503);
    handle = (response) => {
      answerInTime(response, limitMs);
      answerWhenDone(response);
      answerInTime(response, limitMs);
      setTimeout(() => answerNow(response, { statusCode: 202, payload: { success: true } }), limitMs * 3);
    };
    assert.equal((await fetch(url())).status, 202);
  });

  it('begins when the request has been read', async () => {
    const bodied = createServer((request, response) => {
      answerInTimeOnceRead(request, response);
      request.resume();
      request.once('end', () => response.end('read'));
    });
    bodied.listen(0, '127.0.0.1');
    await once(bodied, 'listening');
    const sending = httpRequest({ port: (bodied.address() as AddressInfo).port, method: 'POST' });
    const answered = once(sending, 'response');
    sending.write('a');
    setTimeout(() => sending.end('b'), limitMs * 3);
    const [response] = (await answered) as [{ statusCode: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 200);
    bodied.close();
  });
});
