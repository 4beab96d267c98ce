import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Access } from '../../nodes/access/access.ts';
import { Forbidden, WebAccess } from '../../nodes/access/web-access.ts';
import { cheap } from './support/engines.ts';

const access = new Access({ openStore: () => Promise.reject(new Error('nobody needs the store here')), cost: cheap });
const web = new WebAccess(access, { trustedProxies: ['10.0.0.1'], origins: ['https://floor.example'] });

const request = (headers: Record<string, string> = {}, remoteAddress = '192.168.1.20', method = 'POST') =>
  ({ method, headers: { host: 'plant.example', ...headers }, socket: { remoteAddress } }) as unknown as IncomingMessage;

function answered() {
  const cookies: string[] = [];
  const response = { appendHeader: (_name: string, value: string) => cookies.push(value) };
  return { cookies, response: response as unknown as ServerResponse };
}

describe('the cookie of a session', () => {
  const behindTls = request({ 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.168.1.20' }, '10.0.0.1');

  it('goes over encrypted connections only, once it came over one, also behind a trusted proxy', () => {
    const { cookies, response } = answered();
    web.setCookie(behindTls, response, 'secret', false);
    assert.deepEqual(cookies, ['__Host-shopfloor_session=secret; Path=/; HttpOnly; SameSite=Lax; Secure']);
  });

  it('is not Secure for a client that only says that it is encrypted', () => {
    const { cookies, response } = answered();
    web.setCookie(request({ 'x-forwarded-proto': 'https' }), response, 'secret', false);
    assert.deepEqual(cookies, ['shopfloor_session=secret; Path=/; HttpOnly; SameSite=Lax']);
  });

  it('stays on a shared tablet, and is taken back at the end', () => {
    const { cookies, response } = answered();
    web.setCookie(request(), response, 'secret', true);
    web.clearCookie(request(), response);
    assert.match(cookies[0] ?? '', /; Max-Age=7776000$/);
    assert.match(cookies[1] ?? '', /^shopfloor_session=; .*; Max-Age=0$/);
  });

  it('is not taken from an unencrypted neighbour where the connection is encrypted', () => {
    const planted = request({ 'x-forwarded-proto': 'https', cookie: 'shopfloor_session=planted' }, '10.0.0.1');
    assert.equal(web.cookieOf(planted), undefined);
  });
});

describe('where a request may come from', () => {
  const foreign = (headers: Record<string, string>, method = 'POST') => {
    try {
      web.refuseForeign(request(headers, undefined, method));
      return false;
    } catch (error) {
      assert.ok(error instanceof Forbidden && error.code === 'foreign-origin');
      return true;
    }
  };

  for (const [headers, method, expected] of [
    [{ origin: 'http://plant.example' }, 'POST', false],
    [{ origin: 'HTTP://PLANT.example' }, 'POST', false],
    [{ origin: 'https://floor.example' }, 'POST', false],
    [{ origin: 'https://plant.example' }, 'POST', true],
    [{ origin: 'http://plant.example:8080' }, 'POST', true],
    [{ origin: 'http://plant.example.evil.example' }, 'POST', true],
    [{ origin: 'null' }, 'POST', true],
    [{ origin: 'http://evil.example' }, 'GET', true],
    [{ 'sec-fetch-site': 'same-origin' }, 'POST', false],
    [{ 'sec-fetch-site': 'same-site' }, 'POST', true],
    [{ 'sec-fetch-site': 'cross-site' }, 'GET', true],
    [{}, 'POST', true],
    [{}, 'DELETE', true],
    [{}, 'GET', false],
  ] as const) {
    it(`${expected ? 'refuses' : 'takes'} ${method} with ${JSON.stringify(headers)}`, () => {
      assert.equal(foreign(headers, method), expected);
    });
  }
});

describe('the token of a plain form', () => {
  const cookieIn = (cookies: readonly string[]) => (cookies[0] ?? '').split(';')[0] ?? '';

  it('fits the browser that got it, before and after the login, and no other', () => {
    const { cookies, response } = answered();
    const token = web.formToken(request(), response);
    web.checkFormToken(request({ cookie: cookieIn(cookies) }), token);
    assert.throws(() => web.checkFormToken(request(), token), Forbidden);
    assert.throws(() => web.checkFormToken(request({ cookie: 'shopfloor_form=other' }), token), Forbidden);

    const session = request({ cookie: 'shopfloor_session=mine' });
    web.checkFormToken(session, web.formToken(session, response));
    assert.throws(
      () => web.checkFormToken(request({ cookie: 'shopfloor_session=yours' }), web.formToken(session, response)),
      Forbidden,
    );
    for (const wrong of [undefined, '', ['x'], token])
      assert.throws(() => web.checkFormToken(session, wrong), Forbidden);
  });
});
