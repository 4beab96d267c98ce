// The whole plant tells what stops it: an Odoo that refuses the login from the start, a PLC that is away, an order that was cancelled.
import assert from 'node:assert/strict';
import { type NodeRedProcess, nodeRedLegs, requireLeg, startShopfloor } from '../support/node-red-process.ts';
import { type BatchRow, PlantApi } from './api.ts';
import { Plant, type PlantOptions } from './plant.ts';

interface Monitor {
  readonly alarms: readonly { readonly code: string; readonly orderName: string | null; readonly message: string }[];
}

/** A mill that takes orders and makes nothing: they stand in the PLC until somebody acts. */
const waitingMill = { mill: { secondsPerBatch: 3_600 } };

for (const leg of nodeRedLegs) {
  describe(`what stops the loop on ${leg.name}`, function () {
    this.timeout(120_000);
    let plant: Plant;
    let running: NodeRedProcess;
    let api: PlantApi;

    before(function () {
      requireLeg(this, leg);
    });
    afterEach(async () => {
      await running?.kill();
      await plant?.stop();
    });

    async function start(options: PlantOptions = {}): Promise<void> {
      plant = await Plant.start({ plc: waitingMill, ...options });
      running = await startShopfloor({ home: plant.home, environment: plant.environment, leg });
      api = new PlantApi(running.url);
    }
    const begun = (code: string) =>
      api.until<Monitor, Monitor['alarms'][number]>(
        'monitor/real-time',
        ({ alarms }) => alarms.find((alarm) => alarm.code === code),
        90_000,
      );
    const ended = (code: string) =>
      api.until<Monitor, true>(
        'monitor/real-time',
        ({ alarms }) => !alarms.some((alarm) => alarm.code === code),
        90_000,
      );

    it('a login that Odoo refuses is one alarm from the start, though nothing waits, until it is accepted', async () => {
      await start({ environment: { ODOO_PASSWORD: 'expired' } });
      assert.match((await begun('odoo-unavailable')).message, /ODOO_PASSWORD/);
      await running.logged(/\[ALARM\] on {2}odoo-unavailable/);
      plant.odoo.accounts.replace([{ login: 'shopfloor', password: 'expired', apiKey: '', rights: 'manufacturing' }]);
      await ended('odoo-unavailable');
      await running.logged(/\[ALARM\] off odoo-unavailable/);
    });

    it('a PLC that is unplugged is one alarm until it answers', async () => {
      await start();
      await plant.plc.server.inject({ kind: 'unplug' });
      await begun('plc-unavailable');
      await plant.plc.server.inject({ kind: 'plug-in' });
      await ended('plc-unavailable');
    });

    it('an order that is cancelled in Odoo while it waits in the PLC is told before it is made', async () => {
      await start();
      const ids = [1, 2].map((feed) => plant.odoo.createOrder({ feed, quantityKg: 1_000 }));
      await api.until<readonly BatchRow[], true>(
        'batch-status',
        (rows) => rows.filter(({ state }) => state === 'written').length > 0,
      );
      const rows = (await api.get<readonly BatchRow[]>('batch-status')).body.data;
      const waiting = rows.find(({ state }) => state === 'written');
      const id = ids.find((one) => plant.odoo.order(one).name === waiting?.mo_id);
      assert.ok(id !== undefined);
      plant.odoo.service.transaction(() => plant.odoo.service.manufacturing.cancel([id]));
      const alarm = await begun('order-changed');
      assert.equal(alarm.orderName, waiting?.mo_id);
      assert.match(alarm.message, /was cancelled in Odoo/);
    });
  });
}
