// What pages and routes ask of the health room: components, alarms, trends; read off the event loop.
import type { Clock } from '../core/clock.ts';
import { ShopfloorError } from '../core/errors.ts';
import { machineNames } from '../production/tracker-views.ts';
import type { Store } from '../store/store.ts';
import { componentHealth, registeredComponent } from './component-health.ts';
import { ComponentRegistry } from './component-registry.ts';
import { readEstimate } from './estimate-records.ts';
import { stateOf } from './health-store.ts';
import type {
  Calibration,
  HealthAlarm,
  HealthCommand,
  HealthTrend,
  HealthView,
  NamedComponent,
  RegisteredComponent,
  RepairEstimate,
} from './messages.ts';
import { unknownComponent } from './person-decisions.ts';
import type { RepairSchema } from './repair-tables.ts';
import type { HealthSchema } from './tables.ts';
import type { TriggerSettings } from './trigger.ts';

type Schema = HealthSchema & RepairSchema;

/** Above so long a span a trend is told in hours: at most 1,440 points of minutes. */
const minutesUpToMs = 24 * 3_600_000;
const alarmsOfTrend = 200;

export class HealthQueries {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #trigger: TriggerSettings;

  constructor(store: Store, clock: Clock, trigger: TriggerSettings) {
    this.#store = store;
    this.#clock = clock;
    this.#trigger = trigger;
  }

  async list(machine?: string): Promise<readonly NamedComponent[]> {
    const db = this.#store.reader<Schema>();
    const components = (await new ComponentRegistry(this.#store.reader<HealthSchema>()).components(machine)).filter(
      (one) => !one.retired,
    );
    let query = db.selectFrom('health_state').selectAll();
    if (machine !== undefined) query = query.where('machine', '=', machine);
    const states = new Map(
      (await query.execute()).map((row) => [`${row.machine}|${row.component}`, stateOf(row)] as const),
    );
    const ids = [...states.values()].flatMap(({ state }) => state.alarm?.id ?? []);
    const estimates = await this.#estimates(ids);
    const nameOf = await this.names(components);
    return components.map((one) => {
      const record = states.get(`${one.machine}|${one.component}`);
      const estimate = estimates.get(record?.state.alarm?.id ?? '') ?? null;
      return { ...componentHealth(one, record, this.#trigger, estimate), machine_name: nameOf(one.machine) };
    });
  }

  /** Throws 404 for a component that is not registered, 409 with the machines when its name is on several. */
  async get(component: string, machine?: string): Promise<NamedComponent> {
    const same = (name: string) => name.toLowerCase() === component.toLowerCase();
    const [first, ...others] = (await this.list(machine)).filter((one) => same(one.component));
    if (!first) throw unknownComponent(machine, component);
    if (others.length > 0) {
      throw new ShopfloorError('component-ambiguous', 409, `Several machines have a component ${component}.`, {
        hint: 'Name the machine.',
        current: { machines: [first, ...others].map((one) => one.machine) },
      });
    }
    return first;
  }

  async components(): Promise<readonly RegisteredComponent[]> {
    const found = await new ComponentRegistry(this.#store.reader<HealthSchema>()).components();
    return found.map(registeredComponent);
  }

  async view(): Promise<HealthView> {
    const components = await this.list();
    const standing = await this.#standing();
    const estimates = await this.#estimates(standing.map(({ alarm }) => alarm.id));
    const nameOf = await this.names(components);
    return {
      at: this.#clock.now().toISOString(),
      components,
      alarms: standing.map(({ alarm, shelvedUntil }) => ({
        ...alarm,
        machine_name: nameOf(alarm.machine),
        shelved_until: shelvedUntil,
        estimate: estimates.get(alarm.id) ?? null,
      })),
      calibration: await this.calibration(),
    };
  }

  async trend(command: HealthCommand & { readonly command: 'trend' }): Promise<HealthTrend> {
    const { machine, component } = command;
    const toMs = command.to === undefined ? this.#clock.now().getTime() : Date.parse(command.to);
    const fromMs = command.from === undefined ? toMs - 8 * 3_600_000 : Date.parse(command.from);
    const grain = toMs - fromMs > minutesUpToMs ? 'hour' : 'minute';
    const db = this.#store.reader<Schema>();
    const rows = await db
      .selectFrom('health_rollup')
      .selectAll()
      .where('machine', '=', machine)
      .where('component', '=', component)
      .where('grain', '=', grain)
      .where('bucket_ms', '>=', fromMs)
      .where('bucket_ms', '<', toMs)
      .orderBy('bucket_ms')
      .execute();
    const alarms = await db
      .selectFrom('health_transition')
      .select('alarm')
      .where('machine', '=', machine)
      .where('component', '=', component)
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs)
      .orderBy('seq', 'desc')
      .limit(alarmsOfTrend)
      .execute();
    return {
      machine,
      component,
      grain,
      threshold: this.#trigger.threshold,
      hysteresis: this.#trigger.hysteresis,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      points: rows.map((row) => ({
        at: new Date(row.bucket_ms).toISOString(),
        mean: row.samples > row.unknown ? round(row.total / (row.samples - row.unknown)) : null,
        min: row.least,
        max: row.most,
        smoothed: row.smoothed === null ? null : round(row.smoothed),
        unknown: row.unknown / row.samples,
      })),
      alarms: alarms.map((row) => JSON.parse(row.alarm) as HealthAlarm).reverse(),
    };
  }

