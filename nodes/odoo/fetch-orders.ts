// Fetches confirmed orders with their components in three calls, whatever their number.
import { groupBy } from './group-by.ts';
import type { FetchedOrder, OdooFetchCommand, OdooFetchResult, RefusedOrder } from './messages.ts';
import { CountedPort, type Domain, type OdooPort, type OdooRecord } from './odoo-port.ts';
import { judgeOrder, type ProductFacts } from './order-judgement.ts';
import { requiredReference, requiredText, textOf } from './record-values.ts';
import type { SyncSettings } from './sync-settings.ts';
import { namesOf } from './version-table.ts';

/** Rejects with an OdooError; the ledger then stays as it is. */
export async function fetchOrders(
  session: OdooPort,
  command: OdooFetchCommand,
  settings: SyncSettings,
): Promise<OdooFetchResult> {
  const port = new CountedPort(session);
  const names = namesOf(port.server.series);
  const exclude = command.exclude ?? [];
  const domain: Domain = [
    ['state', '=', 'confirmed'],
    ...(exclude.length > 0 ? [['id', 'not in', exclude] as const] : []),
    ...settings.extraDomain,
  ];
  const orders = await port.searchRead('mrp.production', {
    domain,
    fields: ['name', 'product_id', 'product_qty', 'product_uom_id', 'bom_id', 'move_byproduct_ids', names.plannedStart],
    order: `${names.plannedStart}, id`,
    limit: settings.scanLimit,
  });
  if (orders.length === 0) return { orders: [], refused: [], calls: port.calls };

  const moves = await port.searchRead('stock.move', {
    domain: [['raw_material_production_id', 'in', orders.map(({ id }) => id)]],
    fields: [
      'raw_material_production_id',
      'product_id',
      'product_uom',
      'product_uom_qty',
      'state',
      'has_tracking',
      names.consumedQuantity,
      ...(names.picked ? [names.picked] : []),
    ],
    order: 'id',
  });
  const products = await readProducts(port, [...orders, ...moves]);

  const movesOfOrder = groupBy(moves, (move) => requiredReference(move, 'raw_material_production_id').id);
  const accepted: FetchedOrder[] = [];
  const refused: RefusedOrder[] = [];
  for (const order of orders) {
    const judgement = judgeOrder(order, movesOfOrder.get(order.id) ?? [], products, settings, names);
    if ('reasons' in judgement) refused.push(judgement);
    else if (accepted.length < command.limit) accepted.push(judgement);
  }
  return { orders: accepted, refused, calls: port.calls };
}

async function readProducts(
  port: OdooPort,
  records: readonly OdooRecord[],
): Promise<ReadonlyMap<number, ProductFacts>> {
  const ids = [...new Set(records.map((record) => requiredReference(record, 'product_id').id))];
  const products = await port.read('product.product', ids, ['name', 'default_code', 'tracking']);
  return new Map(
    products.map((product) => [
      product.id,
      {
        name: requiredText(product, 'name'),
        reference: textOf(product, 'default_code'),
        tracked: (textOf(product, 'tracking') ?? 'none') !== 'none',
      },
    ]),
  );
}
