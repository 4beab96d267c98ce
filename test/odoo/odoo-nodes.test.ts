// The Odoo nodes inside Node-RED: messages in, messages out, and what Catch and the editor see.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import type { OdooFetchResult, OdooPushResult, OdooStatusResult } from '../../nodes/odoo/messages.ts';
import odooConnection from '../../nodes/odoo/odoo-connection.ts';
import odooMoSync from '../../nodes/odoo/odoo-mo-sync.ts';
import odooSimulator from '../../nodes/odoo/odoo-simulator.ts';
import { OdooSimulator } from '../../nodes/odoo/simulator/odoo-simulator.ts';
import { batchOf } from './feed-mill.ts';

interface Received {
  readonly topic?: string;
  readonly payload?: unknown;
  readonly [property: string]: unknown;
}

/** Hands `message` to a node as a wire would. */
function give(node: string, message: object): void {
  const target: NodeJS.EventEmitter & { receive(message: object): void } = helper.getNode(node) as never;
  target.receive({ _msgid: 'message', ...message });
}

/** Gives `message` to a node and resolves with the next message that reaches `at`. */
async function exchange(node: string, message: object, at = 'out'): Promise<Received> {
  const arrival = once(helper.getNode(at), 'input');
  give(node, message);
  const [received] = (await arrival) as [Received];
  return received;
}

/** Gives `message` to a node and resolves with the text of the error that a Catch node would get for it. */
async function errorOf(node: string, message: object): Promise<string> {
  const target: NodeJS.EventEmitter = helper.getNode(node);
  const failure = new Promise<string>((resolve) => {
    // A node's own complaint at deploy is a text; what \`done\` gets is an Error.
    target.on('call:error', ({ args: [error] }: { args: [unknown] }) => {
      if (error instanceof Error) resolve(error.message);
    });
  });
  give(node, message);
  return failure;
}

/** Texts of every status that a node has shown since this was called. */
function statusesOf(node: string): string[] {
  const texts: string[] = [];
  const target: NodeJS.EventEmitter = helper.getNode(node);
  target.on('call:status', (call: { args: [{ text: string }] }) => texts.push(call.args[0].text));
  return texts;
}

