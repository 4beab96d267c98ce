// The problem log's records in SQL: what a decision needs to know, and what it decided, inside one transaction.
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { CommandMemory, RememberedCommand } from '../core/command-memory.ts';
import { type FieldFault, InvalidInput, ShopfloorError } from '../core/errors.ts';
import type { CtpProblemEvent, PlantCode } from './messages.ts';
import type { NewNotice } from './notices.ts';
import { type OpenSummary, openSummary } from './open-problems.ts';
import { derivedStatus, type MachineRow, type Problem, problemOf, worstStatus } from './problem.ts';
import type { PlantCodes } from './problem-checks.ts';
import type { NewEvent } from './problem-rules.ts';
import type { CtpProjections } from './projections.ts';
import type { CtpSchema } from './tables.ts';
import { eventOf } from './views.ts';

export interface StoredNotice {
  readonly id: number;
  readonly payload: NewNotice['command'];
}

/** Who does it, when; the same for everything that one command records. */
export interface Stamp {
  readonly atMs: number;
  readonly actor: Actor;
}

export class CtpRecords implements CommandMemory {
  readonly #db: Transaction<CtpSchema>;
  readonly #projections: CtpProjections;
  readonly #stamp: Stamp;

  constructor(db: Transaction<CtpSchema>, projections: CtpProjections, stamp: Stamp) {
    this.#db = db;
    this.#projections = projections;
    this.#stamp = stamp;
  }

  get transaction(): Transaction<CtpSchema> {
    return this.#db;
  }

  async machine(id: number): Promise<MachineRow> {
    const row = await this.#db.selectFrom('ctp_machine').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw unknownMachine();
    return { ...row };
  }

  async problem(id: number): Promise<Problem> {
    const row = await this.#db.selectFrom('ctp_problem').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw unknownProblem(id);
    return problemOf(row);
  }

  async plantCodes(): Promise<PlantCodes> {
    const rows = await this.#db.selectFrom('ctp_code').select(['kind', 'code', 'retired']).execute();
    const of = (kind: PlantCode['kind'], retired = 0) =>
      new Set(rows.filter((row) => row.kind === kind && row.retired === retired).map(({ code }) => code));
    return { codes: of('error_code'), retiredCodes: of('error_code', 1), categories: of('category') };
  }

  /** Records a new problem and returns it with its number. */
  async addProblem(problem: Problem): Promise<Problem> {
    const { id: _none, parts, ...row } = problem;
    const { id } = await this.#db
      .insertInto('ctp_problem')
      .values({ ...row, parts: JSON.stringify(parts) })
      .returning('id')
      .executeTakeFirstOrThrow();
    const added = { ...problem, id };
    await this.#projections.changed(this.#db, undefined, added);
    return added;
  }

