// Failures in SQL, inside one transaction: the latest report of a PLC, one with the same words, and what was decided.
import type { Selectable, Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { CommandMemory, RememberedCommand } from '../core/command-memory.ts';
import type { EquipmentFailure } from './messages.ts';
import type { EquipmentSchema, FailureTable } from './tables.ts';

export type FailureRow = Selectable<FailureTable>;

export class FailureRecords implements CommandMemory {
  readonly #db: Transaction<EquipmentSchema>;

  constructor(db: Transaction<EquipmentSchema>) {
    this.#db = db;
  }

  /** The report that was taken last from this PLC. */
  latest(plc: string): Promise<FailureRow | undefined> {
    return this.#db
      .selectFrom('equipment_failure')
      .selectAll()
      .where('plc', '=', plc)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  /** The newest report of this PLC with these very words. */
  withContent(plc: string, content: string): Promise<FailureRow | undefined> {
    return this.#db
      .selectFrom('equipment_failure')
      .selectAll()
      .where('plc', '=', plc)
      .where('content', '=', content)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  byId(id: number): Promise<FailureRow | undefined> {
    return this.#db.selectFrom('equipment_failure').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async add(row: Omit<FailureRow, 'id'>): Promise<FailureRow> {
    return this.#db.insertInto('equipment_failure').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async flag(id: number, at: string): Promise<void> {
    await this.#db
      .updateTable('equipment_failure')
      .set({ flagged_at: at })
      .where('id', '=', id)
      .where('flagged_at', 'is', null)
      .execute();
  }

  /** The acknowledged row; undefined when somebody was faster. */
  resolve(id: number, by: string, note: string | null, at: string): Promise<FailureRow | undefined> {
    return this.#db
      .updateTable('equipment_failure')
      .set({ resolved_at: at, resolved_by: by, resolution_notes: note })
      .where('id', '=', id)
      .where('resolved_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
  }

  async event(failureId: number, type: string, actor: Actor, note: string | null, at: string): Promise<void> {
    const { name, via } = actor;
    await this.#db
      .insertInto('equipment_event')
      .values({ failure_id: failureId, at, actor: name, via, type, note })
      .execute();
  }

  /** Failures that no person has acknowledged, oldest first, at most `limit`. */
  open(limit: number): Promise<FailureRow[]> {
    return this.#db
      .selectFrom('equipment_failure')
      .selectAll()
      .where('resolved_at', 'is', null)
      .orderBy('id')
      .limit(limit)
      .execute();
  }

  async commandById(commandId: string): Promise<RememberedCommand | undefined> {
    return this.#db
      .selectFrom('equipment_command')
      .select(['actor', 'request', 'reply'])
      .where('command_id', '=', commandId)
      .executeTakeFirst();
  }

  async rememberCommand(commandId: string, command: RememberedCommand & { readonly at: string }): Promise<void> {
    await this.#db
      .insertInto('equipment_command')
      .values({ command_id: commandId, ...command })
      .execute();
  }
}

export function failureView(row: FailureRow): EquipmentFailure {
  return {
    id: Number(row.id),
    plc: row.plc,
    equipment_code: row.code,
    equipment_name: row.name,
    description: row.info,
    failure_date: row.happened_at,
    read_at: row.read_at,
    doubts: JSON.parse(row.doubts) as readonly string[],
    is_resolved: row.resolved_at !== null,
    resolved_at: row.resolved_at,
    resolved_by: row.resolved_by,
    resolution_notes: row.resolution_notes,
  };
}
