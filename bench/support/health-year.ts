// Fills a store with the past of health: components of every machine, a trend by hour and minute, alarms that came and went.
import { sql } from 'kysely';
import { migrateHealthTables } from '../../nodes/health/health-store.ts';
import type { HealthAlarm } from '../../nodes/health/messages.ts';
import type { HealthSchema } from '../../nodes/health/tables.ts';
import { newTriggerState } from '../../nodes/health/trigger.ts';
import { chunked } from '../../nodes/production/state-records.ts';
import type { Store } from '../../nodes/store/store.ts';

export interface HealthPastOptions {
  readonly machines: readonly string[];
  readonly days: number;
  readonly nowMs: number;
  /** Minutes of trends are made for so many of the newest days. */
  readonly trendDays: number;
}

const componentNames = ['motor', 'gearbox', 'rollers', 'inking'] as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** One alarm of a component in so many days. */
const daysBetweenAlarms = 5;

export async function fillHealth(store: Store, options: HealthPastOptions): Promise<void> {
  await migrateHealthTables(store);
  const { machines, days, nowMs } = options;
  const at = new Date(nowMs).toISOString();
  const pairs = machines.flatMap((machine) => componentNames.map((component) => ({ machine, component })));
  await store.transaction<HealthSchema, void>(async (db) => {
    for (const some of chunked(pairs)) {
      await db
        .insertInto('health_component')
        .values(
          some.map((pair) => ({
            ...pair,
            rpn: 200,
            retired: 0,
            model: null,
            version: 1,
            changed_at: at,
            changed_by: 'generator',
          })),
        )
        .execute();
      const state = { ...newTriggerState, index: 82, smoothed: 81.5, smoothedMs: nowMs, transitions: 4 };
      await db
        .insertInto('health_state')
        .values(
          some.map((pair, index) => ({
            ...pair,
            // One in ten stands: what a bad day of a plant shows.
            state: JSON.stringify(
              index % 10 === 0 ? { ...state, index: 31, shown: 'unacknowledged', shownSinceMs: nowMs - hourMs } : state,
            ),
            inputs: JSON.stringify([
              { name: 'rpn', value: 200, quality: 'good' },
              { name: 'oee', value: 61.2, quality: 'good' },
            ]),
            band: 'good' as const,
            at,
            due_ms: nowMs + dayMs,
          })),
        )
        .execute();
    }
    for (const [grain, stepMs, spanDays] of [
      ['hour', hourMs, days],
      ['minute', 60_000, options.trendDays],
    ] as const) {
      const newest = Math.floor(nowMs / stepMs) * stepMs;
      await sql`insert into health_rollup
        with recursive bucket (ms) as (select cast(${newest - spanDays * dayMs} as bigint)
          union all select ms + cast(${stepMs} as bigint) from bucket where ms < cast(${newest} as bigint))
        select machine, component, ${sql.lit(grain)}, ms, 6, 0, 480, 70, 90, 80 from health_component cross join bucket`.execute(
        db,
      );
    }
    for (const pair of pairs) {
      const alarms = Array.from({ length: Math.floor(days / daysBetweenAlarms) * 2 }, (_, index) => {
        const atMs = nowMs - days * dayMs + index * (daysBetweenAlarms / 2) * dayMs;
        const alarm: HealthAlarm = {
          id: `${pair.machine}-${pair.component}-${Math.floor(index / 2)}`,
          transition: `${pair.machine}/${pair.component}/${index + 1}`,
          ...pair,
          state: index % 2 === 0 ? 'unacknowledged' : 'normal',
          previous: index % 2 === 0 ? 'normal' : 'unacknowledged',
          at: new Date(atMs).toISOString(),
          index: 31,
          threshold: 40,
          first_out: 1,
          actor: 'machine',
          reason: null,
        };
        return {
          transition: alarm.transition,
          alarm_id: alarm.id,
          ...pair,
          state: alarm.state,
          at_ms: atMs,
          alarm: JSON.stringify(alarm),
        };
      });
      await db.insertInto('health_transition').values(alarms).execute();
    }
  });
}
