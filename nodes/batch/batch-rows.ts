// Rows of the ledger's tables to and from the batches that the rules know.
import type { Selectable } from 'kysely';
import { centiKg } from '../core/mass.ts';
import type { Batch, Component, Push, RecordedFigure } from './batch.ts';
import type { BatchTable, ComponentTable, OutboxTable } from './tables.ts';

export type BatchRow = Selectable<BatchTable>;
export type ComponentRow = Selectable<ComponentTable>;
export type OutboxRow = Selectable<OutboxTable>;

/** @param tried payloads of outbox rows of this batch that were sent at least once */
export function batchOf(
  row: BatchRow,
  components: readonly ComponentRow[],
  push: OutboxRow | undefined,
  tried: readonly Push['payload'][],
): Batch {
  return {
    id: row.id,
    line: row.line,
    orderId: row.order_id,
    orderName: row.order_name,
    plcOrderName: row.plc_order_name,
    plcName: row.plc_name,
    plcBomCode: row.plc_bom_code,
    plcFinishedGoods: row.plc_finished_goods,
    attempt: row.attempt,
    slot: row.slot,
    queueId: row.queue_id,
    offeredAt: row.offered_at,
    state: row.state,
    stateSince: row.state_since,
    productId: row.product_id,
    productName: row.product_name,
    bomCode: row.bom_code,
    unit: { id: row.unit_id, name: row.unit_name, centiKgPerUnit: row.unit_centi_kg },
    scheduledStart: row.scheduled_start,
    plannedCentiKg: centiKg(row.planned_centi_kg),
    finishedCentiKg: row.finished_centi_kg === null ? null : centiKg(row.finished_centi_kg),
    carriedFinishedCentiKg: centiKg(row.carried_finished_centi_kg),
    lastReadAt: row.last_read_at,
    lastChangedAt: row.last_changed_at,
    flagCycles: row.flag_cycles,
    implausibleCycles: row.implausible_cycles,
    watchOnly: row.watch_only === 1,
    closesFailure: row.closes_failure === 1,
    released: row.released === 1,
    version: row.version,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    endedAs: row.ended_as,
    notes: row.notes,
    components: components.map(componentOf),
    push: push ? pushOf(push) : null,
    recorded: recordedBy(tried),
  };
}

/** Each figure once, and none that means nothing was written. */
function recordedBy(payloads: readonly Push['payload'][]): RecordedFigure[] {
  const figures = new Map<string, RecordedFigure>();
  for (const payload of payloads) {
    if (payload.command !== 'push') continue;
    for (const { equipment, actualCentiKg } of [...payload.components, ...payload.unplanned]) {
      if (actualCentiKg > 0) figures.set(`${equipment} ${actualCentiKg}`, { equipment, actualCentiKg });
    }
  }
  return [...figures.values()];
}

/** All columns but `ended_seq`, which the database gives. */
export function batchRowOf(batch: Batch): Omit<BatchRow, 'ended_seq'> {
  return {
    id: batch.id,
    line: batch.line,
    order_id: batch.orderId,
    order_name: batch.orderName,
    plc_order_name: batch.plcOrderName,
    plc_name: batch.plcName,
    plc_bom_code: batch.plcBomCode,
    plc_finished_goods: batch.plcFinishedGoods,
    attempt: batch.attempt,
    slot: batch.slot,
    queue_id: batch.queueId,
    offered_at: batch.offeredAt,
    state: batch.state,
    state_since: batch.stateSince,
    product_id: batch.productId,
    product_name: batch.productName,
    bom_code: batch.bomCode,
    unit_id: batch.unit.id,
    unit_name: batch.unit.name,
    unit_centi_kg: batch.unit.centiKgPerUnit,
    scheduled_start: batch.scheduledStart,
    planned_centi_kg: batch.plannedCentiKg,
    finished_centi_kg: batch.finishedCentiKg,
    carried_finished_centi_kg: batch.carriedFinishedCentiKg,
    last_read_at: batch.lastReadAt,
    last_changed_at: batch.lastChangedAt,
    flag_cycles: batch.flagCycles,
    implausible_cycles: batch.implausibleCycles,
    watch_only: batch.watchOnly ? 1 : 0,
    closes_failure: batch.closesFailure ? 1 : 0,
    released: batch.released ? 1 : 0,
    version: batch.version,
    created_at: batch.createdAt,
    ended_at: batch.endedAt,
    ended_as: batch.endedAs,
    notes: batch.notes,
  };
}

function componentOf(row: ComponentRow): Component {
  const { move_id, product_id, unit_id, unit_name, unit_centi_kg } = row;
  const isPlanned =
    move_id !== null && product_id !== null && unit_id !== null && unit_name !== null && unit_centi_kg !== null;
  return {
    equipment: row.equipment,
    planned: isPlanned
      ? {
          moveId: move_id,
          productId: product_id,
          unit: { id: unit_id, name: unit_name, centiKgPerUnit: unit_centi_kg },
        }
      : null,
    name: row.name,
    targetCentiKg: centiKg(row.target_centi_kg),
    actualCentiKg: row.actual_centi_kg === null ? null : centiKg(row.actual_centi_kg),
    carriedCentiKg: centiKg(row.carried_centi_kg),
  };
}

export function componentRowOf(batchId: string, component: Component): ComponentRow {
  const { planned } = component;
  return {
    batch_id: batchId,
    equipment: component.equipment,
    name: component.name,
    move_id: planned?.moveId ?? null,
    product_id: planned?.productId ?? null,
    unit_id: planned?.unit.id ?? null,
    unit_name: planned?.unit.name ?? null,
    unit_centi_kg: planned?.unit.centiKgPerUnit ?? null,
    target_centi_kg: component.targetCentiKg,
    actual_centi_kg: component.actualCentiKg,
    carried_centi_kg: component.carriedCentiKg,
  };
}

export function pushOf(row: OutboxRow): Push {
  const { hold_code: code, hold_message: message, hold_deviations: deviations } = row;
  return {
    id: row.id,
    batchId: row.batch_id,
    kind: row.kind,
    status: row.status,
    payload: JSON.parse(row.payload),
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
    lastError: row.last_error,
    waitReason: row.wait_reason,
    hold:
      code === null
        ? null
        : { code, message: message ?? '', deviations: deviations === null ? [] : JSON.parse(deviations) },
    acceptedBy: row.accepted_by,
    settledAt: row.settled_at,
  };
}

export function pushRowOf(push: Push): OutboxRow {
  return {
    id: push.id,
    batch_id: push.batchId,
    kind: push.kind,
    status: push.status,
    payload: JSON.stringify(push.payload),
    attempts: push.attempts,
    next_attempt_at: push.nextAttemptAt,
    created_at: push.createdAt,
    last_error: push.lastError,
    wait_reason: push.waitReason,
    hold_code: push.hold?.code ?? null,
    hold_message: push.hold?.message ?? null,
    hold_deviations: push.hold ? JSON.stringify(push.hold.deviations) : null,
    accepted_by: push.acceptedBy,
    settled_at: push.settledAt,
  };
}
