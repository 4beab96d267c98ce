// A store with the tables of states, and readings to record in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineReading, MachineState } from '../../nodes/production/messages.ts';
import type { StateNews, StateRecorder } from '../../nodes/production/state-recorder.ts';
import { StateRecords, spanOf } from '../../nodes/production/state-records.ts';
import { type StateSchema, stateMigrations } from '../../nodes/production/state-tables.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';

export function reading(atMs: number, state: MachineState | null, rest: Partial<MachineReading> = {}): MachineReading {
  return {
    machine: 'M',
    state,
    performanceRate: null,
    qualityRate: null,
    availabilityRate: null,
    cumulativeProduction: null,
    cumulativeDefects: null,
    intervalProduction: null,
    intervalDefects: null,
    pulses: null,
    sourceMs: atMs,
    clockTrusted: true,
    arrivedMs: atMs,
    sequence: null,
    messageId: null,
    order: null,
    errorMessage: null,
    failureReason: null,
    isCritical: null,
    retained: false,
    raw: '{}',
    ...rest,
  };
}

export class StateWorld {
  readonly store: Store;
  readonly #folder: string;

  private constructor(store: Store, folder: string) {
    this.store = store;
    this.#folder = folder;
  }

  static async open(url?: string): Promise<StateWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'shopfloor-states-'));
    const store = await openStore(url ?? `sqlite:${join(folder, 'states.sqlite')}`);
    await store.migrate('production_state', stateMigrations(store.engine));
    return new StateWorld(store, folder);
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  record(recorder: StateRecorder, readings: readonly MachineReading[]): Promise<readonly StateNews[]> {
    return this.store.transaction<StateSchema, readonly StateNews[]>((transaction) =>
      recorder.record(new StateRecords(transaction), readings),
    );
  }

  sweep(recorder: StateRecorder, nowMs: number): Promise<readonly StateNews[]> {
    return this.store.transaction<StateSchema, readonly StateNews[]>((transaction) =>
      recorder.sweep(new StateRecords(transaction), nowMs),
    );
  }

  get db() {
    return this.store.db<StateSchema>();
  }

  async spans(machine = 'M') {
    return (
      await this.db.selectFrom('state_span').selectAll().where('machine', '=', machine).orderBy('start_ms').execute()
    ).map(spanOf);
  }

  async clear(): Promise<void> {
    for (const table of ['state_track', 'state_span', 'state_time', 'stop_tally'] as const)
      await this.db.deleteFrom(table).execute();
  }
}
