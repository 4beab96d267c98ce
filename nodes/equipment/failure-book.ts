// The book of equipment failures: each report of the PLC is stored once before its read flag is raised, and lasts until a person acknowledges it.
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { once } from '../core/command-memory.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { FailureReading, PlcRecords, RecordAcknowledged, RecordCommand } from '../plc/messages.ts';
import type { Store } from '../store/store.ts';
import { equipmentName } from './equipment-names.ts';
import type { EquipmentSettings } from './equipment-settings.ts';
import { FailureRecords, type FailureRow, failureView } from './failure-records.ts';
import type { EquipmentAlarm, EquipmentCommand, EquipmentEvent } from './messages.ts';
import { type EquipmentSchema, equipmentMigrations } from './tables.ts';

/** What one command leads to: the answer, and what the second and third output send. */
export interface EquipmentReply {
  readonly payload: unknown;
  readonly events: readonly EquipmentEvent[];
  readonly alarms: readonly EquipmentAlarm[];
}

/** A PLC that shows one report after the other is asked again at once so many times; the rest waits for the next run. */
const mostInARow = 50;
const defaultLimit = 50;
/** A page with more rows than this helps nobody; the list has all. */
const mostShown = 100;
const mostOver = 20;
/** Alarms that are told again after a start; the page has all. */
const mostLasting = 100;
const page = '/dashboard/equipment';

type NewFailure = Extract<FailureReading, { readonly state: 'new' }>;

export class FailureBook {
  readonly #store: Store;
  readonly #settings: EquipmentSettings;
  readonly #clock: Clock;
  /** Reports taken since the PLC last had none. */
  #inARow = 0;

  private constructor(store: Store, settings: EquipmentSettings, clock: Clock) {
    this.#store = store;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Brings the tables up to date. */
  static async open(store: Store, settings: EquipmentSettings, clock: Clock): Promise<FailureBook> {
    await store.migrate('equipment', equipmentMigrations(store.engine));
    return new FailureBook(store, settings, clock);
  }

  /** Runs one command. Rejects with a ShopfloorError when it is refused; then nothing was changed. */
  async execute(command: EquipmentCommand, actor: Actor): Promise<EquipmentReply> {
    switch (command.command) {
      case 'take':
        return this.#take(command, actor);
      case 'flagged':
        return { payload: await this.#flagged(command), events: [], alarms: [] };
      case 'list':
        return { payload: await this.#list(command), events: [], alarms: [] };
      case 'view':
        return { payload: await this.#view(), events: [], alarms: [] };
      case 'acknowledge':
        return this.#acknowledge(command, actor);
    }
  }

  /** Alarms of failures that no person has acknowledged: for a process that ended between storing one and telling it. */
  lastingAlarms(): Promise<readonly EquipmentAlarm[]> {
    return this.#record(async (records) => (await records.open(mostLasting)).map((row) => alarmOf(row, true)));
  }

  async #take({ plc, readAt, failure }: PlcRecords, actor: Actor): Promise<EquipmentReply> {
    if (failure?.state !== 'new') {
      this.#inARow = 0;
      const reason = failure === null ? 'the memory map has no record of a failure' : 'no failure is reported';
      return { payload: { command: 'none', reason }, events: [], alarms: [] };
    }
    const content = JSON.stringify(failure.words.slice(0, -1));
    const { row, isNew } = await this.#record(async (records) => {
      const known = await sameReport(records, plc, content, failure);
      if (known) return { row: known, isNew: false };
      const added = await records.add({
        plc,
        content,
        code: failure.code,
        name: failure.code === '' ? '?' : equipmentName(this.#settings.names, failure.code),
        info: failure.info,
        happened_at: this.#instantOf(failure),
        read_at: readAt,
        doubts: JSON.stringify(failure.reasons),
        flagged_at: null,
        resolved_at: null,
        resolved_by: null,
        resolution_notes: null,
      });
      await records.event(Number(added.id), 'failure', actor, failure.info, readAt);
      return { row: added, isNew: true };
    });
    const next: RecordCommand = { command: 'acknowledge', record: 'failure', id: Number(row.id), words: failure.words };
    const event = { type: 'failure', at: readAt, actor: actor.name, failure: failureView(row) } as const;
    return { payload: next, events: isNew ? [event] : [], alarms: isNew ? [alarmOf(row, true)] : [] };
  }

  async #flagged({ id, done, reason }: RecordAcknowledged): Promise<unknown> {
    if (!done) return { command: 'none', reason: reason ?? 'the read flag was not raised' };
    await this.#record((records) => records.flag(id, this.#now()));
    this.#inARow += 1;
    if (this.#inARow < mostInARow) return { command: 'read' };
    this.#inARow = 0;
    return { command: 'none', reason: `${mostInARow} failures were taken in a row; the rest with the next run` };
  }

  /** What a page shows: all that wait, then the last of the others. */
  async #view() {
    const failures = this.#store.reader<EquipmentSchema>().selectFrom('equipment_failure').selectAll();
    const open = await failures.where('resolved_at', 'is', null).orderBy('id', 'desc').limit(mostShown).execute();
    const over = await failures.where('resolved_at', 'is not', null).orderBy('id', 'desc').limit(mostOver).execute();
    return { at: this.#now(), failures: [...open, ...over].map(failureView) };
  }

  async #list({ open, limit = defaultLimit, offset = 0 }: Extract<EquipmentCommand, { command: 'list' }>) {
    const db = this.#store.reader<EquipmentSchema>();
    const failures = open
      ? db.selectFrom('equipment_failure').where('resolved_at', 'is', null)
      : db.selectFrom('equipment_failure');
    const { total } = await failures.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    const rows = await failures.selectAll().orderBy('id', 'desc').limit(limit).offset(offset).execute();
    return { data: rows.map(failureView), total: Number(total), limit, offset };
  }

  async #acknowledge(
    command: Extract<EquipmentCommand, { command: 'acknowledge' }>,
    actor: Actor,
  ): Promise<EquipmentReply> {
    const { commandId, ...words } = command;
    const at = this.#now();
    const { id, note = null } = command;
    let resolved: FailureRow | undefined;
    const { reply } = await this.#record((records) => {
      resolved = undefined;
      return once<unknown>(records, { commandId, actor: actor.name, words, at }, async () => {
        resolved = await records.resolve(id, actor.name, note, at);
        if (!resolved) throw refusalOf(await records.byId(id));
        await records.event(id, 'acknowledged', actor, note, at);
        return failureView(resolved);
      });
    });
    if (!resolved) return { payload: reply, events: [], alarms: [] };
    const event = { type: 'acknowledged', at, actor: actor.name, failure: failureView(resolved) } as const;
    return { payload: reply, events: [event], alarms: [alarmOf(resolved, false)] };
  }

  #instantOf({ happenedAt }: NewFailure): string | null {
    return happenedAt === null ? null : new Date(this.#settings.plant.instantMs(happenedAt)).toISOString();
  }

  #now(): string {
    return this.#clock.now().toISOString();
  }

  #record<Result>(work: (records: FailureRecords) => Promise<Result>): Promise<Result> {
    return this.#store.transaction<EquipmentSchema, Result>((db) => work(new FailureRecords(db)));
  }
}

