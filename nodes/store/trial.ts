// Tries whether a database takes a piece of work, and takes all of it back: for finding what is at fault in work that is refused.
import type { Transaction } from 'kysely';
import type { Store } from './store.ts';
import { isContentFault } from './store-error.ts';

class TakenBack extends Error {}

/** @returns why the content of `work` is refused; undefined where it would go well. Rejects at a fault that says nothing about it. */
export async function refusalOf<Schema>(
  store: Pick<Store, 'transaction'>,
  work: (transaction: Transaction<Schema>) => Promise<unknown>,
): Promise<Error | undefined> {
  try {
    await store.transaction<Schema, never>(async (transaction) => {
      await work(transaction);
      throw new TakenBack();
    });
  } catch (thrown) {
    if (thrown instanceof TakenBack) return undefined;
    if (isContentFault(thrown)) return thrown;
    throw thrown;
  }
  return undefined;
}
