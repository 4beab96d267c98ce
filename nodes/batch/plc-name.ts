// Names in PLC memory: unlike for each attempt, so that a block can't be taken for an earlier attempt of the same order.
import { ShopfloorError } from '../core/errors.ts';

/** Width of the NO-MO field in the original plant's memory map. */
const nameLength = 16;

/**
 * `plcOrderName` for the first attempt, `NAME#n` for attempt n, or the short key `MO-<id>#n` where that is longer than the
 * PLC's field. Never cut.
 */
export function plcNameOfAttempt(plcOrderName: string, orderId: number, attempt: number): string {
  if (attempt === 1) return plcOrderName;
  const names = [`${plcOrderName}#${attempt}`, `MO-${orderId}#${attempt}`];
  const name = names.find((candidate) => candidate.length <= nameLength);
  if (name === undefined) {
    throw new ShopfloorError(
      'plc-name-too-long',
      409,
      `Attempt ${attempt} of order ${orderId} has no name the PLC holds.`,
    );
  }
  return name;
}
