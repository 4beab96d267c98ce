// Names in PLC memory: unlike for each attempt, so that a block can't be taken for an earlier attempt of the same order.
import { ShopfloorError } from '../core/errors.ts';

/** More names than an order ever needs; beyond it something else is wrong. */
const mostAttempts = 99;

/** Names that an order may get, for a look at which of them are used. */
export function plcNamesOf(plcOrderName: string, orderId: number): string[] {
  const names: string[] = [];
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const name = nameOrNothing(plcOrderName, orderId, attempt);
    if (name !== undefined) names.push(name);
  }
  return names;
}

/**
 * The first attempt whose name is not in `used`. An Odoo database that was restored or numbered anew gives an old name to a new
 * order; the PLC may still show the old one.
 */
export function firstFreeAttempt(plcOrderName: string, orderId: number, used: ReadonlySet<string>): number {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    if (!used.has(plcNameOfAttempt(plcOrderName, orderId, attempt))) return attempt;
  }
  throw new ShopfloorError('plc-name-used-up', 409, `Order ${orderId} was given to the PLC ${mostAttempts} times.`);
}

/** Width of the NO-MO field in the original plant's memory map. */
const nameLength = 16;

/**
 * `plcOrderName` for the first attempt, `NAME#n` for attempt n, or the short key `MO-<id>#n` where that is longer than the
 * PLC's field. Never cut.
 */
export function plcNameOfAttempt(plcOrderName: string, orderId: number, attempt: number): string {
  const name = nameOrNothing(plcOrderName, orderId, attempt);
  if (name !== undefined) return name;
  throw new ShopfloorError(
    'plc-name-too-long',
    409,
    `Attempt ${attempt} of order ${orderId} has no name the PLC holds.`,
  );
}

/** The short key of an order: unique in one Odoo, whatever the orders are called. */
export function keyOfOrder(orderId: number): string {
  return `MO-${orderId}`;
}

function nameOrNothing(plcOrderName: string, orderId: number, attempt: number): string | undefined {
  if (attempt === 1) return plcOrderName;
  return [`${plcOrderName}#${attempt}`, `${keyOfOrder(orderId)}#${attempt}`].find((name) => name.length <= nameLength);
}
