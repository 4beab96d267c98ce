// Refused logins and requests leave summed rows with an end, whatever a stranger sends.
import assert from 'node:assert/strict';
import type { AccessSchema } from '../../nodes/access/schema.ts';
import { onEachEngine } from './support/engines.ts';

const hour = 60 * 60_000;
const address = '10.0.0.66';

onEachEngine('what was refused', (world) => {
  const count = async () => {
    const { store, refusals } = await world().access.ready();
    await refusals.flush();
    const rows = await store.db<AccessSchema>().selectFrom('access_refusal').selectAll().execute();
    return { rows: rows.length, times: rows.reduce((sum, row) => sum + Number(row.count), 0) };
  };
  const knock = async (subject: string) => {
    const { refusals } = await world().access.ready();
    await refusals.note({ type: 'token-wrong', actor: 'unknown', subject, address });
  };

  it('is one row an hour for each kind, with how often and since when', async () => {
    const { access, clock } = world();
    for (let times = 0; times < 1000; times += 1) await knock('/api/batches');
    assert.deepEqual(await count(), { rows: 1, times: 1000 });
    clock.advance(10 * 60_000);
    await knock('/api/batches');
    const [row] = (await access.audit({ limit: 1, offset: 0, search: 'token-wrong' })).rows;
    assert.deepEqual(
      [row?.detail, row?.address, row?.actor, row?.subject],
      [{ count: 1001, since: '2026-01-05T00:00:00.000Z' }, address, 'unknown', '/api/batches'],
    );
    clock.advance(hour);
    await knock('/api/batches');
    assert.deepEqual(await count(), { rows: 2, times: 1002 });
  });

  it('stays a few hundred rows an hour, and loses no count, whatever is made up', async () => {
    for (let times = 0; times < 600; times += 1) await knock(`made up ${times} ${'x'.repeat(1000)}`);
    assert.deepEqual(await count(), { rows: 201, times: 600 });
  });

  it('is forgotten after ninety days, and the trail itself does not grow by it', async () => {
    const { access, clock } = world();
    const { store } = await access.ready();
    const trail = () => store.db<AccessSchema>().selectFrom('access_audit').selectAll().execute();
    const before = (await trail()).length;
    for (let times = 0; times < 50; times += 1) await knock('/');
    assert.equal((await trail()).length, before);
    clock.advance(89 * 24 * hour);
    await (await access.ready()).refusals.forgetOld();
    assert.equal((await count()).rows, 1);
    clock.advance(2 * 24 * hour);
    await (await access.ready()).refusals.forgetOld();
    assert.equal((await count()).rows, 0);
  });

  it('stands in the trail between what was done, newest first, page by page', async () => {
    const { access, clock, addUser } = world();
    for (const login of ['ani', 'budi', 'citra']) {
      clock.advance(60_000);
      await addUser(login);
      clock.advance(60_000);
      await knock(login);
    }
    const all = (await access.audit({ limit: 10, offset: 0 })).rows.map(({ type, subject }) => `${type} ${subject}`);
    const expected = ['citra', 'budi', 'ani'].flatMap((login) => [`token-wrong ${login}`, `user-created ${login}`]);
    assert.deepEqual(all, [...expected, 'user-created admin']);
    const pages = [];
    for (let offset = 0; offset < 7; offset += 2) pages.push(...(await access.audit({ limit: 2, offset })).rows);
    assert.deepEqual(
      pages.map(({ type, subject }) => `${type} ${subject}`),
      all,
    );
    assert.equal((await access.audit({ limit: 2, offset: 0 })).total, 7);
    assert.equal(new Set(pages.map(({ seq }) => seq)).size, 7);
  });

  it('of a guesser of passwords is counted with the login and the address', async () => {
    const { access } = world();
    const { logins } = await access.ready();
    for (let tries = 0; tries < 4; tries += 1) {
      await assert.rejects(logins.open({ login: 'admin', password: `guess ${tries}`, address, shared: false }));
    }
    const [row] = (await access.audit({ limit: 1, offset: 0, search: 'login-failed' })).rows;
    assert.deepEqual([row?.subject, row?.address, row?.detail.count], ['admin', address, 4]);
  });
});
