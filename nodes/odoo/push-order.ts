// Posts a batch to its order: look, decide, write once, close, and believe only what Odoo shows afterwards.

import { type CentiKg, formatKg } from '../core/mass.ts';
import { attemptClose, type CloseAttempt } from './close-order.ts';
import type { OdooPushCommand } from './messages.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooPort, Values } from './odoo-port.ts';
import {
  type OrderedQuantity,
  type OrderMove,
  readDoneOrder,
  readOpenMoves,
  readOrderHead,
  readOrderState,
} from './order-moves.ts';
import { compareConsumption, compareDone } from './push-comparison.ts';
import { type Expectation, expectationOf } from './push-expectation.ts';
import { accepts, later, type Outcome, outcomeOfError, person } from './push-outcome.ts';
import { recordedByHand } from './push-recorded.ts';
import { describeDeviations, deviationsOf } from './push-tolerance.ts';
import { recordValues } from './push-write.ts';
import type { SyncSettings } from './sync-settings.ts';
import { coarseness, holdsEveryMass, type UnitRoundings } from './unit-resolution.ts';
import { namesOf } from './version-table.ts';

/** Four calls when all is well: look, write, close, read back. Never rejects with an OdooError. */
export async function pushOrder(
  port: OdooPort,
  command: OdooPushCommand,
  settings: SyncSettings,
  units: UnitReader = noUnits,
): Promise<Outcome> {
  try {
    const decision = await decidePush(port, command, settings, units);
    if ('outcome' in decision) return decision;
    const refusal = await record(port, command, decision.values, settings);
    if (refusal) return refusal;
    if (!command.close) return await verifyRecorded(port, command, settings);
    const attempt = await attemptClose(port, command.orderId, command.remainder);
    return await verifyClosed(port, command, settings, attempt);
  } catch (error) {
    if (error instanceof OdooError) return outcomeOfError(error);
    throw error;
  }
}

/** Reads the order and decides without changing anything: what to write, or how this ends already. */
export async function decidePush(
  port: OdooPort,
  command: OdooPushCommand,
  settings: SyncSettings,
  units: UnitReader = noUnits,
): Promise<Outcome | { readonly values: Values }> {
  const moves = await readOpenMoves(port, settings.massUnits, command.orderId, orderedBy(command));
  if (moves.length === 0) return outcomeOfClosed(port, command, settings);
  const expectation = expectationOf(command, moves, settings.equipmentRule);
  const roundings = await units([command.unit.id, ...moves.map(({ unit }) => unit.id)]);
  return (
    coarseUnit(command, moves, roundings, settings) ??
    objection(command, moves, expectation, settings) ?? {
      values: recordValues(command, expectation, namesOf(port.server.series)),
    }
  );
}

/** Reads how finely Odoo keeps these units. */
export type UnitReader = (ids: readonly number[]) => Promise<UnitRoundings>;

/** For a caller that knows no more than the decimals of the settings. */
const noUnits: UnitReader = () => Promise.resolve(new Map());

/**
 * What the order must still be for: Odoo closes at what was produced without a word, however much was ordered meanwhile. A batch
 * that only records leaves the order open, so that its quantity decides nothing yet.
 */
function orderedBy(command: OdooPushCommand): OrderedQuantity | undefined {
  if (!command.close) return undefined;
  const mass = accepts(command, 'quantity-changed') ? command.acceptedQuantityCentiKg : undefined;
  return { mass: mass ?? command.plannedQuantityCentiKg, unit: command.unit };
}

/** A figure that Odoo would round is not posted: the order was fetched before the unit was coarse, or its moves were changed. */
function coarseUnit(
  command: OdooPushCommand,
  moves: readonly OrderMove[],
  roundings: UnitRoundings,
  settings: SyncSettings,
): Outcome | undefined {
  const unit = [command.unit, ...moves.map((move) => move.unit)].find(
    (one) => !holdsEveryMass(one, roundings, settings.decimals),
  );
  if (!unit) return undefined;
  const why = coarseness(unit, roundings, settings.decimals);
  return person(
    'unit-too-coarse',
    `${command.orderName} can't be posted exactly: ${why}. Make the unit finer in Odoo, then send again.`,
  );
}

