import assert from 'node:assert/strict';
import type { Access } from '../../nodes/access/access.ts';
import type { AccessSchema } from '../../nodes/access/schema.ts';
import type { Session } from '../../nodes/access/sessions.ts';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import { adminPassword, onEachEngine, system, type World } from './support/engines.ts';

const address = '10.0.0.9';
const minute = 60_000;

function refusal(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof ShopfloorError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

async function logIn(
  access: Access,
  login: string,
  password: string,
  more: { shared?: boolean; previous?: string } = {},
) {
  const { logins } = await access.ready();
  return (await logins.open({ login, password, address, shared: false, ...more })).cookie;
}

async function neededSession(access: Access, cookie: string): Promise<Session> {
  const session = await access.sessionOf(cookie);
  assert.ok(session, 'there is no session');
  return session;
}

async function auditTypes(access: Access): Promise<readonly string[]> {
  const { rows } = await access.audit({ limit: 100, offset: 0 });
  return rows.map((row) => row.type).reverse();
}

async function userNamed({ access }: World, login: string) {
  const { users } = await access.ready();
  const user = (await users.list()).find((row) => row.login === login);
  assert.ok(user, `there is no ${login}`);
  return user;
}

onEachEngine('the first administrator', (world) => {
  it('has the password of the environment, and nothing is printed', async () => {
    const { access, announced } = world();
    assert.ok(await logIn(access, 'admin', adminPassword));
    assert.deepEqual(announced, []);
  });

  it('has a generated password that is printed once, whoever starts', async () => {
    const { announced, another } = world();
    const first = another();
    await first.ready();
    const [, password = ''] = /password (\S+)/.exec(announced[0] ?? '') ?? [];
    assert.match(password, /^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/);
    assert.ok(await logIn(first, 'admin', password));
    await another().ready();
    assert.equal(announced.length, 1);
  });

  it('is not made again, nor given a new password, by a later start', async () => {
    const { access, another } = world();
    await access.ready();
    const later = another({ adminPassword: 'a later password' });
    await assert.rejects(logIn(later, 'admin', 'a later password'), refusal('wrong-login'));
    assert.ok(await logIn(later, 'admin', adminPassword));
  });

  it('is made once when two processes start together', async () => {
    const { another, announced } = world();
    await Promise.all([another().ready(), another().ready()]);
    assert.equal(announced.length, 1);
  });

  it('is not made from a password that is too weak', async () => {
    await assert.rejects(world().another({ adminPassword: 'admin123' }).ready(), refusal('admin-password'));
  });
});

onEachEngine('a session', (world) => {
  it('is found by its cookie, and the store never holds the cookie', async () => {
    const { access } = world();
    const cookie = await logIn(access, 'admin', adminPassword);
    assert.equal((await neededSession(access, cookie)).user.identity.login, 'admin');
    const { store } = await access.ready();
    const rows = await store.db<AccessSchema>().selectFrom('access_session').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(cookie));
  });

  it('always begins under a new id, and ends the one that came along', async () => {
    const { access } = world();
    const first = await logIn(access, 'admin', adminPassword);
    const planted = (await neededSession(access, first)).id;
    const second = await logIn(access, 'admin', adminPassword, { previous: planted });
    assert.notEqual(first, second);
    assert.equal(await access.sessionOf(first), undefined);
    assert.ok(await access.sessionOf(second));
  });

  it('ends when nothing happens for a shift, and lives on while something does', async () => {
    const { access, clock } = world();
    const cookie = await logIn(access, 'admin', adminPassword);
    for (let hour = 0; hour < 20; hour += 5) {
      clock.advance(5 * 60 * minute);
      assert.ok(await access.sessionOf(cookie), `gone after ${hour + 5} h of work`);
    }
    clock.advance(8 * 60 * minute);
    assert.equal(await access.sessionOf(cookie), undefined);
  });

  it('ends after a week however much happens', async () => {
    const { access, clock } = world();
    const cookie = await logIn(access, 'admin', adminPassword);
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      clock.advance(6 * 60 * minute);
      await neededSession(access, cookie);
    }
    clock.advance(6 * 60 * minute);
    assert.equal(await access.sessionOf(cookie), undefined);
  });

  it('ends when nothing happens for a shift, though it began with a clock that was a month ahead', async () => {
    const { access, clock } = world();
    const month = 30 * 24 * 60 * minute;
    clock.jump(month);
    const cookie = await logIn(access, 'admin', adminPassword);
    clock.jump(-month);
    assert.ok(await access.sessionOf(cookie), 'nobody is thrown out for it');
    clock.advance(13 * 60 * minute);
    assert.equal(await access.sessionOf(cookie), undefined);
  });

  it('of a wall screen never idles out', async () => {
    const { access, clock, addUser } = world();
    await addUser('hall', { roles: ['display'] });
    const cookie = await logIn(access, 'hall', 'secret of hall');
    clock.advance(30 * 24 * 60 * minute);
    assert.ok(await access.sessionOf(cookie));
    clock.advance(60 * 24 * 60 * minute);
    assert.equal(await access.sessionOf(cookie), undefined);
  });

  it('that is over is ended without anybody asking, and its pages are told', async () => {
    const { access, clock } = world();
    const cookie = await logIn(access, 'admin', adminPassword);
    const { id } = await neededSession(access, cookie);
    const { sessions } = await access.ready();
    const told = new Promise((resolve) => sessions.onEnd((ids, reason) => resolve([ids, reason])));
    clock.advance(9 * 60 * minute);
    assert.deepEqual(await told, [[id], 'expired']);
  });

  it('that another process has ended ends for the open pages of this one too', async () => {
    const { access, another, clock } = world();
    const cookie = await logIn(access, 'admin', adminPassword);
    const { id } = await neededSession(access, cookie);
    access.watchSessions(() => [id]);
    const { sessions } = await access.ready();
    const told = new Promise((resolve) => sessions.onEnd((ids, reason) => resolve([ids, reason])));
    await (await another().ready()).sessions.end(id, 'logged-out');
    clock.advance(minute);
    assert.deepEqual(await told, [[id], 'expired']);
  });

  for (const [what, act, reason] of [
    [
      'other roles',
      async (w: World, id: string) => {
        const { users } = await w.access.ready();
        await users.change(id, { version: 1, roles: ['qc'] }, system);
      },
      'changed',
    ],
    [
      'a lock',
      async (w: World, id: string) => {
        const { users } = await w.access.ready();
        await users.lock(id, 'left the company', system);
      },
      'locked',
    ],
    [
      'a reset password',
      async (w: World, id: string) => {
        const { users } = await w.access.ready();
        await users.resetPassword(id, system);
      },
      'password-changed',
    ],
    [
      'being thrown out',
      async (w: World, id: string) => {
        const { users } = await w.access.ready();
        await users.endSessions(id, system);
      },
      'logged-out',
    ],
  ] as const) {
    it(`ends with all others of the user by ${what}`, async () => {
      const { access, addUser } = world();
      const { id } = await addUser('budi');
      const cookies = [await logIn(access, 'budi', 'secret of budi'), await logIn(access, 'budi', 'secret of budi')];
      const other = await logIn(access, 'admin', adminPassword);
      const { sessions } = await access.ready();
      const told: unknown[] = [];
      sessions.onEnd((ids, why) => told.push(ids.length, why));
      await act(world(), id);
      for (const cookie of cookies) assert.equal(await access.sessionOf(cookie), undefined);
      assert.ok(await access.sessionOf(other));
      assert.deepEqual(told, [2, reason]);
    });
  }

  it('goes on when only machines change, and its pages are told to load again', async () => {
    const { access, addUser } = world();
    const { id } = await addUser('budi');
    const cookie = await logIn(access, 'budi', 'secret of budi');
    const { sessions, users } = await access.ready();
    const told: unknown[] = [];
    sessions.onEnd((ids, why) => told.push(ids.length, why));
    await users.change(id, { version: 1, machines: ['mixer 1'] }, system);
    assert.deepEqual((await neededSession(access, cookie)).user.identity.machines, ['mixer 1']);
    assert.deepEqual(told, [1, 'changed']);
  });

  it('goes on for the person who changes the own password, and ends everywhere else', async () => {
    const { access, addUser } = world();
    await addUser('budi');
    const here = await logIn(access, 'budi', 'secret of budi');
    const elsewhere = await logIn(access, 'budi', 'secret of budi');
    const { logins } = await access.ready();
    await logins.changeOwnPassword(await neededSession(access, here), 'secret of budi', 'another secret', address);
    assert.ok(await access.sessionOf(here));
    assert.equal(await access.sessionOf(elsewhere), undefined);
    await assert.rejects(logIn(access, 'budi', 'secret of budi'), refusal('wrong-login'));
    assert.ok(await logIn(access, 'budi', 'another secret'));
  });

  it('does not let an open screen change the password', async () => {
    const { access, addUser } = world();
    await addUser('budi');
    const session = await neededSession(access, await logIn(access, 'budi', 'secret of budi'));
    const { logins } = await access.ready();
    await assert.rejects(
      logins.changeOwnPassword(session, 'a guess', 'another secret', address),
      refusal('wrong-login'),
    );
  });
});

