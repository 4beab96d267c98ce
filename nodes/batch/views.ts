// Batches as routes and dashboard show them: the original field names, masses in kg, what is not known as null.
import { type CentiKg, fromCentiKg } from '../core/mass.ts';
import type { Deviation, LaterReason } from '../odoo/messages.ts';
import type { ActiveAlarm } from './alarms.ts';
import { type Batch, type Component, isInPlc, totalConsumption, totalFinished } from './batch.ts';
import { equipmentTags, tagOf } from './equipment.ts';
import type { BatchState } from './messages.ts';
import { actionsFor, type Offer } from './offers.ts';

export interface HoldView {
  readonly code: string;
  readonly message: string;
  readonly deviations: readonly Deviation[];
}

export interface PushView {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly attempts: number;
  readonly next_attempt_at: string;
  readonly waiting_since: string;
  readonly last_error: string | null;
  /** Why the last try failed, as a code; null before the first and where nothing is known. */
  readonly wait_reason: LaterReason | null;
}

/** One batch; besides these, `consumption_TAG`, `target_consumption_TAG` and `component_TAG_name` of every silo and tank. */
export interface BatchView {
  readonly id: string;
  readonly line: string;
  readonly batch_no: number | null;
  readonly mo_id: string;
  readonly order_id: number;
  readonly attempt: number;
  readonly state: BatchState;
  readonly state_since: string;
  readonly status: string | null;
  /** Planned quantity in kg. */
  readonly consumption: number;
  readonly finished_goods: string;
  readonly status_manufacturing: boolean;
  readonly status_operation: boolean;
  readonly actual_weight_quantity_finished_goods: number | null;
  readonly last_read_from_plc: string | null;
  readonly update_odoo: boolean;
  readonly watch_only: boolean;
  readonly version: number;
  readonly created_at: string;
  readonly ended_at: string | null;
  readonly notes: string | null;
  readonly hold: HoldView | null;
  /** Everything that a person can do now. */
  readonly offers: readonly Offer[];
  readonly push: PushView | null;
  readonly [equipmentField: string]: unknown;
}

export function batchView(batch: Batch): BatchView {
  const { push } = batch;
  return {
    id: batch.id,
    line: batch.line,
    batch_no: batch.slot,
    mo_id: batch.orderName,
    order_id: batch.orderId,
    attempt: batch.attempt,
    state: batch.state,
    state_since: batch.stateSince,
    status: batch.endedAs,
    consumption: fromCentiKg(batch.plannedCentiKg),
    finished_goods: batch.productName,
    ...equipmentFields(batch.components),
    status_manufacturing: batch.state === 'finished' || batch.state === 'pushing' || batch.state === 'archived',
    status_operation: batch.state === 'failed' || batch.closesFailure,
    actual_weight_quantity_finished_goods: kgOrNull(totalFinished(batch)),
    last_read_from_plc: batch.lastReadAt,
    update_odoo: batch.state === 'archived' && !batch.watchOnly,
    watch_only: batch.watchOnly,
    version: batch.version,
    created_at: batch.createdAt,
    ended_at: batch.endedAt,
    notes: batch.notes,
    hold: push?.hold ?? null,
    offers: actionsFor(batch),
    push: push && {
      id: push.id,
      kind: push.kind,
      status: push.status,
      attempts: push.attempts,
      next_attempt_at: push.nextAttemptAt,
      waiting_since: push.createdAt,
      last_error: push.lastError,
      wait_reason: push.waitReason,
    },
  };
}

/** Both liquid tanks included; equipment beyond the original map only where the batch has it. */
function equipmentFields(components: readonly Component[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const known = new Map(components.map((component) => [component.equipment, component]));
  for (const equipment of new Set([...equipmentTags.keys(), ...known.keys()])) {
    const component = known.get(equipment);
    const tag = tagOf(equipment);
    fields[`component_${tag}_name`] = component?.name || null;
    fields[`target_consumption_${tag}`] = component ? fromCentiKg(component.targetCentiKg) : null;
    fields[`consumption_${tag}`] = component ? kgOrNull(totalConsumption(component)) : null;
  }
  return fields;
}

function kgOrNull(mass: CentiKg | null): number | null {
  return mass === null ? null : fromCentiKg(mass);
}

/** Batches that wait for a person or for Odoo after a refusal: the worklist behind `failed-to-push`. */
export function needsAttention(batch: Batch): boolean {
  return batch.state === 'failed' || batch.state === 'quarantined' || (batch.push?.lastError ?? null) !== null;
}

export interface MonitorView {
  readonly line: string;
  readonly watch_only: boolean;
  readonly slots: readonly { readonly slot: number; readonly batch: BatchView | null }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly alarms: readonly ActiveAlarm[];
  readonly outbox: readonly (PushView & { readonly mo_id: string; readonly hold: HoldView | null })[];
  readonly refused_orders: readonly {
    readonly mo_id: string | null;
    readonly since: string;
    readonly message: string;
  }[];
}

export function monitorView(
  line: string,
  slots: number,
  watchOnly: boolean,
  batches: readonly Batch[],
  alarms: readonly ActiveAlarm[],
): MonitorView {
  return {
    line,
    watch_only: watchOnly,
    slots: Array.from({ length: slots }, (_, index) => {
      const shown = inSlot(batches, index + 1);
      return { slot: index + 1, batch: shown ? batchView(shown) : null };
    }),
    counts: stateCounts(batches),
    alarms,
    outbox: batches.map(batchView).flatMap(({ push, hold, mo_id }) => (push ? [{ ...push, mo_id, hold }] : [])),
    refused_orders: alarms
      .filter((alarm) => alarm.code === 'order-refused')
      .map(({ orderName, since, message }) => ({ mo_id: orderName, since, message })),
  };
}

/** What stands in the slot: the batch the PLC has, else the one queued for it, else the last one that was there. */
function inSlot(batches: readonly Batch[], slot: number): Batch | undefined {
  const here = batches.filter((batch) => batch.slot === slot);
  return here.find(isInPlc) ?? here.find((batch) => batch.state === 'queued') ?? here.at(-1);
}

export function stateCounts(batches: readonly Batch[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of batches) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
