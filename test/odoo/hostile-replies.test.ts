import assert from 'node:assert/strict';
import fc from 'fast-check';
import serializer from 'xmlrpc/lib/serializer.js';
import { HttpPost } from '../../nodes/odoo/http-post.ts';
import { OdooError } from '../../nodes/odoo/odoo-error.ts';
import { readXmlRpcReply } from '../../nodes/odoo/xml-rpc-reply.ts';
import { batchOf, type Mill, openMill } from './feed-mill.ts';

async function errorOf(work: Promise<unknown>): Promise<OdooError> {
  try {
    const value = await work;
    assert.fail(`a value came out: ${JSON.stringify(value)?.slice(0, 200)}`);
  } catch (error) {
    if (error instanceof OdooError) return error;
    throw error;
  }
}

const response = (value: string) =>
  `<?xml version='1.0'?><methodResponse><params><param>${value}</param></params></methodResponse>`;

describe('an XML-RPC reply', () => {
  it('gives back every value that Odoo can send', async () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.boolean(),
        fc.constant(null),
        // Line ends and control characters are the business of XML, not of this reader.
        fc.string({ unit: fc.constantFrom('a', 'Z', ' ', '<', '>', '&', '"', "'", '[', ']', '/', 'ä', '日', '0') }),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((x) => x + 0),
        fc.array(tie('value')),
        fc.dictionary(fc.constantFrom('id', 'name', 'product_id', 'state'), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(value, async (sent) => {
        const body = Buffer.from(serializer.serializeMethodResponse(sent));
        assert.deepEqual(await readXmlRpcReply(body), sent);
      }),
    );
  });

  it('that is large is read off the event loop to the same value, fault or refusal', async () => {
    const rows = Array.from({ length: 2_000 }, (_, id) => ({
      id,
      name: `WH/MO/${id}`,
      product_id: [id, 'Pakan <sapi> & ayam'],
    }));
    const body = Buffer.from(serializer.serializeMethodResponse(rows));
    let turns = 0;
    const counter = setInterval(() => {
      turns += 1;
    }, 1);
    assert.deepEqual(await readXmlRpcReply(body), rows);
    clearInterval(counter);
    assert.ok(turns > 20, `only ${turns} turns of the event loop while ${body.length} bytes were read`);
    assert.equal((await errorOf(readXmlRpcReply(body.subarray(0, -100)))).kind, 'protocol');
    const text = `<value><struct><member><name>faultCode</name><value><int>2</int></value></member><member><name>faultString</name><value><string>${'no '.repeat(20_000)}</string></value></member></struct></value>`;
    const fault = Buffer.from(`<methodResponse><fault>${text}</fault></methodResponse>`);
    assert.equal((await errorOf(readXmlRpcReply(fault))).kind, 'refused');
  });

  it('of random bytes is a typed error, never a value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        assert.equal((await errorOf(readXmlRpcReply(Buffer.from(bytes)))).kind, 'protocol');
      }),
    );
  });

  it('of shuffled XML-RPC is a typed error or a well-formed value, never a crash', async () => {
    const piece = fc.constantFrom(
      ...'<methodResponse>|</methodResponse>|<params>|</params>|<param>|</param>|<value>|</value>|<array>|</array>|<data>|</data>|<struct>|</struct>|<member>|</member>|<name>|</name>|<int>|</int>|<fault>|</fault>|<nil/>|id|7|&lt;|]]>|<!--'.split(
        '|',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        await readXmlRpcReply(Buffer.from(pieces.join(''))).catch((error: unknown) => {
          assert.ok(error instanceof OdooError, String(error));
        });
      }),
    );
  });

  it('that was cut anywhere is a typed error', async () => {
    const whole = Buffer.from(serializer.serializeMethodResponse([{ id: 7, name: 'WH/MO/00007', quantity: 12.5 }]));
    for (let length = 0; length < whole.length; length += 1) {
      await errorOf(readXmlRpcReply(whole.subarray(0, length)));
    }
  });

  const malformed: Readonly<Record<string, string>> = {
    'a number that goes on as text': response('<value><int>12abc</int></value>'),
    'a number that is none': response('<value><double>nan</double></value>'),
    'a number beyond all bounds': response('<value><double>1e999</double></value>'),
    'two values for one': response('<value><int>1</int><int>2</int></value>'),
    'a struct whose member has no value': response('<value><struct><member><name>id</name></member></struct></value>'),
    'a struct whose member has two values': response(
      '<value><struct><member><name>id</name><value>1</value><value>2</value></member></struct></value>',
    ),
    'a struct that names a prototype': response(
      '<value><struct><member><name>__proto__</name><value><int>1</int></value></member></struct></value>',
    ),
    'two parameters':
      '<methodResponse><params><param><value>1</value></param><param><value>2</value></param></params></methodResponse>',
    'no parameter': '<methodResponse><params></params></methodResponse>',
    'both a value and a fault':
      '<methodResponse><params><param><value>1</value></param></params><fault><value>1</value></fault></methodResponse>',
    'text between elements': response('<value><array>x<data></data></array></value>'),
    'an end that is missing':
      '<methodResponse><params><param><value><array><data></array></value></param></params></methodResponse>',
    'a second document': `${response('<value>1</value>')}${response('<value>2</value>')}`,
    'an element of another language': response('<value><script>1</script></value>'),
    'values deeper than any of ours': response(
      `${'<value><array><data>'.repeat(300)}${'</data></array></value>'.repeat(300)}`,
    ),
  };
  for (const [what, xml] of Object.entries(malformed)) {
    it(`with ${what} is refused`, async () => {
      assert.equal((await errorOf(readXmlRpcReply(Buffer.from(xml)))).kind, 'protocol');
    });
  }

  it('with a fault of strange types is refused', async () => {
    for (const fault of ['<value>x</value>', '<value><struct></struct></value>', '<value><nil/></value>']) {
      const error = await errorOf(
        readXmlRpcReply(Buffer.from(`<methodResponse><fault>${fault}</fault></methodResponse>`)),
      );
      assert.ok(['protocol', 'unknown-outcome'].includes(error.kind), error.kind);
    }
  });
});

