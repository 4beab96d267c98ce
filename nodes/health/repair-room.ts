// Estimates of repairs: answers questions and alarms, learns from finished repairs and imported files, and keeps count of its own errors.
import { randomUUID } from 'node:crypto';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { ProductionEvent } from '../production/messages.ts';
import { basisOf } from './estimate-basis.ts';
import { classOfStop, type OpenStop, plannedState, type StopChange, stopChange } from './machine-stops.ts';
import type {
  Calibration,
  EstimateRequest,
  HealthAlarm,
  ImportProgress,
  ImportReport,
  RepairCommand,
  RepairEstimate,
} from './messages.ts';
import type { RepairModel } from './repair-model.ts';
import { causeOfComponent } from './repair-prior.ts';
import { replay } from './repair-replay.ts';
import { machineSource, type RepairStore } from './repair-store.ts';
import { causeName, type StopClass } from './stop-classes.ts';
import { importStops } from './stop-import.ts';
import { plantColumns, type Stop } from './stop-row.ts';

export interface RepairRoomParts {
  readonly store: RepairStore;
  readonly clock: Clock;
  readonly plant: PlantTime;
  /** Lets the event loop serve others. */
  readonly breathe: () => Promise<void>;
  readonly newId?: () => string;
}

/** Repairs that the model lives through again when it is made: what is older than that weighs nothing any more. */
const remembered = 1_000;
/** Repairs in one piece of work, some milliseconds. */
const repairsAtOnce = 5;
/** Production's last word about a machine counts for so long. */
const windowCountsMs = 10 * 60_000;

/** What is asked, narrowed and completed from what the room knows. */
interface Question {
  readonly machine: string;
  readonly component: string | null;
  readonly cause: string | null;
  readonly shift: string | null;
  readonly healthIndex: number | null;
  readonly production: number | null;
  readonly defects: number | null;
}

export class RepairRoom {
  readonly #parts: RepairRoomParts;
  readonly #newId: () => string;
  #model: Promise<RepairModel> | undefined;

  constructor(parts: RepairRoomParts) {
    this.#parts = parts;
    this.#newId = parts.newId ?? randomUUID;
  }

  /** The estimate of an alarm; asked again, the same. Null for a transition that begins nothing. */
  async estimateAlarm(alarm: HealthAlarm): Promise<RepairEstimate | null> {
    if (alarm.state !== 'unacknowledged') return null;
    const known = await this.#parts.store.estimateOfAlarm(alarm.id);
    if (known) return known;
    const { machine, component, index } = alarm;
    const question = {
      machine,
      component,
      cause: null,
      shift: null,
      healthIndex: index,
      production: null,
      defects: null,
    };
    return this.#estimate(question, alarm.id);
  }

