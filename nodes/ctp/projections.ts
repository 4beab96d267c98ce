// Follows every change of a problem inside its transaction: list order, counters, search index and figures of days that are over.
import { type Kysely, sql, type Transaction } from 'kysely';
import type { PlantTime } from '../core/plant-time.ts';
import type { ShiftCalendar } from '../production/calendar-contract.ts';
import type { StoreEngine } from '../store/store.ts';
import { type Counted, moveCount } from './queries/counters.ts';
import { factRow } from './queries/fact-rows.ts';
import { plannedTimeOf, type RollupGate } from './queries/planned-months.ts';
import { dayAfter, dayOf, monthOf, type PlantDay } from './queries/plant-days.ts';
import { facetOf, isOpen, type ProblemFact, placeOf } from './queries/problem-fact.ts';
import type { CtpReadSchema, FactTable } from './queries/read-tables.ts';
import { recomputeDays } from './queries/rollups.ts';
import { moveText } from './queries/text-index.ts';

/** Days that are computed at once: a month of problems fits into memory however long one of them lasted. */
const daysAtOnce = 31;
/** What a person waits for: a problem of a season. The days of a longer one are left to `RollUp`, month by month. */
const daysOfCommand = 93;

export interface ProjectionSettings {
  readonly engine: StoreEngine;
  readonly plant: PlantTime;
  /** Undefined where no shift calendar is wired: all time is planned time. */
  readonly calendar: () => ShiftCalendar | undefined;
  readonly gate: RollupGate;
}

export class CtpProjections {
  readonly #settings: ProjectionSettings;

  constructor(settings: ProjectionSettings) {
    this.#settings = settings;
  }

  /**
   * To be called inside the transaction of every change.
   * @param before undefined for a new problem
   */
  async changed<Schema>(
    transaction: Transaction<Schema>,
    before: ProblemFact | undefined,
    after: ProblemFact,
  ): Promise<void> {
    // The room's own tables are of no interest here; those of the reading side are in the same database.
    const db = transaction as unknown as Kysely<CtpReadSchema>;
    const { plant } = this.#settings;
    await this.#moveFact(db, before, after);
    await moveCount(db, before && counted(plant, before), counted(plant, after));
    await this.#moveFigures(db, before, after);
  }

  async #moveFact(db: Kysely<CtpReadSchema>, before: ProblemFact | undefined, after: ProblemFact): Promise<void> {
    const known = before
      ? await db.selectFrom('ctp_fact').select('place').where('id', '=', before.id).executeTakeFirst()
      : undefined;
    const place = known && before?.start_ms === after.start_ms ? known.place : await freePlace(db, after);
    if (known) await db.deleteFrom('ctp_fact').where('place', '=', known.place).execute();
    await db.insertInto('ctp_fact').values(factRow(after, place)).execute();
    const left = known && before ? { place: known.place, fact: before } : undefined;
    await moveText(db, this.#settings.engine, left, { place, fact: after });
  }

  async #moveFigures(db: Kysely<CtpReadSchema>, before: ProblemFact | undefined, after: ProblemFact): Promise<void> {
    if (before && !figuresDiffer(before, after)) return;
    const { plant, calendar: calendarNow, gate } = this.#settings;
    const calendar = calendarNow();
    for (const machine of new Set([before?.machine_id ?? after.machine_id, after.machine_id])) {
      const state = await db
        .selectFrom('ctp_rollup_state')
        .select('rolled_to')
        .where('machine_id', '=', machine)
        .where('zone', '=', plant.zone)
        .executeTakeFirst();
      if (!state) continue;
      const touched = [before, after].filter((fact) => fact !== undefined && fact.machine_id === machine);
      const spans = touched.map((fact) => daysTouched(plant, fact as ProblemFact, state.rolled_to));
      const changed = joined(spans);
      const [earliest] = changed;
      if (earliest && changed.some(({ first, end }) => dayAfter(first, daysOfCommand) < end)) {
        await this.#leaveToRollUp(db, machine, earliest.first);
        continue;
      }
      const planned = plannedTimeOf(calendar, await machineNickname(db, machine));
      for (const { first, end } of changed) {
        for (let day = first; day < end; day = dayAfter(day, daysAtOnce)) {
          await recomputeDays(db, plant, machine, day, Math.min(end, dayAfter(day, daysAtOnce)), planned);
        }
        // Days of a month would be of two calendars: the next check rolls the month up again.
        if (!gate.isOpenFor(calendar)) {
          await db
            .deleteFrom('ctp_rollup_month')
            .where('machine_id', '=', machine)
            .where('month', '>=', monthOf(first))
            .where('month', '<=', monthOf(end))
            .execute();
        }
      }
    }
  }

  /** From the month of `first` on figures are computed from the problems, until the next tick has rolled them up again. */
  async #leaveToRollUp(db: Kysely<CtpReadSchema>, machine: number, first: PlantDay): Promise<void> {
    await db
      .updateTable('ctp_rollup_state')
      .set({ rolled_to: monthOf(first) * 100 + 1 })
      .where('machine_id', '=', machine)
      .execute();
  }
}

function counted(plant: PlantTime, fact: ProblemFact): Counted {
  return { machine_id: fact.machine_id, facet: facetOf(fact), day: dayOf(plant, fact.start_ms) };
}

/** The problem's place; the next free one where another problem of the same second has it already. */
async function freePlace(db: Kysely<CtpReadSchema>, fact: ProblemFact): Promise<number> {
  for (let place = placeOf(fact.start_ms, fact.id); ; place += 1) {
    const taken = await db.selectFrom('ctp_fact').select('id').where('place', '=', place).executeTakeFirst();
    if (!taken || taken.id === fact.id) return place;
  }
}

export async function machineNickname(db: Kysely<CtpReadSchema>, machine: number): Promise<string> {
  const { rows } = await sql<{ nickname: string }>`select nickname from ctp_machine where id = ${machine}`.execute(db);
  return rows[0]?.nickname ?? '';
}

/** Fields that the figures of days are made of. */
function figuresDiffer(before: ProblemFact, after: ProblemFact): boolean {
  const [left, right] = [factRow(before, 0), factRow(after, 0)];
  return (Object.keys(left) as (keyof FactTable)[]).some((name) => left[name] !== right[name]);
}

interface DaySpan {
  readonly first: PlantDay;
  readonly end: PlantDay;
}

/** Days before `rolledTo` on which the problem began or lasted. A void one touches none. */
function daysTouched(plant: PlantTime, fact: ProblemFact, rolledTo: PlantDay): DaySpan {
  const first = dayOf(plant, fact.start_ms);
  if (fact.status === 'void') return { first, end: first };
  const open = isOpen(fact.status) || fact.end_ms === null;
  const last = open ? rolledTo : dayAfter(dayOf(plant, Math.max(fact.start_ms, (fact.end_ms ?? 0) - 1)));
  return { first, end: Math.min(rolledTo, last) };
}

/** Spans that touch become one; empty ones are left out. */
function joined(spans: readonly DaySpan[]): readonly DaySpan[] {
  const sorted = spans.filter(({ first, end }) => first < end).sort((left, right) => left.first - right.first);
  const result: DaySpan[] = [];
  for (const span of sorted) {
    const last = result.at(-1);
    if (last && span.first <= last.end) result[result.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else result.push(span);
  }
  return result;
}
