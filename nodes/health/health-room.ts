// The health of every registered component: takes measures, time and people's decisions, one transaction each, and says what changed.

import { randomUUID } from 'node:crypto';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { ClockSteadiness } from '../core/clock-steadiness.ts';
import { once } from '../core/command-memory.ts';
import { isAhead, isDueAgain } from '../core/instants.ts';
import type { ProductionWindow } from '../production/messages.ts';
import { ComponentJudge, type HealthSettings, inUse } from './component-judge.ts';
import type { HealthRecords, InputRecord } from './health-store.ts';
import type { ComponentHealth, HealthMeasure } from './messages.ts';
import { configure, decideAlarm, type PersonCommand } from './person-decisions.ts';

export interface HealthRoomParts {
  readonly settings: HealthSettings;
  readonly clock: Clock;
  /** Runs `work` in one transaction. */
  readonly inTransaction: <Result>(work: (records: HealthRecords) => Promise<Result>) => Promise<Result>;
  readonly newId?: () => string;
}

/** How often old rollups are dropped, and how long they are kept: minutes a month, hours two years. */
const pruneEveryMs = 6 * 3_600_000;
const keptMs = { minute: 31 * 24 * 3_600_000, hour: 731 * 24 * 3_600_000 } as const;

/** A source whose clock is further ahead can't be trusted, and would hide everything that comes after. */
const clockToleranceMs = 5 * 60_000;

export class HealthRoom {
  readonly #parts: HealthRoomParts;
  readonly #judge: ComponentJudge;
  readonly #steadiness: ClockSteadiness;
  #prunedMs = 0;

  constructor(parts: HealthRoomParts) {
    this.#parts = parts;
    this.#steadiness = new ClockSteadiness(parts.clock);
    this.#judge = new ComponentJudge(parts.settings, parts.newId ?? randomUUID);
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
      await records.saveWindow(window.machine, window, at, this.#parts.clock.now().getTime());
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
      if (isDueAgain(this.#prunedMs, nowMs, pruneEveryMs) && this.#steadiness.isSteady) {
        for (const grain of ['minute', 'hour'] as const) await records.rollups.forget(grain, nowMs - keptMs[grain]);
        this.#prunedMs = nowMs;
      }
      const changed: ComponentHealth[] = [];
      for (const machine of await records.dueMachines(nowMs)) {
        const known = await records.machine(machine);
        const look = { records, machine, known, nowMs, actor: 'system' };
        changed.push(...(await this.#judge.judge(look, inUse(known), 'time')));
      }
      return changed;
    });
  }

  /** Runs a person's command; a `commandId` that was seen returns its first reply. */
  async decide(command: PersonCommand, actor: Actor): Promise<unknown> {
    const { commandId, ...words } = command;
    const now = this.#parts.clock.now();
    const at = now.toISOString();
    return this.#parts.inTransaction(async (records) => {
      const { reply } = await once<unknown>(records, { commandId, actor: actor.name, words, at }, () =>
        command.command === 'configure'
          ? configure(command, actor, at, records)
          : decideAlarm(command, actor, now.getTime(), records, this.#judge),
      );
      return reply;
    });
  }

  async #takeInputs(records: HealthRecords, machine: string, inputs: readonly InputRecord[]) {
    const before = await records.machine(machine);
    const nowMs = this.#parts.clock.now().getTime();
    // What a clock that was ahead has dated is no newest one.
    const believed = before.inputs.filter(({ atMs }) => !isAhead(atMs, nowMs));
    const last = new Map(believed.map((input) => [`${input.component}|${input.name}`, input.atMs]));
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
        this.#judge.modelOf(known, one).inputs.some((input) => names.has(input.name)),
    );
    return this.#judge.judge({ records, machine, known, nowMs, actor: 'system' }, concerned, 'news');
  }
}

function merged(before: readonly InputRecord[], news: readonly InputRecord[]): readonly InputRecord[] {
  const all = new Map([...before, ...news].map((input) => [`${input.component}|${input.name}`, input]));
  return [...all.values()];
}
