import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import {
  cookieOf,
  isProxyAddress,
  networkOf,
  RequestReader,
  requestUrl,
  wantsPage,
} from '../../nodes/access/request-facts.ts';

const request = (
  headers: Record<string, string>,
  remoteAddress = '192.168.1.20',
  encrypted = false,
  more: object = {},
) =>
  ({
    method: 'GET',
    url: '/',
    headers: { host: 'plant.example', ...headers },
    socket: { remoteAddress, encrypted },
    ...more,
  }) as unknown as IncomingMessage;

describe('what a request says about its client', () => {
  const direct = new RequestReader([]);
  const proxied = new RequestReader(['127.0.0.1', '10.0.0.0/24', '::1']);

  it('is its own connection when no proxy is trusted, whatever its headers say', () => {
    const forged = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' };
    assert.deepEqual(direct.facts(request(forged)), {
      address: '192.168.1.20',
      secure: false,
      ownOrigin: 'http://plant.example',
    });
    assert.equal(proxied.facts(request(forged)).secure, false);
  });

  it('is encrypted when its own connection is', () => {
    assert.equal(direct.facts(request({}, '192.168.1.20', true)).ownOrigin, 'https://plant.example');
  });

  it('comes from a trusted proxy, which says what the client used', () => {
    const facts = proxied.facts(
      request({ 'x-forwarded-for': '192.168.1.77', 'x-forwarded-proto': 'https' }, '::ffff:127.0.0.1'),
    );
    assert.deepEqual(facts, { address: '192.168.1.77', secure: true, ownOrigin: 'https://plant.example' });
  });

  it('has the address of the hop that the proxies saw, not the one that a client made up before it', () => {
    const header = { 'x-forwarded-for': '6.6.6.6, 192.168.1.77, 10.0.0.5' };
    assert.equal(proxied.facts(request(header, '127.0.0.1')).address, '192.168.1.77');
    assert.equal(proxied.facts(request({ 'x-forwarded-for': 'nonsense' }, '127.0.0.1')).address, '127.0.0.1');
  });

  it('has the host of its own header, whatever host a client claims that a proxy has seen', () => {
    const header = { 'x-forwarded-host': 'evil.example, floor.example', 'x-forwarded-proto': 'http, https' };
    assert.equal(proxied.facts(request(header, '10.0.0.9')).ownOrigin, 'https://plant.example');
  });

  for (const [address, network] of [
    ['192.168.1.20', '192.168.1.20'],
    ['2001:db8:0:7:1::9', '2001:db8:0:7::/64'],
    ['2001:0DB8:0000:0007:ffff:ffff:ffff:ffff', '2001:db8:0:7::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['editor', 'editor'],
  ] as const) {
    it(`counts ${address} as ${network}`, () => assert.equal(networkOf(address), network));
  }

  it('has an address without the mapping of IPv6 sockets', () => {
    assert.equal(direct.facts(request({}, '::ffff:192.168.1.5')).address, '192.168.1.5');
  });

  for (const proxy of ['127.0.0.1', '::1', '10.0.0.0/8', 'fd00::/8']) {
    it(`takes ${proxy} as a proxy`, () => assert.equal(isProxyAddress(proxy), true));
  }
  for (const proxy of ['', 'proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/x', 'all']) {
    it(`refuses "${proxy}" as a proxy`, () => {
      assert.equal(isProxyAddress(proxy), false);
      assert.throws(() => new RequestReader([proxy]), /no address or network/);
    });
  }

  it('names its cookie exactly', () => {
    const cookies = { headers: { cookie: 'xsid=1; sid=a=b; sid=second; broken' } };
    assert.equal(cookieOf(cookies, 'sid'), 'a=b');
    assert.equal(cookieOf(cookies, 'id'), undefined);
    assert.equal(cookieOf({ headers: {} }, 'sid'), undefined);
  });

  it('names its path whatever Express has cut off, and never another server', () => {
    const cut = request({}, undefined, false, { originalUrl: '/dashboard/batches?x=1', url: '/batches?x=1' });
    assert.equal(requestUrl(cut).pathname, '/dashboard/batches');
    assert.equal(
      requestUrl(request({}, undefined, false, { url: '//evil.example/login' })).pathname,
      '/evil.example/login',
    );
  });

  it('is a person looking at a page only when it reads and asks for HTML', () => {
    assert.equal(wantsPage({ method: 'GET', headers: { accept: 'text/html,*/*' } }), true);
    assert.equal(wantsPage({ method: 'POST', headers: { accept: 'text/html' } }), false);
    assert.equal(wantsPage({ method: 'GET', headers: { accept: '*/*' } }), false);
  });
});