  async history(command: HealthCommand & { readonly command: 'history' }) {
    const { machine, component, limit = 50, offset = 0 } = command;
    let query = this.#store.reader<HealthSchema>().selectFrom('health_transition');
    if (machine !== undefined) query = query.where('machine', '=', machine);
    if (component !== undefined) query = query.where('component', '=', component);
    const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    const rows = await query.select('alarm').orderBy('seq', 'desc').limit(limit).offset(offset).execute();
    return { data: rows.map((row) => JSON.parse(row.alarm) as HealthAlarm), total: Number(total), limit, offset };
  }

  /** What repair-estimate last said about itself; nothing yet: no repairs. */
  async calibration(): Promise<Calibration> {
    const row = await this.#store.reader<Schema>().selectFrom('repair_calibration').selectAll().executeTakeFirst();
    return {
      repairs: row?.repairs ?? 0,
      mean_absolute_error_minutes: row?.mean_absolute_error_minutes ?? null,
      coverage_percent: row?.coverage_percent ?? null,
    };
  }

  /** The last transition of every component whose alarm is not normal, the one that came first before the others. */
  async #standing() {
    const db = this.#store.reader<Schema>();
    const states = await db
      .selectFrom('health_state')
      .innerJoin('health_component', (join) =>
        join
          .onRef('health_component.machine', '=', 'health_state.machine')
          .onRef('health_component.component', '=', 'health_state.component'),
      )
      .select(['health_state.machine', 'health_state.component', 'state', 'inputs', 'band', 'at', 'calculated_ms'])
      .where('retired', '=', 0)
      .execute();
    const open = states
      .map((row) => ({ row, state: stateOf(row).state }))
      .filter(({ state }) => state.shown !== 'normal');
    if (open.length === 0) return [];
    const names = open.map(({ row, state }) => `${row.machine}/${row.component}/${state.transitions}`);
    const transitions = await db
      .selectFrom('health_transition')
      .select(['transition', 'alarm'])
      .where('transition', 'in', names)
      .execute();
    const byName = new Map(transitions.map((row) => [row.transition, JSON.parse(row.alarm) as HealthAlarm]));
    return open
      .flatMap(({ row, state }) => {
        const alarm = byName.get(`${row.machine}/${row.component}/${state.transitions}`);
        if (!alarm) return [];
        const shelvedUntil = state.shelved ? new Date(state.shelved.untilMs).toISOString() : null;
        // A shelved alarm may have been raised since: the alarm of now, not that of the transition.
        const current = { ...alarm, id: state.alarm?.id ?? alarm.id, first_out: state.alarm?.firstOut ?? 0 };
        return [{ alarm: current, shelvedUntil }];
      })
      .sort((a, b) => a.alarm.machine.localeCompare(b.alarm.machine) || a.alarm.first_out - b.alarm.first_out);
  }

  /** What people call the machines of `items`. */
  async names(items: readonly { readonly machine: string }[]): Promise<(machine: string) => string> {
    const machines = [...new Set(items.map(({ machine }) => machine))];
    const names = machines.length === 0 ? new Map<string, string>() : await machineNames(this.#store, machines);
    return (machine) => names.get(machine) ?? machine;
  }

  /** Mapped by alarm id. */
  async #estimates(alarmIds: readonly string[]): Promise<ReadonlyMap<string, RepairEstimate>> {
    if (alarmIds.length === 0) return new Map();
    const rows = await this.#store
      .reader<Schema>()
      .selectFrom('repair_estimate')
      .select(['alarm_id', 'estimate'])
      .where('alarm_id', 'in', alarmIds)
      .execute();
    return new Map(rows.map((row) => [row.alarm_id ?? '', readEstimate(row.estimate)]));
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
