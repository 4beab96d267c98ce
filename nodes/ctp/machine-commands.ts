// What people do to machines and to the plant's lists of codes: add, change, retire, and a status set by hand.

import type { Kysely } from 'kysely';
import { once } from '../core/command-memory.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type Asker, needMachine } from './asker.ts';
import { ctpActions } from './ctp-actions.ts';
import type { CtpRecords } from './ctp-records.ts';
import { type LogParts, withRecords } from './log-parts.ts';
import { dataReply, type LogReply } from './log-reply.ts';
import type { CtpMachine, CtpProblemEvent, PlantCode } from './messages.ts';
import { openSummary } from './open-problems.ts';
import type { ParsedCommand } from './parsed-command.ts';
import type { MachineRow } from './problem.ts';
import { type CodeEventTable, type CodeTable, type CtpSchema, ctpTurns } from './tables.ts';
import { iso, machineView } from './views.ts';

type Of<Name extends ParsedCommand['command']> = Extract<ParsedCommand, { readonly command: Name }>;

interface Recorded {
  readonly machine: CtpMachine;
  readonly events: readonly CtpProblemEvent[];
}

export class MachineCommands {
  readonly #parts: LogParts;

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  async add(command: Of<'add-machine'>, asker: Asker): Promise<LogReply> {
    const { command: _name, commandId, ...words } = command;
    const reply = await this.#record(asker, commandId, command, async (records, atMs) => {
      const row = await records.addMachine({
        ...words,
        retired: 0,
        derived_status: 'active',
        status: 'active',
        status_since_ms: atMs,
        manual_status: null,
        manual_reason: null,
        manual_by: null,
        manual_at_ms: null,
        version: 1,
      });
      const events = await records.addEvents(row.id, null, [{ type: 'machine-added', reason: null, detail: words }]);
      return { row, events };
    });
    return { ...reply, answer: { ...reply.answer, created: true } as LogReply['answer'] };
  }

  async change(command: Of<'change-machine'>, asker: Asker): Promise<LogReply> {
    const { machine_id, version, changes, commandId } = command;
    return this.#record(asker, commandId, command, async (records) => {
      const before = await records.machine(machine_id);
      const open = await openSummary(records.transaction, machine_id);
      const current = machineView(before, open);
      if (before.version !== version)
        throw new ShopfloorError('version-conflict', 409, 'Somebody changed this machine meanwhile.', { current });
      if (changes.retired === 1 && open.problems > 0) {
        throw new ShopfloorError('machine-in-use', 409, `${before.name} has ${open.problems} open problems.`, {
          hint: 'Complete them before you retire it.',
          current,
        });
      }
      const merged: MachineRow = { ...before, ...changes };
      const changed = (Object.keys(changes) as (keyof typeof changes)[]).filter(
        (field) => merged[field] !== before[field],
      );
      if (changed.length === 0) return { row: before, events: [] };
      const row = { ...merged, version: before.version + 1 };
      await records.changeMachine(row);
      if (row.retired !== before.retired) await records.setInUse(row.id, row.retired === 0);
      const detail = Object.fromEntries(changed.map((field) => [field, { old: before[field], new: row[field] }]));
      return {
        row,
        events: await records.addEvents(row.id, null, [{ type: 'machine-changed', reason: null, detail }]),
      };
    });
  }

  /** A status set by hand holds beside what the problems say; `active` ends it. */
  async setStatus(command: Of<'set-status'>, asker: Asker): Promise<LogReply> {
    const { machine_id, status, reason, commandId } = command;
    await needMachine(asker, ctpActions['set-status'], await this.#parts.readings.machineRow({ id: machine_id }));
    return this.#record(asker, commandId, command, async (records, atMs) => {
      const before = await records.machine(machine_id);
      if (before.retired === 1) {
        throw new ShopfloorError('machine-retired', 409, `${before.name} is retired and has no status.`, {
          hint: 'Take it back into use first.',
        });
      }
      const isEnd = status === 'active';
      if (isEnd && before.manual_status === null) {
        if (before.status === 'active') return { row: before, events: [] };
        throw new ShopfloorError('status-derived', 409, `Open problems make ${before.name} ${before.status}.`, {
          hint: 'Complete them; a status set by hand is never better than they are.',
          current: machineView(before, await openSummary(records.transaction, machine_id)),
        });
      }
      const manual = isEnd
        ? { manual_status: null, manual_reason: null, manual_by: null, manual_at_ms: null }
        : { manual_status: status, manual_reason: reason, manual_by: asker.actor.name, manual_at_ms: atMs };
      const { machine: row, events } = await records.settleStatus(before, manual, null, reason);
      return { row, events };
    });
  }

  async addCode({ kind, code, label = code }: Of<'add-code'>, asker: Asker): Promise<LogReply> {
    return this.#changeCode(asker, kind, code, async (db, known) => {
      if (known?.retired === 0 && known.label === label) return undefined;
      await db
        .insertInto('ctp_code')
        .values({ kind, code, label, retired: 0 })
        .onConflict((conflict) => conflict.columns(['kind', 'code']).doUpdateSet({ label, retired: 0 }))
        .execute();
      return { type: 'added', label };
    });
  }

  async retireCode({ kind, code }: Of<'retire-code'>, asker: Asker): Promise<LogReply> {
    return this.#changeCode(asker, kind, code, async (db, known) => {
      if (!known) {
        const message = `${code} is not in the plant's list`;
        throw new InvalidInput([{ field: 'code', message, code: 'unknown-code', values: { code } }], 'The code');
      }
      if (known.retired === 1) return undefined;
      await db.updateTable('ctp_code').set({ retired: 1 }).where('kind', '=', kind).where('code', '=', code).execute();
      return { type: 'retired', label: null };
    });
  }

  /** @param work resolves with what it did, or undefined where nothing was to be done */
  async #changeCode(
    { actor }: Asker,
    kind: PlantCode['kind'],
    code: string,
    work: (
      db: Kysely<CtpSchema>,
      known: CodeTable | undefined,
    ) => Promise<Pick<CodeEventTable, 'type' | 'label'> | undefined>,
  ): Promise<LogReply> {
    const { store, clock, readings } = this.#parts;
    const at_ms = clock.now().getTime();
    await store.transaction<CtpSchema, void>(async (db) => {
      const known = await db
        .selectFrom('ctp_code')
        .selectAll()
        .where('kind', '=', kind)
        .where('code', '=', code)
        .executeTakeFirst();
      const done = await work(db, known);
      if (!done) return;
      const event = { at_ms, actor: actor.name, via: actor.via, kind, code, ...done };
      await db.insertInto('ctp_code_event').values(event).execute();
    }, ctpTurns);
    return dataReply(await readings.codes());
  }

  async #record(
    asker: Asker,
    commandId: string | undefined,
    words: object,
    work: (
      records: CtpRecords,
      atMs: number,
    ) => Promise<{ readonly row: MachineRow; readonly events: readonly CtpProblemEvent[] }>,
  ): Promise<LogReply> {
    const atMs = this.#parts.clock.now().getTime();
    const repeatable = {
      commandId,
      actor: asker.actor.name,
      words: { ...words, commandId: undefined },
      at: iso(atMs),
    };
    const { reply, isRepeat } = await withRecords(this.#parts, { atMs, actor: asker.actor }, (records) =>
      once<Recorded>(records, repeatable, async () => {
        const { row, events } = await work(records, atMs);
        return { machine: machineView(row, await openSummary(records.transaction, row.id)), events };
      }),
    );
    const { machine, events } = reply;
    if (events.some(({ type }) => type === 'machine-added' || type === 'machine-changed'))
      await this.#parts.lives.refresh();
    const messages = isRepeat ? [] : events.map((event) => ({ ...event, problem: null, machine }));
    return { answer: { kind: 'data', data: machine }, events: messages, notices: [] };
  }
}
