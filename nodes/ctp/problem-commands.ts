// What people do to problems: report, correct, complete, reopen, void, add and hide files; each one transaction with everything it causes.
import type { StagedFile } from '../attachments/messages.ts';
import { once } from '../core/command-memory.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type Asker, editRights, needMachine } from './asker.ts';
import { ctpActions } from './ctp-actions.ts';
import type { CtpRecords, StoredNotice } from './ctp-records.ts';
import { type LogParts, withRecords } from './log-parts.ts';
import type { LogReply } from './log-reply.ts';
import type { CtpMachine, CtpProblem, CtpProblemEvent } from './messages.ts';
import { noticesOf } from './notices.ts';
import { openBeside } from './open-problems.ts';
import type { MachineReference, ParsedCommand } from './parsed-command.ts';
import type { MachineRow, Problem } from './problem.ts';
import { ProblemConflict } from './problem-checks.ts';
import { ProblemFiles } from './problem-files.ts';
import {
  type Decision,
  decideComplete,
  decideCorrect,
  decideReopen,
  decideReport,
  decideVoid,
  type EditRights,
  type NewEvent,
  type RuleContext,
  refuseFiles,
} from './problem-rules.ts';
import { iso, machineView, problemView } from './views.ts';

type ProblemCommand = Extract<
  ParsedCommand,
  { readonly command: 'report' | 'correct' | 'complete' | 'reopen' | 'void' | 'add-files' | 'hide-file' }
>;
type ReportCommand = Extract<ProblemCommand, { readonly command: 'report' }>;
type OtherCommand = Exclude<ProblemCommand, ReportCommand>;

/** What a transaction leaves for the reply. */
interface Recorded {
  readonly problem: Problem;
  readonly machine: MachineRow;
  readonly machineView: CtpMachine;
  readonly events: readonly CtpProblemEvent[];
  readonly notices: readonly StoredNotice[];
  /** The machine that a moved problem was on before. */
  readonly left?: { readonly machineView: CtpMachine; readonly events: readonly CtpProblemEvent[] };
}

/** Kept under a commandId; its files are read anew. */
interface RememberedReply {
  readonly problem: CtpProblem;
}

