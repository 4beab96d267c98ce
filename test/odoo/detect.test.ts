import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import serializer from 'xmlrpc/lib/serializer.js';
import { connectOdoo } from '../../nodes/odoo/connect.ts';
import { OdooError } from '../../nodes/odoo/odoo-error.ts';
import { SharedClient } from '../../nodes/odoo/shared-client.ts';

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A web server that gives each path its fixed answer and everything else 404. */
async function serve(answers: Readonly<Record<string, Answer>>): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const { status = 200, type = 'text/xml', body = '', headers = {} } = answers[request.url ?? ''] ?? { status: 404 };
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** What a session with such a server comes to: its series and protocol, or the error's kind and message. */
async function sessionWith(answers: Readonly<Record<string, Answer>>): Promise<string> {
  const { url, server } = await serve(answers);
  const client = connectOdoo({ url, database: 'plant', login: 'mill', secret: 'key' });
  try {
    const { server: odoo } = await client.session();
    return `${odoo.series} ${odoo.version} ${odoo.protocol}`;
  } catch (error) {
    if (error instanceof OdooError) return `${error.kind}: ${error.message}`;
    throw error;
  } finally {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const version = (text: string): Answer => ({ body: serializer.serializeMethodResponse({ server_version: text }) });
const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

describe('finding out which Odoo answers', () => {
  it('goes by the number in any form of version', async () => {
    for (const text of ['14.0', '17.0-20250101', 'saas~17.2', '18.0+e']) {
      const found = await sessionWith({ '/xmlrpc/2/common': version(text) });
      // The same answer is no uid, so the login that follows is refused: the version was accepted.
      assert.match(found, /^denied: .*ODOO_LOGIN/, text);
    }
  });

  it('refuses an Odoo that is too old, and one that does not say', async () => {
    assert.match(await sessionWith({ '/xmlrpc/2/common': version('13.0') }), /^unsupported: This is Odoo 13/);
    assert.match(await sessionWith({ '/xmlrpc/2/common': version('') }), /^protocol: .*which Odoo/);
  });

  it('takes a server without XML-RPC for a newer Odoo when it has JSON-2', async () => {
    const found = await sessionWith({
      '/json/2/res.users/search': json(401, { name: 'werkzeug.exceptions.Unauthorized', message: 'x' }),
      '/json/2/mrp.production/search_read': json(200, []),
    });
    assert.equal(found, '19 unknown json-2');
  });

  it('names a redirect, a starting server and a page', async () => {
    const moved: Answer = { status: 301, type: 'text/html', headers: { location: 'https://odoo.example.com/x' } };
    assert.match(await sessionWith({ '/xmlrpc/2/common': moved }), /redirects to https:\/\/odoo\.example\.com\./);
    const starting: Answer = { status: 503, type: 'text/html' };
    assert.match(await sessionWith({ '/xmlrpc/2/common': starting }), /^transient: .*overloaded or starting/);
    const page: Answer = { type: 'text/html', body: '<title>Welcome</title>' };
    assert.match(await sessionWith({ '/xmlrpc/2/common': page }), /^protocol: .*web page/);
    assert.match(await sessionWith({}), /^protocol: .*HTTP 404/);
  });

  it('says when the certificate or the protocol of the address is wrong', async () => {
    const { url, server } = await serve({});
    const client = connectOdoo({ url: url.replace('http:', 'https:'), database: 'x', login: 'x', secret: 'x' });
    await assert.rejects(
      client.session(),
      (error: OdooError) => error.kind === 'transient' && /can't be reached/.test(error.message),
    );
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a shared connection', () => {
  it('is opened once, closed with its last user, and opened again by the next', async () => {
    let opened = 0;
    let closed = 0;
    const shared = new SharedClient((onTransition) => {
      opened += 1;
      onTransition({ away: false, detail: 'opened' });
      const session = () => Promise.reject(new OdooError('transient', 'a test has no server'));
      return {
        session,
        close: () => {
          closed += 1;
        },
      } as never;
    });
    const seen: string[] = [];
    const leaveFirst = shared.use(({ detail }) => seen.push(`first ${detail}`));
    const leaveSecond = shared.use(({ detail }) => seen.push(`second ${detail}`));
    for (let call = 0; call < 3; call += 1) await assert.rejects(shared.session());
    assert.deepEqual([opened, seen], [1, ['first opened', 'second opened']]);
    leaveFirst();
    leaveFirst();
    assert.equal(closed, 0);
    leaveSecond();
    assert.equal(closed, 1);
    await assert.rejects(shared.session());
    assert.equal(opened, 2);
    shared.close();
    await assert.rejects(shared.session(), /being closed/);
  });
});
