// Answers the queries and commands of production-oee: what is asked is narrowed already, what is allowed is known.
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import type { Store } from '../store/store.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import { CountReads } from './count-reads.ts';
import { downtimeEvent, downtimeStatistics, statesOfComponent } from './downtime.ts';
import type { ProductionEvent, ProductionWindow } from './messages.ts';
import type { StopRow } from './page-contract.ts';
import { ProductionViews, stateSpan } from './production-views.ts';
import type { ProductionQuery } from './query-parser.ts';
import { ReasonDesk } from './reason-desk.ts';
import { sensorRow, sensorRowOfRaw } from './sensor-view.ts';
import { bucketOf } from './state-accounts.ts';
import { StateReads } from './state-reads.ts';
import { StopReasons } from './stop-reasons.ts';
import type { IntakeSchema } from './tables.ts';

export interface QuerySettings {
  readonly reasonAfterMs: number;
  readonly windowMs: number;
}

export interface QueryReply {
  readonly payload: unknown;
  readonly events: readonly ProductionEvent[];
}

export class ProductionQueries {
  readonly #calendar: ShiftCalendar;
  readonly #clock: Clock;
  readonly #settings: QuerySettings;
  readonly #states: StateReads;
  readonly #counts: CountReads;
  readonly #views: ProductionViews;
  readonly #desk: ReasonDesk;

  /** The tables must be there (`migrateStateTables`, `migrateIntakeTables`). */
  constructor(store: Store, calendar: ShiftCalendar, clock: Clock, settings: QuerySettings) {
    this.#calendar = calendar;
    this.#clock = clock;
    this.#settings = settings;
    this.#states = new StateReads(store, calendar);
    this.#counts = new CountReads(store.reader<IntakeSchema>(), calendar.timeZone);
    this.#views = new ProductionViews({
      states: this.#states,
      counts: this.#counts,
      calendar,
      clock,
      reasonAfterMs: settings.reasonAfterMs,
    });
    this.#desk = new ReasonDesk(store, calendar, clock);
  }

  /** Ids of the machines in service. */
  async machines(): Promise<readonly string[]> {
    return (await this.#counts.machines()).map(({ id }) => id);
  }

  /**
   * Rejects with a ShopfloorError when it is refused; then nothing was changed.
   * @param machines that the queue of stops is about; undefined: all
   */
  async execute(query: ProductionQuery, actor: Actor, machines?: readonly string[]): Promise<QueryReply> {
    switch (query.command) {
      case 'reason': {
        const { answer, events } = await this.#desk.give(query, actor);
        return { payload: answer, events };
      }
      case 'save-reason': {
        const { answer, events } = await this.#desk.save(query.reason, query.commandId, actor);
        return { payload: answer, events };
      }
      default:
        return { payload: await this.#read(query, machines), events: [] };
    }
  }

  windows(): Promise<readonly ProductionWindow[]> {
    return this.#views.windows(this.#settings.windowMs);
  }

  async #read(
    query: Exclude<ProductionQuery, { readonly command: 'reason' | 'save-reason' }>,
    machines: readonly string[] | undefined,
  ): Promise<unknown> {
    const nowMs = this.#clock.now().getTime();
    switch (query.command) {
      case 'current':
        return this.#views.current(query.machine);
      case 'oee':
        return this.#views.oee(query.machine, query.fromMs, query.toMs);
      case 'shifts':
        return this.#views.shifts(query);
      case 'timeline':
        return this.#views.timeline(query.machine, query.fromMs, query.toMs);
      case 'windows':
        return this.windows();
      case 'reasons':
        return new StopReasons(await this.#states.reasons()).all;
      case 'stops':
        return this.#stops(query.machine === undefined ? machines : [query.machine], query.limit, nowMs);
      case 'sensor-current':
        return (await this.#views.seen(query.machine)).map(sensorRow);
      case 'sensor-realtime':
        return (await this.#counts.recent(query.limit, query.machine)).map(sensorRowOfRaw);
      case 'downtime-history': {
        const states = statesOfComponent(query.component);
        const { machine, fromMs, toMs, limit } = query;
        const machines = machine === undefined ? undefined : [machine];
        const filter = { machines, fromMs, toMs, limit, states, uncategorised: false, leastMs: 0 };
        return (await this.#states.stops(filter, nowMs)).map((row) => downtimeEvent(row, nowMs));
      }
      case 'downtime-statistics':
        return this.#downtimeStatistics(query.machine, query.fromMs, query.toMs, nowMs);
    }
  }

  /** Of whole days: the days that contain the ends belong to it. */
  async #downtimeStatistics(machine: string | undefined, from: number, to: number, nowMs: number) {
    const plant = plantTimeOf(this.#calendar.timeZone);
    const fromMs = bucketOf(plant, 'day', from).startMs;
    const toMs = bucketOf(plant, 'day', to - 1).endMs;
    const tallies = await this.#states.stopTallies(machine, fromMs, toMs);
    const open = await this.#states.openSpans(machine === undefined ? undefined : [machine], nowMs);
    const lasting = [...open.values()]
      .filter(({ row }) => row.state !== 'running' && row.state !== 'offline')
      .filter(({ row }) => row.start_ms >= fromMs && row.start_ms < toMs)
      .map(({ row }) => row);
    return downtimeStatistics(tallies, lasting, { fromMs, toMs, nowMs });
  }

  /** Stops of the last 30 days that nobody has given a reason. */
  async #stops(machines: readonly string[] | undefined, limit: number, nowMs: number): Promise<readonly StopRow[]> {
    const { reasonAfterMs } = this.#settings;
    const fromMs = nowMs - 30 * 24 * 60 * 60 * 1000;
    const filter = { machines, states: [], fromMs, toMs: nowMs, limit, uncategorised: true, leastMs: reasonAfterMs };
    const rows = await this.#states.stops(filter, nowMs);
    const names = new Map((await this.#counts.machines()).map(({ id, name }) => [id, name]));
    return rows.map((row) => ({
      ...stateSpan(row),
      machine: row.machine,
      name: names.get(row.machine) ?? row.machine,
    }));
  }
}
