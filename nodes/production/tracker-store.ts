// The tracker's tables: how what was judged is folded into them, and what a start needs to know.
import { sql, type Transaction } from 'kysely';
import type { PlantTime } from '../core/plant-time.ts';
import type { Store } from '../store/store.ts';
import { refusalOf } from '../store/trial.ts';
import type { Gathered } from './counting.ts';
import { recordEvents } from './event-records.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { jsonRows } from './json-rows.ts';
import type { LiveMachine, Slice } from './live-machine.ts';
import { packLine } from './mark-rows.ts';
import { foldMarks, loadMarks } from './mark-store.ts';
import type { ProductionEvent } from './messages.ts';
import { OwnedJournal, OwnershipLost } from './owned-journal.ts';
import { keepRefused } from './quarantine-keeping.ts';
import { storable } from './storable-text.ts';
import type { CounterTable, IntakeSchema, MachineTable, ShiftTotalTable } from './tables.ts';
import { type Booked, TotalBooks } from './total-books.ts';

export interface KnownMachines {
  readonly machines: readonly MachineTable[];
  readonly counters: readonly CounterTable[];
  readonly seen: readonly { readonly machine: string; readonly message_id: string; readonly seen_ms: number }[];
}

/** A machine as it is folded: read before the transaction, because messages go on arriving while it runs. */
export interface FoldedMachine {
  readonly live: LiveMachine;
  readonly epoch: number;
  readonly row: readonly unknown[];
  readonly slices: readonly Slice[];
  readonly era: number;
  /** Rows of marks that changed. */
  readonly marks: readonly (readonly [startMs: number, body: string])[];
}

export interface Fold {
  readonly epoch: number;
  readonly upToSeq: number;
  readonly machines: readonly FoldedMachine[];
  readonly gathered: Gathered;
  readonly keepsRaw: boolean;
  readonly nowMs: number;
  /** Closed shifts are corrected quietly for this long after their end; later ones also get another type of event. */
  readonly graceMs: number;
}

export interface FoldResult {
  readonly events: readonly ProductionEvent[];
  /** Every shift that got counts, as it is now. */
  readonly shifts: readonly ShiftTotalTable[];
}

export type Recorder = (transaction: Transaction<IntakeSchema>) => Promise<readonly NewProductionEvent[]>;

export class TrackerStore {
  readonly journal: OwnedJournal;
  readonly #store: Store;
  readonly #line: string;
  readonly #plant: PlantTime;
  readonly #books: TotalBooks;

  constructor(store: Store, line: string, plant: PlantTime) {
    this.#store = store;
    this.#line = line;
    this.#plant = plant;
    this.journal = new OwnedJournal(store, line);
    this.#books = new TotalBooks(store.engine, plant);
  }

  /** @param seenFromMs ids of messages before it are not needed */
  async known(seenFromMs: number): Promise<KnownMachines> {
    const machines = await this.#db().selectFrom('production_machine').selectAll().where('active', '=', 1).execute();
    const counters = await this.#db().selectFrom('production_counter').selectAll().execute();
    const seen = await this.#db()
      .selectFrom('production_seen')
      .select(['machine', 'message_id', 'seen_ms'])
      .where('seen_ms', '>=', seenFromMs)
      .execute();
    return { machines, counters, seen };
  }

  /** Ids of all machines, those that are out of service among them. */
  async everyMachine(): Promise<readonly string[]> {
    const rows = await this.#db().selectFrom('production_machine').select('id').orderBy('id').execute();
    return rows.map(({ id }) => id);
  }