onEachEngine('logging in', (world) => {
  it('answers a wrong password and an unknown login alike', async () => {
    const { access } = world();
    const messages: string[] = [];
    for (const login of ['admin', 'nobody']) {
      await logIn(access, login, 'wrong password').catch((error: Error) => messages.push(error.message));
    }
    assert.equal(messages.length, 2);
    assert.equal(messages[0], messages[1]);
  });

  it('tells a locked user so only after the right password', async () => {
    const { access, addUser } = world();
    const { id } = await addUser('budi');
    await (await access.ready()).users.lock(id, undefined, system);
    await assert.rejects(logIn(access, 'budi', 'wrong'), refusal('wrong-login'));
    await assert.rejects(logIn(access, 'budi', 'secret of budi'), refusal('locked'));
    await (await access.ready()).users.unlock(id, system);
    assert.ok(await logIn(access, 'budi', 'secret of budi'));
  });

  it('makes the sixth wrong try wait, even with the right password, and even in another process', async () => {
    const { access, another, clock } = world();
    for (let tries = 0; tries < 5; tries += 1) {
      await assert.rejects(logIn(access, 'admin', `guess ${tries}`), refusal('wrong-login'));
    }
    await assert.rejects(logIn(access, 'admin', adminPassword), refusal('too-many-attempts'));
    await assert.rejects(logIn(another(), 'admin', adminPassword), refusal('too-many-attempts'));
    clock.advance(minute / 2);
    assert.ok(await logIn(access, 'admin', adminPassword));
  });

  it('lets no guess through that comes in parallel', async () => {
    const { access } = world();
    await access.ready();
    const guesses = Array.from({ length: 20 }, (_, index) => logIn(access, 'admin', `guess ${index}`));
    const codes = (await Promise.allSettled(guesses)).map((result) =>
      result.status === 'rejected' ? (result.reason as ShopfloorError).code : 'in',
    );
    assert.equal(codes.filter((code) => code === 'wrong-login').length, 5);
    assert.equal(codes.filter((code) => code === 'too-many-attempts').length, 15);
  });

  it('makes an address wait that tries one password on many accounts, and nobody else', async () => {
    const { access } = world();
    const { logins } = await access.ready();
    const open = (login: string, password: string, from: string) =>
      logins.open({ login, password, address: from, shared: false });
    for (let tries = 0; tries < 20; tries += 1) {
      await assert.rejects(open(`user${tries}`, 'password1', '10.0.0.66'), refusal('wrong-login'));
    }
    await assert.rejects(open('admin', adminPassword, '10.0.0.66'), refusal('too-many-attempts'));
    assert.ok(await open('admin', adminPassword, address));
  });

  it('forgets the failures of an account once its person is in', async () => {
    const { access } = world();
    for (let round = 0; round < 3; round += 1) {
      for (let tries = 0; tries < 4; tries += 1) await assert.rejects(logIn(access, 'admin', 'guess'));
      assert.ok(await logIn(access, 'admin', adminPassword));
    }
  });

  it('leaves its traces in the audit trail, with address and without the password', async () => {
    const { access } = world();
    await assert.rejects(logIn(access, 'admin', 'a very secret guess'));
    const cookie = await logIn(access, 'admin', adminPassword);
    const { logins } = await access.ready();
    await logins.logOut(await neededSession(access, cookie), address);
    assert.deepEqual((await auditTypes(access)).slice(-3), ['login-failed', 'login', 'logout']);
    const { rows } = await access.audit({ limit: 3, offset: 0 });
    assert.ok(rows.every((row) => row.address === address && row.subject === 'admin'));
    assert.ok(!JSON.stringify(rows).includes('secret guess'));
  });

  it('hashes a password again when the cost has grown', async () => {
    const { another } = world();
    const before = another({ adminPassword });
    await before.ready();
    const later = another({ cost: { logN: 5, r: 1, p: 1 } });
    await logIn(later, 'admin', adminPassword);
    const { store } = await later.ready();
    const { password_hash } = await store
      .db<AccessSchema>()
      .selectFrom('access_user')
      .select('password_hash')
      .executeTakeFirstOrThrow();
    assert.match(password_hash, /^scrypt\$5\$1\$1\$/);
    assert.ok(await logIn(later, 'admin', adminPassword));
  });
});

