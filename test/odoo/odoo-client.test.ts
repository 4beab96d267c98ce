import assert from 'node:assert/strict';
import { connectOdoo } from '../../nodes/odoo/connect.ts';
import { OdooError } from '../../nodes/odoo/odoo-error.ts';
import { OdooSimulator } from '../../nodes/odoo/simulator/odoo-simulator.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { endpointOf, openMill } from './feed-mill.ts';

async function failureOf(work: Promise<unknown>): Promise<OdooError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OdooError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('the connection to an Odoo', () => {
  let odoo: OdooSimulator;
  beforeEach(async () => {
    odoo = new OdooSimulator({ series: 17 });
    await odoo.start();
  });
  afterEach(() => odoo.stop());

  const withClient = async <Result>(
    overrides: Parameters<typeof endpointOf>[1],
    work: (client: ReturnType<typeof connectOdoo>) => Promise<Result>,
    options: Parameters<typeof connectOdoo>[1] = {},
  ): Promise<Result> => {
    const client = connectOdoo(endpointOf(odoo, overrides), options);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  };
  const search = { domain: [], fields: ['name'] } as const;

  it('logs in once for any number of calls', async () => {
    await withClient({}, async (client) => {
      const port = await client.session();
      await Promise.all(Array.from({ length: 5 }, () => port.searchRead('mrp.production', search)));
      await client.session();
      assert.equal(odoo.calls.get('authenticate'), 1);
      assert.equal(odoo.calls.get('search_read'), 5);
    });
  });

  it('runs calls one after the other', async () => {
    await withClient({}, async (client) => {
      const port = await client.session();
      const ended: number[] = [];
      odoo.fault({ kind: 'late-reply', method: 'search_read', delayMs: 30 });
      await Promise.all(
        [1, 2, 3].map(async (turn) => {
          await port.searchRead('mrp.production', search);
          ended.push(turn);
        }),
      );
      assert.deepEqual(ended, [1, 2, 3]);
    });
  });

  const wrong: ReadonlyArray<readonly [string, Parameters<typeof endpointOf>[1], string, RegExp]> = [
    ['a wrong password', { secret: 'p4ssw0rd-wrong' }, 'denied', /login "shopfloor".*ODOO_PASSWORD/],
    ['an unknown login', { login: 'nobody' }, 'denied', /ODOO_LOGIN/],
    ['a wrong database', { database: 'other' }, 'protocol', /"other".*ODOO_DB/],
  ];
  for (const [what, overrides, kind, message] of wrong) {
    it(`names ${what} and what to check, never the password`, async () => {
      const error = await withClient(overrides, (client) => failureOf(client.session()));
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /p4ssw0rd|Traceback|\/var\//);
    });
  }

  it('names a server that is no Odoo and what to check', async () => {
    odoo.fault({ kind: 'html-page' });
    const error = await withClient({}, (client) => failureOf(client.session()));
    assert.equal(error.kind, 'protocol');
    assert.match(error.message, /web page.*ODOO_URL.*proxy/);
    const below = await withClient({ url: `${odoo.url}/elsewhere` }, (client) => failureOf(client.session()));
    assert.match(below.message, /HTTP 404.*ODOO_URL/);
  });

  it('leaves a server that is away alone for a while, then asks it again', async () => {
    const clock = new ManualClock();
    const transitions: boolean[] = [];
    await withClient(
      {},
      async (client) => {
        const port = await client.session();
        await odoo.stop();
        const first = await failureOf(port.searchRead('mrp.production', search));
        assert.equal(first.kind, 'transient');
        assert.match(first.message, /refused|broke/);
        const second = await failureOf(port.searchRead('mrp.production', search));
        assert.match(second.message, /next try is in|refused/);
        const third = await failureOf(port.searchRead('mrp.production', search));
        assert.ok(Number(third.retryAfterMs) > 0 && Number(third.retryAfterMs) <= 4000, third.message);
        await odoo.start();
        await failureOf(port.searchRead('mrp.production', search));
        clock.advance(60_000);
        assert.deepEqual(await port.searchRead('mrp.production', search), []);
        assert.deepEqual(transitions, [true, false]);
      },
      { clock, random: () => 0.5, onTransition: ({ away }) => transitions.push(away) },
    );
  });

  it('waits longer the longer the server is away, up to half a minute', async () => {
    await odoo.stop();
    const clock = new ManualClock();
    await withClient(
      {},
      async (client) => {
        const waits: number[] = [];
        for (let attempt = 0; attempt < 8; attempt += 1) {
          await failureOf(client.session());
          const { retryAfterMs = 0 } = await failureOf(client.session());
          waits.push(retryAfterMs);
          clock.advance(retryAfterMs);
        }
        assert.deepEqual(waits, [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
      },
      { clock, random: () => 1 },
    );
  });

  it('gives up at the deadline and says for a write that its outcome is open', async () => {
    const order = odoo.createOrder();
    await withClient({ writeDeadlineMs: 60 }, async (client) => {
      const port = await client.session();
      odoo.fault({ kind: 'late-reply', method: 'action_assign', delayMs: 400 });
      const write = await failureOf(port.callMethod('mrp.production', 'action_assign', [order]));
      assert.equal(write.kind, 'unknown-outcome');
    });
    await withClient({ readDeadlineMs: 500 }, async (client) => {
      const port = await client.session();
      odoo.fault({ kind: 'late-reply', method: 'search_read', delayMs: 2000 });
      const read = await failureOf(port.searchRead('mrp.production', search));
      assert.equal(read.kind, 'transient');
      assert.match(read.message, /did not answer within/);
    });
  });

  it('logs in again when the password was replaced by another that is known', async () => {
    await withClient({}, async (client) => {
      const port = await client.session();
      odoo.accounts.replace([
        { login: 'first', password: 'x', apiKey: '', rights: 'manufacturing' },
        { login: 'shopfloor', password: 'shopfloor', apiKey: '', rights: 'manufacturing' },
      ]);
      assert.deepEqual(await port.searchRead('mrp.production', search), []);
      assert.equal(odoo.calls.get('authenticate'), 2);
      odoo.accounts.replace([]);
      const error = await failureOf(port.searchRead('mrp.production', search));
      assert.equal(error.kind, 'denied');
    });
  });

  it('asks again who answers after the server was upgraded', async () => {
    await withClient({}, async (client) => {
      const old = await client.session();
      const { port: number } = odoo;
      await odoo.stop();
      odoo = new OdooSimulator({ series: 15, port: number });
      await odoo.start();
      const error = await failureOf(old.searchRead('stock.move', { domain: [], fields: ['picked'] }));
      assert.equal(error.kind, 'unsupported');
      assert.equal((await client.session()).server.series, 15);
    });
  });

  it('ends what is in flight when it is closed', async () => {
    const client = connectOdoo(endpointOf(odoo));
    const port = await client.session();
    odoo.fault({ kind: 'late-reply', method: 'search_read', delayMs: 5000 });
    const pending = failureOf(port.searchRead('mrp.production', search));
    setTimeout(() => client.close(), 20);
    assert.match((await pending).message, /being closed/);
    assert.match((await failureOf(port.searchRead('mrp.production', search))).message, /being closed/);
  });

  it('refuses values that XML-RPC can not carry before anything is sent', async () => {
    await withClient({}, async (client) => {
      const port = await client.session();
      for (const value of [Number.NaN, undefined, 2 ** 31]) {
        const error = await failureOf(port.write('mrp.production', [1], { product_qty: value }));
        assert.equal(error.kind, 'protocol');
      }
      assert.equal(odoo.calls.get('write'), undefined);
    });
  });
});

describe('the protocol', () => {
  const open = async (series: 15 | 16 | 17 | 19, secret: string, protocol: 'auto' | 'xml-rpc' | 'json-2') => {
    const mill = await openMill(series, { endpoint: { secret, protocol } });
    try {
      return await mill.sync.status().then(
        ({ protocol: found }) => found,
        (error: OdooError) => error.kind,
      );
    } finally {
      await mill.close();
    }
  };

  it('is XML-RPC up to 18, whatever the secret', async () => {
    for (const series of [15, 16, 17] as const) {
      assert.equal(await open(series, 'shopfloor', 'auto'), 'xml-rpc');
      assert.equal(await open(series, 'shopfloor-api-key', 'auto'), 'xml-rpc');
    }
  });

  it('is JSON-2 from 19 on with an API key, else XML-RPC', async () => {
    assert.equal(await open(19, 'shopfloor-api-key', 'auto'), 'json-2');
    assert.equal(await open(19, 'shopfloor', 'auto'), 'xml-rpc');
  });

  it('can be fixed by hand', async () => {
    assert.equal(await open(19, 'shopfloor-api-key', 'xml-rpc'), 'xml-rpc');
    assert.equal(await open(19, 'shopfloor-api-key', 'json-2'), 'json-2');
    assert.equal(await open(19, 'shopfloor', 'json-2'), 'denied');
    assert.equal(await open(17, 'shopfloor-api-key', 'json-2'), 'protocol');
  });
});
