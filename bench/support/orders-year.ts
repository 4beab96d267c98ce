// Fills a store with the orders of a year: one of each machine and shift.
import { sql } from 'kysely';
import type { Store } from '../../nodes/store/store.ts';

const ordersADay = 3;
const dayMs = 24 * 60 * 60 * 1000;

/** Fills what is not there yet: a store of an earlier run has everything else. */
export async function fillOrders(
  store: Store,
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): Promise<void> {
  const db = store.db<unknown>();
  const { rows } = await sql`select 1 from production_order limit 1`.execute(db);
  if (rows.length > 0) return;
  const fromMs = nowMs - days * dayMs;
  const everyMs = dayMs / ordersADay;
  await sql`insert into production_order (machine, order_name, production, defects, first_ms, last_ms)
    with recursive made (n) as (select 0 union all select n + 1 from made where n + 1 < ${days * ordersADay})
    select id, 'WH/MO/' || n, 4000, 40, cast(${fromMs} as bigint) + n * cast(${everyMs} as bigint),
      cast(${fromMs} as bigint) + (n + 1) * cast(${everyMs} as bigint) from production_machine cross join made`.execute(
    db,
  );
}
