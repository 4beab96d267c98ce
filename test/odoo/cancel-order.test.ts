import assert from 'node:assert/strict';
import type { FetchedOrder, OdooPushResult } from '../../nodes/odoo/messages.ts';
import { simulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { batchOf, type Mill, openMill } from './feed-mill.ts';

for (const series of simulatedSeries) {
  describe(`cancelling an order in Odoo ${series}`, () => {
    let mill: Mill;
    let order: FetchedOrder;
    beforeEach(async () => {
      mill = await openMill(series);
      mill.odoo.createOrder();
      order = await mill.fetchOne();
    });
    afterEach(() => mill.close());
    const cancel = (orderId = order.orderId): Promise<OdooPushResult> =>
      mill.sync.cancel({ command: 'cancel', pushId: 'c', orderId, orderName: order.orderName });
    const stateOf = () => mill.odoo.order(order.orderId).state;

    it('is believed when Odoo shows it', async () => {
      assert.deepEqual(await cancel(), {
        pushId: 'c',
        orderId: order.orderId,
        action: 'cancel',
        calls: 4,
        outcome: 'verified',
        orderState: 'cancel',
        alreadyDone: false,
      });
      assert.equal(stateOf(), 'cancel');
    });

    it('is done already when it comes again', async () => {
      await cancel();
      const again = await cancel();
      assert.ok(again.outcome === 'verified' && again.alreadyDone);
    });

    it('never touches a done order', async () => {
      await mill.sync.push(batchOf(order));
      const result = await cancel();
      assert.ok(result.outcome === 'person' && result.code === 'order-done-differently', JSON.stringify(result));
      assert.equal(mill.odoo.calls.get('action_cancel'), undefined);
      assert.equal(stateOf(), 'done');
    });

    it('goes to a person when something was consumed', async () => {
      await mill.sync.push(batchOf(order, { close: false, finishedCentiKg: 0 }));
      const result = await cancel();
      assert.ok(result.outcome === 'person' && result.code === 'odoo-refused', JSON.stringify(result));
      assert.equal(stateOf(), 'progress');
    });

    it('says that an order is missing', async () => {
      const result = await cancel(999_999);
      assert.ok(result.outcome === 'person' && result.code === 'order-missing', JSON.stringify(result));
    });

    it('sees through a reply that was cut after the commit', async () => {
      mill.odoo.fault({ kind: 'cut-after-commit', method: 'action_cancel' });
      assert.equal((await cancel()).outcome, 'verified');
    });

    it('comes again later when the reply was cut before the commit', async () => {
      mill.odoo.fault({ kind: 'cut-before', method: 'action_cancel' });
      const result = await cancel();
      assert.ok(result.outcome === 'later' && result.code === 'unknown-outcome', JSON.stringify(result));
      assert.equal((await cancel()).outcome, 'verified');
    });
  });
}

describe('cancelling while only watching', () => {
  it('says what it would send and sends nothing', async () => {
    const mill = await openMill(17, { watchOnly: true });
    try {
      const orderId = mill.odoo.createOrder();
      const result = await mill.sync.cancel({ command: 'cancel', pushId: 'c', orderId, orderName: 'WH/MO/00001' });
      assert.match(JSON.stringify(result.outcome === 'watch-only' && result.wouldSend), /action_cancel/);
      assert.equal(mill.odoo.order(orderId).state, 'confirmed');
    } finally {
      await mill.close();
    }
  });
});
