// Writes decided changes: the batch under its version, only what differs, and every event.

import type { Transaction } from 'kysely';
import { ShopfloorError } from '../core/errors.ts';
import { sumMass, zeroMass } from '../core/mass.ts';
import type { Batch } from './batch.ts';
import { batchRowOf, componentRowOf, pushRowOf } from './batch-rows.ts';
import type { BatchEvent } from './messages.ts';
import type { BatchSchema } from './tables.ts';
import { type Change, differsOnlyInReading, type NewEvent } from './transitions.ts';

type Db = Transaction<BatchSchema>;

/** Another command changed the batch between reading and writing; nothing of this one was kept. */
export class VersionConflict extends ShopfloorError {
  constructor(batch: Batch) {
    super('version-conflict', 409, `${batch.orderName} was changed by someone else meanwhile.`, {
      hint: 'Look at it again and repeat the command.',
      current: { id: batch.id, order: batch.orderName },
    });
  }
}

/** Records all changes and returns their events with their numbers. */
export async function saveChanges(db: Db, changes: readonly Change[], at: string): Promise<BatchEvent[]> {
  const readOnly = changes.filter((change) => isReadingOnly(change));
  if (readOnly.length > 0) {
    const ids = readOnly.map((change) => change.after.id);
    await db.updateTable('batch').set({ last_read_at: at }).where('id', 'in', ids).execute();
  }
  const events: BatchEvent[] = [];
  // Batches leave slots and orders before others take them: the unique indexes judge each statement by itself.
  const rest = changes.filter((change) => !isReadingOnly(change));
  const leaving = (change: Change) => Number(change.after.state === 'written' || change.after.state === 'running');
  for (const change of rest.sort((a, b) => leaving(a) - leaving(b))) {
    await saveBatch(db, change);
    await saveComponents(db, change);
    await savePushes(db, change);
    await saveEarlierAttempt(db, change);
    for (const event of change.events) events.push(await saveEvent(db, change.after, event));
  }
  return events;
}

function isReadingOnly({ before, after, events }: Change): boolean {
  return before !== null && events.length === 0 && differsOnlyInReading(before, after);
}

async function saveBatch(db: Db, { before, after }: Change): Promise<void> {
  const row = batchRowOf(after);
  const endedSeq =
    after.endedAt !== null && before?.endedAt == null ? { ended_seq: await nextEndedSeq(db, after.line) } : {};
  if (before === null) {
    await db
      .insertInto('batch')
      .values({ ended_seq: null, ...row, ...endedSeq })
      .execute();
    return;
  }
  const result = await db
    .updateTable('batch')
    .set({ ...row, ...endedSeq })
    .where('id', '=', after.id)
    .where('version', '=', before.version)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new VersionConflict(after);
}

async function nextEndedSeq(db: Db, line: string): Promise<number> {
  const last = await db
    .selectFrom('batch')
    .select('ended_seq')
    .where('line', '=', line)
    .where('ended_seq', 'is not', null)
    .orderBy('ended_seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return (last?.ended_seq ?? 0) + 1;
}

async function saveComponents(db: Db, { before, after }: Change): Promise<void> {
  if (before?.components === after.components) return;
  const known = new Map(before?.components.map((component) => [component.equipment, component]));
  for (const component of after.components) {
    const old = known.get(component.equipment);
    if (!old) {
      await db.insertInto('batch_component').values(componentRowOf(after.id, component)).execute();
    } else if (old.actualCentiKg !== component.actualCentiKg || old.carriedCentiKg !== component.carriedCentiKg) {
      await db
        .updateTable('batch_component')
        .set({ actual_centi_kg: component.actualCentiKg, carried_centi_kg: component.carriedCentiKg })
        .where('batch_id', '=', after.id)
        .where('equipment', '=', component.equipment)
        .execute();
    }
  }
}

async function savePushes(db: Db, { before, after, settled }: Change): Promise<void> {
  for (const push of settled) {
    await db.updateTable('batch_outbox').set(pushRowOf(push)).where('id', '=', push.id).execute();
  }
  if (!after.push || after.push === before?.push) return;
  const row = pushRowOf(after.push);
  if (after.push.id === before?.push?.id)
    await db.updateTable('batch_outbox').set(row).where('id', '=', row.id).execute();
  else await db.insertInto('batch_outbox').values(row).execute();
}

async function saveEarlierAttempt(db: Db, { before, after }: Change): Promise<void> {
  if (before === null || before.attempt === after.attempt) return;
  const { id, attempt, line, plcName, slot } = before;
  const consumed = sumMass(before.components.map(({ actualCentiKg }) => actualCentiKg ?? zeroMass));
  const row = { batch_id: id, attempt, line, plc_name: plcName, slot, consumed_centi_kg: consumed };
  await db.insertInto('batch_attempt').values(row).execute();
}

async function saveEvent(db: Db, batch: Batch, event: NewEvent): Promise<BatchEvent> {
  const { at, actor, type, fromState, toState, slot, version, reason, data } = event;
  const { seq } = await db
    .insertInto('batch_event')
    .values({
      batch_id: batch.id,
      order_name: batch.orderName,
      line: batch.line,
      slot,
      at,
      actor: actor.name,
      via: actor.via,
      type,
      from_state: fromState,
      to_state: toState,
      version,
      reason,
      data: data === null || data === undefined ? null : JSON.stringify(data),
    })
    .returning('seq')
    .executeTakeFirstOrThrow();
  const { id: batchId, orderName, line } = batch;
  return { seq, batchId, orderName, line, slot, at, actor: actor.name, type, fromState, toState, reason };
}
