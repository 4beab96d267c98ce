// Puts the health room on a store: tables up to date, rules, records and queries joined.
import { type Clock, systemClock } from '../core/clock.ts';
import { migrateIntakeTables } from '../production/intake-migrations.ts';
import type { Store } from '../store/store.ts';
import type { HealthSettings } from './component-judge.ts';
import type { OutboxRecord } from './health-outbox.ts';
import { HealthQueries } from './health-queries.ts';
import { HealthRoom } from './health-room.ts';
import { migrateHealthTables, withHealthRecords } from './health-store.ts';

export interface OpenHealth {
  readonly room: HealthRoom;
  readonly queries: HealthQueries;
  /**
   * Hands everything that waits to `send`, oldest first, with what people call its machine, and forgets it afterwards: a crash
   * between repeats, never loses.
   */
  readonly drain: (send: (item: OutboxRecord, machineName: string) => void) => Promise<void>;
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
  // The names of machines.
  await migrateIntakeTables(store);
  const { clock = systemClock, ...more } = options;
  const inTransaction = <Result>(work: Parameters<typeof withHealthRecords<Result>>[1]) =>
    withHealthRecords(store, work);
  const queries = new HealthQueries(store, clock, settings.trigger);
  return {
    room: new HealthRoom({ ...more, settings, clock, inTransaction }),
    queries,
    drain: async (send) => {
      for (;;) {
        const items = await inTransaction((records) => records.outbox.waiting());
        if (items.length === 0) return;
        const nameOf = await queries.names(items.map(({ payload }) => payload));
        for (const item of items) send(item, nameOf(item.payload.machine));
        await inTransaction((records) => records.outbox.forget(items.map((item) => item.seq)));
      }
    },
  };
}
