// The recorder of states as one of those who take part in the tracker's transaction, and by its clock.
import type { Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import type { NewProductionEvent, TrackerParticipant, TrackerSweep } from './intake-contract.ts';
import type { ProductionEvent } from './messages.ts';
import { type StateNews, StateRecorder } from './state-recorder.ts';
import { StateRecords } from './state-records.ts';
import { type StateSchema, stateMigrations, stateRoom } from './state-tables.ts';
import type { IntakeSchema } from './tables.ts';

/** Without a message for longer than this a machine is silent, where nobody sets another limit: twelve intervals of the original. */
export const defaultSilenceMs = 60_000;

/** Brings the tables of states up to date; call it before the first transaction that a participant takes part in. */
export function migrateStateTables(store: Store): Promise<void> {
  return store.migrate(stateRoom, stateMigrations(store.engine));
}

/** Writes the timelines of states; its tables must be there (`migrateStateTables`). */
export function statesParticipant(silenceMs = defaultSilenceMs): TrackerParticipant {
  return async (transaction, readings, { calendar }) => {
    const recorder = new StateRecorder({ calendar, silenceMs });
    const news = await recorder.record(new StateRecords(transaction as unknown as Transaction<StateSchema>), readings);
    return news.map(eventOf);
  };
}

/** The clock's part: machines that have said nothing for too long are silent from their last message on. */
export function statesSweep(silenceMs = defaultSilenceMs): TrackerSweep {
  return async (transaction, { calendar, nowMs, skipped }) => {
    const records = new StateRecords(transaction as unknown as Transaction<StateSchema>);
    return (await new StateRecorder({ calendar, silenceMs }).sweep(records, nowMs, skipped)).map(eventOf);
  };
}

/** Numbers events of this room's own transactions beside the tracker's. */
export async function storedEvents(
  transaction: Transaction<IntakeSchema>,
  events: readonly NewProductionEvent[],
): Promise<readonly ProductionEvent[]> {
  const stored: ProductionEvent[] = [];
  for (const event of events) {
    const { seq } = await transaction
      .insertInto('production_event')
      .values({ ...event, detail: JSON.stringify(event.detail) })
      .returning('seq')
      .executeTakeFirstOrThrow();
    stored.push({ seq, ...event });
  }
  return stored;
}

function eventOf({ machine, atMs, type, detail }: StateNews): NewProductionEvent {
  return { machine, at: new Date(atMs).toISOString(), type, actor: 'machine', reason: null, detail };
}