  async saveProblem(before: Problem, after: Problem): Promise<void> {
    const { id, parts, ...row } = after;
    const result = await this.#db
      .updateTable('ctp_problem')
      .set({ ...row, parts: JSON.stringify(parts) })
      .where('id', '=', id)
      .where('version', '=', before.version)
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1) throw new Error(`problem ${id} changed inside its own transaction`);
    await this.#projections.changed(this.#db, before, after);
  }

  async addEvents(
    machineId: number,
    problemId: number | null,
    events: readonly NewEvent[],
  ): Promise<readonly CtpProblemEvent[]> {
    const { atMs, actor } = this.#stamp;
    const recorded: CtpProblemEvent[] = [];
    for (const { type, reason, detail } of events) {
      const row = await this.#db
        .insertInto('ctp_event')
        .values({
          problem_id: problemId,
          machine_id: machineId,
          at_ms: atMs,
          actor: actor.name,
          via: actor.via,
          type,
          reason,
          detail: JSON.stringify(detail),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      recorded.push(eventOf(row));
    }
    return recorded;
  }

  /**
   * Brings a machine's status in line with its open problems and with what a person set; a change is one row of history and one
   * event. It takes no version, as nobody's edit of the machine is older because of it.
   * @param cause the problem that changed, or null where a person set the status
   */
  async settleStatus(
    before: MachineRow,
    manual: Pick<MachineRow, 'manual_status' | 'manual_reason' | 'manual_by' | 'manual_at_ms'>,
    cause: number | null,
    reason: string | null,
  ): Promise<{
    readonly machine: MachineRow;
    readonly events: readonly CtpProblemEvent[];
    /** What is open on it now. */
    readonly open: OpenSummary;
  }> {
    const { atMs } = this.#stamp;
    const open = await openSummary(this.#db, before.id);
    const derived_status = derivedStatus(open.kinds);
    const status = worstStatus([derived_status, manual.manual_status ?? 'active']);
    const isSet = manual.manual_at_ms !== before.manual_at_ms || manual.manual_status !== before.manual_status;
    if (!isSet && derived_status === before.derived_status && status === before.status)
      return { machine: before, events: [], open };
    const machine: MachineRow = {
      ...before,
      ...manual,
      derived_status,
      status,
      status_since_ms: status === before.status ? before.status_since_ms : atMs,
    };
    await this.#saveMachine(machine);
    await this.#addStatusChange(machine, cause, reason);
    const detail = {
      status: { old: before.status, new: status },
      derived_status: { old: before.derived_status, new: derived_status },
      manual_status: { old: before.manual_status, new: machine.manual_status },
      ...(cause !== null && { problem_id: cause }),
    };
    const events = await this.addEvents(machine.id, null, [{ type: 'machine-status', reason, detail }]);
    return { machine, events, open };
  }

  async addMachine(machine: Omit<MachineRow, 'id'>): Promise<MachineRow> {
    await this.#refuseTaken({ ...machine, id: 0 });
    const row = await this.#db.insertInto('ctp_machine').values(machine).returningAll().executeTakeFirstOrThrow();
    await this.#addStatusChange(row, null, null);
    await this.#beginLife(row.id);
    return { ...row };
  }

  /** A retired machine counts in no figure from now on; one that is taken back does again. */
  async setInUse(machineId: number, isInUse: boolean): Promise<void> {
    if (isInUse) return this.#beginLife(machineId);
    const { atMs } = this.#stamp;
    const open = await this.#db
      .selectFrom('ctp_machine_life')
      .select(['nth', 'from_ms'])
      .where('machine_id', '=', machineId)
      .where('to_ms', 'is', null)
      .executeTakeFirst();
    if (!open) return;
    await this.#db
      .updateTable('ctp_machine_life')
      .set({ to_ms: Math.max(atMs, open.from_ms) })
      .where('machine_id', '=', machineId)
      .where('nth', '=', open.nth)
      .execute();
  }

  async #beginLife(machineId: number): Promise<void> {
    const last = await this.#db
      .selectFrom('ctp_machine_life')
      .select('nth')
      .where('machine_id', '=', machineId)
      .orderBy('nth', 'desc')
      .limit(1)
      .executeTakeFirst();
    await this.#db
      .insertInto('ctp_machine_life')
      .values({ machine_id: machineId, nth: (last?.nth ?? 0) + 1, from_ms: this.#stamp.atMs, to_ms: null })
      .execute();
  }

  async #addStatusChange(machine: MachineRow, cause: number | null, reason: string | null): Promise<void> {
    await this.#db
      .insertInto('ctp_status_history')
      .values({
        machine_id: machine.id,
        nth: sql<number>`(select coalesce(max(nth), 0) + 1 from ctp_status_history where machine_id = ${machine.id})`,
        at_ms: this.#stamp.atMs,
        status: machine.status,
        derived_status: machine.derived_status,
        manual_status: machine.manual_status,
        problem_id: cause,
        actor: this.#stamp.actor.name,
        reason,
      })
      .execute();
  }

  /** Saves what a person wrote of a machine, unless its name is that of another one. */
  async changeMachine(machine: MachineRow): Promise<void> {
    await this.#refuseTaken(machine);
    await this.#saveMachine(machine);
  }

  async #saveMachine({ id, ...row }: MachineRow): Promise<void> {
    await this.#db.updateTable('ctp_machine').set(row).where('id', '=', id).execute();
  }

  async #refuseTaken({ id, name, nickname }: Pick<MachineRow, 'id' | 'name' | 'nickname'>): Promise<void> {
    const others = await this.#db
      .selectFrom('ctp_machine')
      .select(['name', 'nickname'])
      .where('id', '!=', id)
      .where((where) => where.or([where('name', '=', name), where('nickname', '=', nickname)]))
      .execute();
    const faults: FieldFault[] = [];
    if (others.some((other) => other.name === name))
      faults.push({ field: 'name', message: 'is the name of another machine', code: 'taken' });
    if (others.some((other) => other.nickname === nickname)) {
      faults.push({ field: 'nickname', message: 'is the nickname of another machine', code: 'taken' });
    }
    if (faults.length > 0) throw new InvalidInput(faults, 'The machine');
  }

  async addNotices(problem: Problem, notices: readonly NewNotice[]): Promise<readonly StoredNotice[]> {
    const stored: StoredNotice[] = [];
    for (const { kind, dedupeKey, command } of notices) {
      const row = await this.#db
        .insertInto('ctp_notice')
        .values({
          kind,
          problem_id: problem.id,
          machine_id: problem.machine_id,
          dedupe_key: dedupeKey,
          payload: JSON.stringify(command),
          created_ms: this.#stamp.atMs,
          told_ms: null,
        })
        .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (row) stored.push({ id: row.id, payload: command });
    }
    return stored;
  }

  /** Remembers that the levels up to `level` were told; no version, as nobody's edit is older because of it. */
  async setEscalated(problem: Problem, level: number): Promise<void> {
    await this.#db.updateTable('ctp_problem').set({ escalated: level }).where('id', '=', problem.id).execute();
  }

  /** Says when the problem was last changed, by something that takes no version: its files. */
  async touchProblem(problem: Problem): Promise<Problem> {
    const updated_ms = this.#stamp.atMs;
    await this.#db.updateTable('ctp_problem').set({ updated_ms }).where('id', '=', problem.id).execute();
    return { ...problem, updated_ms };
  }

  commandById(commandId: string): Promise<RememberedCommand | undefined> {
    return this.#db
      .selectFrom('ctp_command')
      .select(['actor', 'request', 'reply'])
      .where('command_id', '=', commandId)
      .executeTakeFirst();
  }

  async rememberCommand(commandId: string, { actor, request, reply }: RememberedCommand): Promise<void> {
    await this.#db
      .insertInto('ctp_command')
      .values({ command_id: commandId, actor, request, reply, at_ms: this.#stamp.atMs })
      .execute();
  }
}

/** The notices that nobody has confirmed, oldest first. */
export async function waitingNotices(db: Kysely<CtpSchema>, most: number): Promise<readonly StoredNotice[]> {
  const rows = await db
    .selectFrom('ctp_notice')
    .select(['id', 'payload'])
    .where('told_ms', 'is', null)
    .orderBy('id')
    .limit(most)
    .execute();
  return rows.map(({ id, payload }) => ({ id, payload: JSON.parse(payload) as NewNotice['command'] }));
}

/** Ends a notice's wait; false when it had ended before, or is unknown. */
export async function confirmNotice(db: Kysely<CtpSchema>, id: number, atMs: number): Promise<boolean> {
  const result = await db
    .updateTable('ctp_notice')
    .set({ told_ms: atMs })
    .where('id', '=', id)
    .where('told_ms', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

export function unknownMachine(): ShopfloorError {
  return new ShopfloorError('unknown-machine', 404, 'There is no such machine.');
}

export function unknownProblem(id: number): ShopfloorError {
  return new ShopfloorError('unknown-problem', 404, `There is no problem ${id}.`);
}
