// The health of every registered component: takes measures, time and people's decisions, one transaction each, and says what changed.
import { randomUUID } from 'node:crypto';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { once } from '../core/command-memory.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { ProductionWindow } from '../production/messages.ts';
import { adviceFor } from './advice.ts';
import { AlarmDesk, type FloodLimit } from './alarm-desk.ts';
import { componentHealth, registeredComponent } from './component-health.ts';
import { bandOf, readIndex } from './health-index.ts';
import type { ComponentRecord, HealthRecords, InputRecord, MachineRecords, StateRecord } from './health-store.ts';
import type { IndexModel } from './index-model.ts';
import type { ComponentHealth, HealthAdvice, HealthCommand, HealthDecision, HealthMeasure } from './messages.ts';
import { readStoredModel } from './model-parser.ts';
import { newTriggerState, nextDueMs, type TriggerInput, type TriggerSettings } from './trigger.ts';

export interface HealthSettings {
  readonly model: IndexModel;
  readonly trigger: TriggerSettings;
  readonly flood: FloodLimit;
}

export interface HealthRoomParts {
  readonly settings: HealthSettings;
  readonly clock: Clock;
  /** Runs `work` in one transaction. */
  readonly inTransaction: <Result>(work: (records: HealthRecords) => Promise<Result>) => Promise<Result>;
  readonly newId?: () => string;
}

export type PersonCommand = Extract<
  HealthCommand,
  { readonly command: 'acknowledge' | 'shelve' | 'unshelve' | 'suppress' | 'unsuppress' | 'configure' }
>;

/** How often old rollups are dropped, and how long they are kept: minutes a month, hours two years. */
const pruneEveryMs = 6 * 3_600_000;
const keptMs = { minute: 31 * 24 * 3_600_000, hour: 731 * 24 * 3_600_000 } as const;

/** A source whose clock is further ahead can't be trusted, and would hide everything that comes after. */
const clockToleranceMs = 5 * 60_000;

/** One look at a machine inside a transaction. */
interface Look {
  readonly records: HealthRecords;
  readonly machine: string;
  readonly known: MachineRecords;
  readonly nowMs: number;
  readonly actor: string;
}

export class HealthRoom {
  readonly #parts: HealthRoomParts;
  readonly #desk: AlarmDesk;
  #prunedMs = 0;

  constructor(parts: HealthRoomParts) {
    this.#parts = parts;
    this.#desk = new AlarmDesk(parts.settings.trigger, parts.settings.flood, parts.newId ?? randomUUID);
  }

  get settings(): HealthSettings {
    return this.#parts.settings;
  }

  /** Takes what production says about a machine. @returns the components that it was about */
  async takeWindow(window: ProductionWindow): Promise<readonly ComponentHealth[]> {
    const at = Date.parse(window.at);
    const percent = (name: string, ratio: number | null): InputRecord => ({
      component: '',
      name,
      value: ratio === null ? null : ratio * 100,
      quality: window.stale ? 'stale' : ratio === null && !window.planned ? 'bad' : 'good',
      planned: window.planned,
      atMs: at,
    });
    const inputs = [
      percent('oee', window.oee),
      percent('availability', window.availability),
      percent('effectiveness', window.effectiveness),
      percent('quality', window.quality),
    ];
    return this.#parts.inTransaction(async (records) => {
      await records.saveWindow(window.machine, window, Math.min(at, this.#parts.clock.now().getTime()));
      return this.#takeInputs(records, window.machine, inputs);
    });
  }

  /** Takes measures of sensors, people or other nodes. */
  async takeMeasures(measures: readonly HealthMeasure[]): Promise<readonly ComponentHealth[]> {
    const machines = [...new Set(measures.map((measure) => measure.machine))];
    return this.#parts.inTransaction(async (records) => {
      const changed: ComponentHealth[] = [];
      for (const machine of machines) {
        const inputs = measures
          .filter((measure) => measure.machine === machine)
          .map(({ component = '', name, value, at, quality, planned = false }) => ({
            component,
            name,
            value,
            quality,
            planned,
            atMs: Date.parse(at),
          }));
        changed.push(...(await this.#takeInputs(records, machine, inputs)));
      }
      return changed;
    });
  }

