// What the tracker answers about itself: totals, machines, the quarantine, and whether every sum is the total.
import { sql } from 'kysely';
import type { Store } from '../store/store.ts';
import type { QuarantinedMessage, QuarantineGroup } from './page-contract.ts';
import { registeredMachine } from './registered-machine.ts';
import type { IntakeSchema, QuarantineTable } from './tables.ts';
import type { ViewCommand } from './tracker-commands.ts';

/** Reads off the event loop; everything acknowledged was folded before. */
export async function trackerView(store: Store, command: ViewCommand): Promise<Readonly<Record<string, unknown>>> {
  const db = store.reader<IntakeSchema>();
  switch (command.command) {
    case 'machines': {
      const rows = await db.selectFrom('production_machine').selectAll().orderBy('id').execute();
      const machines = rows.map((row) => ({
        ...registeredMachine(row),
        updated_at: row.updated_at,
        updated_by: row.updated_by,
      }));
      return { command: 'machines', machines };
    }
    case 'totals':
      return {
        command: 'totals',
        totals: await db
          .selectFrom('production_counter')
          .select([
            'machine',
            'total_production as production',
            'total_defects as defects',
            'last_production',
            'last_defects',
            'last_source_ms',
            'last_arrived_ms',
            'order_name as order',
            'messages',
            'duplicates',
            'late',
          ])
          .orderBy('machine')
          .execute(),
      };
    case 'orders': {
      let query = db.selectFrom('production_order').selectAll();
      if (command.machine !== null) query = query.where('machine', '=', command.machine);
      if (command.order !== null) query = query.where('order_name', '=', command.order);
      const rows = await query.orderBy('last_ms', 'desc').orderBy('machine').limit(command.limit).execute();
      const orders = rows.map(
        ({ machine, order_name: order, production, defects, first_ms: first, last_ms: last }) => ({
          machine,
          order,
          production,
          defects,
          first: new Date(first).toISOString(),
          last: new Date(last).toISOString(),
        }),
      );
      return { command: 'orders', orders };
    }
    case 'quarantine': {
      const { limit, before } = command;
      const messages = await db
        .selectFrom('production_quarantine')
        .selectAll()
        // Written out, not bound: the partial index serves only a condition that it can recognise.
        .where('status', '=', sql.lit('waiting'))
        .where('id', '<', before ?? Number.MAX_SAFE_INTEGER)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      const counts = await db
        .selectFrom('production_refusal_count')
        .selectAll()
        .orderBy('day', 'desc')
        .orderBy('code')
        .limit(100)
        .execute();
      const { waiting } = await db
        .selectFrom('production_quarantine')
        .select((row) => row.fn.countAll<number>().as('waiting'))
        .where('status', '=', sql.lit('waiting'))
        .executeTakeFirstOrThrow();
      const groups = await db
        .selectFrom('production_quarantine')
        .select(['machine', 'code'])
        .select((row) => [row.fn.countAll<number>().as('waiting'), row.fn.max('id').as('newest')])
        .where('status', '=', sql.lit('waiting'))
        .groupBy(['machine', 'code'])
        .orderBy('waiting', 'desc')
        .orderBy('newest', 'desc')
        .limit(mostGroups)
        .execute();
      return {
        command: 'quarantine',
        waiting: Number(waiting),
        groups: groups.map(quarantineGroup),
        messages: messages.map(quarantined),
        counts,
      };
    }
    case 'check':
      return { command: 'check', ...(await selfCheck(store)) };
  }
}

/** Machines and reasons beyond this are few messages each, and stand among the messages. */
const mostGroups = 50;

function quarantineGroup(row: {
  readonly machine: string | null;
  readonly code: string;
  readonly waiting: number | string;
  readonly newest: number | string;
}): QuarantineGroup {
  return { machine: row.machine, code: row.code, waiting: Number(row.waiting), newest: Number(row.newest) };
}

function quarantined(row: Omit<QuarantineTable, 'id'> & { readonly id: number }): QuarantinedMessage {
  const { id, source, machine, code, message, raw, status, attempts } = row;
  const arrivedAt = new Date(row.arrived_ms).toISOString();
  return { id, source, machine, code, message, raw, cut: row.raw_cut === 1, arrived_at: arrivedAt, status, attempts };
}

/** Mapped by machine; strangers are missing. */
export async function machineNames(store: Store, machines: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await store
    .reader<IntakeSchema>()
    .selectFrom('production_machine')
    .select(['id', 'name'])
    .where('id', 'in', machines)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name || id]));
}

/** Those of some machines that are registered; undefined where the plant registers none at all. */
export async function registeredAmong(
  store: Store,
  machines: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const db = store.reader<IntakeSchema>();
  const any = await db.selectFrom('production_machine').select('id').limit(1).executeTakeFirst();
  return any && new Set((await machineNames(store, machines)).keys());
}

export interface SelfCheck {
  readonly holds: boolean;
  /** Machines whose shifts, hours, days, orders or own total disagree. */
  readonly differences: readonly Readonly<Record<string, unknown>>[];
}

/** Tables of which each adds up to a machine's total. */
const summed = ['production_shift', 'production_hour', 'production_day', 'production_order'] as const;

/** The sum of shifts, of hours, of days and of orders is each machine's total: in one statement, so that all are of one moment. */
export async function selfCheck(store: Store): Promise<SelfCheck> {
  const columns = summed.flatMap((table) =>
    (['made', 'spoilt'] as const).map(
      (what) => sql`coalesce(${sql.ref(`${table}_sum.${what}`)}, 0) as ${sql.ref(`${table}_${what}`)}`,
    ),
  );
  // Each table is read once, in one pass over all machines.
  const joins = summed.map(
    (table) => sql`left join (select machine, sum(production) as made, sum(defects) as spoilt from ${sql.table(table)}
      group by machine) as ${sql.table(`${table}_sum`)} on ${sql.ref(`${table}_sum.machine`)} = production_counter.machine`,
  );
  const { rows } = await sql<
    Record<string, number | string>
  >`select production_counter.machine, total_production, total_defects, ${sql.join(columns)}
    from production_counter ${sql.join(joins, sql` `)} order by production_counter.machine`.execute(
    store.reader<IntakeSchema>(),
  );
  const differences = rows.filter((row) =>
    summed.some(
      (table) => row[`${table}_made`] !== row.total_production || row[`${table}_spoilt`] !== row.total_defects,
    ),
  );
  return { holds: differences.length === 0, differences };
}
