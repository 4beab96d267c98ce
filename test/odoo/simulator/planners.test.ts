// What planners do to orders in Odoo, as a client meets it: two companies, other quantities, deleted orders, coarse units, missing stock.
import assert from 'node:assert/strict';
import { simulatedSeries } from '../../../nodes/odoo/simulator/records.ts';
import { faultOf, Rpc } from './rpc.ts';

interface OrderFields {
  readonly name: string;
  readonly company_id: readonly [number, string];
  readonly product_qty: number;
  readonly reservation_state: string | false;
}

for (const series of simulatedSeries) {
  describe(`planners at a simulated Odoo ${series}`, () => {
    let rpc: Rpc;
    let order: number;
    beforeEach(() => {
      rpc = new Rpc(series);
      order = rpc.odoo.createOrder({ feed: 0, quantityKg: 1000 });
    });
    const read = (id: number) => {
      const fields = ['name', 'company_id', 'product_qty', 'reservation_state'];
      return (rpc.call('mrp.production', 'read', [[id], fields]).value as OrderFields[])[0];
    };
    const changeQuantity = (id: number, quantity: number) => {
      const wizard = rpc.call('change.production.qty', 'create', [{ mo_id: id, product_qty: quantity }]).value;
      return rpc.call('change.production.qty', 'change_prod_qty', [[wizard]]);
    };

    it('number the orders of each company for itself', () => {
      const other = rpc.odoo.addCompany('Pakan Makmur');
      const twin = rpc.odoo.createOrder({ companyId: other });
      assert.deepEqual([read(order)?.name, read(twin)?.name], ['WH/MO/00001', 'WH/MO/00001']);
      assert.deepEqual(read(twin)?.company_id, [other, 'Pakan Makmur']);
      const found = rpc.call('mrp.production', 'search', [[['company_id.name', '=', 'Pakan Makmur']]]).value;
      assert.deepEqual(found, [twin]);
    });

    it('change a quantity by the wizard, components in proportion', () => {
      assert.equal(changeQuantity(order, 1500).value, true);
      assert.equal(read(order)?.product_qty, 1500);
      assert.deepEqual(
        rpc.odoo.db
          .rawMoves(order)
          .map(({ plannedQty, unitFactor }) => [plannedQty, unitFactor * 1500])
          .filter(([a, b]) => Math.abs((a ?? 0) - (b ?? 0)) > 0.005),
        [],
      );
      assert.equal(rpc.odoo.db.finishedMoves(order)[0]?.plannedQty, 1500);
      assert.match(faultOf(() => changeQuantity(order, 0)).message, /must be positive/);
      rpc.call('mrp.production', 'action_cancel', [[order]]);
      assert.match(faultOf(() => changeQuantity(order, 900)).message, /open manufacturing order/);
    });

    it('delete an order with its moves, but not one that is done', () => {
      const gone = rpc.odoo.createOrder();
      assert.equal(rpc.call('mrp.production', 'unlink', [[gone]]).value, true);
      assert.equal(read(gone), undefined);
      assert.deepEqual(rpc.call('stock.move', 'search', [[['raw_material_production_id', '=', gone]]]).value, []);
      rpc.record(order, 7, { qty_producing: 1000 });
      rpc.markDone(order, { skip_consumption: true, skip_backorder: true });
      assert.match(faultOf(() => rpc.call('mrp.production', 'unlink', [[order]])).message, /done state/);
    });

    it('keep quantities to the rounding of the unit', () => {
      const { t } = rpc.odoo.catalogue.units;
      const [move] = rpc.odoo.db.rawMoves(order);
      assert.ok(move);
      rpc.odoo.db.update(move, { unitId: t });
      const field = series >= 17 ? 'quantity' : 'quantity_done';
      rpc.call('stock.move', 'write', [[move.id], { [field]: 0.58837 }]);
      assert.equal(move.quantity, 0.59);
      assert.deepEqual(rpc.call('uom.uom', 'read', [[t], ['rounding']]).value, [{ id: t, rounding: 0.01 }]);
    });

    it('see whether stock is reserved by the states of the components', () => {
      assert.equal(read(order)?.reservation_state, 'assigned');
      const [first, second] = rpc.odoo.db.rawMoves(order);
      assert.ok(first && second);
      rpc.odoo.db.update(first, { state: 'partially_available' });
      assert.equal(read(order)?.reservation_state, 'confirmed');
      rpc.odoo.db.update(second, { state: 'waiting' });
      assert.equal(read(order)?.reservation_state, 'waiting');
      rpc.call('mrp.production', 'action_cancel', [[order]]);
      assert.equal(read(order)?.reservation_state, false);
    });
  });
}
