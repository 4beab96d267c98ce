// The problem log of the plant's machines: every command of ctp-problem-log, answered from the records or recorded.

import type { StagedFile } from '../attachments/messages.ts';
import { asError, ShopfloorError } from '../core/errors.ts';
import { isDueAgain } from '../core/instants.ts';
import { type Asker, needMachine, scopeOf } from './asker.ts';
import { boardOf } from './board.ts';
import { ctpActions } from './ctp-actions.ts';
import { fileRoom } from './ctp-readings.ts';
import { confirmNotice, type StoredNotice, waitingNotices } from './ctp-records.ts';
import { type LogParts, withRecords } from './log-parts.ts';
import { dataReply, type LogReply } from './log-reply.ts';
import { MachineCommands } from './machine-commands.ts';
import type { CtpBoard, CtpEventMessage } from './messages.ts';
import { dueLevels, escalationNotice } from './notices.ts';
import { dueForEscalation } from './open-problems.ts';
import type { ParsedCommand } from './parsed-command.ts';
import type { MachineRow, Problem } from './problem.ts';
import { ProblemCommands } from './problem-commands.ts';
import type { CtpSchema } from './tables.ts';

/** Problems that one tick escalates; the next goes on. */
const mostEscalations = 100;
/** Notices that one tick sends again. */
const mostNotices = 200;
/** A tick answers after this long, also while the first one rolls up a log of many years. */
const tickWaitMs = 2_000;
/** Files without a row are a crash's leavings: there is no hurry. */
const sweepEveryMs = 60 * 60_000;