/** Why this batch must not be written as it is. */
function objection(
  command: OdooPushCommand,
  moves: readonly OrderMove[],
  expectation: Expectation,
  settings: SyncSettings,
): Outcome | undefined {
  if (command.close && command.finishedQuantityCentiKg === 0) {
    return person(
      'nothing-finished',
      'Nothing was finished, so the order is not closed. Correct the batch, or cancel it when nothing was consumed.',
    );
  }
  const posted = moves.find((move) => move.state === 'done');
  if (posted) {
    const message = `${posted.product.name} was posted in Odoo already while the order is open.`;
    const deviations = compareConsumption(command, moves, settings);
    if (!accepts(command, 'order-done-differently')) return person('order-done-differently', message, deviations);
    return { outcome: 'verified', orderState: 'progress', alreadyDone: true, deviations };
  }
  const missing = [
    ...expectation.lines.filter((line) => line.moves.length === 0 && line.actual > 0).map((line) => line.equipment),
    ...expectation.homeless.map(({ equipment }) => equipment),
  ];
  if (missing.length > 0) {
    const message = `The order has no component for equipment ${missing.join(', ')}. Add it to the order in Odoo, then retry.`;
    return person('component-missing', message);
  }
  const tracked = expectation.lines.flatMap((line) => (line.actual > 0 ? line.moves : [])).find((move) => move.tracked);
  if (tracked) return person('lot-required', `${tracked.product.name} needs a lot; close the order in Odoo.`);
  const byHand = recordedByHand(command, expectation);
  if (byHand.length > 0 && !accepts(command, 'recorded-by-hand')) {
    const message = `Consumption was recorded in Odoo while the batch ran: ${describeDeviations(byHand)}. Take it back there and send again, or accept that the plant's figures replace it.`;
    return person('recorded-by-hand', message, byHand);
  }
  const deviations = deviationsOf(command, expectation, settings);
  if (deviations.length === 0 || accepts(command, 'deviation')) return undefined;
  return person('deviation', `Beyond the tolerance: ${describeDeviations(deviations)}.`, deviations);
}

/** The order is not open: done as we would have done it, done otherwise, cancelled, or not there. */
async function outcomeOfClosed(port: OdooPort, command: OdooPushCommand, settings: SyncSettings): Promise<Outcome> {
  const head = await readOrderHead(port, settings.massUnits, command.orderId);
  const ordered = orderedBy(command)?.mass;
  switch (head?.state) {
    case undefined:
      return person('order-missing', `Odoo has no order ${command.orderName} (id ${command.orderId}).`);
    case 'cancel':
      return person('order-cancelled', `${command.orderName} is cancelled in Odoo.`);
    case 'done':
      return compared(port, command, settings, true);
    case 'draft':
      return person('odoo-refused', `${command.orderName} is a draft in Odoo; confirm it there.`);
    default:
      if (head?.quantity != null && ordered !== undefined && head.quantity !== ordered) {
        return quantityChanged(command, head.quantity);
      }
      return person('component-missing', `${command.orderName} has no components in Odoo.`);
  }
}

/** Odoo itself would ask about the rest; both figures go to the person who decides. */
function quantityChanged(command: OdooPushCommand, now: CentiKg): Outcome {
  const { orderName, plannedQuantityCentiKg: planned, finishedQuantityCentiKg: made } = command;
  const choice =
    made < now
      ? 'Close the order with what was made, or leave the rest as a backorder.'
      : 'Close the order with what was made.';
  const message = `${orderName} is for ${formatKg(now)} kg in Odoo now; it was for ${formatKg(planned)} kg when it went to the PLC, and ${formatKg(made)} kg were made. ${choice}`;
  return person('quantity-changed', message, [
    { what: 'order-quantity', expectedCentiKg: planned, actualCentiKg: now },
    { what: 'finished-quantity', expectedCentiKg: now, actualCentiKg: made },
  ]);
}

