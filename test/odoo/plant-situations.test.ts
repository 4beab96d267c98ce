import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CentiKg, centiKg, sumMass } from '../../nodes/core/mass.ts';
import type { FetchedOrder, OdooLookCommand, OdooPushResult } from '../../nodes/odoo/messages.ts';
import { splitByPlan } from '../../nodes/odoo/push-write.ts';
import { simulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  type BatchOptions,
  batchOf,
  deliveredBy,
  type Mill,
  type MillOptions,
  openMill,
  setRounding,
} from './feed-mill.ts';

const person = (result: OdooPushResult) => {
  if (result.outcome !== 'person') assert.fail(JSON.stringify(result));
  return result;
};

/** The raw move of a component, to be changed as a planner could in Odoo. */
function moveOf(mill: Mill, orderId: number, equipment: number) {
  const product = mill.odoo.catalogue.ingredients.get(equipment);
  const move = mill.odoo.db.rawMoves(orderId).find(({ productId }) => productId === product?.id);
  assert.ok(move);
  return move;
}

for (const series of simulatedSeries) {
  describe(`what happens in Odoo ${series} while the plant makes an order`, () => {
    let mill: Mill;
    let order: FetchedOrder;
    const open = async (options: MillOptions = {}) => {
      mill = await openMill(series, options);
      mill.odoo.createOrder({ feed: 0, quantityKg: 1000 });
      order = await mill.fetchOne();
    };
    const push = (options: BatchOptions = {}) => mill.sync.push(batchOf(order, options));
    const books = () => mill.odoo.order(order.orderId);
    const untouched = () => {
      assert.deepEqual(books().postings, []);
      assert.equal(mill.odoo.calls.get('write'), undefined);
    };
    beforeEach(() => open());
    afterEach(() => mill.close());

    for (const now of [1500, 500]) {
      it(`the quantity becomes ${now} kg: held with both figures, closed or not by a person's choice`, async () => {
        mill.odoo.changeQuantity(order.orderId, now);
        const held = person(await push({ finishedCentiKg: 99_800 }));
        assert.equal(held.code, 'quantity-changed');
        assert.deepEqual(held.deviations, [
          { what: 'order-quantity', expectedCentiKg: 100_000, actualCentiKg: now * 100 },
          { what: 'finished-quantity', expectedCentiKg: now * 100, actualCentiKg: 99_800 },
        ]);
        assert.match(held.message, new RegExp(`${now}\\.00 kg .*1000\\.00 kg .*998\\.00 kg`));
        assert.equal(/backorder/.test(held.message), now === 1500, 'a rest is offered only where there is one');
        untouched();
        const accepted = {
          finishedCentiKg: 99_800,
          acceptedBy: 'Sari',
          accepted: ['quantity-changed'],
          acceptedQuantityCentiKg: now * 100,
        } as const;
        assert.equal((await push(accepted)).outcome, 'verified');
        assert.equal(books().producedCentiKg, 99_800);
        assert.equal(mill.odoo.orders.length, 1, 'no backorder');
      });
    }

    it('the rest of a larger order is left as a backorder when a person chooses that', async () => {
      mill.odoo.changeQuantity(order.orderId, 1500);
      const accepted = {
        acceptedBy: 'Sari',
        accepted: ['quantity-changed'],
        acceptedQuantityCentiKg: 150_000,
        remainder: 'backorder',
      } as const;
      assert.equal((await push(accepted)).outcome, 'verified');
      const [first, rest] = mill.odoo.orders;
      assert.deepEqual([first?.state, first?.producedCentiKg, first?.closedTimes], ['done', 100_000, 1]);
      assert.deepEqual([rest?.state, rest?.productQty], ['confirmed', 500]);
      assert.equal((await push(accepted)).outcome, 'verified', 'asked again it finds its own work');
      assert.equal(mill.odoo.orders.length, 2);
    });

    it('a quantity that was accepted and then changes again is held again', async () => {
      mill.odoo.changeQuantity(order.orderId, 2000);
      const accepted = {
        acceptedBy: 'Sari',
        accepted: ['quantity-changed'],
        acceptedQuantityCentiKg: 150_000,
      } as const;
      assert.equal(person(await push(accepted)).code, 'quantity-changed');
      untouched();
    });

    it('a failed batch records what it consumed, whatever the quantity is by then', async () => {
      mill.odoo.changeQuantity(order.orderId, 1500);
      const actual = Object.fromEntries(
        order.components.map(({ equipment }) => [equipment, equipment === 101 ? 500 : 0]),
      );
      assert.equal((await push({ actual, finishedCentiKg: 0, close: false })).outcome, 'verified');
    });

    it('consumption that a person recorded is held, not overwritten', async () => {
      const move = moveOf(mill, order.orderId, 103);
      mill.odoo.db.update(move, { quantity: 77, picked: true });
      const held = person(await push());
      assert.equal(held.code, 'recorded-by-hand');
      assert.deepEqual(held.deviations, [
        { equipment: 103, what: 'consumption', expectedCentiKg: 9_000, actualCentiKg: 7_700 },
      ]);
      assert.equal(move.quantity, 77);
      untouched();
      assert.equal(person(await push({ acceptedBy: 'Sari', accepted: ['deviation'] })).code, 'recorded-by-hand');
      assert.equal((await push({ acceptedBy: 'Sari', accepted: ['recorded-by-hand'] })).outcome, 'verified');
      assert.deepEqual(books().consumedCentiKg, deliveredBy(batchOf(order)));
    });

    it("figures that an earlier try left are not taken for a person's", async () => {
      mill.odoo.fault({ kind: 'serialization-failure', method: 'button_mark_done' });
      assert.equal((await push({ actual: { 101: 21_900 } })).outcome, 'later');
      const corrected = { actual: { 101: 22_100 } };
      assert.equal(person(await push(corrected)).code, 'recorded-by-hand');
      const recorded = [{ equipment: 101, actualCentiKg: centiKg(21_900) }];
      assert.equal((await push({ ...corrected, recorded })).outcome, 'verified');
      assert.deepEqual(books().consumedCentiKg, deliveredBy(batchOf(order, corrected)));
    });

    it("an order that was closed by hand with other figures ends by a person's word, with both figures", async () => {
      const byHand = { actual: { 101: 21_500 }, finishedCentiKg: 99_000 };
      await push(byHand);
      const writes = mill.odoo.calls.get('write');
      const held = person(await push());
      assert.equal(held.code, 'order-done-differently');
      const ended = await push({ acceptedBy: 'Sari', accepted: ['order-done-differently'] });
      if (ended.outcome !== 'verified') assert.fail(JSON.stringify(ended));
      assert.deepEqual(ended.deviations, held.deviations);
      assert.equal(mill.odoo.calls.get('write'), writes, 'a done order is never written to');
      assert.deepEqual(books().consumedCentiKg, deliveredBy(batchOf(order, byHand)));
      assert.equal(person(await push({ acceptedBy: 'Sari', accepted: ['deviation'] })).code, 'order-done-differently');
    });

    it('a component that was replaced by another product of the same silo takes what the silo gave', async () => {
      const { id } = mill.odoo.db.insert(mill.odoo.db.products, {
        name: 'Bungkil kedelai impor [103]',
        defaultCode: false,
        tracking: 'none',
        unitId: mill.odoo.catalogue.units.kg,
      });
      mill.odoo.db.update(moveOf(mill, order.orderId, 103), { productId: id });
      assert.equal((await push()).outcome, 'verified');
      assert.equal(books().consumedCentiKg.get(id), 9_000);
    });

    it('one ingredient on two lines is one dose, and is posted by their plan', async () => {
      const first = moveOf(mill, order.orderId, 102);
      const { id: _id, ...copy } = first;
      const second = mill.odoo.db.insertMove({ ...copy, plannedQty: 60, quantity: copy.quantity === 0 ? 0 : 60 });
      order = await mill.fetchOne();
      const dose = order.components.find(({ equipment }) => equipment === 102);
      assert.equal(dose?.massCentiKg, 24_000);
      assert.equal((await push({ actual: { 102: 24_001 } })).outcome, 'verified');
      assert.deepEqual([first.quantity, second.quantity], [180.01, 60]);
      assert.equal(books().consumedCentiKg.get(first.productId), 24_001);
    });

    it('an output that liquids raise is measured against the plan, or against the output where that is set', async () => {
      const raised = { actual: { 107: 5_700 }, finishedCentiKg: 103_500 };
      assert.equal((await push(raised)).outcome, 'verified');
      await mill.close();
      await open({ settings: { toleranceBase: 'finished' } });
      const held = person(await push(raised));
      assert.deepEqual(held.deviations, [
        { equipment: 107, what: 'consumption', expectedCentiKg: 6_210, actualCentiKg: 5_700 },
      ]);
    });

    for (const [what, unitOf, rounding] of [
      ['tonnes', 't', 0.01],
      ['kilograms that Odoo keeps to a tenth', 'kg', 0.1],
      ['kilograms that Odoo keeps to whole ones', 'kg', 1],
    ] as const) {
      it(`an order in ${what} never goes in to be posted with other figures`, async () => {
        await mill.close();
        mill = await openMill(series);
        const unitId = mill.odoo.catalogue.units[unitOf];
        setRounding(mill, unitId, rounding);
        mill.odoo.createOrder({ unitId, quantityKg: unitOf === 't' ? 1 : 1000 });
        const { orders, refused } = await mill.fetch();
        assert.deepEqual(orders, []);
        assert.ok(refused[0]?.reasons.every(({ code }) => ['unit-too-coarse', 'over-limit'].includes(code)));
        assert.match(JSON.stringify(refused), /Plan it in kg, or make the unit finer in Odoo/);
      });
    }

    it('a look tells, in one call, which orders are no longer what was fetched', async () => {
      const { service } = mill.odoo;
      const more = ['cancelled', 'missing', 'done', 'quantity-changed', 'components-changed'] as const;
      for (const _ of more) mill.odoo.createOrder({ feed: 0, quantityKg: 1000 });
      const { orders } = await mill.fetch(10);
      const [, cancelled = 0, missing = 0, done = 0, changed = 0, other = 0] = orders.map(({ orderId }) => orderId);
      service.manufacturing.cancel([cancelled]);
      service.manufacturing.unlink([missing]);
      const doneOrder = orders.find(({ orderId }) => orderId === done);
      assert.ok(doneOrder);
      await mill.sync.push(batchOf(doneOrder));
      mill.odoo.changeQuantity(changed, 1200);
      mill.odoo.db.remove(mill.odoo.db.moves, moveOf(mill, other, 101));
      const look: OdooLookCommand = {
        command: 'look',
        orders: orders.map(({ orderId, orderName, quantityCentiKg, unit, components }) => ({
          orderId,
          orderName,
          plannedQuantityCentiKg: quantityCentiKg,
          unit,
          moveIds: components.map(({ moveId }) => moveId),
        })),
      };
      const result = await mill.sync.look(look);
      assert.equal(result.calls, 1);
      assert.deepEqual(
        result.orders.map(({ finding }) => finding),
        ['as-fetched', ...more],
      );
      assert.equal(result.orders[4]?.quantityCentiKg, 120_000);
      assert.equal((await mill.sync.look({ command: 'look', orders: [] })).calls, 1, 'it asks Odoo in any case');
    });
  });

  describe(`which orders of Odoo ${series} go to the plant`, () => {
    let mill: Mill;
    afterEach(() => mill.close());

    it('two companies with one order name: both are known by their id, and the login is named as too wide', async () => {
      mill = await openMill(series);
      const other = mill.odoo.addCompany('Pakan Makmur');
      const ids = [mill.odoo.createOrder(), mill.odoo.createOrder({ companyId: other })];
      const { orders, notices } = await mill.fetch();
      assert.deepEqual(
        orders.map(({ orderId, orderName }) => [orderId, orderName]),
        ids.map((id) => [id, 'WH/MO/00001']),
      );
      assert.deepEqual(
        notices.map(({ code }) => code),
        ['several-companies'],
      );
      assert.match(notices[0]?.message ?? '', /2 companies \(Pakan Jaya, Pakan Makmur\)/);
    });

    for (const by of ['name', 'id'] as const) {
      it(`a company in the settings, by its ${by}, keeps the others' orders out`, async () => {
        mill = await openMill(series);
        const other = mill.odoo.addCompany('Pakan Makmur');
        await mill.close();
        mill = await openMill(series, { settings: { company: by === 'name' ? 'Pakan Makmur' : String(other) } });
        assert.equal(mill.odoo.addCompany('Pakan Makmur'), other);
        mill.odoo.createOrder();
        const own = mill.odoo.createOrder({ companyId: other });
        const { orders, notices } = await mill.fetch();
        assert.deepEqual([orders.map(({ orderId }) => orderId), notices], [[own], []]);
      });
    }

    it('three that fit behind 210 that do not go in; the next fetch is back at three calls', async () => {
      mill = await openMill(series);
      for (let count = 0; count < 210; count += 1)
        mill.odoo.createOrder({ explode: false, plannedStart: '2020-01-01 00:00:00' });
      const good = [1, 2, 3].map(() => mill.odoo.createOrder({ plannedStart: '2020-02-01 00:00:00' }));
      const first = await mill.fetch();
      assert.deepEqual(
        first.orders.map(({ orderId }) => orderId),
        good,
      );
      assert.equal(first.refused.length, 210);
      assert.ok(first.calls > 3 && first.calls <= 6, String(first.calls));
      const second = await mill.fetch();
      assert.deepEqual(
        second.orders.map(({ orderId }) => orderId),
        good,
      );
      assert.deepEqual(second.refused, first.refused);
      assert.equal(second.calls, 3);
    });

    it('three calls are enough while the first window fills the queue', async () => {
      mill = await openMill(series, { settings: { scanLimit: 10 } });
      for (let count = 0; count < 60; count += 1) mill.odoo.createOrder();
      assert.deepEqual(await mill.fetch(10).then(({ orders, calls }) => [orders.length, calls]), [10, 3]);
    });

    it('a refused order is judged again once it, or a product of it, is put right', async () => {
      mill = await openMill(series);
      const product = mill.odoo.catalogue.ingredients.get(103);
      assert.ok(product);
      mill.odoo.db.update(product, { defaultCode: false });
      const id = mill.odoo.createOrder();
      assert.equal((await mill.fetch()).refused.length, 1);
      mill.odoo.db.update(product, { defaultCode: 'SILO-103' });
      assert.deepEqual(
        (await mill.fetch()).orders.map(({ orderId }) => orderId),
        [id],
      );
      mill.odoo.changeQuantity(id, 400_000);
      assert.equal((await mill.fetch()).refused.length, 1);
      mill.odoo.changeQuantity(id, 1000);
      assert.deepEqual(
        (await mill.fetch()).orders.map(({ orderId }) => orderId),
        [id],
      );
    });

    it('an order is planned within the horizon, seven days unless set otherwise', async () => {
      const day = (days: number) =>
        new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
      for (const [horizonDays, expected] of [
        [7, 2],
        [200, 3],
        [0, 4],
      ] as const) {
        mill = await openMill(series, { settings: { horizonDays } });
        for (const days of [-30, 6, 150, 900]) mill.odoo.createOrder({ plannedStart: day(days) });
        assert.equal((await mill.fetch()).orders.length, expected);
        if (horizonDays !== 0) await mill.close();
      }
    });

    for (const [state, code] of [
      ['confirmed', 'stock-not-reserved'],
      ['partially_available', 'stock-not-reserved'],
      ['waiting', 'pick-open'],
    ] as const) {
      it(`a component that is ${state} lets the order in with a warning, or keeps it out where that is set`, async () => {
        for (const stockPolicy of ['warn', 'refuse'] as const) {
          mill = await openMill(series, { settings: { stockPolicy } });
          const id = mill.odoo.createOrder();
          mill.odoo.db.update(moveOf(mill, id, 104), { state });
          const { orders, refused } = await mill.fetch();
          const found = stockPolicy === 'warn' ? orders[0]?.warnings : refused[0]?.reasons;
          assert.deepEqual(
            found?.map((reason) => reason.code),
            [code],
          );
          assert.match(found?.[0]?.message ?? '', /Bungkil kelapa/);
          if (stockPolicy === 'warn') {
            await mill.close();
            continue;
          }
          mill.odoo.db.update(moveOf(mill, id, 104), { state: 'assigned' });
          assert.equal((await mill.fetch()).orders[0]?.orderId, id, 'reserved since, it goes in at once');
        }
      });
    }
  });
}

