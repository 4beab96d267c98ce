// Brings the stored figures up to yesterday, follows a changed shift calendar or time zone, and makes everything again from nothing.
import { setImmediate as turn } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Store } from '../../store/store.ts';
import type { ProjectionSettings } from '../projections.ts';
import { ctpTurns } from '../tables.ts';
import { recountMachine } from './counters.ts';
import { firstStarts } from './first-problems.ts';
import { monthPrint, plannedTimeOf } from './planned-months.ts';
import { dayOf, monthOf, nextMonth, type PlantDay } from './plant-days.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { forgetMachine, type PlannedTime, recomputeDays } from './rollups.ts';

interface Machine {
  readonly id: number;
  readonly nickname: string;
}

export class RollUp {
  readonly #store: Store;
  readonly #settings: ProjectionSettings;
  #running: Promise<void> | undefined;

  constructor(store: Store, settings: ProjectionSettings) {
    this.#store = store;
    this.#settings = settings;
  }

  /**
   * To be called at the start and with every tick: cheap while nothing is due. One month of one machine is one transaction, and
   * other work gets its turn in between; until all of it is done statistics are computed from the problems.
   */
  settle(nowMs: number): Promise<void> {
    this.#running ??= this.#settle(nowMs).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #settle(nowMs: number): Promise<void> {
    const { plant, calendar: calendarNow, gate } = this.#settings;
    const calendar = calendarNow();
    const today = dayOf(plant, nowMs);
    const isChecked = gate.isOpenFor(calendar);
    for (const machine of await this.#machines()) {
      const planned = plannedTimeOf(calendar, machine.nickname);
      const state = await this.#stateOf(machine.id);
      if (!isChecked || state === undefined) await this.#check(machine.id, planned, state, today);
      if (state !== undefined && state < today) await this.#extend(machine.id, planned, state, today, state);
      if (state === undefined) await this.#begin(machine.id, planned, today);
    }
    gate.passed(calendar);
  }

  async #machines(): Promise<readonly Machine[]> {
    const db = this.#store.reader<CtpReadSchema>();
    return (await sql<Machine>`select id, nickname from ctp_machine order by id`.execute(db)).rows;
  }

  /** The day up to which the machine is rolled up; undefined when it is not, or in another zone. */
  async #stateOf(machine: number): Promise<PlantDay | undefined> {
    const state = await this.#store
      .db<CtpReadSchema>()
      .selectFrom('ctp_rollup_state')
      .selectAll()
      .where('machine_id', '=', machine)
      .executeTakeFirst();
    if (!state) return undefined;
    if (state.zone === this.#settings.plant.zone) return state.rolled_to;
    await this.#change(async (db) => {
      await recountMachine(db, this.#settings.plant, machine);
      await forgetMachine(db, machine);
    });
    return undefined;
  }

  /** Rolls months up again whose planned time is not what it was. */
  async #check(machine: number, planned: PlannedTime, rolledTo: PlantDay | undefined, today: PlantDay): Promise<void> {
    if (rolledTo === undefined) return;
    const first = await this.#firstDay(machine);
    if (first === undefined) return;
    const prints = await this.#store
      .reader<CtpReadSchema>()
      .selectFrom('ctp_rollup_month')
      .selectAll()
      .where('machine_id', '=', machine)
      .execute();
    const known = new Map(prints.map(({ month, print }) => [month, print]));
    for (let day = monthOf(first) * 100 + 1; day <= today; day = nextMonth(day)) {
      const print = monthPrint(this.#settings.plant, planned, monthOf(day));
      if (known.get(monthOf(day)) !== print) await this.#rollMonth(machine, planned, day, rolledTo);
      await turn();
    }
  }

  async #begin(machine: number, planned: PlannedTime, today: PlantDay): Promise<void> {
    const first = (await this.#firstDay(machine)) ?? today;
    await this.#extend(machine, planned, first, today, undefined);
  }

  async #firstDay(machine: number): Promise<PlantDay | undefined> {
    const startMs = (await firstStarts(this.#store.reader<CtpReadSchema>(), [machine])).get(machine);
    return startMs === undefined ? undefined : dayOf(this.#settings.plant, startMs);
  }

  /** Rolls up [from, today) month by month. @param known the day up to which it is rolled up; undefined when it is not */
  async #extend(
    machine: number,
    planned: PlannedTime,
    from: PlantDay,
    today: PlantDay,
    known: PlantDay | undefined,
  ): Promise<void> {
    const { plant } = this.#settings;
    if (from === today) await this.#change((db) => this.#setState(db, machine, today));
    for (let day = from; day < today; day = nextMonth(day)) {
      const end = Math.min(today, nextMonth(day));
      const begin = day === from ? from : monthOf(day) * 100 + 1;
      const isDone = await this.#change(async (db) => {
        // A change of an old problem sets the state back: what comes after it is for the next run.
        if ((await rolledTo(db, machine)) !== (day === from ? known : day)) return false;
        await recomputeDays(db, plant, machine, begin, end, planned);
        await this.#setPrint(db, machine, planned, begin);
        await this.#setState(db, machine, end);
        return true;
      });
      if (!isDone) return;
      await turn();
    }
  }

  async #rollMonth(machine: number, planned: PlannedTime, first: PlantDay, rolledTo: PlantDay): Promise<void> {
    await this.#change(async (db) => {
      const end = Math.min(rolledTo, nextMonth(first));
      await recomputeDays(db, this.#settings.plant, machine, first, end, planned);
      await this.#setPrint(db, machine, planned, first);
    });
  }

  #change<Result>(work: (db: Transaction<CtpReadSchema>) => Promise<Result>): Promise<Result> {
    return this.#store.transaction<CtpReadSchema, Result>(work, ctpTurns);
  }

  async #setState(db: Kysely<CtpReadSchema>, machine: number, rolledTo: PlantDay): Promise<void> {
    await db
      .insertInto('ctp_rollup_state')
      .values({ machine_id: machine, zone: this.#settings.plant.zone, rolled_to: rolledTo })
      .onConflict((conflict) => conflict.column('machine_id').doUpdateSet({ rolled_to: rolledTo }))
      .execute();
  }

  async #setPrint(db: Kysely<CtpReadSchema>, machine: number, planned: PlannedTime, day: PlantDay): Promise<void> {
    const month = monthOf(day);
    const print = monthPrint(this.#settings.plant, planned, month);
    await db
      .insertInto('ctp_rollup_month')
      .values({ machine_id: machine, month, print })
      .onConflict((conflict) => conflict.columns(['machine_id', 'month']).doUpdateSet({ print }))
      .execute();
  }
}

async function rolledTo(db: Kysely<CtpReadSchema>, machine: number): Promise<PlantDay | undefined> {
  const state = await db
    .selectFrom('ctp_rollup_state')
    .select('rolled_to')
    .where('machine_id', '=', machine)
    .executeTakeFirst();
  return state?.rolled_to;
}
