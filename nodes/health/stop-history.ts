// Stops of the past, whatever they were, in SQL.
import { sql } from 'kysely';
import type { Repair } from './repair-model.ts';
import type { RepairScope } from './repair-scope.ts';
import { classByKeyword, type StopClass } from './stop-classes.ts';
import type { Stop } from './stop-row.ts';

/** Source of stops that machines reported themselves. */
export const machineSource = 'machine';

export interface StopsQuery {
  readonly machine?: string;
  readonly class?: string;
  readonly limit?: number;
  readonly offset?: number;
}

export class StopHistory {
  readonly #scope: RepairScope;

  constructor(scope: RepairScope) {
    this.#scope = scope;
  }

  /** Whether a machine's stop is recorded, whatever it is called by now. */
  async knowsStop(machine: string, startMs: number): Promise<boolean> {
    const row = await this.#scope.db
      .selectFrom('repair_stop')
      .select('seq')
      .where('machine', '=', machine)
      .where('start_ms', '=', startMs)
      .where('source', '=', machineSource)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** @returns for each stop whether it was new */
  async addStops(
    stops: readonly Stop[],
    causes: ReadonlyMap<string, StopClass>,
    source: string,
    at: string,
  ): Promise<{ readonly added: readonly (Stop & { readonly class: StopClass })[]; readonly duplicates: number }> {
    const classed = new Map(
      stops.map((stop) => [
        fingerprintOf(stop),
        { ...stop, class: causes.get(stop.cause) ?? classByKeyword(stop.cause) },
      ]),
    );
    if (classed.size === 0) return { added: [], duplicates: 0 };
    const rows = await this.#scope.db
      .insertInto('repair_stop')
      .values(
        [...classed].map(([fingerprint, stop]) => ({
          fingerprint,
          machine: stop.machine,
          shift: stop.shift,
          order_name: stop.order,
          cause: stop.cause,
          start_ms: stop.startMs,
          end_ms: stop.endMs,
          minutes: stop.minutes,
          class: stop.class,
          source,
          recorded_at: at,
        })),
      )
      .onConflict((conflict) => conflict.column('fingerprint').doNothing())
      .returning('fingerprint')
      .execute();
    const added = rows.flatMap((row) => classed.get(row.fingerprint) ?? []);
    return { added, duplicates: stops.length - added.length };
  }

  /** How many stops of `source` overlap another stop of their machine. */
  async overlapping(source: string): Promise<number> {
    const row = await this.#scope.reader
      .selectFrom('repair_stop as own')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('own.source', '=', source)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('repair_stop as other')
            .select('other.seq')
            .whereRef('other.machine', '=', 'own.machine')
            .whereRef('other.start_ms', '<', 'own.end_ms')
            // Longer stops are so rare that looking further back would cost more than it finds.
            .where('other.start_ms', '>', eb('own.start_ms', '-', 2 * 24 * 3_600_000))
            .whereRef('other.end_ms', '>', 'own.start_ms')
            .whereRef('other.seq', '<>', 'own.seq'),
        ),
      )
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  /** The last `limit` repairs, in the order in which they began. */
  async repairs(limit: number): Promise<Repair[]> {
    const rows = await this.#scope.reader
      .selectFrom('repair_stop')
      .selectAll()
      .where('class', '=', 'repair')
      .orderBy('start_ms', 'desc')
      .limit(limit)
      .execute();
    return rows
      .map(({ machine, shift, cause, start_ms, end_ms, minutes }) => ({
        machine,
        shift,
        cause,
        startMs: start_ms,
        endMs: end_ms,
        minutes,
      }))
      .reverse();
  }

  async stops({ machine, class: stopClass, limit = 50, offset = 0 }: StopsQuery) {
    let query = this.#scope.reader.selectFrom('repair_stop');
    if (machine !== undefined) query = query.where('machine', '=', machine);
    if (stopClass !== undefined) query = query.where('class', '=', stopClass as StopClass);
    const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    // What is left out is passed over in the index alone.
    const shown = query.select('seq').orderBy('start_ms', 'desc').orderBy('seq').limit(limit).offset(offset);
    const rows = await this.#scope.reader
      .selectFrom('repair_stop')
      .selectAll()
      .where('seq', 'in', sql<number>`(select seq from ${shown} as shown)`)
      .orderBy('start_ms', 'desc')
      .orderBy('seq')
      .execute();
    return {
      data: rows.map((row) => ({
        machine: row.machine,
        shift: row.shift,
        order: row.order_name,
        cause: row.cause,
        class: row.class,
        start: new Date(row.start_ms).toISOString(),
        end: new Date(row.end_ms).toISOString(),
        minutes: row.minutes,
        source: row.source,
      })),
      total: Number(total),
      limit,
      offset,
    };
  }

  /** Gives a stop that a machine reported the cause that a person knows. @returns whether there was one */
  async renameStop(machine: string, startMs: number, cause: string, stopClass: StopClass): Promise<boolean> {
    const row = await this.#scope.db
      .selectFrom('repair_stop')
      .select(['seq', 'end_ms'])
      .where('machine', '=', machine)
      .where('start_ms', '=', startMs)
      .where('source', '=', machineSource)
      .executeTakeFirst();
    if (!row) return false;
    const fingerprint = fingerprintOf({ machine, cause, startMs, endMs: row.end_ms });
    // A file has brought the same stop under this name: two rows of it would be one too many, and one fingerprint can't be twice.
    const twin = await this.#scope.db
      .selectFrom('repair_stop')
      .select('seq')
      .where('fingerprint', '=', fingerprint)
      .where('seq', '<>', row.seq)
      .executeTakeFirst();
    if (twin) {
      await this.#scope.db.deleteFrom('repair_stop').where('seq', '=', row.seq).execute();
      return true;
    }
    await this.#scope.db
      .updateTable('repair_stop')
      .set({ cause, class: stopClass, fingerprint })
      .where('seq', '=', row.seq)
      .execute();
    return true;
  }
}

/** The same machine, cause, start and end are one stop, whichever file names it. */
export function fingerprintOf(stop: Pick<Stop, 'machine' | 'cause' | 'startMs' | 'endMs'>): string {
  return `${stop.machine}|${stop.cause}|${stop.startMs}|${stop.endMs}`;
}