describe('the memory of refused orders', () => {
  it('is too old after some hours to hide what changed beside an order', async () => {
    const clock = new ManualClock();
    const mill = await openMill(17, { clock });
    try {
      const id = mill.odoo.createOrder({ explode: false, plannedStart: '2020-01-01 00:00:00' });
      assert.equal((await mill.fetch()).refused.length, 1);
      assert.equal((await mill.fetch()).calls, 2, 'nothing new: a look at orders and products');
      clock.advance(7 * 3_600_000);
      assert.equal((await mill.fetch()).calls, 3, 'judged again');
      mill.odoo.service.manufacturing.unlink([id]);
      assert.deepEqual((await mill.fetch()).refused, []);
    } finally {
      await mill.close();
    }
  });
});

describe('a mass split over the lines of one ingredient', () => {
  const mass = fc.integer({ min: 0, max: 500_000 }).map((value) => centiKg(value));

  it('is exact in its sum, near its share on every line, and never below nothing', () => {
    fc.assert(
      fc.property(mass, fc.array(mass, { minLength: 1, maxLength: 6 }), (total, plans) => {
        const parts = splitByPlan(total, plans);
        assert.equal(parts.length, plans.length);
        assert.equal(sumMass(parts), total);
        const whole = sumMass(plans);
        for (const [index, part] of parts.entries()) {
          assert.ok(part >= 0);
          if (whole > 0) assert.ok(Math.abs(part - (total * (plans[index] as CentiKg)) / whole) <= 1);
        }
      }),
    );
  });
});

describe('an unknown database', () => {
  for (const [series, secret] of [
    [17, 'shopfloor'],
    [19, 'shopfloor'],
    [19, 'shopfloor-api-key'],
  ] as const) {
    it(`of Odoo ${series} is said so, with the variable that names it (${secret})`, async () => {
      const mill = await openMill(series, { endpoint: { database: 'plnat', secret } });
      try {
        await assert.rejects(mill.fetch(), /Odoo has no database "plnat"\..*ODOO_DB/);
      } finally {
        await mill.close();
      }
    });
  }
});
