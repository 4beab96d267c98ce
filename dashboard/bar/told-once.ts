// One browser tells a notification once, however many of its tabs are open: the first to write it down tells it.

const databaseName = 'shopfloor-told';
const tableName = 'told';
/** Two tabs hear of the same notification within seconds; an hour also covers a tab that slept. */
const rememberedMs = 60 * 60_000;

export interface Told {
  readonly id: number;
  /** The server's time; with the id it stays unique when a plant begins with an empty database. */
  readonly createdAt: string;
}

/** True for the first tab that asks. A browser that keeps nothing (a private window) tells in every tab rather than in none. */
export async function tellsFirst(notice: Told): Promise<boolean> {
  try {
    return await writeDown(notice);
  } catch {
    return true;
  }
}

async function writeDown({ id, createdAt }: Told): Promise<boolean> {
  const database = await open();
  try {
    return await new Promise<boolean>((resolve, reject) => {
      // Transactions that write to one table run one after the other, over all tabs.
      const transaction = database.transaction(tableName, 'readwrite');
      const table = transaction.objectStore(tableName);
      const key = `${createdAt} ${id}`;
      let isFirst = false;
      const known = table.getKey(key);
      known.onsuccess = () => {
        isFirst = known.result === undefined;
        table.put(true, key);
        table.delete(IDBKeyRange.upperBound(new Date(Date.parse(createdAt) - rememberedMs).toISOString()));
      };
      transaction.oncomplete = () => resolve(isFirst);
      transaction.onerror = () => reject(transaction.error ?? new Error('not written'));
      transaction.onabort = () => reject(transaction.error ?? new Error('not written'));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(tableName);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
}
