// What a person decides about counts: corrections, a new baseline, the order and machines; each once.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { isAhead } from '../core/instants.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { CumulativeCounter } from './cumulative-counter.ts';
import { type Reply, remember, rememberedReply } from './decision-memory.ts';
import { lineAfterBaseline, lineWithOrder } from './mark-rows.ts';
import { dismiss, replay } from './quarantine-decisions.ts';
import { dismissAll, replayAll } from './quarantine-in-bulk.ts';
import { newMachine, registeredMachine } from './registered-machine.ts';
import type { IntakeSchema } from './tables.ts';
import type { MachineChange, PersonCommand } from './tracker-commands.ts';
import type { TrackerSettings } from './tracker-settings.ts';
import type { TrackerStore } from './tracker-store.ts';

export interface DecisionParts {
  readonly counter: CumulativeCounter;
  readonly settings: TrackerSettings;
  readonly plant: PlantTime;
  readonly clock: Clock;
}

/** Runs a person's command once: with a commandId that was used, the first reply comes again. Rejects when it is refused. */
export async function decide(parts: DecisionParts, command: PersonCommand, actor: Actor): Promise<Reply> {
  if (command.command === 'replay') return replay(parts, command, actor);
  if (command.command === 'replay-all') return replayAll(parts, command, actor);
  return parts.counter.decide((store, epoch) =>
    store.journal.asOwner(epoch, async (transaction) => {
      const known = await rememberedReply(transaction, command, actor);
      if (known?.reply) return known.reply;
      const reply = await runIn(parts, store, transaction, command, actor);
      await remember(transaction, command, actor, reply, at(parts));
      return reply;
    }),
  );
}

async function runIn(
  parts: DecisionParts,
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  command: Exclude<PersonCommand, { command: 'replay' | 'replay-all' }>,
  actor: Actor,
): Promise<Reply> {
  switch (command.command) {
    case 'machine':
      return defineMachine(store, transaction, command.machine, actor, at(parts));
    case 'order':
      return setOrder(store, transaction, command, actor, at(parts));
    case 'correct':
      return correct(parts, store, transaction, command, actor);
    case 'rebaseline':
      return rebaseline(store, transaction, command, actor, at(parts));
    case 'dismiss':
      return dismiss(transaction, command, actor, at(parts));
    case 'dismiss-all':
      return dismissAll(transaction, command, actor, at(parts));
  }
}

/** Registers a machine or changes what is named of it; a change is an event with what it was and is. */
async function defineMachine(
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  change: MachineChange,
  actor: Actor,
  at: string,
): Promise<Reply> {
  const { id } = change;
  const row = await transaction.selectFrom('production_machine').selectAll().where('id', '=', id).executeTakeFirst();
  const before = row && registeredMachine(row);
  const machine = { ...(before ?? newMachine(id)), ...change };
  if (before && isDeepStrictEqual(machine, before)) return { command: 'machine', machine };
  const values = {
    name: machine.name,
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
    .values({ id, machine_group: '', ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
  const detail = { before: before ?? null, after: machine };
  await store.recordEvents(transaction, [
    { machine: id, at, type: 'machine-changed', actor: actor.name, reason: null, detail },
  ]);
  return { command: 'machine', machine };
}

async function setOrder(
  store: TrackerStore,
  transaction: Transaction<IntakeSchema>,
  { machine, order }: PersonCommand & { command: 'order' },
  actor: Actor,
  at: string,
): Promise<Reply> {
  const row = await transaction
    .selectFrom('production_counter')
    .select('marks')
    .where('machine', '=', machine)
    .executeTakeFirst();
  if (!row) throw unknownMachine(machine);
  // What comes late and was made before is of the order before.
  const marks = lineWithOrder(row.marks, Date.parse(at), order);
  await transaction
    .updateTable('production_counter')
    .set((counter) => ({ order_name: order, marks, epoch: counter('epoch', '+', 1) }))
    .where('machine', '=', machine)
    .execute();
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
    unheard: 0,
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
  // By what machines sent, defects may exceed already: a correction that makes it better is right.
  if (total.defects > total.production && defects > production) {
    throw new ShopfloorError(
      'defects-exceed-production',
      409,
      `Shift ${shift.shift} of ${shift.shiftDate} would have ${total.defects} defects of ${total.production} pieces.`,
      {
        hint: 'Correct the pieces and the defects together, so that no more are bad than were made.',
        current: { production: total.production - production, defects: total.defects - defects },
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
  const marks = lineAfterBaseline(row.marks);
  await transaction
    .updateTable('production_counter')
    .set((counter) => ({
      epoch: counter('epoch', '+', 1),
      last_production: null,
      last_defects: null,
      marks,
      // A clock that was ahead would make every message that comes now a late one.
      ...(isAhead(row.last_source_ms ?? 0, Date.parse(at)) && { last_source_ms: null, last_sequence: null }),
    }))
    .where('machine', '=', machine)
    .execute();
  const detail = { last_production: row.last_production, last_defects: row.last_defects };
  await store.recordEvents(transaction, [{ machine, at, type: 'rebaselined', actor: actor.name, reason, detail }]);
  return { command: 'rebaseline', machine };
}

function unknownMachine(machine: string): ShopfloorError {
  return new ShopfloorError('machine-unknown', 404, `${machine} is not registered.`, {
    hint: 'Register it with the command "machine".',
  });
}

function at({ clock }: DecisionParts): string {
  return clock.now().toISOString();
}