describe('the Odoo nodes', () => {
  let odoo: OdooSimulator;
  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    odoo = new OdooSimulator({ series: 17 });
    await odoo.start();
  });
  afterEach(async () => {
    await helper.unload();
    await odoo.stop();
  });

  const load = (connection: object = {}, sync: object = {}, password = 'shopfloor') =>
    helper.load(
      [odooConnection, odooMoSync],
      [
        { id: 'odoo', type: 'odoo-connection', url: odoo.url, database: 'plant', login: 'shopfloor', ...connection },
        { id: 'sync', type: 'odoo-mo-sync', connection: 'odoo', wires: [['out']], ...sync },
        { id: 'out', type: 'helper' },
      ],
      { odoo: { password } },
    );

  it('fetch, post, read back and keep the rest of the message', async () => {
    const orderId = odoo.createOrder();
    await load();
    const statuses = statusesOf('sync');
    const fetched = await exchange('sync', { payload: { command: 'fetch', limit: 10 }, taskRun: 'run-1' });
    assert.deepEqual([fetched.topic, fetched.taskRun], ['odoo/orders', 'run-1']);
    const [order] = (fetched.payload as OdooFetchResult).orders;
    assert.equal(order?.orderId, orderId);

    const pushed = await exchange('sync', { payload: order && batchOf(order) });
    assert.equal(pushed.topic, 'odoo/pushed');
    assert.equal((pushed.payload as OdooPushResult).outcome, 'verified');
    assert.equal(odoo.order(orderId).closedTimes, 1);
    assert.ok(statuses.length >= 4 && statuses.every((text) => text.length <= 20), statuses.join());
  });

  it('say who answers', async () => {
    await load();
    const { topic, payload } = await exchange('sync', { payload: { command: 'status' } });
    assert.equal(topic, 'odoo/status');
    assert.deepEqual(payload as OdooStatusResult, {
      connected: true,
      serverVersion: '17.0',
      protocol: 'xml-rpc',
      database: 'plant',
      login: 'shopfloor',
    });
  });

  it('let a Catch node see a fetch that failed, with what to check', async () => {
    await load({}, {}, 'wrong-secret');
    const text = await errorOf('sync', { payload: { command: 'fetch', limit: 10 } });
    assert.match(text, /ODOO_PASSWORD/);
    assert.doesNotMatch(text, /wrong-secret/);
  });

  it('answer a push to an Odoo that is away with a result, for the ledger to act on', async () => {
    const orderId = odoo.createOrder();
    await load();
    const fetched = await exchange('sync', { payload: { command: 'fetch', limit: 1 } });
    const [order] = (fetched.payload as OdooFetchResult).orders;
    await odoo.stop();
    const { payload } = await exchange('sync', { payload: order && batchOf(order) });
    const result = payload as OdooPushResult;
    assert.deepEqual([result.outcome, result.orderId], ['later', orderId]);
  });

  it('refuse a command that is incomplete by its fields', async () => {
    await load();
    assert.match(await errorOf('sync', { payload: { command: 'fetch' } }), /payload\.limit/);
    assert.match(await errorOf('sync', { payload: 'fetch' }), /payload\.command/);
  });

  it('refuse their own wrong settings by the field and go on refusing', async () => {
    await load({}, { equipmentPattern: '(' });
    assert.match(await errorOf('sync', { payload: { command: 'fetch', limit: 1 } }), /equipmentPattern/);
  });

  it('say that there is no working connection', async () => {
    await load({ url: 'no address' });
    assert.match(await errorOf('sync', { payload: { command: 'fetch', limit: 1 } }), /no working Odoo connection/);
  });

  it('share one login, and end it with the flow', async () => {
    await helper.load(
      [odooConnection, odooMoSync],
      [
        { id: 'odoo', type: 'odoo-connection', url: odoo.url, database: 'plant', login: 'shopfloor' },
        ...['sync', 'other'].map((id) => ({ id, type: 'odoo-mo-sync', connection: 'odoo', wires: [['out']] })),
        { id: 'out', type: 'helper' },
      ],
      { odoo: { password: 'shopfloor' } },
    );
    await exchange('sync', { payload: { command: 'status' } });
    await exchange('other', { payload: { command: 'fetch', limit: 1 } });
    assert.equal(odoo.calls.get('authenticate'), 1);
  });

  it('write nothing when the connection only watches', async () => {
    const orderId = odoo.createOrder();
    await load({ watchOnly: true });
    const fetched = await exchange('sync', { payload: { command: 'fetch', limit: 1 } });
    const [order] = (fetched.payload as OdooFetchResult).orders;
    const { payload } = await exchange('sync', { payload: order && batchOf(order) });
    assert.equal((payload as OdooPushResult).outcome, 'watch-only');
    assert.deepEqual(odoo.order(orderId).postings, []);
    assert.equal(odoo.calls.get('write'), undefined);
  });
});

describe('the Odoo simulator node', () => {
  let userDir: string;
  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'odoo-simulator-node-'));
    helper.settings({ userDir });
    await helper.startServer();
  });
  after(async () => {
    await helper.stopServer();
    rmSync(userDir, { recursive: true, force: true });
  });
  afterEach(() => helper.unload());

  const load = (properties: object) =>
    helper.load(odooSimulator, [
      { id: 'sim', type: 'odoo-simulator', wires: [['out'], ['events']], ...properties },
      { id: 'out', type: 'helper' },
      { id: 'events', type: 'helper' },
    ]);

  it('serves orders and tells what happens to them', async () => {
    await load({ port: '0', series: '16', secondsPerOrder: '0' });
    const event = await exchange('sim', { payload: { command: 'order', quantityKg: 700 } }, 'events');
    assert.equal(event.topic, 'odoo-simulator/order-confirmed');
    const { payload } = await exchange('sim', { payload: { command: 'status' } });
    const status = payload as { series: number; orders: object };
    assert.equal(status.series, 16);
    assert.deepEqual(status.orders, { confirmed: 1 });
  });

  it('stays off without a port and says so', async () => {
    await load({ port: '' });
    assert.match(await errorOf('sim', { payload: { command: 'status' } }), /is off/);
  });

  it('refuses wrong settings and wrong commands', async () => {
    await load({ port: '0', secondsPerOrder: '0', keepOrders: false });
    assert.match(await errorOf('sim', { payload: { command: 'explode' } }), /payload\.command/);
  });
});