onEachEngine('a shared tablet', (world) => {
  async function tablet(): Promise<{ readonly cookie: string; readonly session: Session }> {
    const { access, addUser } = world();
    await addUser('tablet', { roles: ['display'] });
    const budi = await addUser('budi');
    const { users } = await access.ready();
    await users.setPin(budi.id, '471108', system);
    await users.setBadge(budi.id, 'BADGE-0815', system);
    const cookie = await logIn(access, 'tablet', 'secret of tablet', { shared: true });
    return { cookie, session: await neededSession(access, cookie) };
  }

  it('hashes a PIN again when the cost has grown', async () => {
    const { cookie } = await tablet();
    const later = world().another({ cost: { logN: 5, r: 1, p: 1 } });
    const { logins, store } = await later.ready();
    const pin = { login: 'budi', pin: '471108' };
    const next = await logins.switchPerson(await neededSession(later, cookie), pin, address);
    const { pin_hash } = await store
      .db<AccessSchema>()
      .selectFrom('access_user')
      .select('pin_hash')
      .where('login', '=', 'budi')
      .executeTakeFirstOrThrow();
    assert.match(pin_hash ?? '', /^scrypt\$5\$1\$1\$/);
    assert.ok(await logins.switchPerson(await neededSession(later, next), pin, address));
  });

  for (const [how, given] of [
    ['a PIN', { login: 'budi', pin: '471108' }],
    ['a badge', { badge: 'BADGE-0815' }],
  ] as const) {
    it(`becomes its person's by ${how}, under a new id, with that person's rights`, async () => {
      const { cookie, session } = await tablet();
      const { access } = world();
      const { logins } = await access.ready();
      const next = await logins.switchPerson(session, given, address);
      assert.equal(await access.sessionOf(cookie), undefined);
      const now = await neededSession(access, next);
      assert.deepEqual(
        [now.user.identity.login, now.account.identity.login, now.personActive],
        ['budi', 'tablet', true],
      );
      const { may } = access.sessionVoucher(now.id, 'budi');
      assert.equal(await may('batch.retry'), true);
    });
  }

  it('refuses a wrong PIN, an unknown badge, and both in a session that is not shared', async () => {
    const { session } = await tablet();
    const { access } = world();
    const { logins } = await access.ready();
    await assert.rejects(logins.switchPerson(session, { login: 'budi', pin: '0000' }, address), refusal('wrong-login'));
    await assert.rejects(logins.switchPerson(session, { badge: 'BADGE-0000' }, address), refusal('wrong-login'));
    const own = await neededSession(access, await logIn(access, 'budi', 'secret of budi'));
    await assert.rejects(logins.switchPerson(own, { badge: 'BADGE-0815' }, address), refusal('not-shared'));
  });

  it('makes PIN guesses wait, without blocking the password', async () => {
    const { session } = await tablet();
    const { access } = world();
    const { logins } = await access.ready();
    for (let tries = 0; tries < 5; tries += 1) {
      await assert.rejects(logins.switchPerson(session, { login: 'budi', pin: `000${tries}` }, address));
    }
    await assert.rejects(
      logins.switchPerson(session, { login: 'budi', pin: '471108' }, address),
      refusal('too-many-attempts'),
    );
    assert.ok(await logIn(access, 'budi', 'secret of budi'));
  });

  it('is its own again when the person leaves, walks away or is locked', async () => {
    const { access, clock } = world();
    const { session } = await tablet();
    const { logins, users } = await access.ready();
    const badge = { badge: 'BADGE-0815' };

    let cookie = await logins.switchPerson(session, badge, address);
    cookie = await logins.leave(await neededSession(access, cookie), address);
    assert.equal((await neededSession(access, cookie)).user.identity.login, 'tablet');

    cookie = await logins.switchPerson(await neededSession(access, cookie), badge, address);
    clock.advance(10 * minute);
    assert.equal((await neededSession(access, cookie)).user.identity.login, 'tablet');

    cookie = await logins.switchPerson(await neededSession(access, cookie), badge, address);
    await users.lock((await userNamed(world(), 'budi')).id, undefined, system);
    assert.equal((await neededSession(access, cookie)).user.identity.login, 'tablet');
  });

  it("ends the person's vouchers with the person's turn", async () => {
    const { access } = world();
    const { session } = await tablet();
    const { logins } = await access.ready();
    const cookie = await logins.switchPerson(session, { badge: 'BADGE-0815' }, address);
    const voucher = access.sessionVoucher((await neededSession(access, cookie)).id, 'budi');
    await logins.leave(await neededSession(access, cookie), address);
    assert.equal(await voucher.may('batch.retry'), false);
  });

  it('gives one badge to one person', async () => {
    await tablet();
    const { access, addUser } = world();
    const { id } = await addUser('siti');
    const { users } = await access.ready();
    await assert.rejects(users.setBadge(id, 'BADGE-0815', system), refusal('badge-taken'));
  });
});

