// Asks Odoo to close an order and answers the wizards that only repeat what was checked before.
import type { Remainder } from './messages.ts';
import { OdooError } from './odoo-error.ts';
import type { Context, OdooPort } from './odoo-port.ts';

/**
 * Set only after the client's own check of the tolerance: Odoo asks about every deviation from the BoM, however small,
 * and enforces nothing (not even "strict") on the API.
 */
const checkedByUs: Context = { skip_consumption: true, skip_backorder: true };

/** The wizards whose question was answered already, and the method that means "as recorded". Mapped by model. */
const knownWizards: Readonly<Record<Remainder, ReadonlyMap<string, string>>> = {
  close: new Map([
    ['mrp.consumption.warning', 'action_confirm'],
    ['mrp.production.backorder', 'action_close_mo'],
  ]),
  backorder: new Map([
    ['mrp.consumption.warning', 'action_confirm'],
    ['mrp.production.backorder', 'action_backorder'],
  ]),
};

/** A consumption warning may be followed by a backorder question; more rounds mean an add-on that asks for ever. */
const maximumWizards = 3;

/** How the attempt ended; whether the order is closed only reading it back tells. */
export type CloseAttempt =
  | { readonly end: 'answered' }
  /** Odoo asks something that nobody but a person can answer. */
  | { readonly end: 'asked'; readonly question: string }
  | { readonly end: 'failed'; readonly error: OdooError };

/** @param remainder what a person wants of the rest, where less was made than ordered */
export async function attemptClose(
  port: OdooPort,
  orderId: number,
  remainder: Remainder = 'close',
): Promise<CloseAttempt> {
  try {
    const context = remainder === 'backorder' ? { ...checkedByUs, mo_ids_to_backorder: [orderId] } : checkedByUs;
    let reply = await port.callMethod('mrp.production', 'button_mark_done', [orderId], context);
    for (let round = 0; round < maximumWizards; round += 1) {
      const action = actionOf(reply);
      if (!action) return { end: 'answered' };
      const method = knownWizards[remainder].get(action.model);
      if (method === undefined) return { end: 'asked', question: action.name };
      // Created without the action's context the wizard is empty: it says true and does nothing.
      const wizard = await port.create(action.model, {}, action.context);
      reply = await port.callMethod(action.model, method, [wizard], action.context);
    }
    return actionOf(reply) ? { end: 'asked', question: 'the same question again and again' } : { end: 'answered' };
  } catch (error) {
    if (error instanceof OdooError) return { end: 'failed', error };
    throw error;
  }
}

function actionOf(
  reply: unknown,
): { readonly model: string; readonly name: string; readonly context: Context } | undefined {
  if (typeof reply !== 'object' || reply === null || !('type' in reply)) return undefined;
  const model = 'res_model' in reply && typeof reply.res_model === 'string' ? reply.res_model : String(reply.type);
  const name = 'name' in reply && typeof reply.name === 'string' ? `"${reply.name}" (${model})` : model;
  const context =
    'context' in reply && typeof reply.context === 'object' && reply.context !== null ? reply.context : {};
  return { model, name, context: context as Context };
}
