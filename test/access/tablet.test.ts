// At a shared tablet a PIN or badge carries the work of the floor, and never administration: on both engines, and role by role.
import assert from 'node:assert/strict';
import type { Access } from '../../nodes/access/access.ts';
import { pageSetup } from '../../nodes/access/access.ts';
import { type Role, roles, type UserIdentity } from '../../nodes/access/messages.ts';
import { actionRule, can, declaredActions, needsPassword } from '../../nodes/access/policy.ts';
import type { AccessSchema } from '../../nodes/access/schema.ts';
import type { Session } from '../../nodes/access/sessions.ts';
import '../../nodes/ctp/ctp-actions.ts';
import '../../nodes/health/health-actions.ts';
import '../../nodes/production/query-actions.ts';
import '../../nodes/production/tracker-actions.ts';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import { adminPassword, onEachEngine, system } from './support/engines.ts';

const address = '10.0.0.9';
const minute = 60_000;

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof ShopfloorError, String(error));
  assert.equal(error.code, expected);
  return true;
};

async function needed(access: Access, cookie: string): Promise<Session> {
  const session = await access.sessionOf(cookie);
  assert.ok(session, 'there is no session');
  return session;
}

const person = (role: Role): UserIdentity => ({
  id: role,
  login: role,
  name: role,
  roles: [role],
  departments: ['production'],
  machines: [],
  language: 'id',
});

describe('what a PIN or badge carries', () => {
  it('is everything of a role but what changes accounts, tokens or figures, or ends an order', () => {
    const carried = declaredActions().filter((action) => actionRule(action)?.proof === 'password');
    for (const action of [
      ...['users.read', 'users.manage', 'tokens.read', 'tokens.manage', 'audit.read', 'editor.use'],
      ...['batch.correct', 'batch.cancel', 'batch.accept', 'production.correct', 'production.quarantine'],
    ]) {
      assert.ok(carried.includes(action), action);
    }
    for (const action of [
      'batch.retry',
      'batch.reset',
      'health.acknowledge',
      'ctp.report',
      'production.reason',
      'repair.record',
    ]) {
      assert.ok(!carried.includes(action), action);
    }
  });

  for (const role of roles) {
    it(`is less than the password carries for ${role}, action by action`, () => {
      for (const action of declaredActions()) {
        const [withPassword, withPin] = [person(role), { ...person(role), provedBy: 'pin' } as const];
        const isKept = actionRule(action)?.proof === 'password';
        assert.equal(can(withPin, action), can(withPassword, action) && !isKept, action);
        assert.equal(needsPassword(withPin, action), can(withPassword, action) && isKept, action);
        assert.equal(needsPassword(withPassword, action), false, action);
      }
    });
  }
});