onEachEngine('the administration of users', (world) => {
  it('creates a user whose one-time password must be changed, and tells the audit trail', async () => {
    const { access } = world();
    const { users } = await access.ready();
    const input = { login: 'Siti', name: 'Siti R.', roles: ['operator'], departments: ['sewing'], machines: ['S1'] };
    const { row, oneTimePassword = '' } = await users.create(input, { actor: 'admin', address });
    assert.deepEqual(
      [row.login, row.roles, row.departments, row.machines, row.mustChangePassword],
      ['siti', ['operator'], ['sewing'], ['S1'], true],
    );
    const session = await neededSession(access, await logIn(access, 'siti', oneTimePassword));
    assert.equal(await access.sessionVoucher(session.id, 'siti').may('notification.read'), false);
    await (await access.ready()).logins.changeOwnPassword(session, oneTimePassword, 'my own secret', address);
    assert.equal(await access.sessionVoucher(session.id, 'siti').may('notification.read'), true);
    const { rows } = await access.audit({ limit: 10, offset: 0, search: 'SITI' });
    assert.deepEqual(
      rows.map(({ type, actor }) => [type, actor]),
      [
        ['password-changed', 'siti'],
        ['login', 'siti'],
        ['user-created', 'admin'],
      ],
    );
    assert.ok(!JSON.stringify(rows).includes(oneTimePassword));
  });

  it('refuses a login that is taken, in any case of letters', async () => {
    const { addUser } = world();
    await addUser('budi');
    await assert.rejects(addUser('BUDI'), refusal('login-taken'));
  });

  it('names every fault of a new user', async () => {
    const { access } = world();
    const { users } = await access.ready();
    await assert.rejects(
      users.create({ login: '!', name: '', roles: ['boss'], machines: 'all', password: 'short' }, system),
      (error: ShopfloorError) => {
        assert.deepEqual(
          error.fields.map((fault) => fault.field),
          ['login', 'name', 'roles', 'machines', 'password'],
        );
        return true;
      },
    );
    await assert.rejects(
      users.create({ login: 'op', name: 'Op', roles: ['operator'] }, system),
      (error: ShopfloorError) => error.fields[0]?.field === 'departments',
    );
  });

  it('lets one of two simultaneous changes win, and shows the other the present state', async () => {
    const { access, addUser } = world();
    const { id } = await addUser('budi');
    const { users } = await access.ready();
    const results = await Promise.allSettled([
      users.change(id, { version: 1, name: 'Budi A' }, system),
      users.change(id, { version: 1, name: 'Budi B' }, system),
    ]);
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    const lost = results.find((result) => result.status === 'rejected');
    const error = lost?.reason as ShopfloorError;
    assert.equal(error.code, 'changed-meanwhile');
    assert.equal((error.current as { version: number }).version, 2);
  });

  it('never loses its last administrator, however it is tried', async () => {
    const { access } = world();
    const { users } = await access.ready();
    const { id, version } = await userNamed(world(), 'admin');
    await assert.rejects(users.lock(id, undefined, system), refusal('last-administrator'));
    await assert.rejects(users.change(id, { version, roles: ['manager'] }, system), refusal('last-administrator'));
    assert.ok(await logIn(access, 'admin', adminPassword));
  });

  it('keeps one of two administrators who lock each other at once', async () => {
    const { access, addUser } = world();
    const second = await addUser('second', { roles: ['admin'] });
    const first = await userNamed(world(), 'admin');
    const { users } = await access.ready();
    const results = await Promise.allSettled([
      users.lock(first.id, undefined, system),
      users.lock(second.id, undefined, system),
    ]);
    assert.deepEqual(results.map((result) => result.status).sort(), ['fulfilled', 'rejected']);
  });

  it('shows what changed, from what to what', async () => {
    const { access, addUser } = world();
    const { id } = await addUser('budi');
    const { users } = await access.ready();
    await users.change(id, { version: 1, roles: ['qc'], language: 'en-US' }, { actor: 'admin', address });
    const { rows } = await access.audit({ limit: 1, offset: 0 });
    assert.deepEqual(rows[0]?.detail, {
      roles: { from: ['supervisor'], to: ['qc'] },
      language: { from: 'id', to: 'en-US' },
    });
  });

  it('gives out no hash', async () => {
    const { access } = world();
    const { users } = await access.ready();
    await users.setPin((await userNamed(world(), 'admin')).id, '471108', system);
    assert.doesNotMatch(JSON.stringify(await users.list()), /scrypt|hash/i);
  });

  for (const pin of ['123', '1111', '1234', '9876', '12a4', '12345678901']) {
    it(`refuses the PIN ${pin}`, async () => {
      const { users } = await world().access.ready();
      const { id } = await userNamed(world(), 'admin');
      await assert.rejects(users.setPin(id, pin, system), refusal('invalid-input'));
    });
  }
});

