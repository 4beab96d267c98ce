// Config node shopfloor-store: where it opens its database, how it heals, and what it never shows.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import helper from 'node-red-node-test-helper';
import { type StoreNode, storeNodeOf } from '../../nodes/store/connection-contract.ts';
import { declareMemory } from '../../nodes/store/memories.ts';
import shopfloorStore from '../../nodes/store/shopfloor-store.ts';

const hourMs = 3_600_000;

/** The spy is one for all nodes. */
interface StatusSpy {
  getCalls(): readonly { readonly thisValue: unknown; readonly args: readonly [{ readonly fill: string }] }[];
}

/** Colours of its status, in order. */
const lamps = (node: StoreNode | undefined): readonly string[] =>
  (node as unknown as { status: StatusSpy }).status
    .getCalls()
    .filter(({ thisValue }) => thisValue === node)
    .map(({ args: [{ fill }] }) => fill);

describe('node shopfloor-store', () => {
  let directory: string;
  before(async () => await helper.startServer());
  after(async () => await helper.stopServer());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shopfloor-store-node-'));
  });
  afterEach(async () => {
    await helper.unload();
    helper.settings({});
    rmSync(directory, { recursive: true, force: true });
  });
  const load = async (...urls: string[]): Promise<StoreNode[]> => {
    await helper.load(
      [shopfloorStore],
      urls.map((url, index) => ({ id: `store-${index}`, type: 'shopfloor-store', url })),
    );
    return urls.map((_, index) => {
      const node = storeNodeOf(helper.getNode(`store-${index}`));
      assert(node);
      return node;
    });
  };

  it('puts its file into the user directory when no address is given', async () => {
    helper.settings({ userDir: directory });
    for (const node of await load('', `\${SHOPFLOOR_VARIABLE_THAT_IS_NOT_SET}`)) {
      const store = await node.ready();
      assert.equal(store.location, `sqlite:${join(directory, 'shopfloor.sqlite')}`);
    }
    assert(existsSync(join(directory, 'shopfloor.sqlite')));
  });

  it('goes to the database of the accounts when no address is given', async () => {
    helper.settings({
      userDir: directory,
      shopfloorStore: { databaseUrl: `sqlite:${join(directory, 'plant.sqlite')}` },
    });
    const [node] = await load('');
    assert.equal((await node?.ready())?.location, `sqlite:${join(directory, 'plant.sqlite')}`);
    assert.deepEqual(lamps(node), []);
  });

  it('is red when its database is another one than that of the accounts, and says where both are', async () => {
    const accounts = `sqlite:${join(directory, 'plant.sqlite')}`;
    helper.settings({ userDir: directory, shopfloorStore: { databaseUrl: accounts } });
    const [same, other] = await load(`sqlite:${directory}/./plant.sqlite`, `sqlite:${join(directory, 'other.sqlite')}`);
    await Promise.all([same?.ready(), other?.ready()]);
    await setImmediate();
    assert.deepEqual(lamps(same), []);
    assert.deepEqual(lamps(other), ['red']);
  });

  it('gives every caller the same store', async () => {
    const [node] = await load(`sqlite:${join(directory, 'a.sqlite')}`);
    assert.equal(await node?.ready(), await node?.ready());
  });

  it('shares one connection between two nodes that name the same file', async () => {
    const url = `sqlite:${join(directory, 'a.sqlite')}`;
    const [one, other] = await load(url, url);
    const store = await one?.ready();
    assert(store);
    await sql`create temp table here (id integer)`.execute(store.db());
    await sql`select * from here`.execute((await other?.ready())?.db() ?? store.db());
  });

  it('closes its database with the node', async () => {
    const [node] = await load(`sqlite:${join(directory, 'a.sqlite')}`);
    const store = await node?.ready();
    assert(store);
    await sql`select 1`.execute(store.db());
    await helper.unload();
    await assert.rejects(sql`select 1`.execute(store.db()));
    await assert.rejects(node?.ready() ?? Promise.resolve());
  });

  it('forgets by the hour what its rooms remember for a while only, and no longer once it is closed', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const [node] = await load(`sqlite:${join(directory, 'a.sqlite')}`);
      const store = await node?.ready();
      assert(store);
      await sql`create table said_in_a_test (id text primary key, at bigint not null)`.execute(store.db());
      declareMemory({ table: 'said_in_a_test', key: 'id', at: 'at', form: 'ms', keptMs: 1000 });
      const say = (id: string, atMs: number) =>
        sql`insert into said_in_a_test values (${id}, ${atMs})`.execute(store.db());
      const said = async () =>
        (await sql<{ id: string }>`select id from said_in_a_test order by id`.execute(store.db())).rows.map(
          ({ id }) => id,
        );
      const wholeDay = Date.now() + 86_400_000;
      for (const round of ['first', 'second']) {
        await say(`${round} old`, 0);
        await say(`${round} new`, wholeDay);
        mock.timers.tick(hourMs - 1);
        assert.ok((await said()).includes(`${round} old`));
        mock.timers.tick(1);
        while ((await said()).includes(`${round} old`)) await setImmediate();
        assert.ok((await said()).includes(`${round} new`));
      }
      await helper.unload();
      mock.timers.tick(hourMs);
    } finally {
      mock.timers.reset();
    }
  });

  it('refuses an address that is none and tries again at the next call', async () => {
    const [node] = await load('mysql://ani:geheim@host/db');
    for (const attempt of [1, 2]) {
      await assert.rejects(node?.ready() ?? Promise.resolve(), (error) => {
        assert(error instanceof Error, `attempt ${attempt}`);
        assert.match(error.message, /begins with mysql:/);
        assert(!error.message.includes('geheim'));
        return true;
      });
    }
  });
});