  /** What time alone changes: delays, expiries, staleness, the end of a flood. Call every few seconds. */
  async tick(): Promise<readonly ComponentHealth[]> {
    const nowMs = this.#parts.clock.now().getTime();
    return this.#parts.inTransaction(async (records) => {
      if (nowMs - this.#prunedMs > pruneEveryMs) {
        for (const grain of ['minute', 'hour'] as const) await records.forgetRollups(grain, nowMs - keptMs[grain]);
        this.#prunedMs = nowMs;
      }
      const changed: ComponentHealth[] = [];
      for (const machine of await records.dueMachines(nowMs)) {
        const known = await records.machine(machine);
        const look = { records, machine, known, nowMs, actor: 'system' };
        changed.push(...(await this.#judge(look, inUse(known), 'time')));
      }
      return changed;
    });
  }

  /** Runs a person's command; a `commandId` that was seen returns its first reply. */
  async decide(command: PersonCommand, actor: Actor): Promise<unknown> {
    const { commandId, ...words } = command;
    const at = this.#parts.clock.now().toISOString();
    return this.#parts.inTransaction(async (records) => {
      const { reply } = await once<unknown>(records, { commandId, actor: actor.name, words, at }, () =>
        command.command === 'configure'
          ? this.#configure(records, command, actor)
          : this.#decideAlarm(records, command, actor),
      );
      return reply;
    });
  }

  async #takeInputs(records: HealthRecords, machine: string, inputs: readonly InputRecord[]) {
    const before = await records.machine(machine);
    const nowMs = this.#parts.clock.now().getTime();
    const last = new Map(before.inputs.map((input) => [`${input.component}|${input.name}`, input.atMs]));
    // A second delivery, or one that was overtaken, says nothing new.
    const news = inputs
      .map((input) =>
        input.atMs > nowMs + clockToleranceMs ? { ...input, atMs: nowMs, quality: 'bad' as const } : input,
      )
      .filter((input) => input.atMs > (last.get(`${input.component}|${input.name}`) ?? 0));
    if (news.length === 0) return [];
    await records.saveInputs(machine, news);
    const known = { ...before, inputs: merged(before.inputs, news) };
    const names = new Set(news.map((input) => input.name));
    const ownComponents = new Set(news.map((input) => input.component));
    const concerned = inUse(known).filter(
      (one) =>
        (ownComponents.has('') || ownComponents.has(one.component)) &&
        this.#modelOf(known, one).inputs.some((input) => names.has(input.name)),
    );
    return this.#judge({ records, machine, known, nowMs, actor: 'system' }, concerned, 'news');
  }

  /** Judges components of a machine, one after the other; with `time`, only what time alone can change. */
  async #judge(look: Look, components: readonly ComponentRecord[], cause: 'news' | 'time') {
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
      const after = await this.#step({ ...look, known }, one, input, reading.inputs, null);
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
    return readIndex(this.#modelOf(known, one), one.rpn, largest, inputOf, nowMs);
  }

  #modelOf(known: MachineRecords, one: ComponentRecord): IndexModel {
    return readStoredModel(one.model ?? known.model) ?? this.settings.model;
  }

  /** One step of the trigger, with everything that follows from it. */
  async #step(
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
    const record: StateRecord = { state, inputs, band, at };
    await records.saveState(machine, one.component, record, this.#dueMs(look, one, record, annunciatedMs));
    if (transition) await records.saveTransition(transition);
    if (input.kind === 'sample' || input.kind === 'unknown') {
      const index = input.kind === 'sample' ? input.index : null;
      await records.addSample({ machine, component: one.component, atMs: nowMs, index, smoothed: state.smoothed });
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
      await records.put('health/advice', advice);
    }
    return record;
  }

  #dueMs(look: Look, one: ComponentRecord, record: StateRecord, annunciatedMs: readonly number[]): number {
    const due = [nextDueMs(record.state, this.settings.trigger)];
    const model = this.#modelOf(look.known, one);
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

  async #decideAlarm(records: HealthRecords, command: Exclude<PersonCommand, { command: 'configure' }>, actor: Actor) {
    const { machine, component } = command;
    const known = await records.machine(machine);
    const one = inUse(known).find((candidate) => candidate.component === component);
    if (!one) throw unknownComponent(machine, component);
    const nowMs = this.#parts.clock.now().getTime();
    const before = known.states.get(component);
    const input = decisionInput(command, before?.state ?? newTriggerState, actor, nowMs);
    const look = { records, machine, known, nowMs, actor: actor.name };
    const after = await this.#step(look, one, input, before?.inputs ?? [], command.reason ?? null);
    const at = new Date(nowMs).toISOString();
    await records.event(command.command, { machine, component }, { at, actor: actor.name, detail: detailOf(command) });
    return componentHealth(one, after, this.settings.trigger);
  }

  async #configure(records: HealthRecords, command: PersonCommand & { command: 'configure' }, actor: Actor) {
    const { machine, component } = command;
    const at = this.#parts.clock.now().toISOString();
    const note = { at, actor: actor.name, detail: detailOf(command) };
    await records.event('configure', { machine, component: component ?? '' }, note);
    if (component === undefined) {
      await records.saveMachineModel(machine, command.model ?? null);
      return { machine, model: command.model ?? null };
    }
    const before = (await records.components(machine)).find((one) => one.component === component);
    if (!before && command.rpn === undefined) {
      throw new ShopfloorError('component-new', 400, `${component} of ${machine} is new and needs its RPN.`, {
        fields: [{ field: 'rpn', message: 'must be given for a new component' }],
      });
    }
    const after: ComponentRecord = {
      machine,
      component,
      rpn: command.rpn ?? before?.rpn ?? 1,
      retired: command.retired ?? before?.retired ?? false,
      model: command.model === undefined ? (before?.model ?? null) : command.model,
      version: (before?.version ?? 0) + 1,
      changedAt: at,
      changedBy: actor.name,
    };
    await records.saveComponent(after);
    return registeredComponent(after);
  }
}

