// Many rows as one parameter of one statement, on both engines.
import { type RawBuilder, sql } from 'kysely';
import type { StoreEngine } from '../store/store.ts';

/** A table `entry` with one column `value`, the JSON array of a row: read its cells by `value ->> 0`, `value ->> 1` and so on. */
export function jsonRows(engine: StoreEngine, rows: readonly (readonly unknown[])[]): RawBuilder<unknown> {
  const json = JSON.stringify(rows);
  return engine === 'sqlite'
    ? sql`json_each(${json}) as entry`
    : sql`jsonb_array_elements(${json}::jsonb) as entry(value)`;
}
