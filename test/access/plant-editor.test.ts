// The editor of a running Node-RED: whose token opens it, what ends that token for good, and from where somebody tried.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listensOpenly } from '../../nodes/access/open-network.ts';
import { Browser } from './support/browser.ts';
import { adminPassword, apiToken, type Plant, type PlantOptions, startPlant } from './support/plant.ts';
import { plantFlows } from './support/plant-flows.ts';

const bearer = { authorization: `Bearer ${apiToken}` };
/** The client of Node-RED's own editor socket. */
const { WebSocket: EditorSocket } = createRequire(createRequire(import.meta.url).resolve('node-red/package.json'))(
  'ws',
) as { WebSocket: new (url: string) => ClientSocket };

interface ClientSocket {
  once(event: string, listener: (data: Buffer) => void): void;
  send(text: string): void;
  terminate(): void;
}

const versions: readonly (readonly [string, string | undefined])[] = [
  ['the installed Node-RED', undefined],
  ['Node-RED 4', join(import.meta.dirname, '..', 'system', 'node-red-4')],
];

for (const [version, nodeRed] of versions) {
  describe(`the editor of ${version}`, function () {
    this.timeout(90_000);
    let plant: Plant;
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-editor-'));
    const start = (more: Partial<PlantOptions> = {}) =>
      startPlant({ flows: plantFlows, directory, ...(nodeRed !== undefined && { nodeRed }), ...more });

    const administer = async (method: string, path: string, body: object = {}) => {
      const reply = await new Browser(plant.url).json(method, path, body, bearer);
      assert.ok(reply.ok, `${path}: ${await reply.clone().text()}`);
      return (await reply.json()) as {
        data: { id: string; version: number };
        oneTimePassword?: string;
        token?: string;
      };
    };
    const auditOf = async (search: string) => {
      const reply = await fetch(`${plant.url}/api/access/audit?search=${search}`, { headers: bearer });
      return (
        (await reply.json()) as {
          data: { type: string; actor: string; address: string | null; subject: string | null }[];
        }
      ).data;
    };
    const ask = (username: string, password: string, headers: Record<string, string> = {}) => {
      const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '*', username, password };
      return fetch(`${plant.url}/auth/token`, { method: 'POST', body: new URLSearchParams(form), headers });
    };
    const tokenOf = async (username: string, password = `secret of ${username}`) => {
      const reply = await ask(username, password);
      assert.equal(reply.status, 200);
      return ((await reply.json()) as { access_token: string }).access_token;
    };
    const opens = async (token: string) =>
      (await fetch(`${plant.url}/flows`, { headers: { authorization: `Bearer ${token}` } })).status;
    const commsOf = async (token: string) => {
      const socket = new EditorSocket(`${plant.url.replace('http', 'ws')}/comms`);
      await new Promise<void>((resolve) => socket.once('open', () => resolve()));
      const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())));
      socket.send(JSON.stringify({ auth: token }));
      assert.equal(await answer, '{"auth":"ok"}');
      return { closed: new Promise<void>((resolve) => socket.once('close', () => resolve())) };
    };
    const addAdmin = (login: string) =>
      administer('POST', '/api/access/users', { login, name: login, roles: ['admin'], password: `secret of ${login}` });

    before(async () => {
      plant = await start({ access: "{ trustedProxies: ['127.0.0.1'] }" });
    });
    after(async () => {
      await plant?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    for (const [what, act] of [
      [
        'a lock, also after it is taken back',
        async (id: string) => {
          await administer('POST', `/api/access/users/${id}/lock`);
          await administer('POST', `/api/access/users/${id}/unlock`);
        },
      ],
      ['a reset password', (id: string) => administer('POST', `/api/access/users/${id}/reset-password`)],
      ['being thrown out', (id: string) => administer('POST', `/api/access/users/${id}/end-sessions`)],
    ] as const) {
      it(`is closed for good by ${what}, and what was open in a browser is cut`, async () => {
        const login = `editor-${what.replace(/\W+/g, '-').slice(0, 20)}`;
        const { id } = (await addAdmin(login)).data;
        const [token, other] = [await tokenOf(login), await tokenOf('admin', adminPassword)];
        const comms = await commsOf(token);
        assert.equal(await opens(token), 200);
        await act(id);
        assert.equal(await opens(token), 401);
        await comms.closed;
        assert.equal(await opens(other), 200);
      });
    }

    it('is closed by a password that its person changes', async () => {
      await addAdmin('changer');
      const token = await tokenOf('changer');
      const browser = new Browser(plant.url);
      await browser.logIn('changer', 'secret of changer');
      const body = { current: 'secret of changer', next: 'another secret of mine' };
      assert.equal((await browser.json('POST', '/api/access/password', body)).status, 200);
      assert.equal(await opens(token), 401);
      assert.equal((await browser.fetch('/api/access/me')).status, 200);
    });

    it('stays closed after a restart, and open for who was not thrown out', async () => {
      const { id } = (await addAdmin('restarter')).data;
      const [ended, kept] = [await tokenOf('restarter'), await tokenOf('admin', adminPassword)];
      await administer('POST', `/api/access/users/${id}/end-sessions`);
      await plant.stop();
      plant = await start({ access: "{ trustedProxies: ['127.0.0.1'] }" });
      assert.deepEqual([await opens(ended), await opens(kept)], [401, 200]);
    });

    it('leaves deployments, logins and refusals in the trail, with actor and address', async () => {
      const token = await tokenOf('admin', adminPassword);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const flows = await (await fetch(`${plant.url}/flows`, { headers })).text();
      const deployed = await fetch(`${plant.url}/flows`, {
        method: 'POST',
        headers: { ...headers, 'node-red-deployment-type': 'nodes', 'x-forwarded-for': '192.168.7.8' },
        body: flows,
      });
      assert.equal(deployed.status, 204);
      assert.equal((await fetch(`${plant.url}/flows`, { headers: { authorization: 'Bearer made-up' } })).status, 401);
      assert.equal(
        (await fetch(`${plant.url}/act`, { method: 'POST', headers: { authorization: 'Bearer made-up' } })).status,
        401,
      );
      const found = async (type: string) => {
        for (;;) {
          const [row] = await auditOf(type);
          if (row) return [row.actor, row.address, row.subject];
        }
      };
      assert.deepEqual(await found('flows-deployed'), ['admin', '192.168.7.8', 'POST /flows']);
      assert.deepEqual(await found('editor-refused'), ['unknown', '127.0.0.1', 'GET /flows']);
      assert.deepEqual(await found('token-wrong'), ['unknown', '127.0.0.1', 'POST /act']);
      assert.deepEqual((await found('editor-login')).slice(0, 2), ['admin', '127.0.0.1']);
    });

    it('gives a narrow token no route of own flows that it does not name', async () => {
      const made = async (scopes: string[]) => {
        const { token = '' } = await administer('POST', '/api/access/tokens', { name: 'narrow', scopes });
        return { authorization: `Bearer ${token}` };
      };
      const act = async (scopes: string[]) =>
        (await fetch(`${plant.url}/act`, { method: 'POST', headers: await made(scopes) })).status;
      assert.deepEqual([await act(['batch.read']), await act(['route.act'])], [403, 204]);
      const refusedRow = (await auditOf('request-refused'))[0];
      assert.deepEqual([refusedRow?.actor, refusedRow?.subject], ['token narrow', 'POST /act']);
    });

    it('is left by its person', async () => {
      const token = await tokenOf('admin', adminPassword);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const reply = await fetch(`${plant.url}/auth/revoke`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ token }),
      });
      assert.equal(reply.status, 200);
      for (let status = await opens(token); status !== 401; status = await opens(token)) assert.equal(status, 200);
      assert.equal((await auditOf('editor-logout'))[0]?.actor, 'admin');
    });

    it('has a token that opens no page, and is not opened by the cookie of one', async () => {
      const token = await tokenOf('admin', adminPassword);
      const browser = new Browser(plant.url);
      browser.setCookie('shopfloor_session', token);
      assert.equal((await browser.fetch('/api/access/me')).status, 401);
      assert.equal(
        (await fetch(`${plant.url}/api/access/users`, { headers: { authorization: `Bearer ${token}` } })).status,
        401,
      );
      await browser.logIn('admin', adminPassword);
      assert.equal(await opens(browser.cookieValue('shopfloor_session') ?? ''), 401);
    });

    it('knows the true address of who tries', async () => {
      assert.equal((await ask('admin', 'a guess', { 'x-forwarded-for': '192.168.7.7' })).status, 403);
      const [failed] = await auditOf('login-failed');
      assert.equal(failed?.address, '192.168.7.7');
    });

    it("keeps nobody out by wrong guesses at a person's login from elsewhere", async () => {
      await addAdmin('owner');
      const elsewhere = { 'x-forwarded-for': '192.168.9.9' };
      const statuses = [];
      for (let tries = 0; tries < 8; tries += 1)
        statuses.push((await ask('owner', `guess ${tries}`, elsewhere)).status);
      assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429, 429, 429]);
      assert.equal((await ask('owner', 'secret of owner')).status, 200);
    });
  });
}

