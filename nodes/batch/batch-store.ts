// The ledger's records in SQL: what a decision needs to know, and what it decided, in one transaction.

import type { Kysely, Transaction } from 'kysely';
import type { RememberedCommand } from '../core/command-memory.ts';
import { type CentiKg, centiKg } from '../core/mass.ts';
import type { Store } from '../store/store.ts';
import type { ActiveAlarm, AlarmTransitions } from './alarms.ts';
import type { Batch, Push } from './batch.ts';
import { type BatchRow, batchOf, type ComponentRow, pushOf } from './batch-rows.ts';
import { saveChanges } from './batch-writes.ts';
import type { LedgerRecords, WatchedWrite } from './ledger-records.ts';
import type { BatchEvent } from './messages.ts';
import { batchMigrations } from './migrations.ts';
import type { BatchSchema } from './tables.ts';
import type { Change } from './transitions.ts';
import { WeighingRecords } from './weighing-records.ts';

/** Brings the ledger's tables up to date. */
export function migrateBatchTables(store: Store): Promise<void> {
  return store.migrate('batch', batchMigrations(store.engine));
}

/** Runs `work` over the records of `line`; all of it is committed or none. */
export function withRecords<Result>(
  store: Store,
  line: string,
  work: (records: LedgerRecords) => Promise<Result>,
): Promise<Result> {
  return store.transaction<BatchSchema, Result>((transaction) => work(new SqlLedgerRecords(transaction, line)));
}

/** Whole batches of rows that are already selected: four queries, whatever their number. */
export async function assembled(db: Kysely<BatchSchema>, rows: readonly BatchRow[]): Promise<Batch[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const components = await db
    .selectFrom('batch_component')
    .selectAll()
    .where('batch_id', 'in', ids)
    .orderBy('equipment')
    .execute();
  const pushes = await db
    .selectFrom('batch_outbox')
    .selectAll()
    .where('batch_id', 'in', ids)
    .where('status', 'in', ['waiting', 'pushing', 'held'])
    .execute();
  const open = rows.filter((row) => row.ended_at === null).map((row) => row.id);
  const tried = await triedPayloads(db, open);
  const pushOfBatch = new Map(pushes.map((push) => [push.batch_id, push]));
  const componentsOfBatch = new Map<string, ComponentRow[]>(ids.map((id) => [id, []]));
  for (const component of components) componentsOfBatch.get(component.batch_id)?.push(component);
  return rows.map((row) =>
    batchOf(row, componentsOfBatch.get(row.id) ?? [], pushOfBatch.get(row.id), tried.get(row.id) ?? []),
  );
}

/** Every command that was sent for these batches, settled rows included. Mapped by batch id. */
async function triedPayloads(db: Kysely<BatchSchema>, ids: readonly string[]): Promise<Map<string, Push['payload'][]>> {
  const payloads = new Map<string, Push['payload'][]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return payloads;
  const rows = await db
    .selectFrom('batch_outbox')
    .select(['batch_id', 'payload'])
    .where('batch_id', 'in', ids)
    .where((where) => where.or([where('attempts', '>', 0), where('last_error', 'is not', null)]))
    .where('kind', '!=', 'cancel')
    .execute();
  for (const row of rows) payloads.get(row.batch_id)?.push(JSON.parse(row.payload));
  return payloads;
}

class SqlLedgerRecords implements LedgerRecords {
  readonly #db: Transaction<BatchSchema>;
  readonly #line: string;
  readonly weighings: WeighingRecords;

  constructor(db: Transaction<BatchSchema>, line: string) {
    this.#db = db;
    this.#line = line;
    this.weighings = new WeighingRecords(db, line);
  }

