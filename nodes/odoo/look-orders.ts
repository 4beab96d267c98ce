// Looks whether orders that wait for the plant, or are being made, are still what was fetched: one call, whatever their number.
import { type CentiKg, roundToCentiKg } from '../core/mass.ts';
import { massUnit } from './mass-units.ts';
import type { OdooLookCommand, OdooLookResult, OrderFinding } from './messages.ts';
import { CountedPort, type OdooPort, type OdooRecord } from './odoo-port.ts';
import { idsOf, quantityOf, requiredReference, requiredText, textOf } from './record-values.ts';
import type { SyncSettings } from './sync-settings.ts';

type Wanted = OdooLookCommand['orders'][number];

/** Rejects with an OdooError. Without any order it still asks: a login that no longer works shows before it is needed. */
export async function lookAtOrders(
  session: OdooPort,
  command: OdooLookCommand,
  settings: SyncSettings,
): Promise<OdooLookResult> {
  const port = new CountedPort(session);
  const records = await port.searchRead('mrp.production', {
    domain: [['id', 'in', command.orders.map(({ orderId }) => orderId)]],
    fields: ['state', 'product_qty', 'product_uom_id', 'move_raw_ids', 'reservation_state'],
  });
  const found = new Map(records.map((record) => [record.id, record]));
  return {
    orders: command.orders.map((order) => judged(order, found.get(order.orderId), settings)),
    calls: port.calls,
  };
}

function judged(
  order: Wanted,
  record: OdooRecord | undefined,
  settings: SyncSettings,
): OdooLookResult['orders'][number] {
  const { orderId } = order;
  if (!record) return { orderId, finding: 'missing', quantityCentiKg: null, reserved: true };
  const unit = massUnit(settings.massUnits, requiredReference(record, 'product_uom_id'));
  const quantityCentiKg = unit ? roundToCentiKg(quantityOf(record, 'product_qty'), unit.centiKgPerUnit) : null;
  const reservation = textOf(record, 'reservation_state');
  return {
    orderId,
    finding: findingOf(order, record, quantityCentiKg),
    quantityCentiKg,
    // Unset once something is recorded: then it no longer matters.
    reserved: reservation === null || reservation === 'assigned',
  };
}

function findingOf(order: Wanted, record: OdooRecord, quantity: CentiKg | null): OrderFinding {
  const state = requiredText(record, 'state');
  if (state === 'cancel') return 'cancelled';
  if (state === 'done') return 'done';
  if (quantity !== order.plannedQuantityCentiKg) return 'quantity-changed';
  const moves = new Set(idsOf(record, 'move_raw_ids'));
  return order.moveIds.every((id) => moves.has(id)) ? 'as-fetched' : 'components-changed';
}