export function unknownComponent(machine: string | undefined, component: string): ShopfloorError {
  const where = machine === undefined ? '' : ` on ${machine}`;
  return new ShopfloorError('component-unknown', 404, `There is no component ${component}${where}.`, {
    hint: 'GET /api/components (the command components) lists what is registered; POST there (configure) adds one.',
  });
}

function decisionInput(
  command: Exclude<PersonCommand, { command: 'configure' }> & HealthDecision,
  state: {
    readonly alarm: object | null;
    readonly shelved: object | null;
    readonly suppressed: object | null;
    readonly shown: string;
  },
  actor: Actor,
  nowMs: number,
): TriggerInput {
  const conflict = (message: string) =>
    new ShopfloorError('alarm-state', 409, message, { current: { alarm: state.shown } });
  switch (command.command) {
    case 'acknowledge':
      if (!state.alarm) throw conflict(`${command.component} has no alarm to acknowledge.`);
      return { kind: 'acknowledge' };
    case 'shelve':
      return {
        kind: 'shelve',
        untilMs: nowMs + command.minutes * 60_000,
        reason: command.reason ?? '',
        by: actor.name,
      };
    case 'unshelve':
      if (!state.shelved) throw conflict(`${command.component} is not shelved.`);
      return { kind: 'unshelve' };
    case 'suppress':
      return { kind: 'suppress', cause: 'person', reason: command.reason ?? '' };
    case 'unsuppress':
      if (!state.suppressed) throw conflict(`${command.component} is not suppressed.`);
      return { kind: 'unsuppress' };
  }
}

function detailOf(command: PersonCommand): object {
  const { command: _command, commandId: _commandId, ...detail } = command;
  return detail;
}

function inUse(known: MachineRecords): readonly ComponentRecord[] {
  return known.components.filter((one) => !one.retired);
}

function merged(before: readonly InputRecord[], news: readonly InputRecord[]): readonly InputRecord[] {
  const all = new Map([...before, ...news].map((input) => [`${input.component}|${input.name}`, input]));
  return [...all.values()];
}