async function compared(
  port: OdooPort,
  command: OdooPushCommand,
  settings: SyncSettings,
  alreadyDone: boolean,
): Promise<Outcome> {
  const done = await readDoneOrder(port, settings.massUnits, command.orderId);
  if (!done) return person('order-done-differently', `${command.orderName} is done in Odoo without any movement.`);
  return judgeDone(command, compareDone(command, done, settings), alreadyDone);
}

function judgeDone(
  command: OdooPushCommand,
  deviations: ReturnType<typeof compareDone>,
  alreadyDone: boolean,
): Outcome {
  if (deviations.length === 0) return { outcome: 'verified', orderState: 'done', alreadyDone };
  if (accepts(command, 'order-done-differently')) {
    return { outcome: 'verified', orderState: 'done', alreadyDone, deviations };
  }
  const message = `${command.orderName} is done in Odoo with other quantities: ${describeDeviations(deviations)}.`;
  return person('order-done-differently', message, deviations);
}

/** Undefined when the write went through; a lost reply is repeated later, because the quantities are absolute. */
async function record(
  port: OdooPort,
  command: OdooPushCommand,
  values: Values,
  settings: SyncSettings,
): Promise<Outcome | undefined> {
  if (Object.keys(values).length === 0) return undefined;
  try {
    await port.write('mrp.production', [command.orderId], values);
    return undefined;
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    if (error.kind !== 'refused' && error.kind !== 'missing') return outcomeOfError(unknownIfUnclear(error));
    // Somebody may have closed or cancelled it between our look and our write.
    const state = await readOrderState(port, command.orderId);
    const closed = state === undefined || state === 'done' || state === 'cancel';
    return closed ? outcomeOfClosed(port, command, settings) : outcomeOfError(error);
  }
}

async function verifyClosed(
  port: OdooPort,
  command: OdooPushCommand,
  settings: SyncSettings,
  attempt: CloseAttempt,
): Promise<Outcome> {
  const failure = attempt.end === 'failed' ? unknownIfUnclear(attempt.error) : undefined;
  try {
    const done = await readDoneOrder(port, settings.massUnits, command.orderId);
    if (done) return judgeDone(command, compareDone(command, done, settings), false);
    if (failure && failure.kind !== 'refused') return outcomeOfError(failure);
    const state = await readOrderState(port, command.orderId);
    if (state === 'cancel') return person('order-cancelled', `${command.orderName} is cancelled in Odoo.`);
    if (failure) return outcomeOfError(failure);
    const question = attempt.end === 'asked' ? attempt.question : `nothing, and leaves it ${state ?? 'missing'}`;
    return person('odoo-asks', `To close ${command.orderName} Odoo asks ${question}. Close it in Odoo, then retry.`);
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    // The closing may have happened; only a later look will tell.
    return later(
      new OdooError('unknown-outcome', error.message, {
        ...(error.retryAfterMs && { retryAfterMs: error.retryAfterMs }),
      }),
    );
  }
}

/** A garbled answer to a change leaves open whether it happened. */
function unknownIfUnclear(error: OdooError): OdooError {
  return error.kind === 'protocol' ? new OdooError('unknown-outcome', error.message, { cause: error }) : error;
}

async function verifyRecorded(port: OdooPort, command: OdooPushCommand, settings: SyncSettings): Promise<Outcome> {
  const moves = await readOpenMoves(port, settings.massUnits, command.orderId);
  if (moves.length === 0) return outcomeOfClosed(port, command, settings);
  const deviations = compareConsumption(command, moves, settings);
  if (deviations.length > 0) {
    const message = `Odoo shows other quantities than were written: ${describeDeviations(deviations)}.`;
    return person('order-done-differently', message, deviations);
  }
  const state = await readOrderState(port, command.orderId);
  return { outcome: 'verified', orderState: state ?? 'missing', alreadyDone: false };
}
