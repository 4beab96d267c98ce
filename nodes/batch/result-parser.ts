// Reads what the PLC and Odoo rooms answered; it may have passed through a flow that an engineer rewired.

import type { FieldReader } from '../core/field-reader.ts';
import { type CentiKg, centiKg } from '../core/mass.ts';
import {
  type Deviation,
  type FetchedOrder,
  type MassUnit,
  type OdooLookResult,
  type OdooPushResult,
  type OrderReason,
  personCodes,
  type RefusedOrder,
} from '../odoo/messages.ts';
import type { BlockReading, EquipmentMass, PlcBatch, PlcSnapshot, PlcWriteResult } from '../plc/messages.ts';

const mostSlots = 10;
const mostOrders = 1_000;
/** What one fetch of odoo-mo-sync looks at. */
const mostRefused = 5_000;
/** Several for each component. */
const mostReasons = 400;
const mostNotices = 20;
const mostFaults = 1_000;
const mostComponents = 100;
const blockWords = 1_000;
const longText = 4_000;
/** Wider than the text fields of any memory map; plc-batch-write refuses what its own map can't hold. */
const plcText = 64;

export interface StagedOrders {
  readonly orders: FetchedOrder[];
  readonly refused: RefusedOrder[];
  readonly notices?: OrderReason[];
}

export function readStaged(fields: FieldReader): StagedOrders {
  return {
    ...(fields.has('notices') && { notices: fields.list('notices', mostNotices, readReason) }),
    orders: fields.list('orders', mostOrders, readOrder),
    refused: fields.has('refused')
      ? fields.list('refused', mostRefused, (order) => ({
          orderId: order.whole('orderId'),
          orderName: order.text('orderName'),
          reasons: order.list('reasons', mostReasons, readReason),
        }))
      : [],
  };
}

function readReason(reason: FieldReader): OrderReason {
  return { code: reason.text('code'), message: reason.text('message', longText) };
}

function readOrder(order: FieldReader): FetchedOrder {
  return {
    orderId: order.whole('orderId', 1),
    orderName: order.words('orderName'),
    plcOrderName: order.words('plcOrderName', plcText),
    plcBomCode: order.text('plcBomCode', plcText),
    plcFinishedGoods: order.text('plcFinishedGoods', plcText),
    productId: order.whole('productId'),
    productName: order.text('productName', 500),
    bomCode: order.text('bomCode', 500),
    quantityCentiKg: mass(order, 'quantityCentiKg'),
    unit: readUnit(order.part('unit')),
    scheduledStart: order.has('scheduledStart') ? order.text('scheduledStart') : null,
    components: order.list('components', mostComponents, (component) => ({
      moveId: component.whole('moveId'),
      productId: component.whole('productId'),
      productName: component.text('productName', 500),
      equipment: component.whole('equipment', 1, 32_767),
      massCentiKg: mass(component, 'massCentiKg'),
      unit: readUnit(component.part('unit')),
    })),
    ...(order.has('warnings') && { warnings: order.list('warnings', mostNotices, readReason) }),
  };
}

function readUnit(unit: FieldReader): MassUnit {
  const centiKgPerUnit = unit.number('centiKgPerUnit');
  if (centiKgPerUnit <= 0) unit.fault('centiKgPerUnit', 'must be above 0');
  return { id: unit.whole('id'), name: unit.text('name'), centiKgPerUnit };
}

function mass(fields: FieldReader, field: string): CentiKg {
  return centiKg(fields.whole(field));
}

export function readWritten(fields: FieldReader): PlcWriteResult {
  const wouldWrite = fields.has('wouldWrite')
    ? fields.list('wouldWrite', 1_000, (write) => ({ address: write.whole('address'), words: readWords(write) }))
    : undefined;
  return {
    queueId: fields.words('queueId'),
    outcome: fields.oneOf('outcome', ['handed-over', 'recognised', 'busy', 'watch-only', 'refused', 'first-start']),
    ...(fields.has('faults') && {
      faults: fields.list('faults', mostFaults, (fault) => ({
        slot: fault.has('slot') ? fault.whole('slot', 1, mostSlots) : null,
        message: fault.text('message', longText),
      })),
    }),
    ...(fields.has('guardAddress') && { guardAddress: fields.whole('guardAddress') }),
    slots: fields.list('slots', mostSlots, (slot) => ({
      slot: slot.whole('slot', 1, mostSlots),
      moName: slot.text('moName'),
    })),
    ...(wouldWrite && { wouldWrite }),
  };
}

export function readSnapshot(fields: FieldReader): PlcSnapshot {
  return {
    plc: fields.text('plc'),
    readAt: fields.text('readAt'),
    durationMs: fields.number('durationMs'),
    blocks: fields.list('blocks', mostSlots, readBlock),
  };
}

