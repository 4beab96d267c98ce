// The history of production: what happened, numbered, and never changed afterwards.
import { sql, type Transaction } from 'kysely';
import type { StoreEngine } from '../store/store.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { jsonRows } from './json-rows.ts';
import type { ProductionEvent } from './messages.ts';
import type { IntakeSchema } from './tables.ts';

/** Numbers and stores events; they come back in the order of their numbers. */
export async function recordEvents(
  transaction: Transaction<IntakeSchema>,
  engine: StoreEngine,
  events: readonly NewProductionEvent[],
): Promise<readonly ProductionEvent[]> {
  if (events.length === 0) return [];
  const rows = events.map(({ machine, at, type, actor, reason, detail }) => [
    machine,
    at,
    type,
    actor,
    reason,
    JSON.stringify(detail),
  ]);
  const { rows: stored } = await sql<Omit<ProductionEvent, 'detail'> & { detail: string }>`
    insert into production_event (machine, at, type, actor, reason, detail)
    select cast(value ->> 0 as text), cast(value ->> 1 as text), cast(value ->> 2 as text), cast(value ->> 3 as text),
      cast(value ->> 4 as text), cast(value ->> 5 as text) from ${jsonRows(engine, rows)} where true
    returning seq, machine, at, type, actor, reason, detail`.execute(transaction);
  return stored
    .map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> }))
    .sort((one, other) => one.seq - other.seq);
}
