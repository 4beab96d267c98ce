// `npm run bench -- odoo`: counts remote calls for fetching 10 and 200 orders and for one push, on every simulated series.
import { connectOdoo } from '../nodes/odoo/connect.ts';
import type { FetchedOrder, OdooPushCommand } from '../nodes/odoo/messages.ts';
import { OrderSync } from '../nodes/odoo/order-sync.ts';
import { OdooSimulator } from '../nodes/odoo/simulator/odoo-simulator.ts';
import { type SimulatedSeries, simulatedSeries } from '../nodes/odoo/simulator/records.ts';
import { defaultSyncSettings } from '../nodes/odoo/sync-settings.ts';

const mostFetchCalls = 3;
const mostPushCalls = 4;

interface Row {
  readonly series: string;
  readonly what: string;
  readonly calls: number;
  readonly most: number;
  readonly ms: number;
}

/** Prints a table and sets exit code 1 when a number of calls is above its limit, or depends on the number of orders. */
export async function run(_args: readonly string[]): Promise<void> {
  const rows: Row[] = [];
  for (const series of simulatedSeries) {
    rows.push(...(await measure(series, 'shopfloor')));
    if (series >= 19) rows.push(...(await measure(series, 'shopfloor-api-key')));
  }
  for (const { series, what, calls, most, ms } of rows) {
    const verdict = calls <= most ? '' : '  TOO MANY';
    process.stdout.write(
      `Odoo ${series.padEnd(12)} ${what.padEnd(18)} ${calls} calls (at most ${most})  ${ms.toFixed(1)} ms${verdict}\n`,
    );
  }
  process.stdout.write(
    'Times are those of the simulator on this machine; a real Odoo adds its own (some 30 ms for 10 orders, 150 ms for a push).\n',
  );
  const fetches = new Set(rows.filter(({ what }) => what.startsWith('fetch')).map(({ calls }) => calls));
  if (fetches.size > 1 || rows.some(({ calls, most }) => calls > most)) process.exitCode = 1;
}

async function measure(series: SimulatedSeries, secret: string): Promise<Row[]> {
  const odoo = new OdooSimulator({ series });
  await odoo.start();
  const client = connectOdoo({ url: odoo.url, database: 'plant', login: 'shopfloor', secret });
  const connection = { session: () => client.session(), watchOnly: false, database: 'plant', login: 'shopfloor' };
  const sync = new OrderSync(connection, defaultSyncSettings);
  try {
    const { protocol } = await sync.status();
    const name = `${series} ${protocol}`;
    const rows: Row[] = [];
    for (const count of [10, 200]) {
      while (odoo.orders.length < count) odoo.generateOrder();
      const [fetched, ms] = await timed(() => sync.fetch({ command: 'fetch', limit: count }));
      if (fetched.orders.length !== count) throw new Error(`${name}: ${fetched.orders.length} of ${count} orders`);
      rows.push({ series: name, what: `fetch ${count} orders`, calls: fetched.calls, most: mostFetchCalls, ms });
    }
    const [order] = (await sync.fetch({ command: 'fetch', limit: 1 })).orders;
    if (!order) throw new Error(`${name}: no order to push`);
    const [pushed, ms] = await timed(() => sync.push(pushOf(order)));
    if (pushed.outcome !== 'verified') throw new Error(`${name}: ${JSON.stringify(pushed)}`);
    rows.push({ series: name, what: 'push one order', calls: pushed.calls, most: mostPushCalls, ms });
    return rows;
  } finally {
    client.close();
    await odoo.stop();
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

function pushOf(order: FetchedOrder): OdooPushCommand {
  return {
    command: 'push',
    pushId: 'bench',
    orderId: order.orderId,
    orderName: order.orderName,
    plannedQuantityCentiKg: order.quantityCentiKg,
    finishedQuantityCentiKg: order.quantityCentiKg,
    unit: order.unit,
    components: order.components.map(({ equipment, productId, massCentiKg, unit }) => ({
      equipment,
      productId,
      plannedCentiKg: massCentiKg,
      actualCentiKg: massCentiKg,
      unit,
    })),
    unplanned: [],
    close: true,
  };
}
