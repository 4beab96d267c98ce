// What a person decides about counts: corrections, a new baseline, the order, machines, and what becomes of the quarantine.
import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { CumulativeCounter } from './cumulative-counter.ts';
import type { MachineReading, RefusedReading } from './messages.ts';
import { defaultParserSettings, isRefused, ReadingParser } from './reading-parser.ts';
import type { IntakeSchema, QuarantineTable } from './tables.ts';
import type { MachineDefinition, PersonCommand } from './tracker-commands.ts';
import type { TrackerSettings } from './tracker-settings.ts';
import type { TrackerStore } from './tracker-store.ts';

export interface DecisionParts {
  readonly counter: CumulativeCounter;
  readonly settings: TrackerSettings;
  readonly plant: PlantTime;
  readonly clock: Clock;
}

type Reply = Readonly<Record<string, unknown>>;

/** Runs a person's command once: with a commandId that was used, the first reply comes again. Rejects when it is refused. */
export async function decide(parts: DecisionParts, command: PersonCommand, actor: Actor): Promise<Reply> {
  // A replay is judged like any message, so it goes the way of messages; its row then says what became of it.
  if (command.command === 'replay') return inTurn(parts.counter, () => replay(parts, command, actor));
  return parts.counter.decide((store, epoch) =>
    store.asOwner(epoch, async (transaction) => {
      const known = await rememberedReply(transaction, command, actor);
      if (known?.reply) return known.reply;
      const reply = await runIn(parts, store, transaction, command, actor);
      await remember(transaction, command, actor, reply, at(parts));
      return reply;
    }),
  );
}

/** The replay under way, mapped by counter. */
const replays = new WeakMap<CumulativeCounter, Promise<unknown>>();

/** A replay takes three steps: a second one of the same message must find what the first made of it. */
function inTurn(counter: CumulativeCounter, work: () => Promise<Reply>): Promise<Reply> {
  const result = (replays.get(counter) ?? Promise.resolve()).then(work, work);
  replays.set(counter, result);
  return result;
}

async function runIn(
  parts: DecisionParts,
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  command: Exclude<PersonCommand, { command: 'replay' }>,
  actor: Actor,
): Promise<Reply> {
  switch (command.command) {
    case 'machine':
      return defineMachine(transaction, command.machine, actor, at(parts));
    case 'order':
      return setOrder(store, transaction, command, actor, at(parts));
    case 'correct':
      return correct(parts, store, transaction, command, actor);
    case 'rebaseline':
      return rebaseline(store, transaction, command, actor, at(parts));
    case 'dismiss':
      return dismiss(transaction, command, actor, at(parts));
  }
}