  async openBatches(): Promise<Batch[]> {
    const rows = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where('line', '=', this.#line)
      .where('ended_at', 'is', null)
      .execute();
    const staged = (row: BatchRow) => `${row.created_at}|${String(row.slot ?? 99).padStart(2, '0')}|${row.order_id}`;
    return assembled(
      this.#db,
      rows.sort((a, b) => staged(a).localeCompare(staged(b))),
    );
  }

  async openOrderIds(): Promise<number[]> {
    const rows = await this.#db.selectFrom('batch').select('order_id').where('ended_at', 'is', null).execute();
    return rows.map((row) => row.order_id);
  }

  async batchesOfQueue(queueId: string): Promise<Batch[]> {
    const rows = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where('queue_id', '=', queueId)
      .where('line', '=', this.#line)
      .orderBy('slot')
      .execute();
    return assembled(this.#db, rows);
  }

  async endedByPlcName(names: readonly string[]): Promise<Batch[]> {
    if (names.length === 0) return [];
    const rows = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where('plc_name', 'in', names)
      .where('line', '=', this.#line)
      .where('ended_at', 'is not', null)
      .orderBy('ended_seq', 'desc')
      .execute();
    const latest = new Map(rows.reverse().map((row) => [row.plc_name, row]));
    return assembled(this.#db, [...latest.values()]);
  }

  async earlierAttempts(names: readonly string[]): Promise<Map<string, CentiKg>> {
    if (names.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('batch_attempt')
      .select(['plc_name', 'consumed_centi_kg'])
      .where('plc_name', 'in', names)
      .where('line', '=', this.#line)
      .execute();
    return new Map(rows.map((row) => [row.plc_name, centiKg(row.consumed_centi_kg)]));
  }

  async usedPlcNames(names: readonly string[]): Promise<Set<string>> {
    if (names.length === 0) return new Set();
    const rows = await this.#db
      .selectFrom('batch')
      .select('plc_name')
      .where('plc_name', 'in', names)
      .where('line', '=', this.#line)
      .where((where) => where.or([where('queue_id', 'is not', null), where('last_read_at', 'is not', null)]))
      .execute();
    return new Set([...rows.map((row) => row.plc_name), ...(await this.earlierAttempts(names)).keys()]);
  }

  async pushById(pushId: string): Promise<{ push: Push; batch: Batch } | undefined> {
    const push = await this.#db.selectFrom('batch_outbox').selectAll().where('id', '=', pushId).executeTakeFirst();
    if (!push) return undefined;
    const row = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where('id', '=', push.batch_id)
      .executeTakeFirstOrThrow();
    const [batch] = await assembled(this.#db, [row]);
    return batch && { push: pushOf(push), batch };
  }

  async batchesNamed(idOrOrderName: string): Promise<Batch[]> {
    const orderId = /^\d{1,15}$/.test(idOrOrderName) ? Number(idOrOrderName) : null;
    const rows = await this.#db
      .selectFrom('batch')
      .selectAll()
      .where((where) =>
        where.or([
          where('id', '=', idOrOrderName),
          where('order_name', '=', idOrOrderName),
          ...(orderId === null ? [] : [where('order_id', '=', orderId)]),
        ]),
      )
      .execute();
    const recent = (row: BatchRow) =>
      `${row.ended_at === null ? 1 : 0}|${row.created_at}|${String(row.ended_seq ?? 0).padStart(12, '0')}`;
    return assembled(
      this.#db,
      rows.sort((a, b) => recent(b).localeCompare(recent(a))),
    );
  }

  save(changes: readonly Change[], at: string): Promise<BatchEvent[]> {
    return saveChanges(this.#db, changes, at);
  }

  async watched(writes: readonly WatchedWrite[], at: string): Promise<void> {
    if (writes.length === 0) return;
    const line = this.#line;
    await this.#db
      .insertInto('watched_write')
      .values(
        writes.map(({ kind, orderName, payload }) => ({
          line,
          at,
          kind,
          order_name: orderName,
          payload: JSON.stringify(payload),
        })),
      )
      .execute();
  }

  async activeAlarms(): Promise<ActiveAlarm[]> {
    const rows = await this.#db
      .selectFrom('batch_alarm_state')
      .selectAll()
      .where('line', '=', this.#line)
      .orderBy('since')
      .execute();
    return rows.map(({ code, alarm_key, slot, order_name, since, message }) => ({
      code,
      key: alarm_key,
      slot,
      orderName: order_name,
      since,
      message,
    }));
  }

  async saveAlarms({ begun, ended, reworded }: AlarmTransitions): Promise<void> {
    for (const alarm of [...ended, ...reworded]) {
      await this.#db
        .deleteFrom('batch_alarm_state')
        .where('line', '=', this.#line)
        .where('code', '=', alarm.code)
        .where('alarm_key', '=', alarm.key)
        .execute();
    }
    for (const { code, key, slot, orderName, since, message } of [...begun, ...reworded]) {
      await this.#db
        .insertInto('batch_alarm_state')
        .values({ line: this.#line, code, alarm_key: key, slot, order_name: orderName, since, message })
        .execute();
    }
  }

  commandById(commandId: string): Promise<RememberedCommand | undefined> {
    return this.#db
      .selectFrom('batch_command')
      .select(['actor', 'request', 'reply'])
      .where('command_id', '=', commandId)
      .executeTakeFirst();
  }

  async rememberCommand(commandId: string, command: RememberedCommand & { readonly at: string }): Promise<void> {
    await this.#db
      .insertInto('batch_command')
      .values({ command_id: commandId, ...command })
      .execute();
  }
}
