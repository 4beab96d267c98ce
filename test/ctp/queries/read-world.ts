// A CTP log for tests of its reading side: problems are written as the commands write them, with the projection in the same transaction.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type PlantTime, plantTimeOf } from '../../../nodes/core/plant-time.ts';
import type { CtpProblem } from '../../../nodes/ctp/messages.ts';
import { ctpMigrations, ctpRoom } from '../../../nodes/ctp/migrations.ts';
import { CtpProjections } from '../../../nodes/ctp/projections.ts';
import { CtpQueries } from '../../../nodes/ctp/queries/ctp-queries.ts';
import { RollupGate } from '../../../nodes/ctp/queries/planned-months.ts';
import type { ProblemFact } from '../../../nodes/ctp/queries/problem-fact.ts';
import { problemsInOrder } from '../../../nodes/ctp/queries/problem-source.ts';
import type { CtpReadSchema } from '../../../nodes/ctp/queries/read-tables.ts';
import { rebuildLists } from '../../../nodes/ctp/queries/rebuild.ts';
import { RollUp } from '../../../nodes/ctp/queries/roll-up.ts';
import type { CtpSchema } from '../../../nodes/ctp/tables.ts';
import type { ShiftCalendar } from '../../../nodes/production/calendar-contract.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import type { Store } from '../../../nodes/store/store.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export type NewProblem = Partial<Omit<ProblemFact, 'id'>>;

const blank: Omit<ProblemFact, 'id'> = {
  machine_id: 1,
  status: 'ongoing',
  severity: 'stop',
  technician_type: 'lokal',
  technician_name: null,
  vendor_name: null,
  error_code: null,
  category: null,
  problem_description: 'Plate macet',
  solution: null,
  start_ms: 0,
  response_ms: null,
  end_ms: null,
};

export class ReadWorld {
  readonly store: Store;
  readonly plant: PlantTime;
  readonly #directory: string;
  /** As the last change left them, mapped by id. */
  readonly problems = new Map<number, ProblemFact>();
  nowMs: number;
  calendar: ShiftCalendar | undefined;
  gate = new RollupGate();

  private constructor(store: Store, plant: PlantTime, directory: string, nowMs: number) {
    this.store = store;
    this.plant = plant;
    this.#directory = directory;
    this.nowMs = nowMs;
  }

  /** @param url of an empty database; a SQLite file of its own without one */
  static async open(zone: string, nowMs: number, url?: string): Promise<ReadWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-'));
    const store = await openStore(url ?? `sqlite:${join(directory, 'store.sqlite')}`);
    await store.migrate(ctpRoom, ctpMigrations(store.engine));
    return new ReadWorld(store, plantTimeOf(zone), directory, nowMs);
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #settings() {
    return { engine: this.store.engine, plant: this.plant, calendar: () => this.calendar, gate: this.gate };
  }

  get queries(): CtpQueries {
    const clock = { now: () => new Date(this.nowMs), monotonicMs: () => this.nowMs, after: () => () => {} };
    return new CtpQueries({
      store: this.store,
      clock,
      plant: this.plant,
      calendar: () => this.calendar,
      gate: this.gate,
      problems: async (ids) => ids.map((id) => this.#whole(id)),
    });
  }

  async report(fields: NewProblem): Promise<number> {
    const fact = { ...blank, ...fields };
    return this.store.transaction<CtpSchema, number>(async (db) => {
      const { id } = await db
        .insertInto('ctp_problem')
        .values({ ...this.#row(fact) })
        .returning('id')
        .executeTakeFirstOrThrow();
      const after = { ...fact, id };
      await new CtpProjections(this.#settings).changed(db, undefined, after);
      this.problems.set(id, after);
      return id;
    });
  }

  async change(id: number, fields: NewProblem): Promise<void> {
    const before = this.problem(id);
    const after = { ...before, ...fields };
    await this.store.transaction<CtpSchema, void>(async (db) => {
      await db.updateTable('ctp_problem').set(this.#row(after)).where('id', '=', id).execute();
      await new CtpProjections(this.#settings).changed(db, before, after);
    });
    this.problems.set(id, after);
  }

  problem(id: number): ProblemFact {
    const fact = this.problems.get(id);
    if (!fact) throw new Error(`no problem ${id}`);
    return fact;
  }

  /** What runs at the start and with every tick. */
  settle(): Promise<void> {
    return new RollUp(this.store, this.#settings).settle(this.nowMs);
  }

  async rebuild(): Promise<void> {
    this.gate.close();
    await rebuildLists(this.store, this.plant, () => problemsInOrder(this.store));
    await this.settle();
  }

  /** Everything the projection keeps, in a form that a rebuild must give again. */
  async kept(): Promise<Readonly<Record<string, readonly unknown[]>>> {
    const db = this.store.db<CtpReadSchema>();
    const rows = async (statement: string) =>
      (await sql.raw<Record<string, unknown>>(statement).execute(db)).rows.map((row) => ({ ...row }));
    return {
      facts: await rows('select * from ctp_fact order by place'),
      counts: await rows('select * from ctp_count where problems <> 0 order by machine_id, facet, period'),
      figures: await rows(
        `select * from ctp_rollup where problems <> 0 or completed <> 0 or repair_ms <> 0 or responded <> 0 or response_ms <> 0 or downtime_ms <> 0
         order by machine_id, dimension, period, key`,
      ),
      states: await rows('select * from ctp_rollup_state order by machine_id'),
    };
  }

  #row(fact: Omit<ProblemFact, 'id'>) {
    const { machine_id, status, severity, technician_type, technician_name, vendor_name, error_code, category } = fact;
    const { problem_description, solution, start_ms, response_ms, end_ms } = fact;
    return {
      ...{ machine_id, status, severity, technician_type, technician_name, vendor_name, error_code, category },
      ...{ problem_description, solution, start_ms, response_ms, end_ms },
      problem_ms: start_ms,
      void_reason: status === 'void' ? 'mistake' : null,
      parts: '[]',
      same_kind: null,
      opening: 1,
      open_since_ms: start_ms,
      escalated: 0,
      created_by: 'operator',
      created_ms: start_ms,
      updated_ms: start_ms,
      version: 1,
    };
  }

  #whole(id: number): CtpProblem {
    const fact = this.problem(id);
    const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
    const startTime = new Date(fact.start_ms).toISOString();
    return {
      ...fact,
      id,
      machine_nickname: ['', 'suprasetter', 'platesetter', 'trendsetter'][fact.machine_id] ?? '',
      machine_name: ['', 'CTP 1 Suprasetter', 'CTP 2 Platesetter', 'CTP 3 Trendsetter'][fact.machine_id] ?? '',
      problem_date: startTime,
      start_time: startTime,
      response_time: iso(fact.response_ms),
      end_time: iso(fact.end_ms),
      void_reason: fact.status === 'void' ? 'mistake' : null,
      parts: [],
      photos: [],
      documents: [],
      downtime_hours: fact.status === 'void' ? null : ((fact.end_ms ?? this.nowMs) - fact.start_ms) / hourMs,
      created_by: 'operator',
      created_at: startTime,
      updated_at: startTime,
      version: 1,
    };
  }
}
