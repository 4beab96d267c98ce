import assert from 'node:assert/strict';
import { simulatedSeries } from '../../../nodes/odoo/simulator/records.ts';
import { faultOf, Rpc } from './rpc.ts';

const noQuestions = { skip_consumption: true, skip_backorder: true };

for (const series of simulatedSeries) {
  const picks = series >= 17;
  describe(`a simulated Odoo ${series}`, () => {
    let rpc: Rpc;
    let order: number;
    beforeEach(() => {
      rpc = new Rpc(series);
      order = rpc.odoo.createOrder({ feed: 0, quantityKg: 1000 });
    });

    it(
      picks
        ? 'discards recorded consumption when qty_producing was forgotten'
        : 'refuses to close an order whose qty_producing was forgotten',
      () => {
        rpc.record(order, 7);
        if (picks) {
          assert.equal(rpc.markDone(order).value, true);
          assert.equal(rpc.consumed(order), 100_000);
        } else {
          assert.match(faultOf(() => rpc.markDone(order)).message, /must be positive/);
          assert.equal(rpc.state(order), 'progress');
        }
      },
    );

    if (picks) {
      it('consumes nothing that was not picked', () => {
        const commands = rpc.moves(order).map((id) => [1, id, { quantity: 7 }]);
        rpc.call('mrp.production', 'write', [[order], { qty_producing: 1000, move_raw_ids: commands }]);
        rpc.markDone(order, noQuestions);
        assert.equal(rpc.state(order), 'done');
        assert.equal(rpc.consumed(order), 0);
        assert.equal(rpc.odoo.order(order).producedCentiKg, 100_000);
      });

      it('keeps a manual quantity even when qty_producing was forgotten', () => {
        const commands = rpc.moves(order).map((id) => [1, id, { quantity: 7, picked: true, manual_consumption: true }]);
        rpc.call('mrp.production', 'write', [[order], { move_raw_ids: commands }]);
        rpc.markDone(order, noQuestions);
        assert.equal(rpc.consumed(order), 700 * commands.length);
      });

      it('answers set_qty_producing with None', () => {
        assert.deepEqual(rpc.call('mrp.production', 'set_qty_producing', [[order]]), { value: null, hasNone: true });
      });
    } else {
      it('asks whether to produce at once when nothing was recorded, and posts the plan on yes', () => {
        const { value } = rpc.markDone(order);
        const action = value as { res_model: string; context: Record<string, unknown> };
        assert.equal(action.res_model, 'mrp.immediate.production');
        const named = { context: action.context };
        const wizard = rpc.call(action.res_model, 'create', [{}], named).value;
        rpc.call(action.res_model, 'process', [[wizard]], named);
        assert.equal(rpc.consumed(order), 100_000);
      });
    }

    it('asks about consumption beside the plan, then about a backorder, and posts nothing before the answers', () => {
      rpc.record(order, 7, { qty_producing: 600 });
      const warning = rpc.markDone(order).value as { res_model: string; context: Record<string, unknown> };
      assert.equal(warning.res_model, 'mrp.consumption.warning');
      assert.equal(rpc.consumed(order), 0);
      const lines = warning.context.default_mrp_consumption_warning_line_ids as unknown[];
      assert.equal(lines.length, rpc.moves(order).length);

      const named = { context: warning.context };
      const wizard = rpc.call(warning.res_model, 'create', [{}], named).value;
      const question = rpc.call(warning.res_model, 'action_confirm', [[wizard]], named).value as typeof warning;
      assert.equal(question.res_model, 'mrp.production.backorder');
      assert.equal(rpc.consumed(order), 0);

      const next = { context: question.context };
      const backorder = rpc.call(question.res_model, 'create', [{}], next).value;
      assert.equal(rpc.call(question.res_model, 'action_close_mo', [[backorder]], next).value, true);
      assert.equal(rpc.state(order), 'done');
      assert.equal(rpc.odoo.order(order).qtyProduced, 600);
      assert.equal(rpc.odoo.order(order).productQty, picks ? 1000 : 600);
    });

    it('says yes and does nothing when a wizard is made without its context', () => {
      rpc.record(order, 7, { qty_producing: 1000 });
      const wizard = rpc.call('mrp.consumption.warning', 'create', [{}]).value;
      assert.equal(rpc.call('mrp.consumption.warning', 'action_confirm', [[wizard]]).value, true);
      assert.notEqual(rpc.state(order), 'done');
    });

    it('makes a backorder, renames the order, and returns a None that XML-RPC can not carry', () => {
      rpc.record(order, 7, { qty_producing: 600 });
      const result = rpc.markDone(order, { ...noQuestions, mo_ids_to_backorder: [order] });
      assert.equal(result.hasNone, true);
      assert.equal(rpc.odoo.order(order).name, 'WH/MO/00001-001');
      const rest = rpc.odoo.orders.find(({ name }) => name === 'WH/MO/00001-002');
      assert.equal(rest?.productQty, 400);
      assert.equal(rest?.state, 'confirmed');
      const fault = faultOf(() => rpc.markDone(order, { mo_ids_to_backorder: [order] }));
      assert.equal(fault.faultCode, 2);
    });

    it('posts once however often an order is closed', () => {
      const components = rpc.moves(order).length;
      rpc.record(order, 7, { qty_producing: 1000 });
      for (let again = 0; again < 3; again += 1) assert.equal(rpc.markDone(order, noQuestions).value, true);
      assert.equal(rpc.consumed(order), 700 * components);
      assert.equal(rpc.odoo.order(order).closedTimes, 1);
    });

    it('does not protect a done order: a late write moves stock', () => {
      rpc.record(order, 7, { qty_producing: 1000 });
      rpc.markDone(order, noQuestions);
      const before = rpc.consumed(order);
      const [move] = rpc.moves(order);
      rpc.call('stock.move', 'write', [[move], { [picks ? 'quantity' : 'quantity_done']: 8 }]);
      assert.equal(rpc.consumed(order), before + 100);
    });

    it('rolls a whole write back for one wrong move', () => {
      const [first] = rpc.moves(order);
      const field = picks ? 'quantity' : 'quantity_done';
      const commands = [
        [1, first, { [field]: 5 }],
        [1, 999_999, { [field]: 5 }],
      ];
      const fault = faultOf(() =>
        rpc.call('mrp.production', 'write', [[order], { qty_producing: 9, move_raw_ids: commands }]),
      );
      assert.match(fault.faultString, /\(Record: stock\.move\(999999,\)/);
      assert.equal(rpc.odoo.db.productions.get(order)?.qtyProducing, 0);
      assert.notEqual(rpc.odoo.db.moves.get(first ?? 0)?.quantity, 5);
    });

    it('changes the move of another order when told to', () => {
      const other = rpc.odoo.createOrder({ feed: 0 });
      const [foreign] = rpc.moves(other);
      const values = { move_raw_ids: [[1, foreign, picks ? { quantity: 3, picked: true } : { quantity_done: 3 }]] };
      rpc.call('mrp.production', 'write', [[order], values]);
      assert.equal(rpc.odoo.db.moves.get(foreign ?? 0)?.quantity, 3);
      assert.equal(rpc.state(other), 'progress');
    });

    it('rounds quantities to two decimals', () => {
      const [move] = rpc.moves(order);
      rpc.call('stock.move', 'write', [[move], { [picks ? 'quantity' : 'quantity_done']: 12.345_67 }]);
      assert.equal(rpc.odoo.db.moves.get(move ?? 0)?.quantity, 12.35);
    });

    it(`${series === 15 || series === 19 ? 'refuses' : 'takes'} a negative quantity`, () => {
      const [move] = rpc.moves(order);
      const write = () => rpc.call('stock.move', 'write', [[move], { [picks ? 'quantity' : 'quantity_done']: -1 }]);
      if (series === 15 || series === 19) assert.equal(faultOf(write).faultCode, 2);
      else assert.equal(write().value, true);
    });

    it('refuses to change the moves of a cancelled order, and never brings it back', () => {
      rpc.call('mrp.production', 'action_cancel', [[order]]);
      assert.match(faultOf(() => rpc.record(order, 7, { qty_producing: 1000 })).message, /cancelled stock move/);
      if (picks) assert.equal(rpc.markDone(order, noQuestions).value, true);
      else assert.equal(faultOf(() => rpc.markDone(order, noQuestions)).faultCode, 2);
      assert.equal(rpc.state(order), 'cancel');
    });

    it(`${series === 19 ? 'refuses' : 'pretends'} to cancel a done order`, () => {
      rpc.record(order, 7, { qty_producing: 1000 });
      rpc.markDone(order, noQuestions);
      const cancel = () => rpc.call('mrp.production', 'action_cancel', [[order]]);
      if (series === 19) assert.equal(faultOf(cancel).faultCode, 2);
      else assert.equal(cancel().value, true);
      assert.equal(rpc.state(order), 'done');
    });

    it('leaves missing records out of a read, and fails a write to one', () => {
      assert.deepEqual(rpc.call('mrp.production', 'read', [[999_999], ['state']]).value, []);
      assert.equal(faultOf(() => rpc.call('mrp.production', 'write', [[999_999], {}])).faultCode, 2);
    });

    it('answers fields of another series, private methods and missing models as Odoo does', () => {
      const foreign = picks ? 'quantity_done' : 'picked';
      const invalid = faultOf(() => rpc.call('stock.move', 'search_read', [[], [foreign]]));
      assert.match(invalid.faultString, /^Traceback[\s\S]*ValueError: Invalid field/);
      assert.equal(faultOf(() => rpc.call('mrp.production', '_do')).faultCode, 4);
      assert.equal(faultOf(() => rpc.call('no.model', 'read')).faultCode, 2);
      assert.equal(faultOf(() => rpc.call('mrp.production', 'x', [[order]])).faultCode, 1);
    });

    it('finds records by domains with operators and paths', () => {
      rpc.odoo.createOrder({ feed: 1, confirm: false });
      const find = (domain: unknown[]) => (rpc.call('stock.move', 'search', [domain]).value as number[]).length;
      const own = rpc.moves(order).length;
      assert.equal(find([['raw_material_production_id.state', '=', 'confirmed']]), own);
      assert.equal(find(['|', ['production_id', '=', order], ['raw_material_production_id', '=', order]]), own + 1);
      assert.equal(find(['!', ['raw_material_production_id', '!=', order]]), own);
      assert.equal(
        find([
          ['raw_material_production_id', '=', order],
          ['product_uom_qty', '>=', 180],
        ]),
        2,
      );
      assert.equal(find([['raw_material_production_id.product_id.default_code', '=', 'SP-16']]), own);
    });

    it('goes from confirmed over progress to to_close by what is recorded', () => {
      assert.equal(rpc.state(order), 'confirmed');
      rpc.record(order, 1);
      assert.equal(rpc.state(order), 'progress');
      rpc.call('mrp.production', 'write', [[order], { qty_producing: 1000 }]);
      assert.equal(rpc.state(order), 'to_close');
    });
  });
}
