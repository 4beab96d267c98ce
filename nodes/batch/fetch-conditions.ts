// What a fetch says that a person must know: orders that stay out, and a login that sees more than its line.
import type { OrderReason, RefusedOrder } from '../odoo/messages.ts';
import type { AlarmCondition } from './alarms.ts';
import type { BatchAlarmCode } from './messages.ts';

/** More refused orders than these are told as one number: two hundred alarms tell less than one. */
const mostToldSingly = 10;

/** Codes that only a fetch can begin or end. */
export const fetchCodes: readonly BatchAlarmCode[] = [
  'order-refused',
  'orders-refused',
  'several-companies',
  'too-many-orders',
];

const noticeCodes: readonly BatchAlarmCode[] = ['several-companies', 'too-many-orders'];

export function fetchConditions(refused: readonly RefusedOrder[], notices: readonly OrderReason[]): AlarmCondition[] {
  return [
    ...refused.slice(0, mostToldSingly).map(refusedOrder),
    ...(refused.length > mostToldSingly ? [manyRefused(refused)] : []),
    ...notices.flatMap(({ code, message }) => {
      const known = noticeCodes.find((one) => one === code);
      return known ? [{ code: known, key: 'fetch', slot: null, orderName: null, message }] : [];
    }),
  ];
}

function refusedOrder({ orderId, orderName, reasons }: RefusedOrder): AlarmCondition {
  const why = reasons.map((reason) => reason.message).join('; ');
  const message = `${orderName} is not made: ${why}`;
  return { code: 'order-refused', key: `order ${orderId}`, slot: null, orderName, message };
}

/** The number, and how often each reason is given, the most frequent first. */
function manyRefused(refused: readonly RefusedOrder[]): AlarmCondition {
  const counts = new Map<string, number>();
  for (const { reasons } of refused) {
    for (const code of new Set(reasons.map((reason) => reason.code))) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const why = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ');
  const message = `${refused.length} orders that are confirmed in Odoo are not made (${why}). The first ${mostToldSingly} are listed; npm run doctor names more. Narrow the orders of this line in the odoo-mo-sync node, or put them right in Odoo.`;
  return { code: 'orders-refused', key: 'fetch', slot: null, orderName: null, message };
}
