// The health room's records in SQL, inside one transaction: registry, latest inputs, states of the trigger, transitions and rollups.
import type { Kysely, Transaction } from 'kysely';
import type { CommandMemory, RememberedCommand } from '../core/command-memory.ts';
import type { Store } from '../store/store.ts';
import type { InputState } from './health-index.ts';
import type { ComponentHealth, HealthAlarm, HealthBand } from './messages.ts';
import { healthMigrations } from './migrations.ts';
import type { HealthSchema } from './tables.ts';
import type { TriggerState } from './trigger.ts';

/** Brings the room's tables up to date. */
export function migrateHealthTables(store: Store): Promise<void> {
  return store.migrate('health', healthMigrations(store.engine));
}

/** Runs `work` over the room's records; all of it is committed or none. */
export function withHealthRecords<Result>(
  store: Store,
  work: (records: HealthRecords) => Promise<Result>,
): Promise<Result> {
  return store.transaction<HealthSchema, Result>((transaction) => work(new HealthRecords(transaction)));
}

export interface ComponentRecord {
  readonly machine: string;
  readonly component: string;
  readonly rpn: number;
  readonly retired: boolean;
  /** As it was configured; parsed by who uses it. */
  readonly model: unknown;
  readonly version: number;
  readonly changedAt: string;
  readonly changedBy: string;
}

export interface StateRecord {
  readonly state: TriggerState;
  readonly inputs: ComponentHealth['inputs'];
  readonly band: HealthBand;
  readonly at: string;
}

export interface InputRecord extends InputState {
  readonly component: string;
  readonly name: string;
}

/** Everything that judging one machine takes. */
export interface MachineRecords {
  readonly components: readonly ComponentRecord[];
  readonly model: unknown;
  readonly inputs: readonly InputRecord[];
  /** Mapped by component. */
  readonly states: ReadonlyMap<string, StateRecord>;
}

export interface OutboxRecord {
  readonly seq: number;
  readonly topic: string;
  readonly payload: unknown;
}

type Db = Kysely<HealthSchema> | Transaction<HealthSchema>;

/** One sample of an index, for the trend. */
export interface IndexSample {
  readonly machine: string;
  readonly component: string;
  readonly atMs: number;
  /** Null: unknown. */
  readonly index: number | null;
  readonly smoothed: number | null;
}

