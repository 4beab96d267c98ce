import assert from 'node:assert/strict';
import { argon2Cost, defaultCost, derive, passwordCost } from '../../nodes/access/secret-derivation.ts';
import { digestOf, randomToken, readablePassword, SecretHasher, sameSecret } from '../../nodes/access/secrets.ts';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import { cheap } from './support/engines.ts';

describe('secrets', () => {
  it('are hashed with a salt and their own parameters', async () => {
    const hasher = new SecretHasher(cheap);
    const [one, two] = [await hasher.hash('a password'), await hasher.hash('a password')];
    assert.match(one, /^scrypt\$4\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
    assert.notEqual(one, two);
    assert.equal(await hasher.verify('a password', one), true);
    assert.equal(await hasher.verify('a Password', one), false);
    assert.equal(await hasher.verify('', one), false);
  });

  it('are verified with the parameters that they were made with', async () => {
    const old = await new SecretHasher(cheap).hash('a password');
    const today = new SecretHasher({ logN: 5, r: 1, p: 1 });
    assert.equal(await today.verify('a password', old), true);
    assert.equal(today.isOutdated(old), true);
    assert.equal(today.isOutdated(await today.hash('a password')), false);
  });

  it('are the same however a keyboard composes their letters', async () => {
    const hasher = new SecretHasher(cheap);
    assert.equal(await hasher.verify('cafe\u0301', await hasher.hash('caf\u00e9')), true);
  });

  it('match nobody when there is nobody to compare with, after the same work', async () => {
    const hasher = new SecretHasher(cheap);
    assert.equal(await hasher.verify('anything', undefined), false);
  });

  it('cost an attacker what OWASP asks for small machines', () => {
    assert.deepEqual(defaultCost, { logN: 15, r: 8, p: 3 });
    assert.deepEqual(argon2Cost, { memoryKiB: 47_104, passes: 1, lanes: 1 });
  });

  it('are kept as Argon2id where Node.js has it, as scrypt elsewhere', async () => {
    assert.equal(passwordCost(), argon2Cost);
    assert.equal(passwordCost({}), defaultCost);
    const today = new SecretHasher();
    const old = await new SecretHasher(defaultCost).hash('a password');
    assert.deepEqual([await today.verify('a password', old), today.isOutdated(old)], [true, true]);
    const renewed = await today.hash('a password');
    assert.match(renewed, /^argon2id\$47104\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
    assert.deepEqual([await today.verify('a password', renewed), today.isOutdated(renewed)], [true, false]);
    assert.equal(await today.verify('a Password', renewed), false);
  });

  it('are renewed in the turn in which they are checked, so that in a crowd nobody waits twice', async () => {
    const old = await new SecretHasher(cheap).hash('a password');
    const today = new SecretHasher({ logN: 5, r: 1, p: 1 });
    const order: string[] = [];
    const renewing = today.check('a password', old).then(async ({ isRight, renewed }) => {
      order.push('renewed');
      assert.deepEqual([isRight, await today.verify('a password', renewed)], [true, true]);
    });
    const others = Array.from({ length: 30 }, () => today.verify('a password', old).then(() => order.push('verified')));
    await Promise.all([renewing, ...others]);
    assert.ok(order.indexOf('renewed') < 10, order.join());
    assert.deepEqual(await today.check('a Password', old), { isRight: false });
    assert.deepEqual(await today.check('a password', await today.hash('a password')), { isRight: true });
  });

  it('are not called wrong by a Node.js that can not read them', async () => {
    await assert.rejects(derive('a password', Buffer.alloc(16), argon2Cost, {}), (error) => {
      assert.ok(error instanceof ShopfloorError);
      assert.deepEqual([error.code, error.httpStatus], ['needs-newer-node', 503]);
      return true;
    });
  });

  it('are Argon2id as RFC 9106 describes it', async () => {
    // Vectors of the reference implementation (libargon2, src/test.c, version 0x13).
    const hex = async (memoryKiB: number) =>
      (await derive('password', Buffer.from('somesalt'), { memoryKiB, passes: 2, lanes: 1 })).toString('hex');
    assert.equal(await hex(256), '9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe');
    assert.equal(await hex(65_536), '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7');
  });

  it('of badges are found again under whatever algorithm passwords are kept', async () => {
    const salt = Buffer.alloc(16, 7);
    const before = await new SecretHasher(defaultCost).lookupHash('badge-1', salt);
    assert.equal(await new SecretHasher().lookupHash('badge-1', salt), before);
  });

  it('are refused, not queued for ever, when a crowd comes at once', async () => {
    const hasher = new SecretHasher(cheap);
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => hasher.hash('x')));
    const refused = results.filter((result) => result.status === 'rejected');
    assert.ok(refused.length > 0 && refused.length < 60, String(refused.length));
    assert.ok(refused.every(({ reason }) => reason instanceof ShopfloorError && reason.httpStatus === 429));
    assert.match(await hasher.hash('the next'), /^scrypt/);
  });

  it('of machines are 256 random bits, and compared without regard to length', () => {
    assert.match(randomToken(), /^[\w-]{43}$/);
    assert.notEqual(randomToken(), randomToken());
    assert.match(digestOf('x'), /^[0-9a-f]{64}$/);
    assert.equal(sameSecret('a', 'a'), true);
    assert.equal(sameSecret('a', 'ab'), false);
  });

  it('that are read aloud have no letter that looks like a digit', () => {
    for (let times = 0; times < 100; times += 1)
      assert.match(readablePassword(), /^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
  });
});
