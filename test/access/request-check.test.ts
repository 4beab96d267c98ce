import assert from 'node:assert/strict';
import { type AccessRefused, checkRequest, type RequestFacts } from '../../nodes/access/request-check.ts';

const token = 'a-token-of-sixteen-or-more';
const local: RequestFacts = { method: 'GET', headers: { host: 'localhost:1880' }, remoteAddress: '127.0.0.1' };

function refusal(request: RequestFacts, apiToken?: string): AccessRefused {
  try {
    checkRequest(request, apiToken ? { apiToken } : {});
  } catch (error) {
    return error as AccessRefused;
  }
  throw new assert.AssertionError({ message: 'the request was let in' });
}

describe('who may command the plant while there are no accounts', () => {
  for (const remoteAddress of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    it(`lets this machine in (${remoteAddress})`, () => {
      assert.deepEqual(checkRequest({ ...local, remoteAddress }, {}), { name: 'local', via: 'http' });
    });
  }

  for (const remoteAddress of ['192.168.1.20', '10.0.0.1', '::ffff:10.0.0.1', '127.0.0.1.evil.example', undefined]) {
    it(`asks ${remoteAddress ?? 'an unknown address'} for a token`, () => {
      assert.equal(refusal({ ...local, remoteAddress }).httpStatus, 401);
    });
  }

  it('lets any address in with the token', () => {
    const request = { ...local, remoteAddress: '10.0.0.1', headers: { authorization: `Bearer ${token}` } };
    assert.deepEqual(checkRequest(request, { apiToken: token }), { name: 'api-token', via: 'http' });
  });

  it('refuses a wrong token even from this machine', () => {
    assert.equal(
      refusal({ ...local, headers: { ...local.headers, authorization: 'Bearer nonsense' } }, token).httpStatus,
      401,
    );
  });

  it('refuses every token when none is configured', () => {
    assert.equal(refusal({ ...local, headers: { ...local.headers, authorization: 'Bearer ' } }).httpStatus, 401);
    assert.equal(
      refusal({ ...local, headers: { ...local.headers, authorization: 'Bearer undefined' } }).httpStatus,
      401,
    );
  });

  for (const header of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']) {
    it(`does not trust a loopback address behind a proxy (${header})`, () => {
      assert.equal(refusal({ ...local, headers: { ...local.headers, [header]: '127.0.0.1' } }).httpStatus, 401);
    });
  }

  it('refuses a rebound host name', () => {
    assert.equal(refusal({ ...local, headers: { host: 'evil.example:1880' } }).httpStatus, 403);
    assert.equal(refusal({ ...local, headers: {} }).httpStatus, 403);
  });

  it('refuses a page of another origin', () => {
    const cross = { ...local, method: 'POST', headers: { ...local.headers, origin: 'http://evil.example' } };
    assert.equal(refusal(cross).httpStatus, 403);
    assert.equal(refusal({ ...local, headers: { ...local.headers, origin: 'null' } }).httpStatus, 403);
    assert.equal(refusal({ ...local, headers: { ...local.headers, 'sec-fetch-site': 'cross-site' } }).httpStatus, 403);
  });

  it("lets this server's own pages in", () => {
    const headers = { ...local.headers, origin: 'http://localhost:1880', 'sec-fetch-site': 'same-origin' };
    assert.equal(checkRequest({ ...local, method: 'POST', headers }, {}).name, 'local');
  });
});