export class HealthRecords implements CommandMemory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async machine(machine: string): Promise<MachineRecords> {
    const components = await this.components(machine);
    const own = await this.#db
      .selectFrom('health_machine')
      .select('model')
      .where('machine', '=', machine)
      .executeTakeFirst();
    const inputs = await this.#db.selectFrom('health_input').selectAll().where('machine', '=', machine).execute();
    const states = await this.#db.selectFrom('health_state').selectAll().where('machine', '=', machine).execute();
    return {
      components,
      model: own?.model ? JSON.parse(own.model) : null,
      inputs: inputs.map(({ component, name, value, quality, planned, at_ms }) => ({
        component,
        name,
        value,
        quality,
        planned: planned === 1,
        atMs: at_ms,
      })),
      states: new Map(states.map((row) => [row.component, stateOf(row)])),
    };
  }

  /** The registry, of one machine or of all. */
  async components(machine?: string): Promise<ComponentRecord[]> {
    let query = this.#db.selectFrom('health_component').selectAll().orderBy('machine').orderBy('component');
    if (machine !== undefined) query = query.where('machine', '=', machine);
    return (await query.execute()).map((row) => ({
      machine: row.machine,
      component: row.component,
      rpn: row.rpn,
      retired: row.retired === 1,
      model: row.model === null ? null : JSON.parse(row.model),
      version: row.version,
      changedAt: row.changed_at,
      changedBy: row.changed_by,
    }));
  }

  async saveComponent(record: ComponentRecord): Promise<void> {
    const values = {
      rpn: record.rpn,
      retired: record.retired ? 1 : 0,
      model: record.model === null ? null : JSON.stringify(record.model),
      version: record.version,
      changed_at: record.changedAt,
      changed_by: record.changedBy,
    };
    await this.#db
      .insertInto('health_component')
      .values({ machine: record.machine, component: record.component, ...values })
      .onConflict((conflict) => conflict.columns(['machine', 'component']).doUpdateSet(values))
      .execute();
  }

  async saveMachineModel(machine: string, model: unknown): Promise<void> {
    const text = model === null ? null : JSON.stringify(model);
    await this.#db
      .insertInto('health_machine')
      .values({ machine, model: text, last_window: null, window_ms: 0 })
      .onConflict((conflict) => conflict.column('machine').doUpdateSet({ model: text }))
      .execute();
  }

  async saveWindow(machine: string, window: unknown, atMs: number): Promise<void> {
    const last_window = JSON.stringify(window);
    await this.#db
      .insertInto('health_machine')
      .values({ machine, model: null, last_window, window_ms: atMs })
      .onConflict((conflict) =>
        conflict
          .column('machine')
          .doUpdateSet({ last_window, window_ms: atMs })
          // One that was overtaken is no news.
          .where('health_machine.window_ms', '<=', atMs),
      )
      .execute();
  }

  async saveInputs(machine: string, inputs: readonly InputRecord[]): Promise<void> {
    for (const { component, name, value, quality, planned, atMs } of inputs) {
      const latest = { value, quality, planned: planned ? 1 : 0, at_ms: atMs };
      await this.#db
        .insertInto('health_input')
        .values({ machine, component, name, ...latest })
        .onConflict((conflict) => conflict.columns(['machine', 'component', 'name']).doUpdateSet(latest))
        .execute();
    }
  }

  async saveState(machine: string, component: string, record: StateRecord, dueMs: number): Promise<void> {
    const values = {
      state: JSON.stringify(record.state),
      inputs: JSON.stringify(record.inputs),
      band: record.band,
      at: record.at,
      due_ms: Math.min(dueMs, Number.MAX_SAFE_INTEGER),
    };
    await this.#db
      .insertInto('health_state')
      .values({ machine, component, ...values })
      .onConflict((conflict) => conflict.columns(['machine', 'component']).doUpdateSet(values))
      .execute();
  }

  /** Keeps a transition for ever and in the outbox until it has left. */
  async saveTransition(alarm: HealthAlarm): Promise<void> {
    const { transition, id, machine, component, state, at } = alarm;
    const text = JSON.stringify(alarm);
    await this.#db
      .insertInto('health_transition')
      .values({ transition, alarm_id: id, machine, component, state, at_ms: Date.parse(at), alarm: text })
      .execute();
    await this.put('health/alarm', alarm);
  }

  async put(topic: string, payload: unknown): Promise<void> {
    await this.#db
      .insertInto('health_outbox')
      .values({ topic, payload: JSON.stringify(payload) })
      .execute();
  }

  /** Adds samples to the minute and the hour that they belong to. */
  async addSample({ machine, component, atMs, index, smoothed }: IndexSample): Promise<void> {
    for (const [grain, ms] of [
      ['minute', 60_000],
      ['hour', 3_600_000],
    ] as const) {
      const bucket_ms = Math.floor(atMs / ms) * ms;
      await this.#db
        .insertInto('health_rollup')
        .values({
          machine,
          component,
          grain,
          bucket_ms,
          samples: 1,
          unknown: index === null ? 1 : 0,
          total: index ?? 0,
          least: index,
          most: index,
          smoothed,
        })
        .onConflict((conflict) =>
          conflict.columns(['machine', 'component', 'grain', 'bucket_ms']).doUpdateSet((eb) => ({
            samples: eb('health_rollup.samples', '+', 1),
            ...(index === null
              ? { unknown: eb('health_rollup.unknown', '+', 1) }
              : {
                  total: eb('health_rollup.total', '+', index),
                  least: eb
                    .case()
                    .when(eb.or([eb('health_rollup.least', 'is', null), eb('health_rollup.least', '>', index)]))
                    .then(index)
                    .else(eb.ref('health_rollup.least'))
                    .end(),
                  most: eb
                    .case()
                    .when(eb.or([eb('health_rollup.most', 'is', null), eb('health_rollup.most', '<', index)]))
                    .then(index)
                    .else(eb.ref('health_rollup.most'))
                    .end(),
                }),
            smoothed,
          })),
        )
        .execute();
    }
  }

  /** When alarms were annunciated after `sinceMs`. */
  async annunciatedMs(sinceMs: number): Promise<number[]> {
    const rows = await this.#db
      .selectFrom('health_transition')
      .select('at_ms')
      .where('state', '=', 'unacknowledged')
      .where('at_ms', '>', sinceMs)
      .execute();
    return rows.map((row) => row.at_ms);
  }

  /** Machines with a component for which time alone may change something by `nowMs`. */
  async dueMachines(nowMs: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('health_state')
      .select('machine')
      .where('due_ms', '<=', nowMs)
      .distinct()
      .execute();
    return rows.map((row) => row.machine);
  }

  async event(type: string, about: { readonly machine: string; readonly component: string }, more: EventFacts) {
    const { machine, component } = about;
    const { at, actor, detail } = more;
    await this.#db
      .insertInto('health_event')
      .values({ at, actor, type, machine, component, detail: JSON.stringify(detail) })
      .execute();
  }

  commandById(commandId: string) {
    return this.#db
      .selectFrom('health_command')
      .select(['actor', 'request', 'reply'])
      .where('command_id', '=', commandId)
      .executeTakeFirst();
  }

  async rememberCommand(commandId: string, command: RememberedCommand & { readonly at: string }): Promise<void> {
    await this.#db
      .insertInto('health_command')
      .values({ command_id: commandId, ...command })
      .execute();
  }

  async outbox(limit = 200): Promise<OutboxRecord[]> {
    const rows = await this.#db.selectFrom('health_outbox').selectAll().orderBy('seq').limit(limit).execute();
    return rows.map(({ seq, topic, payload }) => ({ seq, topic, payload: JSON.parse(payload) }));
  }

  async takeFromOutbox(sequences: readonly number[]): Promise<void> {
    if (sequences.length === 0) return;
    await this.#db.deleteFrom('health_outbox').where('seq', 'in', sequences).execute();
  }

  async forgetRollups(grain: 'minute' | 'hour', beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('health_rollup').where('grain', '=', grain).where('bucket_ms', '<', beforeMs).execute();
  }
}

interface EventFacts {
  readonly at: string;
  readonly actor: string;
  readonly detail: object;
}

export function stateOf(row: {
  readonly state: string;
  readonly inputs: string;
  readonly band: HealthBand;
  readonly at: string;
}): StateRecord {
  return { state: JSON.parse(row.state), inputs: JSON.parse(row.inputs), band: row.band, at: row.at };
}
