// A tracker on a real database with a clock of the test: readings in, what the tables say out.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import type { ShiftCalendar } from '../../nodes/production/calendar-contract.ts';
import { defaultGroups, parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import { CumulativeCounter } from '../../nodes/production/cumulative-counter.ts';
import type { TrackerParticipant, TrackerSweep } from '../../nodes/production/intake-contract.ts';
import type { MachineReading, ProductionEvent, ReadingBatch, ShiftTotal } from '../../nodes/production/messages.ts';
import { decide } from '../../nodes/production/person-decisions.ts';
import { SilentShifts } from '../../nodes/production/silent-shifts.ts';
import type { IntakeSchema } from '../../nodes/production/tables.ts';
import { type PersonCommand, parseTrackerCommand } from '../../nodes/production/tracker-commands.ts';
import { parseTrackerSettings, type TrackerProperties } from '../../nodes/production/tracker-settings.ts';
import { selfCheck } from '../../nodes/production/tracker-views.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Three shifts of eight hours from 06:00, every day. */
export function threeShifts(timeZone = 'Asia/Jakarta'): ShiftCalendar {
  return new WallCalendar(parseCalendarSettings({ timeZone, groups: defaultGroups }, {}));
}

export interface WorldOptions {
  readonly url?: string;
  readonly start?: string;
  readonly calendar?: ShiftCalendar;
  readonly properties?: TrackerProperties;
  readonly participants?: readonly TrackerParticipant[];
  readonly sweeps?: readonly TrackerSweep[];
}

export class TrackerWorld {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly events: ProductionEvent[] = [];
  /** What stopped the counting for a moment: a tracker waits then, and time is the test's. */
  readonly faults: Error[] = [];
  readonly closed: ShiftTotal[] = [];
  /** As of the next restart. */
  calendar: ShiftCalendar;
  counter: CumulativeCounter;
  readonly #options: WorldOptions;
  readonly #directory: string;

  private constructor(store: Store, options: WorldOptions, directory: string, clock?: ManualClock) {
    this.store = store;
    this.#options = options;
    this.#directory = directory;
    this.clock = clock ?? new ManualClock(options.start ?? '2026-01-05T00:00:00Z');
    this.calendar = options.calendar ?? threeShifts();
    this.counter = this.#newCounter();
  }

  static async open(options: WorldOptions = {}): Promise<TrackerWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-tracker-'));
    const store = await openStore(options.url ?? `sqlite:${join(directory, 'a.sqlite')}`);
    return new TrackerWorld(store, options, directory);
  }

  /** Another tracker on the database and the clock of this one, which closes them. */
  beside(options: WorldOptions): TrackerWorld {
    return new TrackerWorld(this.store, options, this.#directory, this.clock);
  }

  get settings() {
    return parseTrackerSettings({ unknownMachine: 'accept', ...this.#options.properties });
  }

  #newCounter(): CumulativeCounter {
    const silent = new SilentShifts(this.settings);
    return new CumulativeCounter({
      store: this.store,
      calendar: this.calendar,
      settings: this.settings,
      clock: this.clock,
      participants: [...(this.#options.participants ?? []), silent.note],
      sweeps: [...(this.#options.sweeps ?? []), silent.close],
      onFault: (fault) => this.faults.push(...(fault ? [fault] : [])),
      onBooked: (_totals, events) => this.events.push(...events),
      onClosed: (total) => this.closed.push(total),
    });
  }

  /** A tracker that begins with what the tables say, as after a crash: the former one is forgotten where it is. */
  restart(): void {
    this.counter = this.#newCounter();
  }

  /** Commits and folds. */
  async take(...readings: readonly MachineReading[]): Promise<void> {
    await this.commit(...readings);
    await this.counter.fold();
  }

  /** Commits without folding, the state in which a crash leaves most to do. */
  async commit(...readings: readonly MachineReading[]): Promise<void> {
    await this.counter.commit({ readings, refused: [], replayOf: null });
  }

  give(batch: Partial<ReadingBatch>): void {
    this.counter.take({ readings: [], refused: [], delivery: null, ...batch });
  }

  async person(payload: object, name = 'sri'): Promise<Readonly<Record<string, unknown>>> {
    const command = parseTrackerCommand(payload) as PersonCommand;
    const plant = plantTimeOf(this.calendar.timeZone);
    return decide({ counter: this.counter, settings: this.settings, plant, clock: this.clock }, command, {
      name,
      via: 'session',
    });
  }

  async total(machine = 'M1'): Promise<readonly [production: number, defects: number]> {
    const row = await this.db()
      .selectFrom('production_counter')
      .selectAll()
      .where('machine', '=', machine)
      .executeTakeFirst();
    return [row?.total_production ?? 0, row?.total_defects ?? 0];
  }

  /** Production by `date/shift`. */
  async shifts(machine = 'M1'): Promise<Readonly<Record<string, number>>> {
    const rows = await this.db()
      .selectFrom('production_shift')
      .selectAll()
      .where('machine', '=', machine)
      .orderBy('start_ms')
      .execute();
    return Object.fromEntries(rows.map((row) => [`${row.shift_date}/${row.shift}`, row.production]));
  }

  /** Defects by `date/shift`. */
  async spoilt(machine = 'M1'): Promise<Readonly<Record<string, number>>> {
    const rows = await this.db().selectFrom('production_shift').selectAll().where('machine', '=', machine).execute();
    return Object.fromEntries(rows.map((row) => [`${row.shift_date}/${row.shift}`, row.defects]));
  }

  quarantine() {
    return this.db().selectFrom('production_quarantine').selectAll().orderBy('id').execute();
  }

  types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  check() {
    return selfCheck(this.store);
  }

  db() {
    return this.store.db<IntakeSchema>();
  }

  async close(): Promise<void> {
    await this.counter.stop();
    await this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A reading of M1 with its counter; `at` is plant time of 5 January 2026 (Jakarta) or an ISO instant. */
export function reading(at: string, production: number | null, more: Partial<MachineReading> = {}): MachineReading {
  const sourceMs = Date.parse(at.length <= 8 ? `2026-01-05T${at.length === 5 ? `${at}:00` : at}+07:00` : at);
  return {
    machine: 'M1',
    state: 'running',
    performanceRate: null,
    qualityRate: null,
    availabilityRate: null,
    cumulativeProduction: production,
    cumulativeDefects: null,
    intervalProduction: null,
    intervalDefects: null,
    pulses: null,
    sourceMs,
    clockTrusted: true,
    arrivedMs: sourceMs,
    sequence: null,
    messageId: null,
    order: null,
    errorMessage: null,
    failureReason: null,
    isCritical: null,
    retained: false,
    raw: `{"machine_id":"M1","cumulative_production":${production},"timestamp":"${new Date(sourceMs).toISOString()}"}`,
    ...more,
  };
}
