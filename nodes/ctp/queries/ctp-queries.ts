// The reading commands of the CTP room: list, similar, statistics and export, within the machines that the actor may see.
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../core/clock.ts';
import { FieldReader } from '../../core/field-reader.ts';
import type { PlantTime } from '../../core/plant-time.ts';
import type { ShiftCalendar } from '../../production/calendar-contract.ts';
import type { Store } from '../../store/store.ts';
import type { CtpProblem, CtpStatistics, ProblemPage, SimilarProblem } from '../messages.ts';
import { type Bucket, bucketFor } from './buckets.ts';
import { type Cursor, cursorText, readCursor } from './cursor.ts';
import { downtimeOf } from './downtime.ts';
import { exportOf, type ProblemExport } from './export.ts';
import {
  type FilterContext,
  type ListFilter,
  type MachineName,
  type MachineScope,
  machinesIn,
  readListFilter,
  readMachine,
} from './filter.ts';
import { type Placed, placesOf, totalOf } from './pages.ts';
import type { RollupGate } from './planned-months.ts';
import { plannedMs } from './planned-sum.ts';
import { highestPlace } from './problem-fact.ts';
import type { CtpReadSchema } from './read-tables.ts';
import { ProblemSearch } from './search.ts';
import { similarProblems } from './similar.ts';
import { readStatisticsQuestion, statisticsOf } from './statistics.ts';
import type { Total } from './text-query.ts';
import { type WindowFigures, windowFigures } from './window-figures.ts';
import { rolledUpTo, type WindowContext } from './window-parts.ts';

export interface CtpQuerySettings {
  readonly store: Store;
  readonly clock: Clock;
  readonly plant: PlantTime;
  readonly calendar: () => ShiftCalendar | undefined;
  readonly gate: RollupGate;
  /** Whole problems of these ids, in any order; read with `store.reader()`. */
  readonly problems: (ids: readonly number[]) => Promise<readonly CtpProblem[]>;
  /** Since when each machine counts, in ms UTC, mapped by id; always, where nobody knows. */
  readonly bornMs?: (machines: readonly number[]) => Promise<ReadonlyMap<number, number>>;
}

const defaultLimit = 25;
const largestLimit = 100;
const defaultSimilar = 5;
const largestSimilar = 20;
/** A description may be this long; more of it is not looked at. */
const longestText = 4_000;

export class CtpQueries {
  readonly #settings: CtpQuerySettings;
  readonly #db: Kysely<CtpReadSchema>;
  readonly #search: ProblemSearch;

  constructor(settings: CtpQuerySettings) {
    this.#settings = settings;
    this.#db = settings.store.reader<CtpReadSchema>();
    this.#search = new ProblemSearch(this.#db, settings.store.engine);
  }

