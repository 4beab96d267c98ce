// The tracker's tables: the journal of what is acknowledged, its folding, and what a start needs to know.
import { CompiledQuery, sql, type Transaction } from 'kysely';
import { ShopfloorError } from '../core/errors.ts';
import type { PlantTime } from '../core/plant-time.ts';
import type { Store } from '../store/store.ts';
import type { JournalRow } from './commit-queue.ts';
import type { Gathered } from './counting.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { jsonRows } from './json-rows.ts';
import type { LiveMachine, Slice } from './live-machine.ts';
import type { ProductionEvent } from './messages.ts';
import { storable } from './storable-text.ts';
import type { CounterTable, IntakeSchema, MachineTable, ShiftTotalTable } from './tables.ts';
import { type Booked, TotalBooks } from './total-books.ts';

/** Another tracker has taken over this line, or counted for one of its machines: begin anew with what the tables say. */
export class OwnershipLost extends ShopfloorError {
  constructor(line: string) {
    super('tracker-replaced', 409, `Another tracker counts for ${line}.`, {
      hint: 'Let one cumulative-tracker count each machine; give a second one another line.',
    });
  }
}

/** Journal numbers of one line: 1e12 commits, before the next line's begin. */
const seqSpan = 1e12;
/** A quarantined text is kept up to this length. */
export const longestRaw = 8_192;
/** Waiting rows beyond this are only counted. */
export const roomInQuarantine = 10_000;
/** Of one machine, so that one that goes on being refused leaves room for the others. */
const roomOfMachine = 2_000;