  /** Makes sure that each machine has a counter row, and registers those that are not. */
  async register(machines: readonly string[], at: string, actor: string): Promise<void> {
    for (const machine of machines) {
      await this.#db()
        .insertInto('production_machine')
        .values({
          id: machine,
          name: machine,
          machine_group: '',
          counter_modulus: null,
          max_per_hour: null,
          ideal_per_hour: null,
          shift_target: null,
          active: 1,
          updated_at: at,
          updated_by: actor,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    }
  }

  /** Marks of `live` from `fromMs` on, as far as they are not in memory. */
  loadMarks(live: LiveMachine, fromMs: number): Promise<void> {
    return loadMarks(this.#db(), live, fromMs);
  }

  async openCounters(machines: readonly string[]): Promise<void> {
    if (machines.length === 0) return;
    await sql`insert into production_counter (machine, epoch, last_clock_trusted, order_name, total_production, total_defects,
        messages, duplicates, late)
      select cast(value ->> 0 as text), 0, 0, '', 0, 0, 0, 0, 0 from ${jsonRows(
        this.#store.engine,
        machines.map((machine) => [machine]),
      )}
      where true on conflict (machine) do nothing`.execute(this.#db());
  }

  /** Books everything that was gathered, records what others record, and drops the journal behind it: all or nothing. */
  fold(fold: Fold, record: Recorder): Promise<FoldResult> {
    return this.#store.transaction<IntakeSchema, FoldResult>((transaction) => this.#foldIn(transaction, fold, record));
  }

  /** Does what `fold` does and takes all of it back. @returns why its content is refused; rejects at any other fault */
  refusalOf(fold: Fold, record: Recorder): Promise<Error | undefined> {
    return refusalOf(this.#store, (transaction) => this.#foldIn(transaction, fold, record));
  }

  /** Numbers and stores events. */
  recordEvents(
    transaction: Transaction<IntakeSchema>,
    events: readonly NewProductionEvent[],
  ): Promise<readonly ProductionEvent[]> {
    return recordEvents(transaction, this.#store.engine, events);
  }

  /** Slices of one machine into every total, that of its counter among them, as a person's decision does it. */
  async bookSlices(
    transaction: Transaction<IntakeSchema>,
    machine: string,
    slices: readonly Slice[],
    nowMs: number,
    graceMs: number,
  ): Promise<Booked> {
    const production = slices.reduce((sum, slice) => sum + slice.production, 0);
    const defects = slices.reduce((sum, slice) => sum + slice.defects, 0);
    await transaction
      .updateTable('production_counter')
      .set((counted) => ({
        epoch: counted('epoch', '+', 1),
        total_production: counted('total_production', '+', production),
        total_defects: counted('total_defects', '+', defects),
      }))
      .where('machine', '=', machine)
      .execute();
    return this.#books.book(
      transaction,
      slices.map((slice) => ({ machine, slice })),
      nowMs,
      graceMs,
    );
  }

  #db() {
    return this.#store.db<IntakeSchema>();
  }

  async #foldIn(transaction: Transaction<IntakeSchema>, fold: Fold, record: Recorder): Promise<FoldResult> {
    await this.#foldCounters(transaction, fold);
    await foldMarks(transaction, this.#store.engine, fold.machines);
    const booked = await this.#foldSlices(transaction, fold);
    await this.#foldGathered(transaction, fold);
    const events = await this.recordEvents(transaction, [
      ...fold.gathered.events,
      ...booked.events,
      ...(await record(transaction)),
    ]);
    await this.journal.drop(transaction, fold.epoch, fold.upToSeq);
    return { events, shifts: booked.shifts };
  }

  async #foldCounters(transaction: Transaction<IntakeSchema>, { machines }: Fold): Promise<void> {
    if (machines.length === 0) return;
    const { numAffectedRows } = await sql`update production_counter set
        epoch = production_counter.epoch + 1,
        last_production = cast(value ->> 2 as bigint), last_defects = cast(value ->> 3 as bigint),
        last_source_ms = cast(value ->> 4 as bigint), last_sequence = cast(value ->> 5 as bigint),
        last_clock_trusted = cast(value ->> 6 as integer), last_arrived_ms = cast(value ->> 7 as bigint),
        order_name = cast(value ->> 8 as text), total_production = cast(value ->> 9 as bigint),
        total_defects = cast(value ->> 10 as bigint), messages = cast(value ->> 11 as bigint),
        duplicates = cast(value ->> 12 as bigint), late = cast(value ->> 13 as bigint),
        heard_ms = cast(value ->> 14 as bigint), silent_until_ms = cast(value ->> 15 as bigint),
        marks = cast(value ->> 16 as text)
      from ${jsonRows(
        this.#store.engine,
        machines.map(({ row }) => row),
      )}
      where production_counter.machine = cast(value ->> 0 as text) and production_counter.epoch = cast(value ->> 1 as bigint)`.execute(
      transaction,
    );
    if (numAffectedRows !== BigInt(machines.length)) throw new OwnershipLost(this.#line);
  }

  async #foldSlices(transaction: Transaction<IntakeSchema>, fold: Fold) {
    const slices = fold.machines.flatMap(({ live, slices: made }) =>
      made.map((slice) => ({ machine: live.machine, slice })),
    );
    return this.#books.book(transaction, slices, fold.nowMs, fold.graceMs);
  }

  async #foldGathered(transaction: Transaction<IntakeSchema>, { gathered, keepsRaw, nowMs }: Fold): Promise<void> {
    const { seen, refused, replayed, readings } = gathered;
    if (seen.length > 0) {
      const rows = seen.map(({ machine, id, seenMs }) => [machine, id, seenMs]);
      await sql`insert into production_seen (machine, message_id, seen_ms)
        select cast(value ->> 0 as text), cast(value ->> 1 as text), cast(value ->> 2 as bigint) from ${jsonRows(this.#store.engine, rows)}
        where true on conflict (machine, message_id) do nothing`.execute(transaction);
    }
    if (refused.length > 0) await keepRefused(transaction, refused, this.#plant.dateText(nowMs));
    if (replayed.length > 0) {
      await transaction
        .updateTable('production_quarantine')
        .set((row) => ({ status: 'replayed', attempts: row('attempts', '+', 1) }))
        .where('id', 'in', replayed)
        .execute();
    }
    if (keepsRaw) {
      const rows = readings
        .filter(({ raw }) => raw !== '')
        .map(({ machine, sourceMs, arrivedMs, raw }) => [machine, sourceMs, arrivedMs, storable(raw)]);
      await sql`insert into production_message (machine, source_ms, arrived_ms, raw)
        select cast(value ->> 0 as text), cast(value ->> 1 as bigint), cast(value ->> 2 as bigint), cast(value ->> 3 as text)
        from ${jsonRows(this.#store.engine, rows)} where true`.execute(transaction);
    }
  }
}

/** What the row of a machine's counter becomes, in the order of the statement of `fold`. */
export function counterRow(live: LiveMachine): readonly unknown[] {
  const { machine, epoch, state, arrivedMs, order, production, defects, messages, duplicates, late } = live;
  return [
    machine,
    epoch,
    state.production.last,
    state.defects.last,
    state.lastSourceMs,
    state.lastSequence,
    state.lastClockTrusted ? 1 : 0,
    arrivedMs,
    order,
    production,
    defects,
    messages,
    duplicates,
    late,
    live.heardMs,
    live.silentUntilMs,
    packLine(live.line, live.falls),
  ];
}
