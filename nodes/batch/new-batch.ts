// A fetched order as a new batch of the ledger, under a name that the PLC can tell from every other.
import { zeroMass } from '../core/mass.ts';
import type { FetchedOrder } from '../odoo/messages.ts';
import type { Batch } from './batch.ts';
import { firstFreeAttempt, keyOfOrder, plcNameOfAttempt } from './plc-name.ts';
import type { LedgerSettings } from './settings.ts';
import type { BatchDraft, DecisionContext } from './transitions.ts';

/** Orders of two companies may have one name; in the PLC a name is one batch, so the second goes by a key made of its id. */
export function withOwnName(order: FetchedOrder, drafts: readonly BatchDraft[]): FetchedOrder {
  const isTaken = drafts.some(
    ({ batch }) =>
      batch.orderId !== order.orderId &&
      (batch.plcName === order.plcOrderName || batch.plcOrderName === order.plcOrderName),
  );
  return isTaken ? { ...order, plcOrderName: keyOfOrder(order.orderId) } : order;
}

export function newBatch(
  order: FetchedOrder,
  usedPlcNames: ReadonlySet<string>,
  settings: LedgerSettings,
  context: DecisionContext,
): Batch {
  // A watched order goes by the name that the other system gives it.
  const attempt = settings.watchOnly ? 1 : firstFreeAttempt(order.plcOrderName, order.orderId, usedPlcNames);
  return {
    id: context.newId(),
    line: settings.line,
    orderId: order.orderId,
    orderName: order.orderName,
    plcOrderName: order.plcOrderName,
    plcName: plcNameOfAttempt(order.plcOrderName, order.orderId, attempt),
    plcBomCode: order.plcBomCode,
    plcFinishedGoods: order.plcFinishedGoods,
    attempt,
    slot: null,
    queueId: null,
    offeredAt: null,
    state: 'queued',
    stateSince: context.at,
    productId: order.productId,
    productName: order.productName,
    bomCode: order.bomCode,
    unit: order.unit,
    scheduledStart: order.scheduledStart,
    plannedCentiKg: order.quantityCentiKg,
    finishedCentiKg: null,
    carriedFinishedCentiKg: zeroMass,
    lastReadAt: null,
    lastChangedAt: null,
    flagCycles: 0,
    implausibleCycles: 0,
    watchOnly: settings.watchOnly,
    closesFailure: false,
    released: false,
    version: 0,
    createdAt: context.at,
    endedAt: null,
    endedAs: null,
    notes: null,
    components: order.components.map((component) => ({
      equipment: component.equipment,
      planned: { moveId: component.moveId, productId: component.productId, unit: component.unit },
      name: component.productName,
      targetCentiKg: component.massCentiKg,
      actualCentiKg: null,
      carriedCentiKg: zeroMass,
    })),
    push: null,
    recorded: [],
  };
}
