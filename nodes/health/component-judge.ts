// Judges one component of a machine after the other: reads its index, steps its trigger, and records everything that follows from it.
import { adviceFor } from './advice.ts';
import { AlarmDesk, type FloodLimit } from './alarm-desk.ts';
import { componentHealth } from './component-health.ts';
import type { ComponentRecord } from './component-registry.ts';
import { bandOf, readIndex } from './health-index.ts';
import type { HealthRecords, MachineRecords, StateRecord } from './health-store.ts';
import type { IndexModel } from './index-model.ts';
import type { ComponentHealth, HealthAdvice } from './messages.ts';
import { readStoredModel } from './model-parser.ts';
import { nextDueMs, type TriggerInput, type TriggerSettings } from './trigger.ts';

export interface HealthSettings {
  readonly model: IndexModel;
  readonly trigger: TriggerSettings;
  readonly flood: FloodLimit;
}

/** One look at a machine inside a transaction. */
export interface Look {
  readonly records: HealthRecords;
  readonly machine: string;
  readonly known: MachineRecords;
  readonly nowMs: number;
  readonly actor: string;
}

export function inUse(known: MachineRecords): readonly ComponentRecord[] {
  return known.components.filter((one) => !one.retired);
}

export class ComponentJudge {
  readonly settings: HealthSettings;
  readonly #desk: AlarmDesk;

  constructor(settings: HealthSettings, newId: () => string) {
    this.settings = settings;
    this.#desk = new AlarmDesk(settings.trigger, settings.flood, newId);
  }

  /** Judges components of a machine, one after the other; with `time`, only what time alone can change. */
  async judge(look: Look, components: readonly ComponentRecord[], cause: 'news' | 'time') {
    const states = new Map(look.known.states);
    const changed: ComponentHealth[] = [];
    for (const one of components) {
      const known = { ...look.known, states };
      const reading = this.#read({ ...look, known }, one);
      const before = states.get(one.component);
      const wentUnknown = reading.kind === 'unknown' && before !== undefined && before.band !== 'unknown';
      const input: TriggerInput =
        cause === 'news' || wentUnknown
          ? reading.kind === 'value'
            ? { kind: 'sample', index: reading.index }
            : { kind: reading.kind }
          : { kind: 'tick' };
      const after = await this.step({ ...look, known }, one, input, reading.inputs, null);
      states.set(one.component, after);
      if (cause === 'time' && before?.state.shown === after.state.shown && before?.band === after.band) continue;
      changed.push(componentHealth(one, after, this.settings.trigger));
    }
    return changed;
  }

  #read({ known, nowMs }: Look, one: ComponentRecord) {
    const largest = Math.max(...inUse(known).map((other) => other.rpn), 1);
    const inputOf = (name: string) =>
      known.inputs.find((input) => input.name === name && input.component === one.component) ??
      known.inputs.find((input) => input.name === name && input.component === '');
    return readIndex(this.modelOf(known, one), one.rpn, largest, inputOf, nowMs);
  }

  modelOf(known: MachineRecords, one: ComponentRecord): IndexModel {
    return readStoredModel(one.model ?? known.model) ?? this.settings.model;
  }

  /** One step of the trigger, with everything that follows from it. */
  async step(
    look: Look,
    one: ComponentRecord,
    input: TriggerInput,
    inputs: ComponentHealth['inputs'],
    reason: string | null,
  ): Promise<StateRecord> {
    const { records, machine, known, nowMs, actor } = look;
    const before = known.states.get(one.component);
    const others = inUse(known).flatMap(({ component }) =>
      component === one.component ? [] : (known.states.get(component)?.state ?? []),
    );
    const annunciatedMs = await records.annunciatedMs(nowMs - this.settings.flood.windowMs);
    const { state, transition } = this.#desk.take({
      machine,
      component: one.component,
      before: before?.state,
      input,
      others,
      annunciatedMs,
      nowMs,
      actor,
      reason,
    });
    const at = new Date(nowMs).toISOString();
    const band = bandOf(state.index);
    const calculatedMs = input.kind === 'sample' ? nowMs : (before?.calculatedMs ?? null);
    const record: StateRecord = { state, inputs, band, at, calculatedMs };
    await records.saveState(machine, one.component, record, this.#dueMs(look, one, record, annunciatedMs));
    if (transition) await records.saveTransition(transition);
    if (input.kind === 'sample' || input.kind === 'unknown') {
      const index = input.kind === 'sample' ? input.index : null;
      await records.rollups.add({ machine, component: one.component, atMs: nowMs, index, smoothed: state.smoothed });
    }
    const previous = before?.band ?? 'unknown';
    if (band !== previous) {
      const advice: HealthAdvice = {
        machine,
        component: one.component,
        at,
        band,
        previous,
        advice: adviceFor(one.component, band),
      };
      await records.outbox.put('health/advice', advice);
    }
    return record;
  }

  #dueMs(look: Look, one: ComponentRecord, record: StateRecord, annunciatedMs: readonly number[]): number {
    const due = [nextDueMs(record.state, this.settings.trigger)];
    const model = this.modelOf(look.known, one);
    if (record.band !== 'unknown') {
      const used = new Set(model.inputs.map((input) => input.name));
      const ages = look.known.inputs.filter((input) => used.has(input.name)).map((input) => input.atMs);
      due.push(...ages.map((atMs) => atMs + model.staleAfterMs + 1).filter((dueMs) => dueMs > look.nowMs));
    }
    if (record.state.suppressed?.cause === 'flood') {
      due.push(Math.min(look.nowMs, ...annunciatedMs) + this.settings.flood.windowMs);
    }
    return Math.min(...due);
  }
}