onEachEngine('the audit trail', (world) => {
  for (const change of ['update', 'delete'] as const) {
    it(`can't be changed by ${change}, not even in the database`, async () => {
      const { access } = world();
      const { store } = await access.ready();
      const db = store.db<AccessSchema>();
      const attempt =
        change === 'update'
          ? db.updateTable('access_audit').set({ actor: 'somebody else' }).execute()
          : db.deleteFrom('access_audit').execute();
      await assert.rejects(attempt, /append-only/);
      assert.equal((await access.audit({ limit: 1, offset: 0 })).total, 1);
    });
  }

  it('is paged and searched, with signs that mean something to SQL taken literally', async () => {
    const { access, addUser } = world();
    await access.ready();
    for (const login of ['a_b', 'axb', 'abc']) await addUser(login);
    assert.equal((await access.audit({ limit: 10, offset: 0, search: 'a_b' })).total, 1);
    const page = await access.audit({ limit: 2, offset: 1 });
    assert.deepEqual([page.total, page.rows.map((row) => row.subject)], [4, ['axb', 'a_b']]);
  });
});

onEachEngine('an API token', (world) => {
  it('opens what it is scoped to and nothing else, and the store keeps only its digest', async () => {
    const { access } = world();
    const { tokens, store } = await access.ready();
    const { row, token } = await tokens.create({ name: 'scale', scopes: ['batch.read'] }, { actor: 'admin', address });
    const holder = await access.tokenOf(token);
    assert.ok(holder);
    const voucher = access.tokenVoucher(holder);
    assert.deepEqual(
      [await voucher.may('batch.read'), await voucher.may('batch.retry'), await voucher.may('no.such.action')],
      [true, false, false],
    );
    assert.equal(voucher.actor.name, 'token scale');
    const rows = await store.db<AccessSchema>().selectFrom('access_token').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(token));
    assert.equal(row.lastUsedAt, null);
  });

  it('shows when it was last used', async () => {
    const { access, clock } = world();
    const { tokens } = await access.ready();
    const { token } = await tokens.create({ name: 'scale', scopes: ['*'] }, system);
    clock.advance(minute);
    await access.tokenOf(token);
    assert.equal((await tokens.list())[0]?.lastUsedAt, clock.now().toISOString());
  });

  it('is worth nothing once it is revoked, for a command under way too', async () => {
    const { access } = world();
    const { tokens } = await access.ready();
    const { row, token } = await tokens.create({ name: 'scale', scopes: ['*'] }, system);
    const holder = await access.tokenOf(token);
    assert.ok(holder);
    const voucher = access.tokenVoucher(holder);
    assert.equal(await voucher.may('batch.read'), true);
    await tokens.revoke(row.id, system);
    assert.equal(await voucher.may('batch.read'), false);
    assert.equal(await access.tokenOf(token), undefined);
    assert.deepEqual((await auditTypes(access)).slice(-2), ['token-created', 'token-revoked']);
  });

  it('of the environment is the first, with every right, and no other text is', async () => {
    const access = world().another({ apiToken: 'a-token-of-sixteen-or-more' });
    const holder = await access.tokenOf('a-token-of-sixteen-or-more');
    assert.deepEqual(holder?.scopes, ['*']);
    for (const wrong of ['a-token-of-sixteen-or-mor', '', 'undefined', 'x'.repeat(100_000)]) {
      assert.equal(await access.tokenOf(wrong), undefined);
    }
    const without = world().another();
    assert.equal(await without.tokenOf('undefined'), undefined);
    assert.equal(await without.tokenOf(''), undefined);
  });

  it('needs a name and actions that exist', async () => {
    const { tokens } = await world().access.ready();
    await assert.rejects(tokens.create({ name: '', scopes: [] }, system), refusal('invalid-input'));
    await assert.rejects(tokens.create({ name: 'x', scopes: ['batch.fly'] }, system), /batch\.fly is no action/);
  });
});
