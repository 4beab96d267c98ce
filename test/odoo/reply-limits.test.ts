// An answer of Odoo has limits: of size, depth, elements and time, its parsing included, and is read off the main thread.
import assert from 'node:assert/strict';
import serializer from 'xmlrpc/lib/serializer.js';
import { OdooError } from '../../nodes/odoo/odoo-error.ts';
import { parseReply } from '../../nodes/odoo/parse-reply.ts';
import { jsonFault, maximumDepth, maximumElements } from '../../nodes/odoo/reply-limits.ts';
import { parseXmlRpc } from '../../nodes/odoo/xml-rpc-parser.ts';
import { openMill } from './feed-mill.ts';

const records = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `WH/MO/${index}`, note: '\u00b0C "{[,' }));
const xml = (value: unknown) => Buffer.from(serializer.serializeMethodResponse(value));
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const minute = 60_000;

describe('a large answer of Odoo', () => {
  for (const [format, bytes] of [
    ['xml-rpc', xml],
    ['json', json],
  ] as const) {
    it(`in ${format} comes whole and in order from its thread`, async () => {
      const value = records(5_000);
      assert.deepEqual(await parseReply(format, bytes(value), minute), { kind: 'value', value });
    });

    it(`in ${format} that is no list comes whole as well`, async () => {
      const value = { text: 'x'.repeat(100_000), none: false };
      assert.deepEqual(await parseReply(format, bytes(value), minute), { kind: 'value', value });
    });

    it(`in ${format} is given up at the end of its deadline`, async () => {
      await assert.rejects(parseReply(format, bytes(records(20_000)), 1), (error: unknown) => {
        assert.ok(error instanceof OdooError && error.kind === 'protocol');
        assert.match(error.message, /too large to be read in time/);
        return true;
      });
    });

    it(`in ${format} with one value that no turn of the main thread could read shortly is refused`, async () => {
      const parsed = await parseReply(format, bytes([{ id: 1, name: 'x'.repeat(5_000_000) }]), minute);
      assert.deepEqual(parsed, { kind: 'malformed', message: 'a record is too large' });
    }).timeout(minute);
  }

  it('lets the main thread go on while it is read', async () => {
    const body = json(records(120_000));
    let turns = 0;
    let reading = true;
    const count = () => {
      turns += 1;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    await parseReply('json', body, minute);
    reading = false;
    // Read in one go it would be none between two messages of the thread.
    assert.ok(turns > 500, `${turns} turns`);
  });
});

describe('the limits of an answer in JSON', () => {
  it('are depth and number of elements, whatever stands in its texts', () => {
    const deep = (depth: number) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    assert.equal(jsonFault(deep(maximumDepth)), undefined);
    assert.match(jsonFault(deep(maximumDepth + 1)) ?? '', /deeper than 200 levels/);
    assert.match(jsonFault(Buffer.from(`[${'0,'.repeat(maximumElements + 1)}0]`)) ?? '', /more than 2000000 elements/);
    assert.equal(jsonFault(json({ text: '[{,"\\'.repeat(10_000) })), undefined);
  });

  it('hold for small answers, too', async () => {
    const body = Buffer.from(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    assert.equal((await parseReply('json', body, minute)).kind, 'malformed');
  });
});

describe('the limits of an answer in XML', () => {
  it('end the reading at the first fault', async () => {
    const good = xml(records(8_000));
    const head = '<?xml version="1.0"?><methodResponse><params><param><value><wrong/>';
    const bad = Buffer.concat([Buffer.from(head), good, good]);
    const timed = async (body: Buffer) => {
      const began = performance.now();
      const { kind } = await parseXmlRpc(body);
      return { kind, ms: performance.now() - began };
    };
    const whole = await timed(good);
    const cut = await timed(bad);
    assert.deepEqual([whole.kind, cut.kind], ['value', 'malformed']);
    assert.ok(
      cut.ms < whole.ms / 4,
      `${cut.ms} ms of a longer answer whose start is wrong, ${whole.ms} ms of a good one`,
    );
  }).timeout(minute);

  it('are depth and number of elements', async () => {
    const nested = (depth: number) => '<array><data><value>'.repeat(depth) + '</value></data></array>'.repeat(depth);
    const reply = (value: string) =>
      Buffer.from(`<methodResponse><params><param><value>${value}</value></param></params></methodResponse>`);
    assert.equal((await parseXmlRpc(reply(nested(100)))).kind, 'malformed');
    const many = '<value><int>1</int></value>'.repeat(maximumElements / 2);
    const parsed = await parseXmlRpc(reply(`<array><data>${many}</data></array>`));
    assert.deepEqual(parsed, { kind: 'malformed', message: 'more than 2000000 elements' });
  }).timeout(2 * minute);
});

describe('a call to an Odoo', () => {
  for (const [series, secret, bytes] of [
    [17, 'shopfloor', xml],
    [19, 'shopfloor-api-key', json],
  ] as const) {
    it(`${series} whose answer can't be read in time fails within its deadline`, async () => {
      const mill = await openMill(series, { endpoint: { secret, readDeadlineMs: 400 } });
      try {
        await mill.client.session();
        mill.odoo.fault({ kind: 'garbage', method: 'search_read', bytes: bytes(records(60_000)) });
        await assert.rejects(mill.fetch(), OdooError);
      } finally {
        await mill.close();
      }
    }).timeout(minute);
  }
});
