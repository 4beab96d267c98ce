// Puts the health room on a store: tables up to date, rules, records and queries joined.
import { type Clock, systemClock } from '../core/clock.ts';
import type { Store } from '../store/store.ts';
import type { HealthSettings } from './component-judge.ts';
import type { OutboxRecord } from './health-outbox.ts';
import { HealthQueries } from './health-queries.ts';
import { HealthRoom } from './health-room.ts';
import { migrateHealthTables, withHealthRecords } from './health-store.ts';

export interface OpenHealth {
  readonly room: HealthRoom;
  readonly queries: HealthQueries;
  /** Hands everything that waits to `send`, oldest first, and forgets it afterwards: a crash between repeats, never loses. */
  readonly drain: (send: (item: OutboxRecord) => void) => Promise<void>;
}

export interface OpenHealthOptions {
  readonly clock?: Clock;
  readonly newId?: () => string;
}

export async function openHealth(
  store: Store,
  settings: HealthSettings,
  options: OpenHealthOptions = {},
): Promise<OpenHealth> {
  await migrateHealthTables(store);
  const { clock = systemClock, ...more } = options;
  const inTransaction = <Result>(work: Parameters<typeof withHealthRecords<Result>>[1]) =>
    withHealthRecords(store, work);
  return {
    room: new HealthRoom({ ...more, settings, clock, inTransaction }),
    queries: new HealthQueries(store, clock, settings.trigger),
    drain: async (send) => {
      for (;;) {
        const items = await inTransaction((records) => records.outbox.waiting());
        if (items.length === 0) return;
        for (const item of items) send(item);
        await inTransaction((records) => records.outbox.forget(items.map((item) => item.seq)));
      }
    },
  };
}
