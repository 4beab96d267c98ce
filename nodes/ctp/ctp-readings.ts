// Reads machines, problems and histories for replies, off the event loop.
import type { Kysely } from 'kysely';
import type { AttachmentBook } from '../attachments/attachments-contract.ts';
import type { Attachment } from '../attachments/messages.ts';
import type { Store } from '../store/store.ts';
import { unknownMachine, unknownProblem } from './ctp-records.ts';
import type { CtpMachine, CtpProblem, CtpProblemEvent, PlantCode, StatusChange } from './messages.ts';
import type { EscalationLimits } from './notices.ts';
import { dueForEscalation, nothingOpen, type OpenOnCard, openSummaries, worstOpen } from './open-problems.ts';
import { type MachineRow, type Problem, problemOf } from './problem.ts';
import type { CtpSchema } from './tables.ts';
import { eventOf, machineView, problemView, statusChangeOf } from './views.ts';

/** Name under which this room keeps its files. */
export const fileRoom = 'ctp';

export interface ReadingParts {
  readonly store: Store;
  /** Undefined where this Node-RED keeps no files: then problems show none. */
  readonly files: () => Promise<AttachmentBook | undefined>;
  readonly nowMs: () => number;
}

export class CtpReadings {
  readonly #parts: ReadingParts;
  readonly #db: Kysely<CtpSchema>;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.#db = parts.store.reader<CtpSchema>();
  }

  async machineRows(): Promise<readonly MachineRow[]> {
    const rows = await this.#db.selectFrom('ctp_machine').selectAll().orderBy('id').execute();
    return rows.map((row) => ({ ...row }));
  }

  async machineRow(reference: {
    readonly id?: number | undefined;
    readonly nickname?: string | undefined;
  }): Promise<MachineRow> {
    const found = (await this.machineRows()).find(
      ({ id, nickname }) =>
        (reference.id === undefined || reference.id === id) &&
        (reference.nickname === undefined || reference.nickname === nickname),
    );
    if (!found || (reference.id === undefined && reference.nickname === undefined)) throw unknownMachine();
    return found;
  }

  async machines(rows: readonly MachineRow[]): Promise<readonly CtpMachine[]> {
    const open = await openSummaries(this.#db);
    return rows.map((row) => machineView(row, open.get(row.id) ?? nothingOpen));
  }

  /** Of each machine the worst `most` open problems, the worst first. */
  worstOpen(machines: readonly number[], most: number): Promise<readonly OpenOnCard[]> {
    return worstOpen(this.#db, machines, most);
  }

  /** Whether anything waits to be escalated; looked at before a transaction is begun for it. */
  async isEscalationDue(limits: EscalationLimits, nowMs: number): Promise<boolean> {
    return (await dueForEscalation(this.#db, limits, nowMs, 1)).length > 0;
  }

  async problemRow(id: number): Promise<Problem> {
    const row = await this.#db.selectFrom('ctp_problem').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw unknownProblem(id);
    return problemOf(row);
  }

  async problem(id: number): Promise<CtpProblem> {
    return this.view(await this.problemRow(id));
  }

  /** Whole problems of these ids, in any order. */
  async problems(ids: readonly number[]): Promise<readonly CtpProblem[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db.selectFrom('ctp_problem').selectAll().where('id', 'in', ids).execute();
    const machines = new Map((await this.machineRows()).map((machine) => [machine.id, machine]));
    const files = await this.#filesOf(ids);
    const nowMs = this.#parts.nowMs();
    return rows.flatMap((row) => {
      const machine = machines.get(row.machine_id);
      return machine ? [problemView(problemOf(row), machine, files.get(String(row.id)) ?? [], nowMs)] : [];
    });
  }

  /** A problem as it was just recorded, with its files. */
  async view(problem: Problem): Promise<CtpProblem> {
    const machine = await this.machineRow({ id: problem.machine_id });
    const files = await this.#filesOf([problem.id]);
    return problemView(problem, machine, files.get(String(problem.id)) ?? [], this.#parts.nowMs());
  }

  /** `problem` of a remembered reply, with the files that it has now. */
  async withFiles(problem: CtpProblem): Promise<CtpProblem> {
    const files = (await this.#filesOf([problem.id])).get(String(problem.id)) ?? [];
    return {
      ...problem,
      photos: files.filter(({ kind }) => kind === 'photo'),
      documents: files.filter(({ kind }) => kind === 'document'),
    };
  }

  /** Newest first; `below` is the last number of the page before. */
  async events(
    problemId: number,
    below: number | undefined,
    limit: number,
  ): Promise<{
    readonly data: readonly CtpProblemEvent[];
    readonly total: number;
    readonly next_cursor: string | null;
  }> {
    const ofProblem = this.#db.selectFrom('ctp_event').where('problem_id', '=', problemId);
    const { total } = await ofProblem
      .select(({ fn }) => fn.countAll<number | string>().as('total'))
      .executeTakeFirstOrThrow();
    const page = ofProblem
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(limit + 1);
    const rows = await (below === undefined ? page : page.where('seq', '<', below)).execute();
    const shown = rows.slice(0, limit);
    return {
      data: shown.map(eventOf),
      total: Number(total),
      next_cursor: rows.length > limit ? String(shown.at(-1)?.seq) : null,
    };
  }

  /** Newest first; `below` is the last number of the page before. */
  async statusHistory(
    machineId: number,
    below: number | undefined,
    limit: number,
  ): Promise<{ readonly data: readonly StatusChange[]; readonly total: number; readonly next_cursor: string | null }> {
    const ofMachine = this.#db
      .selectFrom('ctp_status_history')
      .selectAll()
      .where('machine_id', '=', machineId)
      .orderBy('nth', 'desc');
    const newest = await ofMachine.limit(1).executeTakeFirst();
    const rows = await (below === undefined ? ofMachine : ofMachine.where('nth', '<', below)).limit(limit).execute();
    const last = rows.at(-1);
    return {
      data: rows.map(statusChangeOf),
      total: newest?.nth ?? 0,
      next_cursor: last && last.nth > 1 ? String(last.nth) : null,
    };
  }

  async codes(): Promise<readonly PlantCode[]> {
    const rows = await this.#db.selectFrom('ctp_code').selectAll().orderBy('kind').orderBy('code').execute();
    return rows.map(({ kind, code, label, retired }) => ({ kind, code, label, retired: retired === 1 }));
  }

  async #filesOf(ids: readonly number[]): Promise<ReadonlyMap<string, readonly Attachment[]>> {
    const book = await this.#parts.files();
    return book ? book.attachmentsOf(fileRoom, ids.map(String)) : new Map();
  }
}
