// Which batch a person means by a name or an id: one of the line, or a refusal that says how to name it.
import { ShopfloorError } from '../core/errors.ts';
import type { Batch } from './batch.ts';

/**
 * The batch of `line` that is meant: open ones first, then the latest.
 * @param named batches with this id or name on any line, open ones first, then the latest
 * Throws a ShopfloorError: 404 for a name that is unknown here, 409 for one that two open orders have.
 */
export function batchMeant(named: readonly Batch[], order: string, line: string): Batch {
  const own = named.filter((one) => one.line === line);
  const open = own.filter((one) => one.endedAt === null);
  // Two companies may have orders of one name: which one is meant is never guessed.
  if (new Set(open.map(({ orderId }) => orderId)).size > 1) throw ambiguous(order, open);
  const [batch] = own;
  if (batch) return batch;
  const elsewhere = named[0] ? `It belongs to ${named[0].line}.` : 'Give the name as Odoo shows it, or the batch id.';
  throw new ShopfloorError('order-unknown', 404, `${order} is not in the ledger of ${line}.`, { hint: elsewhere });
}

function ambiguous(order: string, open: readonly Batch[]): ShopfloorError {
  const ids = open.map(({ orderId }) => orderId).join(' or ');
  return new ShopfloorError('order-ambiguous', 409, `${open.length} open batches are called ${order}.`, {
    hint: `Name the order by its id in Odoo (${ids}), or the batch by its own id.`,
  });
}
