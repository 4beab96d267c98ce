// Common passwords are refused, by the list of a library that is packed into this package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { parseEnvironment } from '../../deploy/environment.ts';
import { isCommonPassword, refuseCommonPassword } from '../../nodes/access/common-passwords.ts';
import { commonPasswords } from '../../tools/pack-common-passwords.ts';
import { onEachEngine, system } from './support/engines.ts';

describe('a password', () => {
  for (const password of ['password1', 'Password123', 'qwertyuiop', 'IloveYou', 'bismillah', '1qaz2wsx', 'sayangku']) {
    it(`is refused as ${password}`, () => {
      assert.ok(isCommonPassword(password));
      assert.throws(() => refuseCommonPassword(password), { code: 'invalid-input' });
      assert.throws(() => parseEnvironment({ SHOPFLOOR_ADMIN_PASSWORD: password }, '/'), /many people use/);
    });
  }

  for (const password of ['plant-admin-2026', 'secret of budi', 'gerobak biru tua', 'constructor', '__proto__x']) {
    it(`is taken as "${password}"`, () => assert.ok(!isCommonPassword(password)));
  }

  it('is compared with the list of the installed library, whole', () => {
    const packed = readFileSync(join(import.meta.dirname, '../../nodes/access/common-passwords.br'));
    assert.equal(brotliDecompressSync(packed).toString('utf8'), commonPasswords());
    assert.ok(commonPasswords().split('\n').length > 10_000);
  });
});

onEachEngine('a common password', (world) => {
  it('is given to nobody: not by an administrator, not by the person, not to the first administrator', async () => {
    const { access, addUser, another } = world();
    await assert.rejects(another({ adminPassword: 'password1' }).ready(), { code: 'admin-password' });
    const { users, logins } = await access.ready();
    const input = { login: 'ani', name: 'Ani', roles: ['qc'], password: 'iloveyou' };
    await assert.rejects(users.create(input, system), { code: 'invalid-input' });
    await addUser('budi');
    const { cookie } = await logins.open({ login: 'budi', password: 'secret of budi', address: '', shared: false });
    const session = await access.sessionOf(cookie);
    assert.ok(session);
    const change = logins.changeOwnPassword(session, 'secret of budi', 'qwertyuiop', '');
    await assert.rejects(change, { code: 'invalid-input' });
  });
});
