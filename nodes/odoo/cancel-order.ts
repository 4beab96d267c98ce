// Cancels an order that the plant will not make, unless something of it was consumed.

import type { OdooCancelCommand } from './messages.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooPort } from './odoo-port.ts';
import { readOpenMoves, readOrderState } from './order-moves.ts';
import { later, type Outcome, outcomeOfError, person } from './push-outcome.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Never rejects with an OdooError. */
export async function cancelOrder(
  port: OdooPort,
  command: OdooCancelCommand,
  settings: SyncSettings,
): Promise<Outcome> {
  try {
    const decided = await decideCancel(port, command, settings);
    if (decided) return decided;
    const failure = await port.callMethod('mrp.production', 'action_cancel', [command.orderId]).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined && !(failure instanceof OdooError)) throw failure;
    return await verifyCancelled(port, command, failure);
  } catch (error) {
    if (error instanceof OdooError) return outcomeOfError(error);
    throw error;
  }
}

/** Reads the order; undefined when it is to be cancelled. */
export async function decideCancel(
  port: OdooPort,
  command: OdooCancelCommand,
  settings: SyncSettings,
): Promise<Outcome | undefined> {
  const state = await readOrderState(port, command.orderId);
  if (state === undefined)
    return person('order-missing', `Odoo has no order ${command.orderName} (id ${command.orderId}).`);
  if (state === 'cancel') return { outcome: 'verified', orderState: state, alreadyDone: true };
  if (state === 'done')
    return person('order-done-differently', `${command.orderName} is done in Odoo and can't be cancelled.`);
  const moves = await readOpenMoves(port, settings.massUnits, command.orderId);
  const consumed = moves.filter((move) => move.consumed !== 0 || move.state === 'done');
  if (consumed.length === 0) return undefined;
  const products = consumed.map((move) => move.product.name).join(', ');
  return person('odoo-refused', `${command.orderName} has recorded consumption (${products}); decide in Odoo.`);
}

async function verifyCancelled(
  port: OdooPort,
  command: OdooCancelCommand,
  failure: OdooError | undefined,
): Promise<Outcome> {
  try {
    const state = await readOrderState(port, command.orderId);
    if (state === 'cancel') return { outcome: 'verified', orderState: state, alreadyDone: false };
    if (failure) {
      const unclear = failure.kind === 'protocol' || failure.kind === 'unknown-outcome';
      return unclear ? later(new OdooError('unknown-outcome', failure.message)) : outcomeOfError(failure);
    }
    return person('odoo-refused', `Odoo said yes, but ${command.orderName} is ${state ?? 'missing'}.`);
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    return later(new OdooError('unknown-outcome', error.message));
  }
}
