// The commands that only look: live batches, one look at the line, history, one order with its trail, watched writes.
import { ShopfloorError } from '../core/errors.ts';
import type { LedgerArchive } from './ledger-archive.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { BatchCommand } from './messages.ts';
import type { LedgerSettings } from './settings.ts';
import { batchView, monitorView, needsAttention } from './views.ts';

export type ViewCommand = Extract<
  BatchCommand,
  { readonly command: 'list' | 'monitor' | 'history' | 'get' | 'failed' | 'watched' | 'weighings' }
>;

const defaultLimit = 50;

export class LedgerViews {
  readonly #settings: LedgerSettings;
  readonly #archive: LedgerArchive;
  readonly #inTransaction: <Result>(work: (records: LedgerRecords) => Promise<Result>) => Promise<Result>;

  constructor(parts: {
    readonly settings: LedgerSettings;
    readonly archive: LedgerArchive;
    readonly inTransaction: <Result>(work: (records: LedgerRecords) => Promise<Result>) => Promise<Result>;
  }) {
    this.#settings = parts.settings;
    this.#archive = parts.archive;
    this.#inTransaction = parts.inTransaction;
  }

  /** The payload of the answer: rows, or for lists with pages `{data, total, limit, offset}`. */
  async answer(command: ViewCommand): Promise<unknown> {
    switch (command.command) {
      case 'list':
        return (await this.#openBatches()).map(batchView);
      case 'failed':
        return (await this.#openBatches()).filter(needsAttention).map(batchView);
      case 'monitor':
        return this.#inTransaction(async (records) => {
          const { line, slots, watchOnly } = this.#settings;
          return monitorView(line, slots, watchOnly, await records.openBatches(), await records.activeAlarms());
        });
      case 'history': {
        const { limit = defaultLimit, offset = 0, search } = command;
        const { rows, total } = await this.#archive.history(limit, offset, search);
        return { data: rows.map(batchView), total, limit, offset };
      }
      case 'watched': {
        const { limit = defaultLimit, offset = 0 } = command;
        const { rows, total } = await this.#archive.watched(limit, offset);
        return { data: rows, total, limit, offset };
      }
      case 'weighings': {
        const { waiting = false, limit = defaultLimit, offset = 0 } = command;
        const page = await this.#inTransaction((records) => records.weighings.list({ waiting, limit, offset }));
        return { ...page, limit, offset };
      }
      case 'get':
        return this.#order(command.order);
    }
  }

  #openBatches() {
    return this.#inTransaction((records) => records.openBatches());
  }

  /** All batches of one order, on any line, each with its events. */
  async #order(order: string): Promise<unknown> {
    const named = await this.#inTransaction((records) => records.batchesNamed(order));
    if (named.length === 0) {
      throw new ShopfloorError('order-unknown', 404, `${order} is not in the ledger.`, {
        hint: 'Give the name as Odoo shows it, or the batch id.',
      });
    }
    const batches = [];
    for (const batch of named) {
      batches.push({ ...batchView(batch), events: await this.#archive.trail(batch.id) });
    }
    return { mo_id: named[0]?.orderName, batches };
  }
}