  /** An estimate for whoever asks. Throws InvalidInput when the production figures can't be true. */
  async estimate(request: EstimateRequest): Promise<RepairEstimate> {
    const reason = request.error_message || request.failure_reason || request.downtime_reason || request.reason;
    return this.#estimate(
      {
        machine: request.machine ?? '',
        component: request.component ?? null,
        cause: reason ? causeName(reason) : null,
        shift: request.shift === undefined ? null : String(request.shift),
        healthIndex: request.health_index ?? null,
        production: request.total_produksi ?? null,
        defects: request.produk_cacat ?? null,
      },
      null,
    );
  }

  /** A repair is over. The same again changes nothing. */
  async finished(command: RepairCommand & { readonly command: 'finished' }) {
    const { store, clock, plant } = this.#parts;
    const startMs = parseInstant(command.start, plant);
    const endMs = parseInstant(command.end, plant);
    if (startMs === undefined || endMs === undefined || endMs <= startMs || endMs > clock.now().getTime() + 60_000) {
      throw new InvalidInput([{ field: 'end', message: 'must be after start and not in the future' }], 'The repair');
    }
    const stop: Stop = {
      machine: command.machine,
      shift: command.shift ?? '',
      order: command.order ?? '',
      cause: causeName(command.cause),
      startMs,
      endMs,
      minutes: Math.round((endMs - startMs) / 600) / 100,
    };
    // Whoever reports a finished repair says by that what it was.
    const stopClass = (await store.causes()).get(stop.cause) ?? 'repair';
    const learned = await this.#record(stop, stopClass, 'finished', command.estimate);
    return { learned, minutes: stop.minutes, calibration: calibrationOf(await this.#ready()) };
  }

  /** Follows the stops that machines report: each that ends is recorded, and learned from when it was a repair. */
  async takeEvent(event: ProductionEvent): Promise<void> {
    const { store } = this.#parts;
    const { machine } = event;
    const open = await store.openStop(machine);
    const change = stopChange(event, open);
    switch (change.kind) {
      case 'none':
        return;
      case 'open':
        await store.saveOpenStop(change.stop, open?.shift ?? (await store.window(machine))?.shift ?? '');
        return;
      case 'forget':
        await store.forgetOpenStop(machine);
        return;
      case 'name':
        await this.#name(machine, change, open);
        return;
      case 'close': {
        const { cause, startMs } = change.stop;
        const minutes = Math.round((change.endMs - startMs) / 600) / 100;
        const stop = { machine, shift: open?.shift ?? '', order: '', cause, startMs, endMs: change.endMs, minutes };
        await this.#record(stop, classOfStop(change.stop, await store.causes()), machineSource);
        await store.forgetOpenStop(machine);
      }
    }
  }

  async #name(
    machine: string,
    named: StopChange & { readonly kind: 'name' },
    open: (OpenStop & { readonly shift: string }) | undefined,
  ): Promise<void> {
    const { store } = this.#parts;
    const { startMs, cause, planned } = named;
    if (open?.startMs === startMs) {
      await store.saveOpenStop({ ...open, cause, ...(planned && { state: plannedState }) }, open.shift);
      return;
    }
    const stopClass = planned ? 'planned' : classOfStop({ cause, state: 'error' }, await store.causes());
    if (await store.renameStop(machine, startMs, cause, stopClass)) await this.#renew();
  }

  /** @returns whether something was learned */
  async #record(stop: Stop, stopClass: StopClass, source: string, estimate?: string): Promise<boolean> {
    const { store, clock } = this.#parts;
    const model = await this.#ready();
    const causes = new Map([[stop.cause, stopClass]]);
    const { added } = await store.addStops([stop], causes, source, clock.now().toISOString());
    if (added.length === 0 || stopClass !== 'repair') return false;
    await store.settleEstimate(stop, estimate);
    model.learn(stop);
    await this.#saveCalibration(model);
    return true;
  }

  async import(
    command: RepairCommand & { readonly command: 'import' },
    actor: Actor,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportReport> {
    const { store, clock, plant, breathe } = this.#parts;
    const text = typeof command.csv === 'string' ? command.csv : new TextDecoder().decode(command.csv);
    const file = {
      text,
      name: command.name ?? 'stops.csv',
      mapping: { ...plantColumns, ...command.mapping },
      actor: actor.name,
    };
    const report = await importStops(file, { store, clock, plant, onProgress, breathe });
    await this.#renew();
    return report;
  }

  async classify(cause: string, stopClass: StopClass, actor: Actor) {
    await this.#parts.store.classify(causeName(cause), stopClass, actor.name, this.#parts.clock.now().toISOString());
    await this.#renew();
    return { cause: causeName(cause), class: stopClass };
  }

  async calibration(): Promise<Calibration & { readonly known: number }> {
    const model = await this.#ready();
    return { ...calibrationOf(model), known: model.known };
  }

  /** Call once before the first question: imports that a crash ended are reported as such. */
  async start(): Promise<void> {
    await this.#parts.store.failInterrupted();
  }

  async #estimate(asked: Question, alarmId: string | null): Promise<RepairEstimate> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const question = await this.#completed(asked, now.getTime());
    const cause = question.cause ?? causeOfComponent(question.component);
    const model = await this.#ready();
    const forecast = model.forecast({
      machine: question.machine,
      shift: question.shift,
      cause,
      startMs: now.getTime(),
      healthIndex: question.healthIndex,
    });
    const { coverage, repairs } = model.calibration();
    const estimate: RepairEstimate = {
      id: this.#newId(),
      machine: question.machine,
      component: question.component,
      cause,
      at: now.toISOString(),
      p10_minutes: oneDecimal(forecast.p10),
      p50_minutes: oneDecimal(forecast.p50),
      p90_minutes: oneDecimal(forecast.p90),
      mean_minutes: oneDecimal(forecast.expected),
      basis: basisOf({
        forecast: forecast.basis,
        machine: question.machine,
        cause,
        causeAssumed: question.cause === null,
        shift: question.shift,
        healthIndex: question.healthIndex,
        production: question.production,
        defects: question.defects,
        coverage,
        judged: repairs,
      }),
    };
    return store.saveEstimate(estimate, alarmId);
  }

  /** Fills in what production knows of the machine at this moment, and nothing else. */
  async #completed(asked: Question, nowMs: number): Promise<Question> {
    if (asked.machine === '') return asked;
    const window = await this.#parts.store.window(asked.machine);
    if (!window || window.stale || nowMs - window.atMs > windowCountsMs) return asked;
    const own = asked.production !== null;
    return {
      ...asked,
      cause: asked.cause ?? (window.cause ? causeName(window.cause) : null),
      shift: asked.shift ?? window.shift,
      production: own ? asked.production : window.shiftProduction,
      defects: own ? asked.defects : window.shiftDefects,
    };
  }

  /** The model of the history; made once, off the event loop in small pieces. */
  #ready(): Promise<RepairModel> {
    const model = this.#model ?? this.#build();
    this.#model = model;
    model.catch(() => {
      if (this.#model === model) this.#model = undefined;
    });
    return model;
  }

  async #renew(): Promise<void> {
    this.#model = undefined;
    await this.#saveCalibration(await this.#ready());
  }

  async #build(): Promise<RepairModel> {
    const history = replay(await this.#parts.store.repairs(remembered));
    for (let steps = 1; ; steps += 1) {
      const next = history.next();
      if (next.done) return next.value;
      if (steps % repairsAtOnce === 0) await this.#parts.breathe();
    }
  }

  async #saveCalibration(model: RepairModel): Promise<void> {
    await this.#parts.store.saveCalibration({
      ...calibrationOf(model),
      at: this.#parts.clock.now().toISOString(),
    });
  }
}

export function unknownImport(id: string): ShopfloorError {
  return new ShopfloorError('import-unknown', 404, `There is no import ${id}.`, {
    hint: 'The command imports lists them.',
  });
}

function calibrationOf(model: RepairModel): Calibration {
  const { repairs, meanAbsoluteError, coverage } = model.calibration();
  return {
    repairs,
    mean_absolute_error_minutes: meanAbsoluteError === null ? null : oneDecimal(meanAbsoluteError),
    coverage_percent: coverage === null ? null : oneDecimal(coverage * 100),
  };
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
