import assert from 'node:assert/strict';
import { centiKg } from '../../nodes/core/mass.ts';
import type { FetchedOrder, OdooPushResult } from '../../nodes/odoo/messages.ts';
import { pushOrder } from '../../nodes/odoo/push-order.ts';
import type { LinkFault } from '../../nodes/odoo/simulator/link-faults.ts';
import type { SimulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { defaultSyncSettings } from '../../nodes/odoo/sync-settings.ts';
import { type BatchOptions, batchOf, deliveredBy, type Mill, type MillOptions, openMill } from './feed-mill.ts';

const servers: ReadonlyArray<readonly [SimulatedSeries, string, string]> = [
  [15, 'XML-RPC', 'shopfloor'],
  [16, 'XML-RPC', 'shopfloor'],
  [17, 'XML-RPC', 'shopfloor'],
  [19, 'XML-RPC', 'shopfloor'],
  [19, 'JSON-2', 'shopfloor-api-key'],
];

for (const [series, protocol, secret] of servers) {
  describe(`posting a batch to Odoo ${series} over ${protocol}`, () => {
    let mill: Mill;
    let order: FetchedOrder;
    const open = async (options: MillOptions = {}) => {
      mill = await openMill(series, { ...options, endpoint: { secret, ...options.endpoint } });
      mill.odoo.createOrder({ feed: 0, quantityKg: 1000 });
      order = await mill.fetchOne();
    };
    const push = (options: BatchOptions = {}) => mill.sync.push(batchOf(order, options));
    /** Odoo holds exactly what the PLC delivered, posted once. */
    const assertPosted = (options: BatchOptions = {}) => {
      const books = mill.odoo.order(order.orderId);
      assert.equal(books.state, 'done');
      assert.equal(books.closedTimes, 1);
      assert.deepEqual(books.consumedCentiKg, deliveredBy(batchOf(order, options)));
      assert.equal(books.producedCentiKg, batchOf(order, options).finishedQuantityCentiKg);
    };
    const assertUntouched = () => {
      assert.deepEqual(mill.odoo.order(order.orderId).postings, []);
      assert.equal(mill.odoo.calls.get('write'), undefined);
    };
    const person = (result: OdooPushResult) => {
      if (result.outcome !== 'person') assert.fail(JSON.stringify(result));
      return result;
    };
    const later = (result: OdooPushResult) => {
      if (result.outcome !== 'later') assert.fail(JSON.stringify(result));
      return result;
    };
    beforeEach(() => open());
    afterEach(() => mill.close());

    it('closes the order with the delivered masses in four calls', async () => {
      const batch = { scatterCentiKg: 7, finishedCentiKg: 100_050 };
      const result = await push(batch);
      assert.deepEqual(result, {
        pushId: `push-${order.orderId}`,
        orderId: order.orderId,
        action: 'push',
        calls: 4,
        outcome: 'verified',
        orderState: 'done',
        alreadyDone: false,
      });
      assertPosted(batch);
    });

    it('finds its own work when it comes again', async () => {
      await push({ scatterCentiKg: 7 });
      const again = await push({ scatterCentiKg: 7 });
      assert.deepEqual([again.outcome, again.outcome === 'verified' && again.alreadyDone], ['verified', true]);
      assertPosted({ scatterCentiKg: 7 });
    });

    it('posts a component that gave nothing as nothing', async () => {
      const batch = { actual: { 112: 0 }, acceptedBy: 'Sari' };
      assert.equal((await push(batch)).outcome, 'verified');
      assertPosted(batch);
    });

    it('closes short and over, within the tolerance, without a backorder', async () => {
      for (const finishedCentiKg of [96_000, 104_000]) {
        await mill.close();
        await open();
        assert.equal((await push({ finishedCentiKg })).outcome, 'verified');
        assertPosted({ finishedCentiKg });
        assert.equal(mill.odoo.orders.length, 1);
      }
    });

    it('brings consumption beyond the tolerance to a person and writes nothing', async () => {
      const result = person(await push({ actual: { 101: 30_000 } }));
      assert.equal(result.code, 'deviation');
      assert.deepEqual(result.deviations, [
        { equipment: 101, what: 'consumption', expectedCentiKg: 22_000, actualCentiKg: 30_000 },
      ]);
      assertUntouched();
    });

    it('brings a finished quantity beyond the tolerance to a person', async () => {
      const result = person(await push({ finishedCentiKg: 50_000 }));
      const kinds = result.deviations.map(({ what }) => what);
      assert.ok(kinds.includes('finished-quantity') && kinds.includes('consumption'), kinds.join());
      assertUntouched();
    });

    it('posts a deviation that a person accepted', async () => {
      const batch = { actual: { 101: 30_000 }, acceptedBy: 'Sari' };
      assert.equal((await push(batch)).outcome, 'verified');
      assertPosted(batch);
    });

    it('never closes an order of which nothing was finished', async () => {
      const result = person(await push({ finishedCentiKg: 0, acceptedBy: 'Sari' }));
      assert.equal(result.code, 'nothing-finished');
      assertUntouched();
    });

    it('leaves an order alone that somebody closed otherwise, and says by how much', async () => {
      await push();
      const writes = mill.odoo.calls.get('write');
      const result = person(await push({ scatterCentiKg: 100 }));
      assert.equal(result.code, 'order-done-differently');
      assert.equal(result.deviations.length, order.components.length);
      assert.equal(mill.odoo.calls.get('write'), writes);
      assertPosted();
    });

    it('sees that a done order made another quantity', async () => {
      await push();
      const result = person(await push({ finishedCentiKg: 100_100 }));
      assert.equal(result.code, 'order-done-differently');
      assert.deepEqual(result.deviations, [
        { what: 'finished-quantity', expectedCentiKg: 100_100, actualCentiKg: 100_000 },
      ]);
    });

    it('pays no attention to components that were cancelled in the order', async () => {
      const [first] = mill.odoo.db.rawMoves(order.orderId);
      assert.ok(first);
      const { id: _id, ...copy } = first;
      mill.odoo.db.insertMove({ ...copy, productId: order.productId, plannedQty: 500, state: 'cancel' });
      assert.equal((await push()).outcome, 'verified');
      assertPosted();
    });

    it('brings a component that is tracked by lot to a person', async () => {
      const product = mill.odoo.catalogue.ingredients.get(101);
      assert.ok(product);
      mill.odoo.db.update(product, { tracking: 'lot' });
      assert.equal(person(await push()).code, 'lot-required');
      assertUntouched();
    });

    it('brings an order that was posted in part to a person', async () => {
      const [first] = mill.odoo.db.rawMoves(order.orderId);
      assert.ok(first);
      mill.odoo.db.update(first, { state: 'done' });
      assert.equal(person(await push()).code, 'order-done-differently');
      assertUntouched();
    });

    it('leaves a cancelled, a missing and a draft order alone', async () => {
      mill.odoo.service.manufacturing.cancel([order.orderId]);
      const cancelled = person(await push());
      assert.equal(cancelled.code, 'order-cancelled');
      mill.odoo.db.forget(order.orderId);
      const missing = person(await push());
      assert.equal(missing.code, 'order-missing');
      const draft = mill.odoo.createOrder({ confirm: false });
      const refused = person(await mill.sync.push({ ...batchOf(order), orderId: draft }));
      assert.equal(refused.code, 'odoo-refused');
      assert.equal(mill.odoo.calls.get('write'), undefined);
    });

    it('records a failed batch and leaves the order open', async () => {
      const actual = Object.fromEntries(
        order.components.map(({ equipment }) => [equipment, equipment < 104 ? 1000 : 0]),
      );
      const result = await push({ actual, finishedCentiKg: 0, close: false });
      assert.deepEqual([result.outcome, result.outcome === 'verified' && result.orderState], ['verified', 'progress']);
      assert.ok(result.calls <= 4);
      assert.deepEqual(mill.odoo.order(order.orderId).postings, []);
      // Recorded again, and closed later with the whole: absolute quantities, so nothing counts twice.
      assert.equal((await push({ actual, finishedCentiKg: 0, close: false })).outcome, 'verified');
      const recorded = [101, 102, 103].map((equipment) => ({ equipment, actualCentiKg: centiKg(1000) }));
      assert.equal((await push({ recorded })).outcome, 'verified');
      assertPosted();
    });

    it('brings recorded consumption over the whole plan to a person', async () => {
      const result = person(await push({ actual: { 101: 99_000 }, finishedCentiKg: 0, close: false }));
      assert.equal(result.code, 'deviation');
      assertUntouched();
    });

    it('brings equipment without a component to a person until somebody adds the component', async () => {
      const product = mill.odoo.catalogue.ingredients.get(115);
      assert.ok(product);
      const move = mill.odoo.db.rawMoves(order.orderId).find(({ productId }) => productId === product.id);
      assert.ok(move);
      mill.odoo.db.update(move, { productId: mill.odoo.catalogue.ingredients.get(114)?.id ?? 0 });
      const result = person(await push());
      assert.equal(result.code, 'component-missing');
      assertUntouched();
    });

    it('posts unplanned equipment on the component that was added for it', async () => {
      await mill.close();
      await open();
      // Feed 2 needs neither 109, 110 nor 115.
      mill.odoo.createOrder({ feed: 2, quantityKg: 1000 });
      const [, second] = (await mill.fetch(2)).orders;
      assert.ok(second);
      order = second;
      const unplanned = [{ equipment: 109, actualCentiKg: centiKg(1200) }];
      const before = person(await push({ unplanned }));
      assert.equal(before.code, 'component-missing');

      const added = mill.odoo.catalogue.ingredients.get(109);
      assert.ok(added);
      mill.odoo.db.insertMove({
        rawOrderId: order.orderId,
        finishedOrderId: false,
        productId: added.id,
        unitId: added.unitId,
        plannedQty: 12,
        quantity: 0,
        picked: false,
        manualConsumption: false,
        state: 'assigned',
        unitFactor: 0,
        bomLine: false,
      });
      assert.equal((await push({ unplanned })).outcome, 'verified');
      const expected = deliveredBy(batchOf(order)).set(added.id, centiKg(1200));
      assert.deepEqual(mill.odoo.order(order.orderId).consumedCentiKg, expected);
    });

    it('puts the whole mass on one of two moves of a product', async () => {
      const [first] = mill.odoo.db.rawMoves(order.orderId);
      assert.ok(first);
      const { id: _id, ...copy } = first;
      mill.odoo.db.insertMove({ ...copy, plannedQty: 0 });
      assert.equal((await push()).outcome, 'verified');
      assertPosted();
    });

    it('brings a component in a unit that is no mass to a person', async () => {
      const [first] = mill.odoo.db.rawMoves(order.orderId);
      assert.ok(first);
      mill.odoo.db.update(first, { unitId: mill.odoo.catalogue.units.pieces });
      const result = person(await push());
      assert.equal(result.code, 'unit-unknown');
      assertUntouched();
    });

    it('writes masses in the unit of the move, and never a mass that the unit would round', async () => {
      const { units } = mill.odoo.catalogue;
      const [first, second] = mill.odoo.db.rawMoves(order.orderId);
      assert.ok(first && second);
      mill.odoo.db.update(first, { unitId: units.g, plannedQty: 220_000 });
      mill.odoo.db.update(second, { unitId: units.t, plannedQty: 0.18 });
      const refused = person(await push({ actual: { 101: 22_003, 102: 18_003 } }));
      assert.equal(refused.code, 'unit-too-coarse');
      assert.match(refused.message, /"t" to 0\.01 and would change a mass by up to 5\.00 kg/);
      assertUntouched();
      mill.odoo.db.update(second, { unitId: units.kg, plannedQty: 180 });
      assert.equal((await push({ actual: { 101: 22_003, 102: 18_003 } })).outcome, 'verified');
      const consumed = mill.odoo.order(order.orderId).consumedCentiKg;
      assert.equal(consumed.get(first.productId), 22_003);
      assert.equal(consumed.get(second.productId), 18_003);
    });

    const unclear: ReadonlyArray<readonly [string, LinkFault]> = [
      ['a reply that was cut after the commit', { kind: 'cut-after-commit', method: 'button_mark_done' }],
      ['a None fault after the commit', { kind: 'none-fault', method: 'button_mark_done' }],
      ['garbage after the commit', { kind: 'garbage', method: 'button_mark_done' }],
    ];
    for (const [what, fault] of unclear) {
      it(`believes the order, not ${what}`, async () => {
        mill.odoo.fault(fault);
        assert.equal((await push({ scatterCentiKg: 3 })).outcome, 'verified');
        assertPosted({ scatterCentiKg: 3 });
      });
    }

    const postponed: ReadonlyArray<readonly [string, LinkFault, string]> = [
      ['a contended order', { kind: 'serialization-failure', method: 'button_mark_done' }, 'transient'],
      ['a contended write', { kind: 'serialization-failure', method: 'write' }, 'transient'],
      ['an exhausted connection pool', { kind: 'too-many-connections', method: 'write' }, 'transient'],
      [
        "a proxy's page instead of closing",
        { kind: 'html-page', method: 'button_mark_done', status: 502 },
        'unknown-outcome',
      ],
      ["a proxy's page instead of reading", { kind: 'html-page', method: 'search_read' }, 'transient'],
      ['a write whose reply was cut', { kind: 'cut-after-commit', method: 'write' }, 'unknown-outcome'],
    ];
    for (const [what, fault, code] of postponed) {
      it(`comes again later after ${what}, and posts once`, async () => {
        mill.odoo.fault(fault);
        const first = later(await push());
        assert.equal(first.code, code);
        if (code === 'unknown-outcome') assert.ok(first.retryAfterMs >= 35_000);
        assert.equal((await push()).outcome, 'verified');
        assertPosted();
      });
    }
    it('answers the wizards that repeat what was checked', async () => {
      mill.odoo.fault({ kind: 'context-lost', method: 'button_mark_done' });
      const batch = { scatterCentiKg: 7, finishedCentiKg: 97_000 };
      assert.equal((await push(batch)).outcome, 'verified');
      assertPosted(batch);
      assert.ok((mill.odoo.calls.get('action_confirm') ?? 0) > 0);
      assert.equal(mill.odoo.orders.length, 1);
    });

    it('brings a question that it does not know to a person', async () => {
      mill.odoo.fault({ kind: 'unknown-wizard', method: 'button_mark_done' });
      const result = person(await push());
      assert.equal(result.code, 'odoo-asks');
      assert.match(result.message, /plant\.quality\.question/);
      assert.deepEqual(mill.odoo.order(order.orderId).postings, []);
    });

    it('brings a refusal of Odoo to a person in its own words', async () => {
      mill.odoo.fault({ kind: 'refusal', method: 'button_mark_done', message: 'Periode stok sudah ditutup.' });
      const result = person(await push());
      assert.equal(result.code, 'odoo-refused');
      assert.match(result.message, /Periode stok sudah ditutup/);
    });

    it('sees that somebody cancelled the order between the look and the write', async () => {
      const session = await mill.client.session();
      const racing = {
        ...session,
        write: (...args: Parameters<typeof session.write>) => {
          mill.odoo.service.manufacturing.cancel([order.orderId]);
          return session.write(...args);
        },
      };
      const outcome = await pushOrder(racing, batchOf(order), defaultSyncSettings);
      assert.equal(outcome.outcome === 'person' ? outcome.code : outcome.outcome, 'order-cancelled');
    });

    it('waits for a commit that comes after the timeout', async () => {
      await mill.close();
      await open({ endpoint: { secret, writeDeadlineMs: 300 } });
      mill.odoo.fault({ kind: 'late-commit', method: 'button_mark_done', delayMs: 700 });
      const first = later(await push());
      assert.equal(first.code, 'unknown-outcome');
      assert.ok(first.retryAfterMs >= 35_000);
      while (mill.odoo.order(order.orderId).state !== 'done') await new Promise((resolve) => setTimeout(resolve, 10));
      assertPosted();
    });

    it('says what it would send while it only watches, and sends nothing', async () => {
      await mill.close();
      await open({ watchOnly: true });
      const result = await push({ scatterCentiKg: 7 });
      assert.equal(result.outcome, 'watch-only');
      const sent = JSON.stringify(result.outcome === 'watch-only' && result.wouldSend);
      assert.match(sent, /"method":"write".*"qty_producing":1000.*220\.07.*button_mark_done/);
      assertUntouched();
    });
  });
}
