// The tablet's own database of problems that were typed and not yet taken by the server: they outlive a reload and a restart.
import type { FieldFault } from '../../nodes/core/errors.ts';
import type { Picked } from './files.ts';

/** One report as it will be sent, with the person who typed it; nobody else sends it. */
export interface WaitingReport {
  /** Also the key: the same report is never kept twice, and the server takes it once. */
  readonly commandId: string;
  readonly userId: string;
  readonly typedAt: string;
  readonly machine: { readonly id: number; readonly name: string };
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly Picked[];
  /** What the server said when it refused; absent while it waits for the connection. */
  readonly refusal?: {
    readonly code: string;
    readonly message: string;
    readonly fields: readonly FieldFault[];
  };
}

/** Where reports wait; a test brings its own. */
export interface WaitingStore {
  all(): Promise<readonly WaitingReport[]>;
  put(report: WaitingReport): Promise<void>;
  remove(commandId: string): Promise<void>;
}

const databaseName = 'shopfloor';
const tableName = 'ctp-reports';

/** Rejects where the browser keeps nothing (a private window of some browsers). */
export function browserStore(): WaitingStore {
  return {
    all: () => inTable('readonly', (table) => table.getAll() as IDBRequest<WaitingReport[]>),
    put: async (report) => {
      await inTable('readwrite', (table) => table.put(report));
    },
    remove: async (commandId) => {
      await inTable('readwrite', (table) => table.delete(commandId));
    },
  };
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(tableName, { keyPath: 'commandId' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
}

/** One transaction; what was written is on the disk when this resolves. */
async function inTable<Result>(
  mode: IDBTransactionMode,
  work: (table: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const transaction = database.transaction(tableName, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(tableName));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error ?? new Error('not kept'));
      transaction.onabort = () => reject(transaction.error ?? new Error('not kept'));
    });
  } finally {
    database.close();
  }
}