onEachEngine('a person at a shared tablet', (world) => {
  async function atTablet(login: string): Promise<{ readonly cookie: string; readonly session: Session }> {
    const { access } = world();
    const { logins, users } = await access.ready();
    const known = (await users.list()).some((user) => user.login === 'tablet');
    if (!known) await world().addUser('tablet', { roles: ['display'] });
    const user = (await users.list()).find((row) => row.login === login);
    assert.ok(user);
    await users.setPin(user.id, '620493', system);
    const { cookie } = await logins.open({ login: 'tablet', password: 'secret of tablet', address, shared: true });
    const next = await logins.switchPerson(await needed(access, cookie), { login, pin: '620493' }, address);
    return { cookie: next, session: await needed(access, next) };
  }

  it('administers nothing by PIN, and for five minutes by password', async () => {
    const { access, clock } = world();
    const { session, cookie } = await atTablet('admin');
    const voucher = access.sessionVoucher(session.id, 'admin');
    assert.deepEqual([await voucher.may('users.manage'), await voucher.may('batch.retry')], [false, true]);
    assert.ok(pageSetup(session, 'Asia/Jakarta').withPassword?.includes('tokens.manage'));

    const { logins } = await access.ready();
    await assert.rejects(logins.stepUp(session, 'a guess', address), code('wrong-login'));
    assert.equal(await voucher.may('users.manage'), false);
    await logins.stepUp(session, adminPassword, address);
    assert.equal(await voucher.may('users.manage'), true);
    clock.advance(5 * minute - 1);
    assert.equal(await voucher.may('users.manage'), true);
    clock.advance(1);
    assert.deepEqual([await voucher.may('users.manage'), await voucher.may('batch.retry')], [false, true]);

    await logins.stepUp(await needed(access, cookie), adminPassword, address);
    clock.advance(-60 * minute);
    assert.equal(await voucher.may('users.manage'), false, 'a clock that went back lengthens nothing');
    assert.equal((await needed(access, cookie)).user.identity.login, 'tablet');
  });

  it('hands the password on to nobody: the next one begins with PIN or badge again', async () => {
    const { access, addUser } = world();
    const second = await addUser('second', { roles: ['admin'] });
    const { session } = await atTablet('admin');
    const { logins, users } = await access.ready();
    await users.setBadge(second.id, 'BADGE-0815', system);
    await logins.stepUp(session, adminPassword, address);
    const cookie = await logins.switchPerson(
      await needed(access, await logins.leave(session, address)),
      { badge: 'BADGE-0815' },
      address,
    );
    const next = await needed(access, cookie);
    assert.equal(await access.sessionVoucher(next.id, 'second').may('users.manage'), false);
  });

  it('with a one-time password may do nothing but change it', async () => {
    const { access, addUser } = world();
    const { id } = await addUser('budi', { roles: ['operator'], departments: ['production'] });
    const { users } = await access.ready();
    await users.resetPassword(id, system);
    const { session } = await atTablet('budi');
    assert.equal(await access.sessionVoucher(session.id, 'budi').may('batch.read'), false);
  });

  it('with a PIN of four digits that others outgrew is refused, and asked for a longer one', async () => {
    const { access, addUser } = world();
    const budi = await addUser('budi', { roles: ['operator'], departments: ['production'] });
    await addUser('tablet', { roles: ['display'] });
    const { logins, users, store } = await access.ready();
    await users.setPin(budi.id, '4711', system);
    const { cookie } = await logins.open({ login: 'tablet', password: 'secret of tablet', address, shared: true });
    const asBudi = await logins.switchPerson(await needed(access, cookie), { login: 'budi', pin: '4711' }, address);
    const tablet = await logins.leave(await needed(access, asBudi), address);
    const { version } = await users.get(budi.id);
    await users.change(budi.id, { version, roles: ['supervisor'] }, system);
    // Kept by a version that did not note its length.
    await store
      .db<AccessSchema>()
      .updateTable('access_user')
      .set({ pin_digits: null })
      .where('id', '=', budi.id)
      .execute();
    const given = { login: 'budi', pin: '4711' };
    await assert.rejects(logins.switchPerson(await needed(access, tablet), given, address), code('pin-outgrown'));
    await assert.rejects(users.setPin(budi.id, '4711', system), code('invalid-input'));
  });

  it('is at one only where the account is a device', async () => {
    const { access, addUser } = world();
    await addUser('budi', { roles: ['operator'], departments: ['production'] });
    const line = await addUser('line-1', { roles: ['operator'], departments: ['production'], sharedDevice: true });
    const { logins, users } = await access.ready();
    const open = (login: string, password = `secret of ${login}`) =>
      logins.open({ login, password, address, shared: true });
    await assert.rejects(open('budi'), code('not-a-device'));
    await assert.rejects(open('admin', adminPassword), code('not-a-device'));
    const { cookie } = await open('line-1');
    assert.equal((await needed(access, cookie)).shared, true);
    // The mark taken away, the session is over; and no person's account gets it.
    await users.change(line.id, { version: line.version, sharedDevice: false }, system);
    assert.equal(await access.sessionOf(cookie), undefined);
    for (const role of ['admin', 'supervisor', 'manager']) {
      await assert.rejects(addUser(`x-${role}`, { roles: [role], sharedDevice: true }), code('invalid-input'));
    }
    const { version } = await users.get(line.id);
    await users.change(line.id, { version, sharedDevice: true }, system);
    await assert.rejects(
      users.change(line.id, { version: version + 1, roles: ['admin'] }, system),
      code('invalid-input'),
    );
  });

  it('does not inherit a session that a former version opened for anybody, nor its ninety days', async () => {
    const { access, clock } = world();
    const { sessions, users, store } = await access.ready();
    const admin = (await users.list()).find((user) => user.login === 'admin');
    assert.ok(admin);
    const cookie = await sessions.open(admin.id, { address, shared: true });
    await store
      .db<AccessSchema>()
      .updateTable('access_session')
      .set({ person_id: admin.id, person_seen_at: clock.now().toISOString() })
      .execute();
    const session = await needed(access, cookie);
    assert.deepEqual([session.shared, session.personActive], [false, false]);
    clock.advance(8 * 60 * minute);
    assert.equal(await access.sessionOf(cookie), undefined);
  });

  it('has walked away after ten minutes in which only the page asked', async () => {
    const { access, clock } = world();
    const { cookie, session } = await atTablet('admin');
    const voucher = access.sessionVoucher(session.id, 'admin');
    for (let minutes = 0; minutes < 10; minutes += 1) {
      clock.advance(minute);
      await access.sessionOf(cookie, false);
      await voucher.may('batch.read');
    }
    assert.equal((await access.sessionOf(cookie, false))?.user.identity.login, 'tablet');
  });
});
