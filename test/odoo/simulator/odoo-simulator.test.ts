import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSimulatorCommand, runSimulatorCommand } from '../../../nodes/odoo/simulator/commands.ts';
import { OdooSimulator } from '../../../nodes/odoo/simulator/odoo-simulator.ts';
import { startPlanner } from '../../../nodes/odoo/simulator/planner.ts';
import { parseSimulatorSettings } from '../../../nodes/odoo/simulator/simulator-settings.ts';
import { stateFile } from '../../../nodes/odoo/simulator/state-file.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { batchOf, openMill } from '../feed-mill.ts';

describe('the simulated Odoo as a server', () => {
  it('goes away and comes back on its port with its orders', async () => {
    const mill = await openMill(17);
    try {
      const id = mill.odoo.createOrder();
      const { port } = mill.odoo;
      await mill.odoo.stop();
      await assert.rejects(fetch(mill.odoo.url));
      assert.equal(await mill.odoo.start(), port);
      assert.equal((await mill.fetchOne()).orderId, id);
    } finally {
      await mill.close();
    }
  });

  it('answers GET, unknown paths and garbage as Odoo does', async () => {
    const odoo = new OdooSimulator({ series: 17 });
    await odoo.start();
    try {
      assert.equal((await fetch(`${odoo.url}/xmlrpc/2/common`)).status, 405);
      const json2 = await fetch(`${odoo.url}/json/2/mrp.production/search`, { method: 'POST', body: '{}' });
      assert.deepEqual([json2.status, json2.headers.get('content-type')], [404, 'text/html; charset=utf-8']);
      const garbage = await fetch(`${odoo.url}/xmlrpc/2/object`, { method: 'POST', body: 'garbage' });
      assert.equal(garbage.status, 200);
      assert.match(await garbage.text(), /<fault>/);
    } finally {
      await odoo.stop();
    }
  });

  it('of 19 answers wrong JSON-2 requests by their status', async () => {
    const odoo = new OdooSimulator({ series: 19 });
    await odoo.start();
    const status = async (path: string, body: string, headers: Record<string, string>) =>
      (await fetch(`${odoo.url}/json/2/${path}`, { method: 'POST', body, headers })).status;
    const key = { authorization: 'bearer shopfloor-api-key' };
    try {
      assert.equal(await status('mrp.production/search', '{}', {}), 401);
      assert.equal(await status('mrp.production/search', '{}', { authorization: 'bearer shopfloor' }), 401);
      assert.equal(await status('mrp.production/search', '{"domain":[]}', key), 200);
      assert.equal(await status('mrp.production/search', '[]', key), 400);
      assert.equal(await status('mrp.production/_x', '{}', key), 403);
      assert.equal(await status('mrp.production/x', '{"ids":[]}', key), 404);
      assert.equal(await status('no.model/read', '{}', key), 404);
      assert.equal(await status('mrp.production/write', '{"ids":[9],"vals":{}}', key), 404);
      assert.equal(await status('mrp.production/search', '{}', { ...key, 'x-odoo-database': 'other' }), 404);
    } finally {
      await odoo.stop();
    }
  });
});

describe('the state of a simulated Odoo', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'odoo-simulator-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('outlives the process: orders, postings and numbers go on', async () => {
    const file = stateFile(join(folder, 'state.json'));
    const mill = await openMill(17, { simulator: { stateFile: file } });
    mill.odoo.createOrder();
    const order = await mill.fetchOne();
    await mill.sync.push(batchOf(order, { scatterCentiKg: 3 }));
    const before = mill.odoo.order(order.orderId);
    await mill.close();

    const again = new OdooSimulator({ series: 17, stateFile: file });
    assert.deepEqual(again.order(order.orderId), before);
    const next = again.createOrder();
    assert.ok(next > order.orderId);
    assert.equal(again.order(next).name, 'WH/MO/00002');
  });

  it('undoes what a full disk could not keep, answers with the fault, and goes on when there is room', async () => {
    let isFull = false;
    let kept: string | undefined;
    const mill = await openMill(17, {
      simulator: {
        stateFile: {
          load: () => kept,
          save: (text) => {
            if (isFull) throw new Error('no space left on device');
            kept = text;
          },
        },
      },
    });
    try {
      mill.odoo.createOrder();
      const order = await mill.fetchOne();
      isFull = true;
      assert.throws(() => mill.odoo.createOrder(), /could not extend file: no space left on device/);
      assert.equal(mill.odoo.orders.length, 1);
      const refused = await mill.sync.push(batchOf(order));
      assert.equal(refused.outcome, 'later', JSON.stringify(refused));
      assert.equal(mill.odoo.order(order.orderId).state, 'confirmed');
      isFull = false;
      mill.odoo.createOrder();
      assert.equal(new OdooSimulator({ series: 17, stateFile: { load: () => kept, save: () => {} } }).orders.length, 2);
    } finally {
      await mill.close();
    }
  });

  it('of another series is not taken over', () => {
    const file = stateFile(join(folder, 'state.json'));
    new OdooSimulator({ series: 17, stateFile: file }).createOrder();
    assert.deepEqual(new OdooSimulator({ series: 15, stateFile: file }).orders, []);
  });
});