async function defineMachine(
  transaction: Transaction<IntakeSchema>,
  machine: MachineDefinition,
  actor: Actor,
  at: string,
): Promise<Reply> {
  const row = {
    name: machine.name,
    machine_group: machine.group,
    counter_modulus: machine.counterModulus,
    max_per_hour: machine.maxPerHour,
    ideal_per_hour: machine.idealPerHour,
    shift_target: machine.shiftTarget,
    active: machine.active ? 1 : 0,
    updated_at: at,
    updated_by: actor.name,
  };
  await transaction
    .insertInto('production_machine')
    .values({ id: machine.id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
  return { command: 'machine', machine };
}

async function setOrder(
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  { machine, order }: PersonCommand & { command: 'order' },
  actor: Actor,
  at: string,
): Promise<Reply> {
  const { numUpdatedRows } = await transaction
    .updateTable('production_counter')
    .set((counter) => ({ order_name: order, epoch: counter('epoch', '+', 1) }))
    .where('machine', '=', machine)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw unknownMachine(machine);
  await store.recordEvents(transaction, [
    { machine, at, type: 'order-set', actor: actor.name, reason: null, detail: { order } },
  ]);
  return { command: 'order', machine, order };
}

/** A correction is a row with user and reason, booked into every total of its instant; no shift may fall below nothing. */
async function correct(
  { counter, settings, plant, clock }: DecisionParts,
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand & { command: 'correct' },
  actor: Actor,
): Promise<Reply> {
  const { machine, production, defects, reason } = command;
  const bookedMs = parseInstant(command.at, plant);
  const nowMs = clock.now().getTime();
  if (bookedMs === undefined || bookedMs > nowMs)
    throw new InvalidInput([{ field: 'at', message: 'must be an instant of the past, such as 2026-01-05T13:00:00Z' }]);
  const row = await transaction
    .selectFrom('production_counter')
    .selectAll()
    .where('machine', '=', machine)
    .executeTakeFirst();
  if (!row) throw unknownMachine(machine);
  const at = clock.now().toISOString();
  const shift = counter.shiftAt(machine, bookedMs);
  const slice = {
    minuteMs: Math.floor(bookedMs / 60_000) * 60_000,
    shift,
    order: row.order_name,
    production,
    defects,
    firstMs: bookedMs,
    lastMs: bookedMs,
  };
  await transaction
    .insertInto('production_correction')
    .values({
      id: randomUUID(),
      machine,
      shift_date: shift.shiftDate,
      shift: shift.shift,
      booked_ms: bookedMs,
      order_name: row.order_name,
      production,
      defects,
      actor: actor.name,
      reason,
      at,
    })
    .execute();
  await transaction
    .updateTable('production_counter')
    .set((counted) => ({
      epoch: counted('epoch', '+', 1),
      total_production: counted('total_production', '+', production),
      total_defects: counted('total_defects', '+', defects),
    }))
    .where('machine', '=', machine)
    .execute();
  const { shifts } = await store.bookSlices(transaction, machine, [slice], nowMs, settings.graceMs);
  const total = shifts[0];
  if (!total || total.production < 0 || total.defects < 0) {
    throw new ShopfloorError(
      'correction-too-large',
      409,
      `Shift ${shift.shift} of ${shift.shiftDate} has not so many.`,
      {
        current: total && { production: total.production - production, defects: total.defects - defects },
      },
    );
  }
  const detail = { shift: shift.shift, shift_date: shift.shiftDate, production, defects };
  await store.recordEvents(transaction, [
    { machine, at, type: 'manual-correction', actor: actor.name, reason, detail },
  ]);
  return { command: 'correct', machine, ...detail, total: { production: total.production, defects: total.defects } };
}

/** The next message is the new baseline: for a counter that somebody has set by hand. */
async function rebaseline(
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  { machine, reason }: PersonCommand & { command: 'rebaseline' },
  actor: Actor,
  at: string,
): Promise<Reply> {
  const row = await transaction
    .selectFrom('production_counter')
    .selectAll()
    .where('machine', '=', machine)
    .executeTakeFirst();
  if (!row) throw unknownMachine(machine);
  await transaction
    .updateTable('production_counter')
    .set((counter) => ({ epoch: counter('epoch', '+', 1), last_production: null, last_defects: null }))
    .where('machine', '=', machine)
    .execute();
  const detail = { last_production: row.last_production, last_defects: row.last_defects };
  await store.recordEvents(transaction, [{ machine, at, type: 'rebaselined', actor: actor.name, reason, detail }]);
  return { command: 'rebaseline', machine };
}

async function dismiss(
  transaction: Transaction<IntakeSchema>,
  { id, reason }: PersonCommand & { command: 'dismiss' },
  actor: Actor,
  at: string,
): Promise<Reply> {
  await waitingRow(transaction, id);
  await transaction
    .updateTable('production_quarantine')
    .set({ status: 'dismissed', decided_by: actor.name, decided_at: at, reason })
    .where('id', '=', id)
    .execute();
  return { command: 'dismiss', id, status: 'dismissed' };
}

async function replay(
  parts: DecisionParts,
  command: PersonCommand & { command: 'replay' },
  actor: Actor,
): Promise<Reply> {
  const { counter } = parts;
  const { id } = command;
  const begun = await counter.decide((store, epoch) =>
    store.asOwner(epoch, async (transaction) => {
      const known = await rememberedReply(transaction, command, actor);
      if (known?.reply) return { reply: known.reply };
      // A crash came between what became of the message and its answer: the answer is what the row says.
      if (known) {
        const made = await replyOfRow(transaction, id);
        if (made.status !== 'waiting') return { reply: await settle(transaction, command, made) };
      }
      const row = await waitingRow(transaction, id);
      if (row.raw_cut === 1) {
        throw new ShopfloorError(
          'replay-cut',
          409,
          'Its text was too long to be kept whole, so it can only be dismissed.',
        );
      }
      await transaction
        .updateTable('production_quarantine')
        .set({ decided_by: actor.name, decided_at: at(parts) })
        .where('id', '=', id)
        .execute();
      if (!known) await remember(transaction, command, actor, null, at(parts));
      return { row };
    }),
  );
  if ('reply' in begun) return begun.reply;
  const parsed = parsedAgain(begun.row, parts.plant);
  const arrival = isRefused(parsed)
    ? { readings: [], refused: [{ ...parsed, replayOf: id }], replayOf: id }
    : { readings: [parsed], refused: [], replayOf: id };
  if (!(await counter.commit(arrival)))
    throw new ShopfloorError('tracker-closed', 503, 'The tracker was closed before the message was judged.');
  return counter.decide((store, epoch) =>
    store.asOwner(epoch, async (transaction) => settle(transaction, command, await replyOfRow(transaction, id))),
  );
}

/** The message of a row as the intake would read it now; what the intake found of its time stays. */
function parsedAgain(
  row: Pick<QuarantineTable, 'source' | 'machine' | 'raw' | 'arrived_ms' | 'source_ms' | 'clock_trusted'>,
  plant: PlantTime,
): MachineReading | RefusedReading {
  const envelope = { source: row.source, arrivedMs: row.arrived_ms, retained: false, redelivered: false };
  const parserOf = (topicFilters: readonly string[]) =>
    new ReadingParser({ ...defaultParserSettings, plant, topicFilters });
  const first = parserOf([]).parse(row.raw, envelope);
  // The topic named the machine where the message did not.
  const parsed =
    isRefused(first) && first.code === 'missing-field' && row.machine !== null
      ? parserOf(['+']).parse(row.raw, { ...envelope, source: row.machine })
      : first;
  if (isRefused(parsed) || row.source_ms === null) return parsed;
  return { ...parsed, sourceMs: row.source_ms, clockTrusted: row.clock_trusted === 1 };
}

type ReplayReply = Reply & { readonly status: QuarantineTable['status'] };

async function replyOfRow(transaction: Transaction<IntakeSchema>, id: number): Promise<ReplayReply> {
  const row = await transaction
    .selectFrom('production_quarantine')
    .select(['status', 'code', 'message'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { command: 'replay', id, ...row };
}

/** Writes the answer of a command that was remembered without one. */
async function settle(transaction: Transaction<IntakeSchema>, command: PersonCommand, reply: Reply): Promise<Reply> {
  if (command.commandId === null) return reply;
  await transaction
    .updateTable('production_command')
    .set({ reply: JSON.stringify(reply) })
    .where('command_id', '=', command.commandId)
    .execute();
  return reply;
}

async function waitingRow(transaction: Transaction<IntakeSchema>, id: number) {
  const row = await transaction.selectFrom('production_quarantine').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new ShopfloorError('quarantine-unknown', 404, `The quarantine has no message ${id}.`);
  if (row.status !== 'waiting') {
    const { status, decided_by: by, decided_at: when } = row;
    throw new ShopfloorError('quarantine-decided', 409, `Message ${id} was ${status} already.`, {
      current: { status, decided_by: by, decided_at: when },
    });
  }
  return row;
}

function requestOf(command: PersonCommand): string {
  return JSON.stringify({ ...command, commandId: null });
}

/** @returns undefined for a command that was never seen; a null reply for one whose end a crash kept back */
async function rememberedReply(
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand,
  actor: Actor,
): Promise<{ readonly reply: Reply | null } | undefined> {
  if (command.commandId === null) return undefined;
  const known = await transaction
    .selectFrom('production_command')
    .selectAll()
    .where('command_id', '=', command.commandId)
    .executeTakeFirst();
  if (!known) return undefined;
  if (known.request === requestOf(command) && known.actor === actor.name)
    return { reply: JSON.parse(known.reply) as Reply | null };
  throw new ShopfloorError('command-id-reused', 409, 'This commandId was used for another command.', {
    hint: 'Give every command an id of its own.',
  });
}

/** @param reply null: what becomes of it is decided by another commit */
async function remember(
  transaction: Transaction<IntakeSchema>,
  command: PersonCommand,
  actor: Actor,
  reply: Reply | null,
  at: string,
): Promise<void> {
  if (command.commandId === null) return;
  await transaction
    .insertInto('production_command')
    .values({
      command_id: command.commandId,
      actor: actor.name,
      request: requestOf(command),
      reply: JSON.stringify(reply),
      at,
    })
    .execute();
}

function unknownMachine(machine: string): ShopfloorError {
  return new ShopfloorError('machine-unknown', 404, `${machine} is not registered.`, {
    hint: 'Register it with the command "machine".',
  });
}

function at({ clock }: DecisionParts): string {
  return clock.now().toISOString();
}