for (const [series, secret, protocol] of [
  [17, 'shopfloor', 'XML-RPC'],
  [19, 'shopfloor-api-key', 'JSON-2'],
] as const) {
  describe(`a hostile server over ${protocol}`, () => {
    let mill: Mill;
    before(async () => {
      mill = await openMill(series, { endpoint: { secret } });
      mill.odoo.createOrder();
      mill.odoo.createOrder();
    });
    after(() => mill.close());

    it('never brings random bytes into an order, and closes none by them', async () => {
      const [, order] = (await mill.fetch()).orders;
      assert.ok(order);
      const junk = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      );
      await fc.assert(
        fc.asyncProperty(junk, fc.constantFrom('search_read', 'read'), async (bytes, method) => {
          mill.odoo.clearFaults();
          mill.odoo.fault({ kind: 'garbage', method, bytes });
          const fetched = await mill.fetch().catch((error: unknown) => error);
          // An empty list is a well-formed answer; anything else of this is none.
          const isEmpty = Buffer.from(bytes).toString().trim() === '[]';
          if (!(fetched instanceof OdooError)) assert.ok(isEmpty, JSON.stringify(fetched));
          mill.odoo.clearFaults();
          mill.odoo.fault({ kind: 'garbage', method: 'write', bytes });
          mill.odoo.fault({ kind: 'serialization-failure', method: 'button_mark_done' });
          const pushed = await mill.sync.push(batchOf(order));
          assert.equal(pushed.outcome, 'later', JSON.stringify(pushed));
        }),
        { numRuns: 60 },
      );
      mill.odoo.clearFaults();
      assert.equal(mill.odoo.order(order.orderId).closedTimes, 0);
    }).timeout(60_000);

    it('with records of wrong types is refused by the name of the field', async () => {
      const record = { id: 1, name: 7, product_id: [1, 'x'], product_qty: 1, product_uom_id: [1, 'kg'], bom_id: false };
      const full = [{ ...record, move_byproduct_ids: [], date_start: false }];
      const bytes = Buffer.from(
        protocol === 'JSON-2' ? JSON.stringify(full) : serializer.serializeMethodResponse(full),
      );
      mill.odoo.fault({ kind: 'garbage', method: 'search_read', bytes });
      const error = await errorOf(mill.fetch());
      assert.equal(error.kind, 'protocol');
      assert.match(error.message, /field name of record 1/);
    });

    it('with an endless answer is cut off', async () => {
      const http = new HttpPost(new URL(mill.odoo.url), 100);
      const request = { path: '/xmlrpc/2/common', headers: {}, body: '', deadlineMs: 1000 };
      assert.match((await errorOf(http.post(request))).message, /longer than 100 bytes/);
      http.close();
    });
  });
}
