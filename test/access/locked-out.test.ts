// Nobody keeps others out by guessing: what is counted is the account from one network, and known devices have a count of their own.
import assert from 'node:assert/strict';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import { onEachEngine, system } from './support/engines.ts';

const minute = 60_000;
const right = 'secret of budi';
const home = '10.0.0.9';

onEachEngine('a stranger who guesses', (world) => {
  const attempt = async (address: string, password: string, device?: string, login = 'budi') => {
    const { logins } = await world().access.ready();
    return logins.open({ login, password, address, shared: false, device }).then(
      (opened) => opened,
      (error: unknown) => {
        if (error instanceof ShopfloorError) return error.code;
        throw error;
      },
    );
  };
  const guess = async (times: number, address: string, device?: string) => {
    const codes: unknown[] = [];
    for (let tries = 0; tries < times; tries += 1) codes.push(await attempt(address, `guess ${tries}`, device));
    return codes;
  };
  const isIn = (outcome: Awaited<ReturnType<typeof attempt>>) => typeof outcome === 'object';

  beforeEach(() => world().addUser('budi'));

  it('waits alone: the person comes in from elsewhere', async () => {
    assert.equal((await guess(8, '10.0.0.66')).filter((code) => code === 'too-many-attempts').length, 3);
    assert.ok(isIn(await attempt(home, right)));
    assert.equal(await attempt('10.0.0.66', right), 'too-many-attempts');
  });

  it('at the same address does not keep out the browser that was in before', async () => {
    const opened = await attempt(home, right);
    assert.ok(typeof opened === 'object');
    await guess(8, home);
    for (let others = 0; others < 20; others += 1) await attempt(home, 'guess', undefined, `nobody-${others}`);
    assert.equal(await attempt(home, right), 'too-many-attempts');
    const again = await attempt(home, right, opened.device);
    assert.ok(typeof again === 'object');
    assert.equal(again.device, opened.device);
  });

  it('has five tries with a device that was in, too, and waits then, and only then', async () => {
    const opened = await attempt(home, right);
    assert.ok(typeof opened === 'object');
    const codes = await guess(6, home, opened.device);
    assert.deepEqual(codes.slice(-2), ['wrong-login', 'too-many-attempts']);
    assert.ok(isIn(await attempt(home, right)), 'without the device it is a stranger, who has not guessed');
  });

  it('gains nothing by a device that knows somebody else, or by one that is made up', async () => {
    await world().addUser('siti');
    const siti = await attempt(home, 'secret of siti', undefined, 'siti');
    assert.ok(typeof siti === 'object');
    await guess(5, home, siti.device);
    assert.equal(await attempt(home, 'a guess'), 'too-many-attempts');
    for (const made of ['x', '', 'y'.repeat(43), 'z'.repeat(5000), "' or 1=1 --"]) {
      assert.equal(await attempt(home, right, made), 'too-many-attempts');
    }
  });

  it('with a whole network of IPv6 addresses is one stranger', async () => {
    for (let host = 1; host <= 5; host += 1) await attempt(`2001:db8:0:7::${host}`, 'guess');
    assert.equal(await attempt('2001:db8:0:7:ffff::1', right), 'too-many-attempts');
    assert.ok(isIn(await attempt('2001:db8:0:8::1', right)));
  });

  it('at one tablet makes nobody wait at another', async () => {
    const { access, addUser } = world();
    const { logins, users } = await access.ready();
    const sessions = [];
    for (const login of ['tablet-1', 'tablet-2']) {
      await addUser(login, { roles: ['display'] });
      const opened = await logins.open({ login, password: `secret of ${login}`, address: home, shared: true });
      const session = await access.sessionOf(opened.cookie);
      assert.ok(session);
      sessions.push(session);
    }
    const [first, second] = sessions;
    assert.ok(first && second);
    const budi = (await users.list()).find(({ login }) => login === 'budi');
    await users.setPin(budi?.id ?? '', '620493', system);
    const given = { login: 'budi', pin: '000000' };
    for (let tries = 0; tries < 5; tries += 1) await assert.rejects(logins.switchPerson(first, given, home));
    const pin = { login: 'budi', pin: '620493' };
    await assert.rejects(logins.switchPerson(first, pin, home), { code: 'too-many-attempts' });
    assert.ok(await logins.switchPerson(second, pin, home));
  });

  it('is a stranger again with a device that was away for half a year', async () => {
    const opened = await attempt(home, right);
    assert.ok(typeof opened === 'object');
    await guess(5, home);
    world().clock.advance(181 * 24 * 60 * minute);
    await guess(5, home, opened.device);
    assert.equal(await attempt(home, right), 'too-many-attempts');
  });
});
