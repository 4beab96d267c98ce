// Puts the estimates on a store: tables up to date, history and rules joined.
import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '../core/clock.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { EventFeed } from '../production/event-feed.ts';
import { machineNames, registeredAmong } from '../production/tracker-views.ts';
import type { Store } from '../store/store.ts';
import { migrateHealthTables } from './health-store.ts';
import { RepairRoom } from './repair-room.ts';
import { RepairStore } from './repair-store.ts';

export interface OpenRepair {
  readonly room: RepairRoom;
  readonly store: RepairStore;
}

/** @param timeZone of the plant, an IANA name: for dates of files that carry none */
export async function openRepair(
  store: Store,
  timeZone: string,
  options: { readonly clock?: Clock; readonly newId?: () => string } = {},
): Promise<OpenRepair> {
  await migrateHealthTables(store);
  const { clock = systemClock, ...more } = options;
  const records = RepairStore.over(store);
  const breathe = () => setImmediate();
  const feed = await EventFeed.open(store, clock);
  const nameOf = async (machine: string) => (await machineNames(store, [machine])).get(machine) ?? machine;
  const registered = (machines: readonly string[]) => registeredAmong(store, machines);
  const plant = plantTimeOf(timeZone);
  const room = new RepairRoom({ ...more, feed, nameOf, registered, store: records, clock, plant, breathe });
  await room.start();
  return { room, store: records };
}
