// The planner of a simulated mill: enters an order now and then, waits while many are open, and clears away old ones.
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { OdooSimulator } from './odoo-simulator.ts';

/** Done and cancelled orders that stay for a look; more would only fill the memory of a trial that runs for weeks. */
const keptOrders = 50;

/**
 * Starts planning at once; the returned function ends it.
 * @param onFault told of an order that could not be entered, such as on a full disk; the next one is tried in its time
 */
export function startPlanner(
  odoo: OdooSimulator,
  clock: Clock,
  settings: { readonly secondsPerOrder: number; readonly openOrders: number },
  onFault: (fault: Error) => void = () => {},
): () => void {
  if (settings.secondsPerOrder === 0) return () => {};
  let cancel = () => {};
  const plan = () => {
    try {
      enter();
    } catch (error) {
      onFault(asError(error));
    }
    cancel = clock.after(settings.secondsPerOrder * 1000, plan);
  };
  const enter = () => {
    const open = [...odoo.db.productions.values()].filter(({ state }) => state !== 'done' && state !== 'cancel').length;
    if (open < settings.openOrders) odoo.generateOrder();
    odoo.forgetOldOrders(keptOrders);
  };
  plan();
  return () => cancel();
}