/**
 * The report that these words are already: the last one, as long as its read flag is not known to be up; and any with the
 * same time of the PLC's clock, whose flag the PLC forgot. Without a time, equal words behind a raised flag are a new report.
 */
async function sameReport(
  records: FailureRecords,
  plc: string,
  content: string,
  failure: NewFailure,
): Promise<FailureRow | undefined> {
  const latest = await records.latest(plc);
  if (latest?.content === content && latest.flagged_at === null) return latest;
  return failure.happenedAt === null ? undefined : records.withContent(plc, content);
}

function refusalOf(row: FailureRow | undefined): ShopfloorError {
  if (!row) return new ShopfloorError('failure-unknown', 404, 'There is no such failure.');
  return new ShopfloorError('already-acknowledged', 409, `${row.resolved_by} acknowledged it at ${row.resolved_at}.`, {
    current: failureView(row),
  });
}

function alarmOf(row: FailureRow, active: boolean): EquipmentAlarm {
  const info = row.info === '' ? 'failure' : row.info;
  const named = row.name === row.code ? row.name : `${row.name} (${row.code || 'code not legible'})`;
  const doubts = JSON.parse(row.doubts) as readonly string[];
  const doubt = doubts.length > 0 ? ` The record is in doubt: ${doubts.join('; ')}.` : '';
  return {
    code: 'equipment-failure',
    key: `failure ${row.id}`,
    active,
    line: row.plc,
    subject: `${row.name}: ${info}`,
    since: row.read_at,
    message: `${named} reported ${info} at ${row.happened_at ?? row.read_at}.${doubt} Look at the machine, then acknowledge it on the page Equipment.`,
    link: page,
  };
}