  /**
   * One page, newest start first. `total` is exact but for searches with more than 1,000 matches; the total of a search is that
   * of its first page.
   */
  async list(input: unknown, scope: MachineScope): Promise<ProblemPage> {
    const filter = readListFilter(input, await this.#context(scope));
    const fields = new FieldReader(input);
    const limit = fields.has('limit') ? fields.count('limit', 1, largestLimit) : defaultLimit;
    fields.finish('The filter');
    const cursor = fields.has('cursor') ? readCursor(fields.raw('cursor'), filter) : undefined;
    const { rows, below, count } = await this.#page(filter, cursor, limit);
    const [data, { total, totalExact }] = await Promise.all([this.#whole(rows), count]);
    return {
      data,
      total,
      total_exact: totalExact,
      next_cursor: below === undefined ? null : cursorText({ below, total, totalExact }, filter),
    };
  }

  async #page(filter: ListFilter, cursor: Cursor | undefined, limit: number): Promise<PlacedPage> {
    if (filter.search !== undefined) {
      const found = await this.#search.find(filter, cursor?.below, limit + 1);
      return pageOf(found.rows, limit, cursor ? Promise.resolve(cursor) : found.count);
    }
    const [rows, total] = await Promise.all([
      placesOf(this.#db, this.#settings.store.engine, filter, cursor?.below, limit + 1),
      totalOf(this.#db, this.#settings.plant, filter),
    ]);
    return pageOf(rows, limit, Promise.resolve({ total, totalExact: true }));
  }

  /** Completed problems with a solution that resemble `text`, best first. */
  async similar(input: unknown, scope: MachineScope): Promise<{ readonly data: readonly SimilarProblem[] }> {
    const context = await this.#context(scope);
    const fields = new FieldReader(input);
    const text = fields.has('text') ? fields.text('text', longestText) : '';
    const limit = fields.has('limit') ? fields.count('limit', 1, largestSimilar) : defaultSimilar;
    const machine = readMachine(fields);
    fields.finish('The question');
    const wanted =
      machine.id === undefined && machine.nickname === undefined ? undefined : machinesIn(machine, context);
    const rows = await similarProblems(this.#db, this.#search, {
      text,
      machine: wanted?.[0],
      scope: scope === 'all' ? undefined : scope,
      limit,
      nowMs: this.#settings.clock.now().getTime(),
      engine: this.#settings.store.engine,
    });
    const problems = new Map((await this.#problems(rows.map(({ id }) => id))).map((problem) => [problem.id, problem]));
    return {
      data: rows.flatMap(({ id, repair_held }) => {
        const problem = problems.get(id);
        return problem ? [{ ...problem, repair_held }] : [];
      }),
    };
  }

  async statistics(input: unknown, scope: MachineScope): Promise<CtpStatistics> {
    const { plant, clock, calendar: calendarNow } = this.#settings;
    const context = await this.#context(scope);
    const nowMs = clock.now().getTime();
    const question = readStatisticsQuestion(input, context, nowMs);
    const machines = context.machines.filter(({ id }) => question.machines?.includes(id) ?? true);
    const calendar = calendarNow();
    const fromMs = Math.min(question.fromMs ?? (await this.#firstStart()) ?? question.toMs, question.toMs);
    const { toMs } = question;
    const bucket = question.bucket ?? bucketFor(fromMs, toMs);
    const window = await this.#window(machines, context.machines.length, fromMs, toMs, nowMs, bucket);
    const born = await this.#settings.bornMs?.(machines.map(({ id }) => id));
    let planned = 0;
    for (const machine of machines) {
      const bornMs = born?.get(machine.id) ?? fromMs;
      planned += await plannedMs(plant, calendar, machine.nickname, Math.max(fromMs, bornMs), toMs);
    }
    return statisticsOf({
      plant,
      fromMs,
      toMs,
      machines,
      machineId: question.machines?.length === 1 ? (question.machines[0] ?? null) : null,
      window,
      plannedMs: planned,
      bucket,
    });
  }

  /** Downtime in ms between two neighbours of `cuts` (instants, ascending), overlaps once, inside planned time; each mapped by machine. */
  async downtimeMs(cuts: readonly number[]): Promise<readonly ReadonlyMap<number, number>[]> {
    const nowMs = this.#settings.clock.now().getTime();
    const context = this.#windowContext();
    const machines = await this.#machines();
    const rolledTo = await rolledUpTo(context, machines);
    const stretches = cuts.slice(1).map((toMs, index) => ({ machines, fromMs: cuts[index] ?? toMs, toMs }));
    return Promise.all(stretches.map((stretch) => downtimeOf(context, stretch, rolledTo, nowMs)));
  }

  /** The problems of a filter as a file that is made while it is sent. */
  async exportProblems(input: unknown, scope: MachineScope): Promise<ProblemExport> {
    const context = await this.#context(scope);
    const filter = readListFilter(input, context);
    return exportOf(input, {
      plant: this.#settings.plant,
      now: this.#settings.clock.now(),
      machines: context.machines.filter(({ id }) => filter.machines?.includes(id) ?? true),
      filter,
      rows: (below, limit) => this.#rowsBelow(filter, below, limit),
    });
  }

  async #rowsBelow(
    filter: ListFilter,
    below: number | undefined,
    limit: number,
  ): Promise<{ readonly problems: readonly CtpProblem[]; readonly below: number | undefined }> {
    const rows =
      filter.search === undefined
        ? await placesOf(this.#db, this.#settings.store.engine, filter, below, limit)
        : (await this.#search.find(filter, below ?? highestPlace, limit)).rows;
    return { problems: await this.#whole(rows), below: rows.length < limit ? undefined : rows.at(-1)?.place };
  }

  #window(
    machines: readonly MachineName[],
    machinesInAll: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
    bucket: Bucket | undefined,
  ): Promise<WindowFigures> {
    const isEveryMachine = machines.length === machinesInAll;
    return windowFigures(this.#windowContext(), { machines, isEveryMachine, fromMs, toMs, nowMs, bucket });
  }

  #windowContext(): WindowContext {
    const { plant, calendar, gate } = this.#settings;
    return { db: this.#db, plant, calendar: calendar(), gate };
  }

  async #whole(rows: readonly Placed[]): Promise<readonly CtpProblem[]> {
    const problems = new Map((await this.#problems(rows.map(({ id }) => id))).map((problem) => [problem.id, problem]));
    return rows.flatMap(({ id }) => problems.get(id) ?? []);
  }

  async #problems(ids: readonly number[]): Promise<readonly CtpProblem[]> {
    return ids.length === 0 ? [] : this.#settings.problems(ids);
  }

  async #context(scope: MachineScope): Promise<FilterContext> {
    return { plant: this.#settings.plant, machines: await this.#machines(), scope };
  }

  async #machines(): Promise<readonly MachineName[]> {
    return (await sql<MachineName>`select id, nickname, name from ctp_machine order by id`.execute(this.#db)).rows;
  }

  async #firstStart(): Promise<number | undefined> {
    const row = await this.#db.selectFrom('ctp_fact').select('start_ms').orderBy('place').limit(1).executeTakeFirst();
    return row?.start_ms;
  }
}

interface PlacedPage {
  readonly rows: readonly Placed[];
  /** Place that the next page lies below; undefined where there is none. */
  readonly below: number | undefined;
  readonly count: Promise<Total>;
}

/** @param rows one more than `limit` when there is a next page */
function pageOf(rows: readonly Placed[], limit: number, count: Promise<Total>): PlacedPage {
  const page = rows.slice(0, limit);
  return { rows: page, below: rows.length > limit ? page.at(-1)?.place : undefined, count };
}
