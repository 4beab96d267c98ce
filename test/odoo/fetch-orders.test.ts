import assert from 'node:assert/strict';
import { centiKg } from '../../nodes/core/mass.ts';
import type { RefusedOrder } from '../../nodes/odoo/messages.ts';
import { type SimulatedSeries, simulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { type Mill, openMill, setRounding } from './feed-mill.ts';

/** Changes the raw move of a component, as a planner could in Odoo. */
function changeMove(mill: Mill, orderId: number, equipment: number, patch: Record<string, unknown>): void {
  const product = mill.odoo.catalogue.ingredients.get(equipment);
  const move = mill.odoo.db.rawMoves(orderId).find(({ productId }) => productId === product?.id);
  assert.ok(move);
  mill.odoo.db.update(move, patch);
}

/** A second product that comes from the same silo or tank. */
function otherProductOf(mill: Mill, equipment: number): number {
  const product = {
    name: `Pengganti [${equipment}]`,
    defaultCode: false,
    tracking: 'none',
    unitId: mill.odoo.catalogue.units.kg,
  } as const;
  return mill.odoo.db.insert(mill.odoo.db.products, product).id;
}

const codesOf = (refused: readonly RefusedOrder[]) => refused.flatMap(({ reasons }) => reasons.map(({ code }) => code));

for (const series of simulatedSeries) {
  describe(`fetching orders from Odoo ${series}`, () => {
    let mill: Mill;
    beforeEach(async () => {
      mill = await openMill(series);
    });
    afterEach(() => mill.close());

    it('gives an order with its components, equipment and masses', async () => {
      const id = mill.odoo.createOrder({ feed: 1, quantityKg: 1500, plannedStart: '2026-03-01 01:02:03' });
      const order = await mill.fetchOne();
      assert.equal(order.orderId, id);
      assert.equal(order.orderName, 'WH/MO/00001');
      assert.equal(order.plcOrderName, 'WH/MO/00001');
      assert.equal(order.bomCode, 'BOM-SPT-18');
      assert.equal(order.plcBomCode, 'BOM-SPT-18');
      assert.equal(order.productName, 'Pakan Sapi Perah Laktasi 18');
      assert.equal(order.plcFinishedGoods, 'SPT-18', 'the name does not fit, the reference does');
      assert.equal(order.quantityCentiKg, 150_000);
      assert.equal(order.scheduledStart, '2026-03-01T01:02:03.000Z');
      assert.deepEqual(
        order.components.map(({ equipment }) => equipment),
        Array.from({ length: 15 }, (_, index) => 101 + index),
      );
      assert.deepEqual(
        order.components.slice(0, 2).map(({ massCentiKg }) => massCentiKg),
        [39_000, 21_000],
      );
    });

    it('takes as many calls for 60 orders as for 2', async () => {
      mill.odoo.generateOrder();
      mill.odoo.generateOrder();
      const few = await mill.fetch(10);
      for (let count = 2; count < 60; count += 1) mill.odoo.generateOrder();
      const many = await mill.fetch(60);
      assert.deepEqual([few.orders.length, few.calls], [2, 3]);
      assert.deepEqual([many.orders.length, many.calls], [60, 3]);
    });

    it('takes the earliest planned ones first, without drafts, excluded and other states', async () => {
      const late = mill.odoo.createOrder({ plannedStart: '2026-03-03 00:00:00' });
      const early = mill.odoo.createOrder({ plannedStart: '2026-03-01 00:00:00' });
      const known = mill.odoo.createOrder({ plannedStart: '2026-02-01 00:00:00' });
      mill.odoo.createOrder({ confirm: false });
      const { orders } = await mill.sync.fetch({ command: 'fetch', limit: 10, exclude: [known] });
      assert.deepEqual(
        orders.map(({ orderId }) => orderId),
        [early, late],
      );
    });

    it('does not let faulty orders starve good ones', async () => {
      for (let count = 0; count < 15; count += 1)
        mill.odoo.createOrder({ explode: false, plannedStart: '2026-01-01 00:00:00' });
      const good = mill.odoo.createOrder({ plannedStart: '2026-06-01 00:00:00' });
      const { orders, refused } = await mill.fetch(1);
      assert.equal(orders[0]?.orderId, good);
      assert.deepEqual([...new Set(codesOf(refused))], ['no-components']);
    });

    const faults: ReadonlyArray<readonly [string, string, (mill: Mill, order: number) => void]> = [
      ['a quantity of nothing', 'quantity-not-positive', (m, id) => changeMove(m, id, 101, { plannedQty: 0 })],
      ['a negative quantity', 'quantity-not-positive', (m, id) => changeMove(m, id, 101, { plannedQty: -5 })],
      ['a dose over the limit', 'over-limit', (m, id) => changeMove(m, id, 101, { plannedQty: 5000.01 })],
      [
        'a unit that is no mass',
        'unit-not-a-mass',
        (m, id) => changeMove(m, id, 101, { unitId: m.odoo.catalogue.units.pieces }),
      ],
      [
        'two components from one silo',
        'equipment-twice',
        (m, id) => changeMove(m, id, 101, { productId: otherProductOf(m, 102) }),
      ],
      [
        'a component without equipment',
        'no-equipment',
        (m, id) => changeMove(m, id, 101, { productId: m.odoo.catalogue.boms[0]?.productId }),
      ],
      ['consumption that was posted', 'already-consumed', (m, id) => changeMove(m, id, 101, { state: 'done' })],
      [
        'consumption that was recorded',
        'already-consumed',
        (m, id) => changeMove(m, id, 101, { quantity: 3, picked: true }),
      ],
    ];
    for (const [what, code, break_] of faults) {
      it(`refuses an order with ${what}, and says so`, async () => {
        const id = mill.odoo.createOrder();
        break_(mill, id);
        const { orders, refused } = await mill.fetch();
        assert.deepEqual(orders, []);
        assert.equal(refused[0]?.orderId, id);
        assert.deepEqual(codesOf(refused), [code]);
        assert.match(refused[0]?.reasons[0]?.message ?? '', /\w{3,}/);
      });
    }

    it('refuses a component that is tracked by lot', async () => {
      const product = mill.odoo.catalogue.ingredients.get(103);
      assert.ok(product);
      mill.odoo.db.update(product, { tracking: 'lot' });
      mill.odoo.createOrder();
      assert.deepEqual(codesOf((await mill.fetch()).refused), ['lot-required']);
    });

    it(`${series >= 19 ? 'takes' : 'refuses'} a finished product that is tracked by lot`, async () => {
      const product = mill.odoo.db.products.get(mill.odoo.catalogue.boms[0]?.productId ?? 0);
      assert.ok(product);
      mill.odoo.db.update(product, { tracking: 'lot' });
      mill.odoo.createOrder();
      const { orders, refused } = await mill.fetch();
      assert.deepEqual([orders.length, codesOf(refused)], series >= 19 ? [1, []] : [0, ['lot-required']]);
    });

    it('leaves cancelled components of an order out', async () => {
      const id = mill.odoo.createOrder();
      changeMove(mill, id, 101, { state: 'cancel', plannedQty: 0 });
      const order = await mill.fetchOne();
      assert.equal(order.components[0]?.equipment, 102);
    });

    it('reads components in grams and tonnes as the same masses', async () => {
      await mill.close();
      mill = await openMill(series, { settings: { decimals: 5 } });
      const id = mill.odoo.createOrder();
      const { units } = mill.odoo.catalogue;
      setRounding(mill, units.t, 0.00001);
      changeMove(mill, id, 101, { unitId: units.g, plannedQty: 12_340 });
      changeMove(mill, id, 102, { unitId: units.t, plannedQty: 0.25 });
      const order = await mill.fetchOne();
      assert.deepEqual(
        order.components.slice(0, 2).map(({ massCentiKg }) => massCentiKg),
        [1234, 25_000],
      );
    });
  });
}

describe('fetching for one line of several', () => {
  const series: SimulatedSeries = 17;

  it('takes only orders that meet the extra condition', async () => {
    const mill = await openMill(series, { settings: { extraDomain: [['picking_type_id.name', 'ilike', 'line 2']] } });
    try {
      mill.odoo.createOrder();
      const own = mill.odoo.createOrder({ pickingTypeId: mill.odoo.catalogue.pickingTypeIds[1] ?? 0 });
      assert.deepEqual(
        (await mill.fetch()).orders.map(({ orderId }) => orderId),
        [own],
      );
    } finally {
      await mill.close();
    }
  });

  it('takes a smaller dose limit from the settings', async () => {
    const mill = await openMill(series, { settings: { maximumComponentCentiKg: centiKg(10_000) } });
    try {
      mill.odoo.createOrder();
      assert.ok(codesOf((await mill.fetch()).refused).includes('over-limit'));
    } finally {
      await mill.close();
    }
  });
});
