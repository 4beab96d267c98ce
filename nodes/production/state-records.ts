// What the recorder of states reads and writes, in SQL, inside one transaction.
import type { Transaction } from 'kysely';
import type { StopReason } from './messages.ts';
import type { StopBooking, TimeBooking } from './state-accounts.ts';
import { packMarks, unpackMarks } from './state-marks.ts';
import type { StateSchema, StateSpanTable } from './state-tables.ts';
import type { MachineTrack, TimelineSpan } from './state-timeline.ts';

/** Rows of one statement: far below the parameters that either engine takes. */
const rowsAtOnce = 400;

export type SpanRow = Readonly<StateSpanTable>;

export function spanOf(row: SpanRow): TimelineSpan {
  return {
    id: row.id,
    startMs: row.start_ms,
    endMs: row.end_ms ?? Infinity,
    state: row.state,
    words: row.words,
    reason: row.reason,
    reasonBy: row.reason_by,
    planned: row.planned === 1,
  };
}

/** Splits `items` into lists of at most `rowsAtOnce`. */
export function chunked<Item>(items: readonly Item[], size = rowsAtOnce): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

export class StateRecords {
  readonly #db: Transaction<StateSchema>;

  constructor(transaction: Transaction<StateSchema>) {
    this.#db = transaction;
  }

  /** Mapped by machine; those that never spoke are missing. */
  async tracks(machines: readonly string[]): Promise<Map<string, MachineTrack>> {
    const tracks = new Map<string, MachineTrack>();
    for (const some of chunked(machines)) {
      const rows = await this.#db.selectFrom('state_track').selectAll().where('machine', 'in', some).execute();
      for (const row of rows) {
        const { machine, first_ms: firstMs, silent, latest } = row;
        tracks.set(machine, { machine, firstMs, silent: silent === 1, marks: unpackMarks(row.marks), latest });
      }
    }
    return tracks;
  }