export class ProblemLog {
  readonly #parts: LogParts;
  readonly #problems: ProblemCommands;
  readonly #machines: MachineCommands;
  #sweptMs: number | undefined;
  /** What the last tick began; kept until a tick has told how it ended. */
  #keepingUp: Promise<Error | undefined> | undefined;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#problems = new ProblemCommands(parts);
    this.#machines = new MachineCommands(parts);
  }

  /**
   * Runs one command. Rejects with a ShopfloorError when it is refused; then nothing was changed.
   * @param uploads files that came with it, checked, waiting for their row
   */
  async execute(command: ParsedCommand, asker: Asker, uploads: readonly StagedFile[] = []): Promise<LogReply> {
    const { readings, queries } = this.#parts;
    switch (command.command) {
      case 'report':
      case 'correct':
      case 'complete':
      case 'reopen':
      case 'void':
      case 'add-files':
      case 'hide-file':
        return this.#problems.execute(command, asker, uploads);
      case 'add-machine':
        return this.#machines.add(command, asker);
      case 'change-machine':
        return this.#machines.change(command, asker);
      case 'set-status':
        return this.#machines.setStatus(command, asker);
      case 'add-code':
        return this.#machines.addCode(command, asker);
      case 'retire-code':
        return this.#machines.retireCode(command, asker);
      case 'codes':
        return dataReply(await readings.codes());
      case 'list': {
        const { data, ...page } = await queries.list(command.input, await this.#scope(asker, 'list'));
        return dataReply(data, page);
      }
      case 'similar':
        return dataReply((await queries.similar(command.input, await this.#scope(asker, 'similar'))).data);
      case 'statistics':
        return dataReply(await queries.statistics(command.input, await this.#scope(asker, 'statistics')));
      case 'export': {
        const made = await queries.exportProblems(command.input, await this.#scope(asker, 'export'));
        return { answer: { kind: 'export', ...made }, events: [], notices: [] };
      }
      case 'machines': {
        const rows = await this.#visibleMachines(asker, 'machines');
        return dataReply(await readings.machines(rows), { total: rows.length });
      }
      case 'machine': {
        const row = await readings.machineRow({ id: command.machine_id, nickname: command.machine_nickname });
        await needMachine(asker, ctpActions.machine, row);
        return dataReply((await readings.machines([row]))[0]);
      }
      case 'status-history': {
        await needMachine(asker, ctpActions['status-history'], await readings.machineRow({ id: command.machine_id }));
        const { data, ...page } = await readings.statusHistory(command.machine_id, command.below, command.limit);
        return dataReply(data, page);
      }
      case 'get': {
        const problem = await this.#visibleProblem(command.id, asker, 'get');
        return dataReply(await readings.view(problem));
      }
      case 'history': {
        await this.#visibleProblem(command.id, asker, 'history');
        const { data, ...page } = await readings.events(command.id, command.below, command.limit);
        return dataReply(data, page);
      }
      case 'file':
        return this.#file(command.file_id, asker);
      case 'board':
        return dataReply(await this.#board(asker));
      case 'tick':
        return this.#tick(asker);
      case 'told': {
        const isNew = await confirmNotice(this.#parts.store.db<CtpSchema>(), command.notice, this.#nowMs());
        return dataReply({ notice: command.notice, told: true, known: !isNew });
      }
    }
  }

  /** Notices that nobody has confirmed: what a crash kept back leaves when the flows run again. */
  waiting(): Promise<readonly StoredNotice[]> {
    return waitingNotices(this.#parts.store.db<CtpSchema>(), mostNotices);
  }

  async #visibleProblem(id: number, asker: Asker, command: 'get' | 'history' | 'file'): Promise<Problem> {
    const { readings } = this.#parts;
    const problem = await readings.problemRow(id);
    await needMachine(asker, ctpActions[command], await readings.machineRow({ id: problem.machine_id }));
    return problem;
  }

  async #file(fileId: string, asker: Asker): Promise<LogReply> {
    const book = await this.#parts.files();
    const { room, owner } = (await book?.find(fileId)) ?? { room: '', owner: '' };
    if (!book || room !== fileRoom) throw new ShopfloorError('no-such-file', 404, 'There is no such file.');
    await this.#visibleProblem(Number(owner), asker, 'file');
    const { bytes, headers } = await book.read(fileId);
    return { answer: { kind: 'file', bytes, headers }, events: [], notices: [] };
  }

  async #board(asker: Asker): Promise<CtpBoard> {
    const all = await this.#parts.readings.machineRows();
    const scope = await scopeOf(asker, ctpActions.board, all);
    const rows = all.filter(({ id, retired }) => retired === 0 && (scope === 'all' || scope.includes(id)));
    return boardOf(this.#parts, rows, scope, this.#nowMs());
  }

  async #tick(asker: Asker): Promise<LogReply> {
    const events = await this.#escalate(asker);
    const notices = await this.waiting();
    const fault = await this.#keepUpAWhile();
    return {
      ...dataReply({ escalated: events.length, notices: notices.length }),
      events,
      notices,
      ...(fault && { fault }),
    };
  }

  /** Tells every level that an open problem has reached, once for each opening. */
  async #escalate({ actor }: Asker): Promise<readonly CtpEventMessage[]> {
    const { readings, settings } = this.#parts;
    const nowMs = this.#nowMs();
    if (!(await readings.isEscalationDue(settings.limits, nowMs))) return [];
    const recorded = await withRecords(this.#parts, { atMs: nowMs, actor }, async (records) => {
      const made = [];
      for (const problem of await dueForEscalation(records.transaction, settings.limits, nowMs, mostEscalations)) {
        const levels = dueLevels(problem, settings.limits, nowMs);
        const machine = await records.machine(problem.machine_id);
        const notices = levels.map((level) => escalationNotice(problem, level, nowMs, machine, settings.notices));
        await records.addNotices(problem, notices);
        await records.setEscalated(problem, levels.at(-1) ?? problem.escalated);
        const told = notices.map(({ command }, index) => ({
          type: 'escalated',
          reason: null,
          detail: { level: levels[index], roles: command.recipients.roles },
        }));
        made.push({ problem, machine, events: await records.addEvents(machine.id, problem.id, told) });
      }
      return made;
    });
    const views = new Map(
      (await readings.problems(recorded.map(({ problem }) => problem.id))).map((view) => [view.id, view]),
    );
    const machines = new Map(
      (await readings.machines(recorded.map(({ machine }) => machine))).map((view) => [view.id, view]),
    );
    return recorded.flatMap(({ problem, machine, events }) => {
      const view = machines.get(machine.id);
      return view ? events.map((event) => ({ ...event, problem: views.get(problem.id) ?? null, machine: view })) : [];
    });
  }

  /** Notices and events of a tick don't wait for years of figures: those go on behind it, and a later tick tells their fault. */
  async #keepUpAWhile(): Promise<Error | undefined> {
    this.#keepingUp ??= this.#keepUp().catch(asError);
    const done = this.#keepingUp.then((fault) => ({ fault }));
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#parts.clock.after(tickWaitMs, () => resolve(undefined));
    });
    const outcome = await Promise.race([done, late]);
    cancel();
    if (!outcome) return undefined;
    this.#keepingUp = undefined;
    return outcome.fault;
  }

  /** Work that nobody waits for: figures of days that are over, files that a crash left behind. */
  async #keepUp(): Promise<undefined> {
    const nowMs = this.#nowMs();
    await this.#parts.rollUp.settle(nowMs);
    if (!isDueAgain(this.#sweptMs, nowMs, sweepEveryMs)) return undefined;
    await (await this.#parts.files())?.sweep();
    this.#sweptMs = nowMs;
    return undefined;
  }

  async #visibleMachines(asker: Asker, command: 'machines'): Promise<readonly MachineRow[]> {
    const rows = await this.#parts.readings.machineRows();
    const scope = await scopeOf(asker, ctpActions[command], rows);
    return scope === 'all' ? rows : rows.filter(({ id }) => scope.includes(id));
  }

  async #scope(asker: Asker, command: 'list' | 'similar' | 'statistics' | 'export') {
    return scopeOf(asker, ctpActions[command], await this.#parts.readings.machineRows());
  }

  #nowMs(): number {
    return this.#parts.clock.now().getTime();
  }
}