describe('an editor that is switched off', function () {
  this.timeout(60_000);

  it('lets nobody in, whatever the password or token, while pages work', async () => {
    const plant = await startPlant({ flows: plantFlows, access: '{ editor: false }' });
    try {
      const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '*', username: 'admin' };
      const body = new URLSearchParams({ ...form, password: adminPassword });
      assert.equal((await fetch(`${plant.url}/auth/token`, { method: 'POST', body })).status, 403);
      assert.doesNotMatch(plant.log(), /without TLS/);
      assert.equal((await fetch(`${plant.url}/flows`, { headers: bearer })).status, 401);
      assert.equal((await fetch(`${plant.url}/flows`, { method: 'POST', headers: bearer })).status, 401);
      const browser = new Browser(plant.url);
      await browser.logIn('admin', adminPassword);
      assert.equal((await browser.look('/dashboard/batches')).status, 200);
      assert.equal((await fetch(`${plant.url}/api/access/users`, { headers: bearer })).status, 200);
    } finally {
      await plant.stop();
    }
  });
});

describe('a plant that listens to its whole network', function () {
  this.timeout(60_000);

  it('says at its start that it does so without TLS', async () => {
    const plant = await startPlant({ flows: plantFlows, host: '0.0.0.0' });
    await plant.stop();
    assert.match(plant.log(), /\[warn\] Shopfloor listens on every address without TLS/);
  });

  it('says nothing where TLS ends at Node-RED or before it, or where only this machine can reach it', () => {
    assert.equal(listensOpenly({}, false), true);
    assert.equal(listensOpenly({ uiHost: '::' }, false), true);
    assert.equal(listensOpenly({ uiHost: '0.0.0.0', https: {} }, false), false);
    assert.equal(listensOpenly({ uiHost: '0.0.0.0' }, true), false);
    assert.equal(listensOpenly({ uiHost: '127.0.0.1' }, false), false);
  });
});
