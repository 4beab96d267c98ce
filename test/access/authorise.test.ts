import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../../nodes/access/access.ts';
import { actorOf, allowedOf, authorise, setClientRecogniser, vouchFor } from '../../nodes/access/actor.ts';
import { dashboardHooks, recogniseDashboardClient } from '../../nodes/access/dashboard-hooks.ts';
import { can } from '../../nodes/access/policy.ts';
import { WebAccess } from '../../nodes/access/web-access.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { adminPassword, cheap } from './support/engines.ts';

const refusedWith = (code: string) => (error: Error & { code?: string }) => error.code === code;

describe('what a command node asks before it obeys', () => {
  it("lets the flow's own messages pass, without an actor", async () => {
    assert.equal(await authorise({}, 'batch.retry'), undefined);
    assert.equal(actorOf({}), undefined);
  });

  it('vouches for nobody by the content of a message', async () => {
    for (const message of [
      { req: { actor: { name: 'boss' }, user: 'boss' } },
      { req: 'boss' },
      { req: null },
      { _client: { user: { login: 'boss' } } },
      { _client: null },
    ]) {
      assert.equal(actorOf(message), undefined);
      await assert.rejects(authorise(message, 'batch.read'), refusedWith('unauthorized'), JSON.stringify(message));
    }
  });

  it('asks whoever vouched, each time', async () => {
    const req = {};
    const asked: string[] = [];
    let may = true;
    vouchFor(req, { name: 'budi', via: 'session' }, async (action, resource) => {
      asked.push(`${action} ${resource?.machine ?? ''}`);
      return may;
    });
    assert.equal((await authorise({ req }, 'batch.retry', { machine: 'M1' }))?.name, 'budi');
    may = false;
    await assert.rejects(authorise({ req }, 'batch.retry'), refusedWith('forbidden'));
    assert.deepEqual(asked, ['batch.retry M1', 'batch.retry ']);
  });

  it('asks once for many machines where the rights can be read as a whole, and for each where not', async () => {
    const operator = { roles: ['operator'], departments: ['production'], machines: ['M1', 'M3'] } as const;
    const machines = ['M1', 'M2', 'M3'].map((machine) => ({ machine }));
    const own = [{ machine: 'M1' }, { machine: 'M3' }];
    let readings = 0;
    const rights = async () => {
      readings += 1;
      return operator;
    };
    const [known, asked, gone] = [{}, {}, {}];
    vouchFor(known, { name: 'budi', via: 'session' }, async () => false, rights);
    vouchFor(asked, { name: 'budi', via: 'session' }, async (action, resource) => can(operator, action, resource));
    vouchFor(
      gone,
      { name: 'budi', via: 'session' },
      async () => true,
      async () => undefined,
    );
    assert.deepEqual(await allowedOf({ req: known }, 'batch.read', machines), own);
    assert.equal(readings, 1);
    assert.deepEqual(await allowedOf({ req: asked }, 'batch.read', machines), own);
    assert.deepEqual(await allowedOf({ req: gone }, 'batch.read', machines), []);
    assert.deepEqual(await allowedOf({ req: {} }, 'batch.read', machines), []);
    assert.deepEqual(await allowedOf({}, 'batch.read', machines), machines);
  });

  it('lets somebody for whom no rights were named do nothing', async () => {
    const req = {};
    vouchFor(req, { name: 'budi', via: 'session' });
    await assert.rejects(authorise({ req }, 'batch.read'), refusedWith('forbidden'));
  });

  describe('of a message from the dashboard', () => {
    let access: Access;
    let directory: string;
    let client: Record<string, unknown>;

    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-authorise-'));
      const url = `sqlite:${join(directory, 'plant.sqlite')}`;
      access = new Access({ openStore: () => openStore(url), cost: cheap, adminPassword });
      const { logins } = await access.ready();
      const { cookie } = await logins.open({ login: 'admin', password: adminPassword, address: '', shared: false });
      const session = await access.sessionOf(cookie);
      assert.ok(session);
      setClientRecogniser((candidate) => recogniseDashboardClient(access, candidate));
      const hooks = dashboardHooks(new WebAccess(access, { trustedProxies: [], origins: [] }));
      const connection = { id: 'socket', data: { shopfloor: { sessionId: session.id, user: session.user.identity } } };
      const message = hooks.onAction(connection, 'widget', { payload: 1, _client: { user: 'forged' } });
      client = (message as { _client: Record<string, unknown> })._client;
    });
    after(async () => {
      setClientRecogniser(() => undefined);
      await access.close();
      rmSync(directory, { recursive: true, force: true });
    });

    it('knows the person again after the message was cloned', async () => {
      const cloned = { _client: structuredClone(client) };
      assert.deepEqual(await authorise(cloned, 'batch.retry'), { name: 'admin', via: 'session' });
    });

    it('knows nobody by a proof that was changed, or made by another process', async () => {
      const proof = String(client.proof);
      const [content = '', signature = ''] = proof.split('.');
      const other = Buffer.from(Buffer.from(content, 'base64url').toString().replace('admin', 'other')).toString(
        'base64url',
      );
      for (const forged of [`${other}.${signature}`, `${content}.`, content, '', `${content}.${signature}x`, 7]) {
        const message = { _client: { ...client, proof: forged } };
        assert.equal(actorOf(message), undefined, String(forged));
        await assert.rejects(authorise(message, 'batch.read'), refusedWith('unauthorized'));
      }
    });

    it('keeps a message back whose socket belongs to nobody, and wraps what is no object', () => {
      const hooks = dashboardHooks(new WebAccess(access, { trustedProxies: [], origins: [] }));
      const nobody = { id: 'socket', data: {} };
      for (const hook of [hooks.onAction, hooks.onChange, hooks.onSend]) {
        assert.equal(hook(nobody, 'widget', { payload: 1 }), null);
      }
      assert.deepEqual(hooks.onAddConnectionCredentials(nobody, { _client: { user: 'forged' } }), { _client: {} });
    });

    it('obeys no more once the session has ended', async () => {
      const { sessions } = await access.ready();
      const [id = ''] = [...(await sessions.counts()).keys()];
      await sessions.endAllOf(id, 'logged-out');
      await assert.rejects(authorise({ _client: client }, 'batch.read'), refusedWith('forbidden'));
    });
  });
});