  /** Machines whose last message is older than `beforeMs`, or of a clock beyond `aheadMs`, and that nobody has called silent yet. */
  async quietSince(beforeMs: number, aheadMs: number): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('state_track')
      .select('machine')
      .where('silent', '=', 0)
      .where((track) => track.or([track('last_ms', '<', beforeMs), track('last_ms', '>', aheadMs)]))
      .execute();
    return rows.map(({ machine }) => machine);
  }

  /** @param silenceMs that they are recorded with: whoever reads them calls a machine silent after the same time */
  async saveTracks(tracks: readonly MachineTrack[], silenceMs: number): Promise<void> {
    for (const some of chunked(tracks)) {
      await this.#db
        .insertInto('state_track')
        .values(
          some.map(({ machine, firstMs, silent, marks, latest }) => ({
            machine,
            first_ms: firstMs,
            last_ms: marks.at(-1)?.atMs ?? firstMs,
            silent: silent ? 1 : 0,
            marks: packMarks(marks),
            latest,
            silence_ms: silenceMs,
          })),
        )
        .onConflict((conflict) =>
          conflict.column('machine').doUpdateSet((row) => ({
            first_ms: row.ref('excluded.first_ms'),
            last_ms: row.ref('excluded.last_ms'),
            silent: row.ref('excluded.silent'),
            marks: row.ref('excluded.marks'),
            latest: row.ref('excluded.latest'),
            silence_ms: row.ref('excluded.silence_ms'),
          })),
        )
        .execute();
    }
  }

  /** Spans that touch or border [fromMs, toMs], in order. */
  async spansAround(machine: string, fromMs: number, toMs: number): Promise<readonly TimelineSpan[]> {
    let query = this.#db
      .selectFrom('state_span')
      .selectAll()
      .where('machine', '=', machine)
      .where((row) => row.or([row('end_ms', '>=', fromMs), row('end_ms', 'is', null)]));
    if (toMs !== Infinity) query = query.where('start_ms', '<=', toMs);
    const startsBefore = await this.#db
      .selectFrom('state_span')
      .select('start_ms')
      .where('machine', '=', machine)
      .where('start_ms', '<', fromMs)
      .orderBy('start_ms', 'desc')
      .limit(2)
      .execute();
    const earliest = startsBefore.at(-1)?.start_ms;
    if (earliest !== undefined) query = query.where('start_ms', '>=', earliest);
    return (await query.orderBy('start_ms').execute()).map(spanOf);
  }

  async span(id: number): Promise<SpanRow | undefined> {
    return this.#db.selectFrom('state_span').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /**
   * Makes the spans `before` to be `after`: the ids that stay are changed, the others go or come. The unique indexes judge row by
   * row, so that moved one after the other a span could meet the old place of its neighbour, in whatever order they were moved:
   * everything that changes leaves the table first and is then put back under its id.
   */
  async replaceSpans(machine: string, before: readonly TimelineSpan[], after: readonly TimelineSpan[]): Promise<void> {
    const stays = new Map(after.flatMap((span) => (span.id === null ? [] : [[span.id, span] as const])));
    const leaving = before.filter(({ id }) => id !== null).filter((old) => differs(old, stays.get(old.id ?? -1)));
    /** Mapped by id. */
    const versions = new Map<number, number>();
    for (const some of chunked(leaving)) {
      const left = await this.#db
        .deleteFrom('state_span')
        .where(
          'id',
          'in',
          some.flatMap(({ id }) => id ?? []),
        )
        .returning(['id', 'version'])
        .execute();
      for (const { id, version } of left) versions.set(id, version);
    }
    const back = [...stays].flatMap(([id, span]) => {
      const version = versions.get(id);
      return version === undefined ? [] : [{ ...columnsOf(span), id, machine, version: version + 1 }];
    });
    for (const rows of chunked(back)) await this.#db.insertInto('state_span').values(rows).execute();
    const come = after.filter(({ id }) => id === null).map((span) => ({ ...columnsOf(span), machine, version: 1 }));
    for (const rows of chunked(come)) {
      // The sequence gives the id; kysely's table type would ask for it.
      await this.#db
        .insertInto('state_span')
        .values(rows as unknown as readonly SpanRow[])
        .execute();
    }
  }

  async book(times: readonly TimeBooking[], stops: readonly StopBooking[]): Promise<void> {
    for (const some of chunked(times)) {
      await this.#db
        .insertInto('state_time')
        .values(
          some.map((time) => ({
            machine: time.machine,
            level: time.level,
            start_ms: time.startMs,
            shift: time.shift,
            shift_date: time.shiftDate,
            running_ms: time.runningMs,
            unplanned_ms: time.unplannedMs,
            planned_ms: time.plannedMs,
          })),
        )
        .onConflict((conflict) =>
          conflict.columns(['machine', 'level', 'start_ms']).doUpdateSet((row) => ({
            running_ms: row('state_time.running_ms', '+', row.ref('excluded.running_ms')),
            unplanned_ms: row('state_time.unplanned_ms', '+', row.ref('excluded.unplanned_ms')),
            planned_ms: row('state_time.planned_ms', '+', row.ref('excluded.planned_ms')),
          })),
        )
        .execute();
    }
    for (const some of chunked(stops)) {
      await this.#db
        .insertInto('stop_tally')
        .values(some.map(({ startMs, ...stop }) => ({ ...stop, start_ms: startMs })))
        .onConflict((conflict) =>
          conflict.columns(['level', 'start_ms', 'machine', 'state', 'reason', 'severity']).doUpdateSet((row) => ({
            count: row('stop_tally.count', '+', row.ref('excluded.count')),
            ms: row('stop_tally.ms', '+', row.ref('excluded.ms')),
          })),
        )
        .execute();
    }
  }

  async reasons(): Promise<readonly StopReason[]> {
    const rows = await this.#db.selectFrom('stop_reason').selectAll().orderBy('code').execute();
    return rows.map((row) => ({
      code: row.code,
      label: { id: row.label_id, 'en-US': row.label_en },
      planned: row.planned === 1,
    }));
  }
}

function columnsOf(span: TimelineSpan) {
  return {
    start_ms: span.startMs,
    end_ms: span.endMs === Infinity ? null : span.endMs,
    state: span.state,
    words: span.words,
    reason: span.reason,
    reason_by: span.reasonBy,
    planned: span.planned ? 1 : 0,
  };
}

function differs(left: TimelineSpan, right: TimelineSpan | undefined): boolean {
  if (!right) return true;
  return JSON.stringify(columnsOf(left)) !== JSON.stringify(columnsOf(right));
}
