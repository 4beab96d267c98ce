// Task 4's look at Odoo: what became of orders that wait in the ledger or in the PLC, so that a person can act before they are made.
import { formatKg } from '../core/mass.ts';
import type { OdooLookCommand, OdooLookResult } from '../odoo/messages.ts';
import type { AlarmCondition } from './alarms.ts';
import { type Batch, isInPlc } from './batch.ts';

/** Orders that can still be taken out, or that are being made. */
export function isLookedAt(batch: Batch): boolean {
  return batch.endedAt === null && !batch.watchOnly && (batch.state === 'queued' || isInPlc(batch));
}

export function lookCommand(batches: readonly Batch[]): OdooLookCommand {
  return {
    command: 'look',
    orders: batches.filter(isLookedAt).map(({ orderId, orderName, plannedCentiKg, unit, components }) => ({
      orderId,
      orderName,
      plannedQuantityCentiKg: plannedCentiKg,
      unit,
      moveIds: components.flatMap(({ planned }) => (planned ? [planned.moveId] : [])),
    })),
  };
}

/** What the look showed of batches that still wait or are being made; those that it does not name are as they were. */
export function lookConditions(batches: readonly Batch[], orders: OdooLookResult['orders']): AlarmCondition[] {
  const looks = new Map(orders.map((order) => [order.orderId, order]));
  return batches.filter(isLookedAt).flatMap((batch) => {
    const look = looks.get(batch.orderId);
    if (!look) return [];
    const change = changeText(batch, look);
    return [
      ...(change === null ? [] : [condition('order-changed', batch, `${change} ${remedy(batch)}`)]),
      ...(look.reserved || batch.state === 'running' ? [] : [stockCondition(batch, [])]),
    ];
  });
}

function condition(code: AlarmCondition['code'], batch: Batch, message: string): AlarmCondition {
  return { code, key: batch.id, slot: batch.slot, orderName: batch.orderName, message };
}

/** @param reasons what the fetch said of its components; empty when only the whole order is known */
export function stockCondition(batch: Batch, reasons: readonly string[]): AlarmCondition {
  const why = reasons.length > 0 ? reasons.join('; ') : 'the stock of its components is not reserved';
  const message = `${batch.orderName}: ${why}. Made all the same, it is posted to less than nothing; check the stock in Odoo.`;
  return condition('stock-not-reserved', batch, message);
}

function changeText({ orderName, plannedCentiKg }: Batch, look: OdooLookResult['orders'][number]): string | null {
  switch (look.finding) {
    case 'as-fetched':
      return null;
    case 'missing':
      return `${orderName} was deleted in Odoo.`;
    case 'cancelled':
      return `${orderName} was cancelled in Odoo.`;
    case 'done':
      return `${orderName} was closed in Odoo by hand.`;
    case 'quantity-changed': {
      const now = look.quantityCentiKg === null ? 'another quantity' : `${formatKg(look.quantityCentiKg)} kg`;
      return `${orderName} is for ${now} in Odoo now; the plant has ${formatKg(plannedCentiKg)} kg.`;
    }
    case 'components-changed':
      return `The components of ${orderName} were changed in Odoo.`;
  }
}

function remedy({ state, slot }: Batch): string {
  if (state === 'queued') return 'Clear the queue, or cancel the order.';
  if (state === 'written') return `Take it out of slot ${slot ?? '?'} at the panel before it is made.`;
  return 'It is being made; decide when it is finished.';
}
