// The health room's records in SQL, inside one transaction: latest inputs, states of the trigger, transitions and events; with registry, rollups and outbox.

import type { Kysely } from 'kysely';
import type { CommandMemory, RememberedCommand } from '../core/command-memory.ts';
import { clockToleranceMs } from '../core/instants.ts';
import type { Store } from '../store/store.ts';
import { type ComponentRecord, ComponentRegistry } from './component-registry.ts';
import type { InputState } from './health-index.ts';
import { HealthOutbox } from './health-outbox.ts';
import { IndexRollups } from './index-rollups.ts';
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

export interface StateRecord {
  readonly state: TriggerState;
  readonly inputs: ComponentHealth['inputs'];
  readonly band: HealthBand;
  readonly at: string;
  /** Null: never. */
  readonly calculatedMs: number | null;
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

export class HealthRecords implements CommandMemory {
  readonly registry: ComponentRegistry;
  readonly rollups: IndexRollups;
  readonly outbox: HealthOutbox;
  readonly #db: Kysely<HealthSchema>;

  constructor(db: Kysely<HealthSchema>) {
    this.#db = db;
    this.registry = new ComponentRegistry(db);
    this.rollups = new IndexRollups(db);
    this.outbox = new HealthOutbox(db);
  }

  async machine(machine: string): Promise<MachineRecords> {
    const components = await this.registry.components(machine);
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

  async saveWindow(machine: string, window: unknown, windowMs: number, nowMs: number): Promise<void> {
    const atMs = Math.min(windowMs, nowMs);
    const last_window = JSON.stringify(window);
    await this.#db
      .insertInto('health_machine')
      .values({ machine, model: null, last_window, window_ms: atMs })
      .onConflict((conflict) =>
        conflict
          .column('machine')
          .doUpdateSet({ last_window, window_ms: atMs })
          // One that was overtaken is no news, unless a clock that was ahead has dated the one that is there.
          .where((row) =>
            row.or([
              row('health_machine.window_ms', '<=', atMs),
              row('health_machine.window_ms', '>', nowMs + clockToleranceMs),
            ]),
          ),
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
      calculated_ms: record.calculatedMs,
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
    await this.outbox.put('health/alarm', alarm);
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
  readonly calculated_ms: number | null;
}): StateRecord {
  const { band, at, calculated_ms: calculatedMs } = row;
  return { state: JSON.parse(row.state), inputs: JSON.parse(row.inputs), band, at, calculatedMs };
}