export class ProblemCommands {
  readonly #parts: LogParts;
  readonly #files: ProblemFiles;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#files = new ProblemFiles(parts);
  }

  async execute(command: ProblemCommand, asker: Asker, uploads: readonly StagedFile[]): Promise<LogReply> {
    try {
      if (command.command === 'report') return await this.#report(command, asker, uploads);
      return await this.#change(command, asker, uploads);
    } catch (error) {
      if (!(error instanceof ProblemConflict)) throw error;
      // The refused transaction is over: what the others see now is the current state.
      const current = await this.#parts.readings.problem(error.problemId);
      throw new ShopfloorError(error.code, error.httpStatus, error.message, { current });
    }
  }

  async #report(command: ReportCommand, asker: Asker, uploads: readonly StagedFile[]): Promise<LogReply> {
    const machine = await this.#namedMachine(command.machine);
    await needMachine(asker, ctpActions.report, machine);
    const { fields } = command;
    return this.#record(command, asker, uploads, async (records, context) => {
      const now = await records.machine(machine.id);
      if (now.retired === 1) {
        throw retired(now);
      }
      const decision = decideReport(
        {
          ...fields,
          machine_id: now.id,
          severity: fields.severity ?? 'stop',
          problem_description: fields.problem_description ?? '',
          technician_type: fields.technician_type ?? 'none',
        },
        await this.#context(records, now.id, context),
      );
      const problem = await records.addProblem(decision.after);
      const filed = await this.#files.keep(records, problem, uploads, command.role ?? 'before', asker);
      return this.#follow(records, undefined, problem, now, [...decision.events, ...filed], null);
    });
  }

  async #change(command: OtherCommand, asker: Asker, uploads: readonly StagedFile[]): Promise<LogReply> {
    const id = command.command === 'hide-file' ? await this.#files.ownerOf(command) : command.id;
    const { machine_id } = await this.#parts.readings.problemRow(id);
    const machine = await this.#parts.readings.machineRow({ id: machine_id });
    await needMachine(asker, ctpActions[command.command], machine);
    const target = command.command === 'correct' ? await this.#target(command.machine, machine) : undefined;
    const rights = await this.#rights(asker, machine, target);
    if (command.command === 'add-files' && uploads.length === 0) {
      const fault = { field: 'problem_photos', message: 'must bring at least one file', code: 'no-file' };
      throw new InvalidInput([fault], 'The upload');
    }
    return this.#record(command, asker, uploads, async (records, stamp) => {
      const before = await records.problem(id);
      // Rights are those on the machine it was on.
      if (before.machine_id !== machine_id) {
        throw new ProblemConflict('version-conflict', 'Somebody changed this problem meanwhile.', before);
      }
      const now = await records.machine(machine_id);
      const there = target && (await records.machine(target.id));
      const context = await this.#context(records, (there ?? now).id, stamp);
      if (command.command === 'hide-file') {
        refuseFiles(before, rights, true, asker.actor);
        const event = await this.#files.hide(records, before, command, asker);
        return this.#follow(records, before, await records.touchProblem(before), now, [event], command.reason);
      }
      if (there?.retired === 1) {
        throw retired(there);
      }
      const { after, events } = this.#decide(command, before, rights, context, there?.id);
      if (command.command === 'reopen' && now.retired === 1) {
        throw new ProblemConflict('machine-retired', `${now.name} is retired.`, before, 'Take it back into use first.');
      }
      if (uploads.length > 0) refuseFiles(before, rights, false, asker.actor);
      if (events.length > 0) await records.saveProblem(before, after);
      const role = command.command === 'complete' ? 'after' : 'before';
      const filed = await this.#files.keep(records, after, uploads, ('role' in command && command.role) || role, asker);
      const touched = events.length === 0 && filed.length > 0 ? await records.touchProblem(after) : after;
      const reason = events[0]?.reason ?? null;
      const recorded = [...events, ...filed];
      if (!there) return this.#follow(records, before, touched, now, recorded, reason);
      const followed = await this.#follow(records, before, touched, there, recorded, reason, now);
      return { ...followed, left: await this.#leave(records, now, id, reason) };
    });
  }

  #decide(
    command: Exclude<OtherCommand, { readonly command: 'hide-file' }>,
    before: Problem,
    rights: EditRights,
    context: RuleContext,
    movedTo?: number,
  ): Decision {
    switch (command.command) {
      case 'correct': {
        const changes = { ...command.fields, ...(movedTo !== undefined && { machine_id: movedTo }) };
        return decideCorrect(before, { ...command, changes }, rights, context);
      }
      case 'complete':
        return decideComplete(before, { ...command, changes: command.fields }, rights, context);
      case 'reopen':
        return decideReopen(before, command.reason, command.version, context);
      case 'void':
        return decideVoid(before, command.reason, command.version, context);
      case 'add-files':
        return { after: before, events: [] };
    }
  }

  /** One transaction under the command's id; what it recorded becomes the reply, the events and the notices. */
  async #record(
    command: ProblemCommand,
    asker: Asker,
    uploads: readonly StagedFile[],
    work: (records: CtpRecords, stamp: Stamp) => Promise<Recorded>,
  ): Promise<LogReply> {
    const { readings } = this.#parts;
    const { commandId, ...words } = command;
    const files = uploads.map(({ field, sha256 }) => `${field} ${sha256}`);
    const nowMs = this.#parts.clock.now().getTime();
    const stamp: Stamp = { nowMs, asker };
    // Opened before the transaction: the first time brings tables up to date, which would wait for the transaction for ever.
    if (uploads.length > 0) await this.#files.book();
    let recorded: Recorded | undefined;
    const { reply } = await withRecords(this.#parts, { atMs: nowMs, actor: asker.actor }, async (records) => {
      recorded = undefined;
      const repeatable = { commandId, actor: asker.actor.name, words: { ...words, files }, at: iso(nowMs) };
      return once<RememberedReply>(records, repeatable, async () => {
        const done = await work(records, stamp);
        recorded = done;
        return { problem: problemView(done.problem, done.machine, [], nowMs) };
      });
    });
    const problem = await readings.withFiles(reply.problem);
    const data = { kind: 'data', data: problem, created: command.command === 'report' } as const;
    const done = recorded as Recorded | undefined;
    if (!done) return { answer: data, events: [], notices: [] };
    const events = [{ machineView: done.machineView, events: done.events }, ...(done.left ? [done.left] : [])].flatMap(
      ({ machineView: view, events: some }) => some.map((event) => ({ ...event, problem, machine: view })),
    );
    return { answer: data, events, notices: done.notices };
  }

  /** The status of the machine that a problem has left. */
  async #leave(records: CtpRecords, machine: MachineRow, problemId: number, reason: string | null) {
    const settled = await records.settleStatus(machine, machine, problemId, reason);
    return { machineView: machineView(settled.machine, settled.open), events: settled.events };
  }

  /** What a change of a problem causes: its events, its machine's status, and what is told. @param left where a moved one was */
  async #follow(
    records: CtpRecords,
    before: Problem | undefined,
    after: Problem,
    machine: MachineRow,
    events: readonly NewEvent[],
    reason: string | null,
    left?: MachineRow,
  ): Promise<Recorded> {
    const recorded = await records.addEvents(machine.id, after.id, events);
    const settled = await records.settleStatus(machine, machine, after.id, reason);
    const told = noticesOf(before, after, machine, this.#parts.settings.notices, left);
    const notices = await records.addNotices(after, told);
    return {
      problem: after,
      machine: settled.machine,
      machineView: machineView(settled.machine, settled.open),
      events: [...recorded, ...settled.events],
      notices,
    };
  }

  async #context(records: CtpRecords, machineId: number, { nowMs, asker }: Stamp): Promise<RuleContext> {
    return {
      nowMs,
      actor: asker.actor,
      known: await records.plantCodes(),
      openBeside: await openBeside(records.transaction, machineId),
    };
  }

  /** What the asker may do to the problem of `machine`; one that moves needs it on both machines. */
  async #rights(asker: Asker, machine: MachineRow, target: MachineRow | undefined): Promise<EditRights> {
    const here = await editRights(asker, machine);
    if (!target) return here;
    await needMachine(asker, ctpActions.correct, target);
    const there = await editRights(asker, target);
    return {
      leads: here.leads && there.leads,
      own: here.own && there.own,
      repairs: here.repairs && there.repairs,
    };
  }

  /** Where a problem is to move; undefined: it stays. */
  async #target(named: MachineReference, from: MachineRow): Promise<MachineRow | undefined> {
    if (named.machine_id === undefined && named.machine_nickname === undefined) return undefined;
    const machine = await this.#namedMachine(named);
    return machine.id === from.id ? undefined : machine;
  }

  /** An unknown machine is a fault of the input, not of the address. */
  async #namedMachine({ machine_id: id, machine_nickname: nickname }: MachineReference): Promise<MachineRow> {
    const rows = await this.#parts.readings.machineRows();
    const found = rows.find(
      (row) => (id === undefined || row.id === id) && (nickname === undefined || row.nickname === nickname),
    );
    if (found) return found;
    const field = id === undefined ? 'machine_nickname' : 'machine_id';
    throw new InvalidInput([{ field, message: 'is no machine of this plant', code: 'unknown-machine' }], 'The problem');
  }
}

interface Stamp {
  readonly nowMs: number;
  readonly asker: Asker;
}

function retired({ name }: MachineRow): InvalidInput {
  const fault = { field: 'machine_id', message: `${name} is retired`, code: 'retired-machine', values: { name } };
  return new InvalidInput([fault], 'The problem');
}
