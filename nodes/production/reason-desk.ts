// What people say of stops: which reason one had, and which reasons the plant has; each word once, by whom, as an event.
import type { Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { type CommandMemory, once } from '../core/command-memory.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { ShiftCalendar } from './calendar-contract.ts';
import type { ProductionEvent, StateSpan, StopReason } from './messages.ts';
import { stateSpan } from './production-views.ts';
import { TimelineWriter } from './state-recorder.ts';
import { type SpanRow, StateRecords, spanOf } from './state-records.ts';
import type { StateSchema } from './state-tables.ts';
import { storedEvents } from './states-participant.ts';
import { isStop, StopReasons } from './stop-reasons.ts';
import type { IntakeSchema } from './tables.ts';

export interface GivenReason {
  readonly machine: string;
  readonly span: number;
  readonly reason: string;
  /** What the person saw there; absent: none that a person had given. */
  readonly previous?: string;
  readonly note?: string;
  readonly commandId?: string;
}

type NewEvent = Pick<ProductionEvent, 'machine' | 'type' | 'reason' | 'detail'>;

export interface DeskReply<Answer> {
  readonly answer: Answer;
  readonly events: readonly ProductionEvent[];
}

type Schema = StateSchema & IntakeSchema;

export class ReasonDesk {
  readonly #store: Store;
  readonly #calendar: ShiftCalendar;
  readonly #clock: Clock;

  constructor(store: Store, calendar: ShiftCalendar, clock: Clock) {
    this.#store = store;
    this.#calendar = calendar;
    this.#clock = clock;
  }

  /**
   * The stop as it is now. 404: no such stop of this machine; 409: it is no stop any more, or has another reason than the person
   * saw, with what it is.
   */
  give(given: GivenReason, actor: Actor): Promise<DeskReply<StateSpan>> {
    const { commandId, ...words } = given;
    return this.#once({ command: 'reason', ...words }, commandId, actor, async (transaction) => {
      const records = new StateRecords(transaction as unknown as Transaction<StateSchema>);
      const row = await records.span(given.span);
      if (!row || row.machine !== given.machine) {
        throw new ShopfloorError('stop-unknown', 404, `${given.machine} has no stop ${given.span}.`, {
          hint: 'A late message may have corrected it; read the timeline again.',
        });
      }
      if (!isStop(row.state)) {
        throw new ShopfloorError('no-stop', 409, `${given.machine} did not stand at that time.`, {
          current: stateSpan(row),
        });
      }
      const reasons = new StopReasons(await records.reasons());
      if (!reasons.get(given.reason)) {
        throw new InvalidInput([{ field: 'reason', message: 'is none of the stop reasons' }], 'The reason');
      }
      if (given.previous === undefined ? row.reason_by !== null : row.reason !== given.previous) {
        const found = row.reason === null ? 'no reason any more' : `the reason ${row.reason} by now`;
        throw new ShopfloorError('reason-changed', 409, `This stop of ${given.machine} has ${found}.`, {
          hint: 'Look at it again; who changes what a person gave names it as `previous`.',
          current: stateSpan(row),
        });
      }
      const before = spanOf(row);
      const planned = reasons.isPlanned(given.reason);
      const after = { ...before, reason: given.reason, reasonBy: actor.name, planned };
      const writer = new TimelineWriter(records, this.#calendar);
      await writer.replace(given.machine, [before], [after]);
      await writer.finish();
      const changed = (await records.span(given.span)) as SpanRow;
      const detail = {
        span: given.span,
        start: stateSpan(row).start,
        reason: given.reason,
        planned,
        previous: row.reason,
        previous_by: row.reason_by,
      };
      return {
        answer: stateSpan(changed),
        events: [{ machine: given.machine, type: 'stop-reason', reason: given.note ?? null, detail }],
      };
    });
  }

  /** Adds a reason of the plant's own, or changes one; stops that have it already keep what it meant then. */
  save(reason: StopReason, commandId: string | undefined, actor: Actor): Promise<DeskReply<StopReason>> {
    return this.#once({ command: 'save-reason', ...reason }, commandId, actor, async (transaction) => {
      const row = { label_id: reason.label.id, label_en: reason.label['en-US'], planned: reason.planned ? 1 : 0 };
      await transaction
        .insertInto('stop_reason')
        .values({ code: reason.code, ...row })
        .onConflict((conflict) => conflict.column('code').doUpdateSet(row))
        .execute();
      return {
        answer: reason,
        events: [{ machine: '', type: 'stop-reason-saved', reason: null, detail: { ...reason } }],
      };
    });
  }

  /** A command id that was seen returns its first reply; the same id with other words is refused. */
  #once<Answer extends object>(
    words: object,
    commandId: string | undefined,
    actor: Actor,
    work: (transaction: Transaction<Schema>) => Promise<{
      readonly answer: Answer;
      readonly events: readonly NewEvent[];
    }>,
  ): Promise<DeskReply<Answer>> {
    const at = this.#clock.now().toISOString();
    const repeatable = { commandId, actor: actor.name, words: { actor: actor.name, ...words }, at };
    return this.#store.transaction<Schema, DeskReply<Answer>>(async (transaction) => {
      let events: readonly NewEvent[] = [];
      const { reply: answer } = await once<Answer>(memoryIn(transaction, actor), repeatable, async () => {
        const done = await work(transaction);
        events = done.events;
        return done.answer;
      });
      const numbered = await storedEvents(
        transaction as unknown as Transaction<IntakeSchema>,
        events.map((event) => ({ ...event, at, actor: actor.name })),
      );
      return { answer, events: numbered };
    });
  }
}

/** The commands that this desk has seen; who gave one is among its words. */
function memoryIn(transaction: Transaction<Schema>, actor: Actor): CommandMemory {
  return {
    commandById: async (commandId) => {
      const known = await transaction
        .selectFrom('state_command')
        .select(['request', 'reply'])
        .where('command_id', '=', commandId)
        .executeTakeFirst();
      return known && { actor: actor.name, ...known };
    },
    rememberCommand: async (commandId, { request, reply, at }) => {
      await transaction.insertInto('state_command').values({ command_id: commandId, request, reply, at }).execute();
    },
  };
}