describe('the simulated planner', () => {
  it('tells that an order could not be entered, and enters the next one in its time', () => {
    let isFull = true;
    const save = () => {
      if (isFull) throw new Error('no space left on device');
    };
    const odoo = new OdooSimulator({ series: 17, stateFile: { load: () => undefined, save } });
    const clock = new ManualClock();
    const faults: Error[] = [];
    const settings = { secondsPerOrder: 10, openOrders: 3 };
    const stop = startPlanner(odoo, clock, settings, (fault) => faults.push(fault));
    clock.advance(20_000);
    assert.deepEqual([faults.length, odoo.orders.length], [3, 0]);
    isFull = false;
    clock.advance(10_000);
    assert.deepEqual([faults.length, odoo.orders.length], [3, 1]);
    stop();
  });

  it('enters orders on its clock, waits while many are open, and clears old ones away', () => {
    const odoo = new OdooSimulator({ series: 17 });
    const clock = new ManualClock();
    const stop = startPlanner(odoo, clock, { secondsPerOrder: 10, openOrders: 3 });
    clock.advance(60_000);
    assert.equal(odoo.orders.length, 3);
    for (let done = 0; done < 60; done += 1) {
      odoo.service.manufacturing.cancel(odoo.orders.filter(({ state }) => state === 'confirmed').map(({ id }) => id));
      clock.advance(10_000);
    }
    assert.ok(odoo.orders.length <= 53, String(odoo.orders.length));
    stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it('draws the same orders from the same seed', () => {
    const quantities = (seed: number) => {
      const odoo = new OdooSimulator({ series: 17, seed });
      for (let count = 0; count < 10; count += 1) odoo.generateOrder();
      return odoo.orders.map(({ productQty }) => productQty);
    };
    assert.deepEqual(quantities(7), quantities(7));
    assert.notDeepEqual(quantities(7), quantities(8));
    assert.ok(quantities(7).every((quantity) => quantity >= 500 && quantity <= 3000));
  });
});

describe('commands and settings of the simulator', () => {
  it('make orders and faults, and show the state', async () => {
    const odoo = new OdooSimulator({ series: 16 });
    await runSimulatorCommand(odoo, parseSimulatorCommand({ command: 'order', feed: 1, quantityKg: 800 }));
    const status = await runSimulatorCommand(odoo, parseSimulatorCommand({ command: 'status' }));
    assert.deepEqual(status.orders, { confirmed: 1 });
    assert.equal(status.newest[0]?.name, 'WH/MO/00001');
  });

  for (const payload of [
    undefined,
    { command: 'explode' },
    { command: 'order', quantityKg: -1 },
    { command: 'fault', fault: { kind: 'no-such' } },
    { command: 'fault', fault: { kind: 'late-reply' } },
    { command: 'fault', fault: { kind: 'refusal' } },
  ]) {
    it(`refuse ${JSON.stringify(payload)}`, () => assert.throws(() => parseSimulatorCommand(payload), /refused/));
  }

  it('leave it off without a port, and refuse a series that was never measured', () => {
    assert.equal(parseSimulatorSettings({ port: '' }), undefined);
    assert.equal(parseSimulatorSettings({ port: `\${ODOO_SIMULATOR_PORT}` }), undefined);
    assert.equal(parseSimulatorSettings({ port: '0', series: '19' })?.series, 19);
    assert.throws(() => parseSimulatorSettings({ port: '0', series: '18' }), /series/);
    assert.throws(() => parseSimulatorSettings({ port: '70000' }), /port/);
  });
});