function readBlock(block: FieldReader): BlockReading {
  const base = { slot: block.whole('slot', 1, mostSlots), address: block.whole('address') };
  const state = block.oneOf('state', ['empty', 'plausible', 'implausible', 'unreadable']);
  switch (state) {
    case 'empty':
      return { ...base, state, words: readWords(block) };
    case 'plausible':
      return { ...base, state, words: readWords(block), batch: readPlcBatch(block.part('batch'), base.slot) };
    case 'implausible':
      return {
        ...base,
        state,
        words: readWords(block),
        reasons: readReasons(block),
        ...(block.has('legibleMoName') && { legibleMoName: block.text('legibleMoName') }),
      };
    case 'unreadable':
      return { ...base, state, reasons: readReasons(block) };
  }
}

function readPlcBatch(batch: FieldReader, slot: number): PlcBatch {
  return {
    slot,
    moName: batch.text('moName'),
    bomCode: batch.text('bomCode'),
    finishedGoods: batch.text('finishedGoods'),
    quantityCentiKg: mass(batch, 'quantityCentiKg'),
    consumption: batch.list('consumption', mostComponents, readEquipmentMass),
    finished: batch.flag('finished'),
    failed: batch.flag('failed'),
    finishedWeightCentiKg: mass(batch, 'finishedWeightCentiKg'),
    read: batch.flag('read'),
  };
}

function readEquipmentMass(item: FieldReader): EquipmentMass {
  return { equipment: item.whole('equipment', 1, 32_767), massCentiKg: mass(item, 'massCentiKg') };
}

function readWords(fields: FieldReader): number[] {
  const words = fields.raw('words');
  const items = words instanceof Uint16Array ? [...words] : fields.items('words', blockWords);
  if (items.every((word) => typeof word === 'number' && Number.isInteger(word) && word >= 0 && word <= 0xffff)) {
    return items as number[];
  }
  fields.fault('words', 'must be 16-bit words');
  return [];
}

function readReasons(fields: FieldReader): string[] {
  return fields.items('reasons', mostComponents).map((reason) => String(reason).slice(0, longText));
}

export function readCompleted(fields: FieldReader): OdooPushResult {
  const base = {
    pushId: fields.words('pushId'),
    orderId: fields.whole('orderId', 1),
    action: fields.oneOf('action', ['push', 'cancel']),
    calls: fields.whole('calls'),
  };
  const outcome = fields.oneOf('outcome', ['verified', 'person', 'later', 'watch-only']);
  switch (outcome) {
    case 'verified':
      return {
        ...base,
        outcome,
        orderState: fields.text('orderState'),
        alreadyDone: fields.flag('alreadyDone'),
        ...(fields.has('deviations') && { deviations: fields.list('deviations', mostComponents, readDeviation) }),
      };
    case 'person':
      return {
        ...base,
        outcome,
        code: fields.oneOf('code', personCodes),
        message: fields.text('message', longText),
        deviations: fields.list('deviations', mostComponents, readDeviation),
      };
    case 'later':
      return {
        ...base,
        outcome,
        code: fields.oneOf('code', ['transient', 'unknown-outcome']),
        message: fields.text('message', longText),
        retryAfterMs: fields.whole('retryAfterMs', 0, 86_400_000),
        ...(fields.has('reason') && { reason: fields.oneOf('reason', laterReasons) }),
      };
    case 'watch-only':
      return { ...base, outcome, wouldSend: fields.raw('wouldSend') };
  }
}

const laterReasons = ['away', 'denied', 'settings', 'busy', 'unclear'] as const;

const findings = ['as-fetched', 'missing', 'cancelled', 'done', 'quantity-changed', 'components-changed'] as const;

export function readLooked(fields: FieldReader): Pick<OdooLookResult, 'orders'> {
  return {
    orders: fields.list('orders', mostOrders, (order) => ({
      orderId: order.whole('orderId', 1),
      finding: order.oneOf('finding', findings),
      quantityCentiKg: order.has('quantityCentiKg') ? mass(order, 'quantityCentiKg') : null,
      reserved: order.flag('reserved'),
    })),
  };
}

function readDeviation(deviation: FieldReader): Deviation {
  return {
    ...(deviation.has('equipment') && { equipment: deviation.whole('equipment') }),
    what: deviation.oneOf('what', ['consumption', 'finished-quantity', 'unplanned-consumption', 'order-quantity']),
    expectedCentiKg: mass(deviation, 'expectedCentiKg'),
    // A person can enter a negative quantity in Odoo 16 and 17.
    actualCentiKg: centiKg(deviation.whole('actualCentiKg', Number.MIN_SAFE_INTEGER)),
  };
}
