// What is handed out ends: one-time passwords after three days, tokens after a year at most.
import assert from 'node:assert/strict';
import { onEachEngine, system } from './support/engines.ts';

const day = 24 * 60 * 60_000;
const address = '10.0.0.9';

onEachEngine('a one-time password', (world) => {
  it('works for three days, and no longer', async () => {
    const { access, clock } = world();
    const { users, logins } = await access.ready();
    const make = { login: 'ani', name: 'Ani', roles: ['supervisor'] };
    const { row, oneTimePassword = '' } = await users.create(make, system);
    const open = (password: string) => logins.open({ login: 'ani', password, address, shared: false });
    clock.advance(3 * day - 1);
    assert.ok(await open(oneTimePassword));
    clock.advance(1);
    await assert.rejects(open(oneTimePassword), { code: 'one-time-over' });
    await assert.rejects(open('a guess'), { code: 'wrong-login' });
    const again = await users.resetPassword(row.id, system);
    const { cookie } = await open(again.oneTimePassword ?? '');
    const session = await access.sessionOf(cookie);
    assert.ok(session);
    await logins.changeOwnPassword(session, again.oneTimePassword ?? '', 'gerobak biru tua', address);
    clock.advance(30 * day);
    assert.ok(await open('gerobak biru tua'));
  });
});

onEachEngine('an API token', (world) => {
  it('ends on the day that was given, for a command under way too', async () => {
    const { access, clock } = world();
    const { tokens } = await access.ready();
    const { row, token } = await tokens.create({ name: 'scale', scopes: ['batch.read'], days: 30 }, system);
    assert.equal(row.expiresAt, new Date(clock.now().getTime() + 30 * day).toISOString());
    const holder = await access.tokenOf(token);
    assert.ok(holder);
    const voucher = access.tokenVoucher(holder);
    clock.advance(30 * day - 1);
    assert.equal(await voucher.may('batch.read'), true);
    clock.advance(1);
    assert.equal(await voucher.may('batch.read'), false);
    assert.equal(await access.tokenOf(token), undefined);
  });

  it('ends after a year when no day was given, and takes no longer one', async () => {
    const { access, clock } = world();
    const { tokens } = await access.ready();
    const { row } = await tokens.create({ name: 'scale', scopes: ['*'] }, system);
    assert.equal(row.expiresAt, new Date(clock.now().getTime() + 365 * day).toISOString());
    for (const days of [0, -1, 366, 1.5, 'soon', null]) {
      await assert.rejects(tokens.create({ name: 'scale', scopes: ['*'], days }, system), { code: 'invalid-input' });
    }
  });
});
