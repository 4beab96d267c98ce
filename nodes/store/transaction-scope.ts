// Knows whether code runs inside a transaction, so that a query beside that transaction is refused instead of waiting for itself.
import { AsyncLocalStorage } from 'node:async_hooks';
import { StoreError } from './store-error.ts';

/** One for each database of this process. Code that a transaction started and that outlives it counts as outside again. */
export class TransactionScope {
  readonly #current = new AsyncLocalStorage<{ open: boolean }>();

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const transaction = { open: true };
    try {
      return await this.#current.run(transaction, work);
    } finally {
      transaction.open = false;
    }
  }

  /**
   * SQLite has one connection to write with: whoever holds it and asks for it again would wait for ever, and every writer behind
   * him. PostgreSQL would answer, until all connections of the pool wait for one more.
   * @throws StoreError `refused` inside a transaction
   */
  refuseInside(what: string): void {
    if (!this.#current.getStore()?.open) return;
    throw new StoreError('refused', `${what} was asked for beside the transaction that asks, and would wait for it.`, {
      hint: 'This is a fault of the program: use the transaction itself, or ask before it begins.',
    });
  }
}