export interface Ownership {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly journal: readonly JournalRow[];
}

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
  readonly #store: Store;
  readonly #line: string;
  readonly #plant: PlantTime;
  readonly #books: TotalBooks;
  readonly #appendSql: string;

  constructor(store: Store, line: string, plant: PlantTime) {
    this.#store = store;
    this.#line = line;
    this.#plant = plant;
    this.#books = new TotalBooks(store.engine, plant);
    // One statement is one durable transaction. PostgreSQL also locks the owner, so that a take-over waits for this row.
    this.#appendSql =
      store.engine === 'sqlite'
        ? 'insert into production_journal (seq, body) select ?, ? from production_owner where line = ? and epoch = ?'
        : 'with owner as (select 1 from production_owner where line = $3 and epoch = $4 for share) insert into production_journal (seq, body) select $1::bigint, $2::text from owner';
  }

  /** Commits what arrived. Throws OwnershipLost when another tracker took the line over. */
  async append({ seq, body }: JournalRow, epoch: number): Promise<void> {
    const query = CompiledQuery.raw(this.#appendSql, [seq, body, this.#line, epoch]);
    const { numAffectedRows } = await this.#db().executeQuery(query);
    if (numAffectedRows !== 1n) throw new OwnershipLost(this.#line);
  }

  /** Makes this process the one that folds the line, and reads what is acknowledged and not folded yet. */
  async takeOver(): Promise<Ownership> {
    const line = this.#line;
    const { number } = await this.#owner();
    // A transaction of its own: what the former owner committed before is visible to the next one, and nothing comes after.
    const { epoch, folded_seq: folded } = await this.#db()
      .updateTable('production_owner')
      .set((owner) => ({ epoch: owner('epoch', '+', 1) }))
      .where('line', '=', line)
      .returning(['epoch', 'folded_seq'])
      .executeTakeFirstOrThrow();
    const rows = await this.#db()
      .selectFrom('production_journal')
      .select(['seq', 'body'])
      .where('seq', '>=', number * seqSpan)
      .where('seq', '<', (number + 1) * seqSpan)
      .orderBy('seq')
      .execute();
    const lastSeq = Math.max(number * seqSpan, folded, rows.at(-1)?.seq ?? 0);
    return { epoch, lastSeq, journal: rows };
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
    return this.#store.transaction<IntakeSchema, FoldResult>(async (transaction) => {
      await this.#foldCounters(transaction, fold);
      const booked = await this.#foldSlices(transaction, fold);
      await this.#foldGathered(transaction, fold);
      const events = await this.#recordEvents(transaction, [
        ...fold.gathered.events,
        ...booked.events,
        ...(await record(transaction)),
      ]);
      // The owner's row last: an append waits for whoever holds it.
      const { numUpdatedRows } = await transaction
        .updateTable('production_owner')
        .set({ folded_seq: fold.upToSeq })
        .where('line', '=', this.#line)
        .where('epoch', '=', fold.epoch)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new OwnershipLost(this.#line);
      await sql`delete from production_journal where seq <= ${fold.upToSeq} and seq >= ${Math.floor(fold.upToSeq / seqSpan) * seqSpan}`.execute(
        transaction,
      );
      return { events, shifts: booked.shifts };
    });
  }

  /** Runs `work` as the owner of the line; it is refused when that is another by now. */
  asOwner<Result>(epoch: number, work: (transaction: Transaction<IntakeSchema>) => Promise<Result>): Promise<Result> {
    return this.#store.transaction<IntakeSchema, Result>(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('production_owner')
        .set((owner) => ({ folded_seq: owner.ref('folded_seq') }))
        .where('line', '=', this.#line)
        .where('epoch', '=', epoch)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new OwnershipLost(this.#line);
      return work(transaction);
    });
  }

  /** Numbers and stores events. */
  recordEvents(
    transaction: Transaction<IntakeSchema>,
    events: readonly NewProductionEvent[],
  ): Promise<readonly ProductionEvent[]> {
    return this.#recordEvents(transaction, events);
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

  async #owner(): Promise<{ number: number }> {
    const line = this.#line;
    for (;;) {
      const owner = await this.#db()
        .selectFrom('production_owner')
        .select('number')
        .where('line', '=', line)
        .executeTakeFirst();
      if (owner) return owner;
      await this.#store.transaction<IntakeSchema, void>(async (transaction) => {
        const { last } = await transaction
          .selectFrom('production_owner')
          .select((select) => select.fn.max('number').as('last'))
          .executeTakeFirstOrThrow();
        await transaction
          .insertInto('production_owner')
          .values({ line, number: (last ?? 0) + 1, epoch: 0, folded_seq: 0 })
          .onConflict((conflict) => conflict.column('line').doNothing())
          .execute();
      });
    }
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
        duplicates = cast(value ->> 12 as bigint), late = cast(value ->> 13 as bigint)
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
    if (refused.length > 0) await this.#quarantine(transaction, gathered, nowMs);
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

  async #quarantine(transaction: Transaction<IntakeSchema>, { refused }: Gathered, nowMs: number): Promise<void> {
    /** Mapped by reason. */
    const counts = new Map<string, number>();
    for (const { code, replayOf } of refused) if (replayOf === null) counts.set(code, (counts.get(code) ?? 0) + 1);
    const day = this.#plant.dateText(nowMs);
    for (const [code, count] of counts) {
      await transaction
        .insertInto('production_refusal_count')
        .values({ day, code, count })
        .onConflict((conflict) =>
          conflict
            .columns(['day', 'code'])
            .doUpdateSet((row) => ({ count: row('production_refusal_count.count', '+', count) })),
        )
        .execute();
    }
    const rows = await transaction
      .selectFrom('production_quarantine')
      .select(['machine', (select) => select.fn.countAll<number>().as('count')])
      .where('status', '=', 'waiting')
      .groupBy('machine')
      .execute();
    const waiting = new Map(rows.map(({ machine, count }) => [machine, count]));
    let room = roomInQuarantine - rows.reduce((sum, { count }) => sum + count, 0);
    for (const { replayOf, source, machine: named, code, message, raw, arrivedMs, clock } of refused) {
      if (replayOf !== null) {
        await transaction
          .updateTable('production_quarantine')
          .set((row) => ({ code, message, attempts: row('attempts', '+', 1) }))
          .where('id', '=', replayOf)
          .execute();
        continue;
      }
      const machine = named === null ? null : storable(named);
      const ofMachine = waiting.get(machine) ?? 0;
      if (room <= 0 || ofMachine >= roomOfMachine) continue;
      room -= 1;
      waiting.set(machine, ofMachine + 1);
      await transaction
        .insertInto('production_quarantine')
        .values({
          source: storable(source.slice(0, 500)),
          machine,
          code,
          message: storable(message.slice(0, 500)),
          raw: storable(raw.slice(0, longestRaw)),
          raw_cut: raw.length > longestRaw ? 1 : 0,
          arrived_ms: arrivedMs,
          source_ms: clock?.sourceMs ?? null,
          clock_trusted: clock ? Number(clock.clockTrusted) : null,
          status: 'waiting',
          attempts: 0,
        })
        .execute();
    }
  }

  async #recordEvents(
    transaction: Transaction<IntakeSchema>,
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
        cast(value ->> 4 as text), cast(value ->> 5 as text) from ${jsonRows(this.#store.engine, rows)} where true
      returning seq, machine, at, type, actor, reason, detail`.execute(transaction);
    return stored
      .map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> }))
      .sort((one, other) => one.seq - other.seq);
  }
}

/** What the row of a machine's counter becomes, in the order of the statement of `fold`. */
export function counterRow(live: LiveMachine): readonly unknown[] {
  const { machine, epoch, state, arrivedMs, order, production, defects, messages, duplicates, late } = live;
  return [
    machine,
    epoch,
    state.lastProduction,
    state.lastDefects,
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
  ];
}
