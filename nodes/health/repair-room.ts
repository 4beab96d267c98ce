// Estimates of repairs: answers questions and alarms, learns from finished repairs and imported files, and keeps count of its own errors.
import { randomUUID } from 'node:crypto';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { EventFeed } from '../production/event-feed.ts';
import type { ProductionEvent } from '../production/messages.ts';
import { type AskedRepair, askedOfAlarm, askedOfRequest, completed } from './asked-repair.ts';
import { KeptModel, type Lesson } from './kept-model.ts';
import type {
  Calibration,
  EstimateRequest,
  HealthAlarm,
  ImportPreview,
  ImportProgress,
  ImportReport,
  ImportUndone,
  RepairCommand,
  RepairEstimate,
} from './messages.ts';
import { calibrationOf, estimateOf } from './repair-answer.ts';
import type { RepairStore } from './repair-store.ts';
import { UnreadableFile } from './row-faults.ts';
import { causeName, type StopClass } from './stop-classes.ts';
import { importStops, openStops } from './stop-import.ts';
import { lessonOfEvent, lessonOfStop } from './stop-lessons.ts';
import { plantColumns, type Stop } from './stop-row.ts';

export interface RepairRoomParts {
  readonly store: RepairStore;
  readonly clock: Clock;
  readonly plant: PlantTime;
  /** Lets the event loop serve others. */
  readonly breathe: () => Promise<void>;
  readonly newId?: () => string;
  /** Those of some machines that the plant has registered; undefined where it registers none. */
  readonly registered: (machines: readonly string[]) => Promise<ReadonlySet<string> | undefined>;
  /** What people call a machine. */
  readonly nameOf: (machine: string) => Promise<string>;
  /** The events of production, where they are in the same store. */
  readonly feed?: Pick<EventFeed, 'has' | 'after'>;
}

export class RepairRoom {
  readonly #parts: RepairRoomParts;
  readonly #newId: () => string;
  readonly #model: KeptModel;

  constructor(parts: RepairRoomParts) {
    this.#parts = parts;
    this.#newId = parts.newId ?? randomUUID;
    this.#model = new KeptModel(parts);
  }

  /** The estimate of an alarm; asked again, the same. Null for a transition that begins nothing. */
  async estimateAlarm(alarm: HealthAlarm): Promise<RepairEstimate | null> {
    if (alarm.state !== 'unacknowledged') return null;
    const known = await this.#parts.store.estimates.estimateOfAlarm(alarm.id);
    return known ?? this.#estimate(askedOfAlarm(alarm), alarm.id);
  }

  /** An estimate for whoever asks. Throws InvalidInput when the production figures can't be true. */
  async estimate(request: EstimateRequest): Promise<RepairEstimate> {
    return this.#estimate(askedOfRequest(request), null);
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
    const stopClass = (await store.causes.own()).get(stop.cause) ?? 'repair';
    const about = { class: stopClass, source: 'finished', at: this.#now(), estimate: command.estimate };
    const lesson = await store.inTransaction((records) => lessonOfStop(stop, about, records));
    await this.#model.learn([lesson]);
    return {
      learned: lesson.kind === 'repair',
      minutes: stop.minutes,
      calibration: calibrationOf(await this.#model.ready()),
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
    const position = await store.lasting.eventPosition();
    const { events, upTo } = await feed.after(position);
    if (upTo === position) return false;
    const lessons = await store.inTransaction(async (records) => {
      // Another process with the same store was faster.
      if ((await records.lasting.eventPosition()) !== position) return [];
      const taken: Lesson[] = [];
      for (const event of events) taken.push(await lessonOfEvent(event, records, this.#now()));
      await records.lasting.saveEventPosition(upTo);
      return taken;
    });
    await this.#model.learn(lessons);
    return true;
  }

  /** An event of production: of this store, or of an engineer's own source. */
  async takeEvent(event: ProductionEvent): Promise<void> {
    const { store, feed } = this.#parts;
    if (await feed?.has(event)) {
      await this.follow();
      return;
    }
    await this.#model.learn([await store.inTransaction((records) => lessonOfEvent(event, records, this.#now()))]);
  }

  async import(
    command: RepairCommand & { readonly command: 'import' },
    actor: Actor,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportReport> {
    const file = {
      csv: command.csv,
      name: command.name ?? 'stops.csv',
      mapping: { ...plantColumns, ...command.mapping },
      actor: actor.name,
      newMachines: command.new_machines ?? [],
    };
    const report = await importStops(file, { ...this.#parts, onProgress });
    await this.#model.renew();
    return report;
  }

  /** What a file is, and what has to be asked before it is imported. Throws InvalidInput for a file that can't be read. */
  async previewImport(command: RepairCommand & { readonly command: 'import-preview' }): Promise<ImportPreview> {
    const file = { csv: command.csv, mapping: { ...plantColumns, ...command.mapping } };
    try {
      return await (await openStops(file, this.#parts)).preview();
    } catch (thrown) {
      if (!(thrown instanceof UnreadableFile)) throw thrown;
      const current = { file_fault: thrown.fault };
      throw new ShopfloorError('file-unreadable', 400, thrown.message, { current, cause: thrown });
    }
  }

  /** Takes the stops of an import back; the estimates forget them. */
  async undoImport(id: string, actor: Actor): Promise<ImportUndone> {
    const undone = await this.#parts.store.imports.undo(id, actor.name, this.#now());
    await this.#model.renew();
    return undone;
  }

  async classify(cause: string, stopClass: StopClass, actor: Actor) {
    await this.#parts.store.causes.classify(causeName(cause), stopClass, actor.name, this.#now());
    await this.#model.renew();
    return { cause: causeName(cause), class: stopClass };
  }

  async calibration(): Promise<Calibration & { readonly known: number }> {
    const model = await this.#model.ready();
    return { ...calibrationOf(model), known: model.known };
  }

  /** Call once before the first question: imports that a crash ended are reported as such. */
  async start(): Promise<void> {
    await this.#parts.store.imports.failInterrupted();
  }

  async #estimate(asked: AskedRepair, alarmId: string | null): Promise<RepairEstimate> {
    const { clock, nameOf } = this.#parts;
    const { estimates } = this.#parts.store;
    const now = clock.now();
    const window = asked.machine === '' ? undefined : await estimates.window(asked.machine);
    const question = completed(asked, window, now.getTime());
    const name = await nameOf(question.machine);
    const estimate = estimateOf(await this.#model.ready(), question, name, this.#newId(), now);
    return estimates.saveEstimate(estimate, alarmId);
  }

  #now(): string {
    return this.#parts.clock.now().toISOString();
  }
}
