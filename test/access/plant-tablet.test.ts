// A shared tablet of a running plant: what four digits open there, over HTTP and over the dashboard's socket.
import assert from 'node:assert/strict';
import { Browser } from './support/browser.ts';
import { adminPassword, apiToken, type Plant, startPlant } from './support/plant.ts';
import { plantFlows } from './support/plant-flows.ts';

const bearer = { authorization: `Bearer ${apiToken}` };
const pin = '620493';

describe('a shared tablet in a running plant', function () {
  this.timeout(60_000);
  let plant: Plant;
  const browsers: Browser[] = [];

  const browser = () => {
    const made = new Browser(plant.url);
    browsers.push(made);
    return made;
  };
  const administer = async (method: string, path: string, body: object = {}, status = 200) => {
    const reply = await browser().json(method, path, body, bearer);
    assert.equal(reply.status, status, `${path}: ${await reply.clone().text()}`);
    return (await reply.json()) as { data: { id: string; version: number }; oneTimePassword?: string };
  };
  const addUser = (login: string, more: object) =>
    administer('POST', '/api/access/users', { login, name: login, password: `secret of ${login}`, ...more }, 201);
  const idOf = async (login: string) => {
    const reply = await fetch(`${plant.url}/api/access/users`, { headers: bearer });
    const { data } = (await reply.json()) as { data: { login: string; id: string; version: number }[] };
    const user = data.find((candidate) => candidate.login === login);
    assert.ok(user);
    return user;
  };
  const tabletWith = async (login: string) => {
    const tablet = browser();
    await tablet.logIn('tablet', 'secret of tablet', { shared: 'yes' });
    const reply = await tablet.json('POST', '/api/access/switch', { login, pin });
    assert.equal(reply.status, 200, await reply.text());
    return tablet;
  };
  const codeOf = async (reply: Response) => ((await reply.json()) as { error: { code: string } }).error.code;

  before(async () => {
    plant = await startPlant({ flows: plantFlows });
    await addUser('tablet', { roles: ['display'] });
    await addUser('boss', { roles: ['supervisor'] });
    for (const login of ['admin', 'boss']) {
      await administer('PUT', `/api/access/users/${(await idOf(login)).id}/pin`, { pin });
    }
  });
  after(async () => {
    for (const each of browsers) each.close();
    await plant?.stop();
  });

  it("administers nothing by an administrator's PIN, and says that the password is missing", async () => {
    const tablet = await tabletWith('admin');
    const { id } = await idOf('boss');
    for (const [method, path] of [
      ['GET', '/api/access/users'],
      ['POST', '/api/access/users'],
      ['PATCH', `/api/access/users/${id}`],
      ['POST', `/api/access/users/${id}/reset-password`],
      ['PUT', `/api/access/users/${id}/pin`],
      ['GET', '/api/access/tokens'],
      ['POST', '/api/access/tokens'],
      ['DELETE', '/api/access/tokens/none'],
      ['GET', '/api/access/audit'],
    ] as const) {
      const reply = await tablet.json(method, path, {});
      assert.equal(reply.status, 403, `${method} ${path}`);
      assert.equal(await codeOf(reply), 'password-needed', `${method} ${path}`);
    }
    assert.equal((await tablet.fetch('/dashboard/_debug/datastore/text-batches')).status, 403);
    assert.equal((await tablet.fetch('/flows')).status, 401);
    const token = { name: 'x', scopes: ['*'] };
    assert.equal((await tablet.json('POST', '/api/access/step-up', { password: 'a guess' })).status, 401);
    assert.equal((await tablet.json('POST', '/api/access/tokens', token)).status, 403);
    const stepUp = await tablet.json('POST', '/api/access/step-up', { password: adminPassword });
    assert.equal(stepUp.status, 200);
    const { data } = (await stepUp.json()) as { data: { permissions: string[]; withPassword: string[] } };
    assert.ok(data.permissions.includes('tokens.manage'));
    assert.deepEqual(data.withPassword, []);
    assert.equal((await tablet.json('POST', '/api/access/tokens', token)).status, 201);
    await tablet.json('POST', '/api/access/switch-back');
    assert.equal((await tablet.json('POST', '/api/access/step-up', { password: adminPassword })).status, 409);
    assert.equal((await tablet.json('POST', '/api/access/tokens', token)).status, 403);
  });

  it('shows nobody the last message of a widget by another spelling of the address', async () => {
    const own = browser();
    await own.logIn('boss', 'secret of boss');
    assert.equal((await browser().json('POST', '/feed', { secret: 'figures' }, bearer)).status, 204);
    for (const path of [
      '/dashboard/_DEBUG/datastore/text-users',
      '/dashboard/_debug/DATASTORE/text-users',
      '/DASHBOARD/_debug/datastore/text-users',
      '/Dashboard/_Debug/statestore/text-users',
      '/dashboard/%5Fdebug/datastore/text-users',
      '/dashboard/./_debug/datastore/text-users',
      '/dashboard/x/../_DEBUG/datastore/text-users',
      '/dashboard//_debug/datastore/text-users',
      '/dashboard/_debug/datastore/text-users/',
    ]) {
      const reply = await own.fetch(path);
      assert.ok([403, 404].includes(reply.status), `${path}: ${reply.status}`);
      assert.doesNotMatch(await reply.text(), /figures/, path);
    }
  });

  it('tells a page which of its messages was refused, and for want of what', async () => {
    const tablet = await tabletWith('boss');
    const page = await tablet.openSocket();
    const refused = async (payload: object) => {
      const answer = page.next('shopfloor:refused');
      page.socket.emit('widget-send', 'widget-batches', { requestId: 'r-1', payload });
      return (await answer)[0];
    };
    assert.deepEqual(await refused({ command: 'settle' }), { requestId: 'r-1', code: 'password-needed' });
    assert.deepEqual(await refused({ command: 'unheard-of' }), { requestId: 'r-1', code: 'forbidden' });
    page.close();
  });

  it('is opened by the account of a device and by no other', async () => {
    const refused = await browser().submit('/login', { login: 'boss', password: 'secret of boss', shared: 'yes' });
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /tablet bersama/);
    const { id, version } = await idOf('boss');
    await administer('PATCH', `/api/access/users/${id}`, { version, sharedDevice: true }, 400);
  });

  it('leaves an ordinary session as it is when that wants to switch back', async () => {
    const own = browser();
    await own.logIn('boss', 'secret of boss');
    const before = own.cookieValue('shopfloor_session');
    const page = await own.openSocket();
    const reply = await own.json('POST', '/api/access/switch-back');
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.headers.getSetCookie(), []);
    assert.equal(own.cookieValue('shopfloor_session'), before);
    assert.ok(page.socket.connected);
    page.close();
  });

  it('lets a person with a one-time password change it or leave, and do nothing else', async () => {
    await addUser('ani', { roles: ['operator'], departments: ['production'] });
    const { id } = await idOf('ani');
    await administer('PUT', `/api/access/users/${id}/pin`, { pin });
    await administer('POST', `/api/access/users/${id}/reset-password`);
    const tablet = await tabletWith('ani');
    assert.equal((await tablet.look('/dashboard')).headers.get('location'), '/password');
    assert.equal((await tablet.fetch('/whoami')).status, 403);
    await assert.rejects(tablet.openSocket(), /unauthorized/);
    assert.match(await (await tablet.look('/password')).text(), /name="act" value="leave"/);
    const form = new URLSearchParams({ csrf: 'made up', act: 'leave' });
    assert.equal((await tablet.fetch('/password', { method: 'POST', body: form })).status, 403);
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(await (await tablet.look('/password')).text()) ?? [];
    const left = await tablet.fetch('/password', {
      method: 'POST',
      body: new URLSearchParams({ csrf, act: 'leave' }),
    });
    assert.equal(left.status, 303);
    const me = (await (await tablet.fetch('/api/access/me')).json()) as { data: { user: { login: string } } };
    assert.equal(me.data.user.login, 'tablet');
  });

  it('asks a person whose PIN became too short for another, right after the login with the password', async () => {
    await addUser('budi', { roles: ['operator'], departments: ['production'] });
    const budi = await idOf('budi');
    await administer('PUT', `/api/access/users/${budi.id}/pin`, { pin: '4711' });
    const { version } = await idOf('budi');
    await administer('PATCH', `/api/access/users/${budi.id}`, { version, roles: ['supervisor'] });
    const own = browser();
    const login = await own.logIn('budi', 'secret of budi');
    assert.equal(login.headers.get('location'), '/password?for=pin&next=%2Fdashboard');
    const current = 'secret of budi';
    const short = await own.submit('/password?for=pin', { current, pin: '4711', repeat: '4711' });
    assert.equal(short.status, 400);
    assert.equal((await own.submit('/password?for=pin', { current, pin, repeat: '620494' })).status, 400);
    assert.equal((await own.submit('/password?for=pin', { current: 'a guess', pin, repeat: pin })).status, 401);
    assert.equal((await own.submit('/password?for=pin', { current, pin, repeat: pin })).status, 303);
    assert.equal((await browser().logIn('budi', 'secret of budi')).headers.get('location'), '/dashboard');
    await tabletWith('budi');
  });
});
