// Estimates of repairs: answers questions and alarms, learns from finished repairs and imported files, and keeps count of its own errors.
import { randomUUID } from 'node:crypto';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { EventFeed } from '../production/event-feed.ts';
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
  /** The events of production, where they are in the same store. */
  readonly feed?: Pick<EventFeed, 'has' | 'after'>;
}

/** What the model has to learn of something that was committed. */
type Lesson =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'repair'; readonly stop: Stop }
  /** Stops of before are something else now. */
  | { readonly kind: 'history-changed' };

const nothing: Lesson = { kind: 'nothing' };

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
    const lesson = await store.inTransaction((records) =>
      this.#record(stop, stopClass, 'finished', records, command.estimate),
    );
    await this.#apply([lesson]);
    return {
      learned: lesson.kind === 'repair',
      minutes: stop.minutes,
      calibration: calibrationOf(await this.#ready()),
    };
  }

  /**
   * Takes the next events of production that the store holds, some at once: what they teach and how far they were read is one
   * commit, so that each counts once whatever ends the process.
   * @returns whether more may wait
   */
  async follow(): Promise<boolean> {
    const { store, feed } = this.#parts;
    if (!feed) return false;
    const position = await store.eventPosition();
    const { events, upTo } = await feed.after(position);
    if (upTo === position) return false;
    const lessons = await store.inTransaction(async (records) => {
      // Another process with the same store was faster.
      if ((await records.eventPosition()) !== position) return [];
      const taken: Lesson[] = [];
      for (const event of events) taken.push(await this.#take(event, records));
      await records.saveEventPosition(upTo);
      return taken;
    });
    await this.#apply(lessons);
    return true;
  }

  /** An event of production: of this store, or of an engineer's own source. */
  async takeEvent(event: ProductionEvent): Promise<void> {
    if (await this.#parts.feed?.has(event)) {
      await this.follow();
      return;
    }
    await this.#apply([await this.#parts.store.inTransaction((records) => this.#take(event, records))]);
  }

  /** Follows the stops that machines report: each that ends is recorded, and learned from when it was a repair. */
  async #take(event: ProductionEvent, records: RepairStore): Promise<Lesson> {
    const { machine } = event;
    const open = await records.openStop(machine);
    const change = stopChange(event, open);
    switch (change.kind) {
      case 'none':
        return nothing;
      case 'open':
        await records.saveOpenStop(change.stop, open?.shift ?? (await records.window(machine))?.shift ?? '');
        return nothing;
      case 'forget':
        await records.forgetOpenStop(machine);
        return nothing;
      case 'name':
        return this.#name(machine, change, open, records);
      case 'close': {
        await records.forgetOpenStop(machine);
        const { cause, startMs } = change.stop;
        if (await records.knowsStop(machine, startMs)) return nothing;
        const minutes = Math.round((change.endMs - startMs) / 600) / 100;
        const stop = { machine, shift: open?.shift ?? '', order: '', cause, startMs, endMs: change.endMs, minutes };
        return this.#record(stop, classOfStop(change.stop, await records.causes()), machineSource, records);
      }
    }
  }

  async #name(
    machine: string,
    named: StopChange & { readonly kind: 'name' },
    open: (OpenStop & { readonly shift: string }) | undefined,
    records: RepairStore,
  ): Promise<Lesson> {
    const { startMs, cause, planned } = named;
    if (open?.startMs === startMs) {
      await records.saveOpenStop({ ...open, cause, ...(planned && { state: plannedState }) }, open.shift);
      return nothing;
    }
    const stopClass = planned ? 'planned' : classOfStop({ cause, state: 'error' }, await records.causes());
    return (await records.renameStop(machine, startMs, cause, stopClass)) ? { kind: 'history-changed' } : nothing;
  }

  async #record(
    stop: Stop,
    stopClass: StopClass,
    source: string,
    records: RepairStore,
    estimate?: string,
  ): Promise<Lesson> {
    const causes = new Map([[stop.cause, stopClass]]);
    const { added } = await records.addStops([stop], causes, source, this.#parts.clock.now().toISOString());
    if (added.length === 0 || stopClass !== 'repair') return nothing;
    await records.settleEstimate(stop, estimate);
    return { kind: 'repair', stop };
  }

  /** Brings the model to what was committed. */
  async #apply(lessons: readonly Lesson[]): Promise<void> {
    if (lessons.every(({ kind }) => kind === 'nothing')) return;
    // A model that is not made yet will find everything in the history.
    if (!this.#model || lessons.some(({ kind }) => kind === 'history-changed')) {
      await this.#renew();
      return;
    }
    const model = await this.#model;
    for (const lesson of lessons) if (lesson.kind === 'repair') model.learn(lesson.stop);
    await this.#saveCalibration(model);
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
