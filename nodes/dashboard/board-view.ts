// Turns what the ledger knows into what the batch board draws: sums, deviations, ages and the acts that a state allows.
import { tagOf } from '../batch/equipment.ts';
import type { BatchState } from '../batch/messages.ts';
import { roundToCentiKg } from '../core/mass.ts';
import type { Deviation } from '../odoo/messages.ts';
import {
  componentsOf,
  endOf,
  type LedgerBatch,
  type LedgerComponent,
  type LedgerHistory,
  type LedgerMonitor,
  type LedgerOrder,
} from './ledger-answers.ts';
import type {
  BoardAction,
  BoardBatch,
  BoardComponent,
  BoardHistoryPage,
  BoardLine,
  BoardOrderDetail,
  BoardWait,
  WaitFigure,
  WireMass,
} from './messages.ts';

export interface BoardSettings {
  /** A reading older than this is shown as old. */
  readonly staleAfterSeconds: number;
  /** A deviation beyond this share of the target is marked, in thousandths. */
  readonly tolerancePermille: number;
  /** When the task that posts runs for a row that is due then; null while its clock is off. Without it a row is taken at once. */
  readonly nextRun?: (dueAt: string) => string | null;
}

/** States in which the silos have given all they should give, so that less than the target is a deviation too. */
const settledStates: ReadonlySet<BatchState> = new Set(['finished', 'pushing', 'archived']);
const readStates: ReadonlySet<BatchState> = new Set(['written', 'running']);

/**
 * One line as the board draws it.
 * @param open every open batch of the line (answer to `list`): those that stand in no slot are listed as waiting
 */
export function boardLine(monitor: LedgerMonitor, open: readonly LedgerBatch[], settings: BoardSettings): BoardLine {
  const shown = new Set(monitor.slots.map(({ batch }) => batch?.id));
  return {
    line: monitor.line,
    slots: monitor.slots.map(({ slot, batch }) => ({ slot, batch: batch && boardBatch(batch, settings) })),
    waiting: open.filter((batch) => !shown.has(batch.id)).map((batch) => boardBatch(batch, settings)),
    alarms: monitor.alarms.map(({ code, slot, orderName, since, message }) => ({
      code,
      slot,
      order: orderName,
      since,
      message,
    })),
  };
}

export function boardBatch(batch: LedgerBatch, settings: BoardSettings): BoardBatch {
  const settled = settledStates.has(batch.state);
  const components = componentsOf(batch).map((component) => boardComponent(component, settled, settings));
  const targetCentiKg = sum(components.map((component) => component.targetCentiKg));
  const known = components.flatMap(({ actualCentiKg }) => (actualCentiKg === null ? [] : [actualCentiKg]));
  const actualCentiKg = known.length > 0 ? sum(known) : null;
  return {
    id: batch.id,
    order: batch.mo_id,
    product: batch.finished_goods,
    line: batch.line,
    slot: batch.batch_no,
    state: batch.state,
    stateSince: batch.state_since,
    plannedCentiKg: roundToCentiKg(batch.consumption),
    finishedCentiKg: massOrNull(batch.actual_weight_quantity_finished_goods),
    targetCentiKg,
    actualCentiKg,
    ...deviation(targetCentiKg, actualCentiKg, settled, settings),
    lastReadAt: batch.last_read_from_plc,
    read: readStates.has(batch.state),
    watchOnly: batch.watch_only,
    wait: waitOf(batch),
    sending: batch.push?.status === 'pushing',
    nextTryAt: nextTryOf(batch, settings),
    actions: actionsOf(batch, components),
    components,
  };
}

export function boardHistory(history: LedgerHistory, settings: BoardSettings): BoardHistoryPage {
  const { total, limit, offset } = history;
  const rows = history.data.map((batch) => {
    const { order, product, line, plannedCentiKg, finishedCentiKg, deviationCentiKg, outside } = boardBatch(
      batch,
      settings,
    );
    return {
      order,
      product,
      line,
      endedAs: endOf(batch) ?? 'completed',
      endedAt: batch.ended_at ?? batch.state_since,
      plannedCentiKg,
      finishedCentiKg,
      deviationCentiKg,
      outside,
    };
  });
  return { rows, total, limit, offset };
}

/** The last attempt with the events of all; undefined for an order without a batch. */
export function boardOrder(order: LedgerOrder, settings: BoardSettings): BoardOrderDetail | undefined {
  const last = order.batches.at(-1);
  if (!last) return undefined;
  return {
    batch: boardBatch(last, settings),
    endedAs: endOf(last),
    endedAt: last.ended_at,
    notes: last.notes,
    events: order.batches
      .flatMap(({ events }) => events)
      .map(({ seq, at, actor, type, fromState, toState, reason }) => ({
        seq,
        at,
        actor,
        type,
        fromState,
        toState,
        reason,
      })),
  };
}

function boardComponent(component: LedgerComponent, settled: boolean, settings: BoardSettings): BoardComponent {
  const { tag, name } = component;
  const targetCentiKg = roundToCentiKg(component.targetKg);
  const actualCentiKg = massOrNull(component.actualKg);
  return { tag, name, targetCentiKg, actualCentiKg, ...deviation(targetCentiKg, actualCentiKg, settled, settings) };
}

function massOrNull(kg: number | null): WireMass | null {
  return kg === null ? null : roundToCentiKg(kg);
}

/** While a silo still doses, less than the target is progress; more than the tolerance above it is a deviation at any time. */
function deviation(
  target: WireMass,
  actual: WireMass | null,
  settled: boolean,
  { tolerancePermille }: BoardSettings,
): { readonly deviationCentiKg: WireMass | null; readonly outside: boolean } {
  if (actual === null) return { deviationCentiKg: null, outside: false };
  const difference = actual - target;
  const outside = Math.abs(difference) * 1000 > target * tolerancePermille;
  if (!settled && (difference <= 0 || !outside)) return { deviationCentiKg: null, outside: false };
  return { deviationCentiKg: difference, outside };
}

function waitOf({ push, hold }: LedgerBatch): BoardWait | null {
  if (!push) return null;
  const common = { since: push.waiting_since, attempts: push.attempts };
  if (hold) {
    const figures = figuresOf(hold.deviations ?? []);
    return {
      ...common,
      for: 'person',
      code: hold.code,
      message: hold.message,
      ...(figures.length > 0 && { figures }),
    };
  }
  // A wrong address or database needs an administrator, as a missing right does.
  const reason = push.wait_reason === 'settings' ? 'denied' : push.wait_reason;
  const code = push.last_error ? (reason ?? 'fault') : 'not-tried';
  return { ...common, for: 'odoo', code, message: push.last_error ?? '' };
}

function figuresOf(deviations: readonly Deviation[]): WaitFigure[] {
  return deviations.map(({ what, equipment, expectedCentiKg, actualCentiKg }) => ({
    what,
    tag: equipment === undefined ? null : tagOf(equipment),
    expectedCentiKg,
    actualCentiKg,
  }));
}

/** The row's own instant says only from when on it is due: the task that posts comes by on its clock. */
function nextTryOf({ push, hold }: LedgerBatch, { nextRun }: BoardSettings): string | null {
  if (!push?.next_attempt_at || hold || push.status === 'pushing') return null;
  return nextRun ? nextRun(push.next_attempt_at) : push.next_attempt_at;
}

/** The ledger refuses whatever does not fit; this only keeps buttons off the screen that it would refuse. */
function actionsOf(batch: LedgerBatch, components: readonly BoardComponent[]): BoardAction[] {
  if (batch.ended_at !== null || batch.watch_only) return [];
  if (batch.offers) return [...batch.offers];
  const stopped = batch.state === 'failed' || batch.state === 'quarantined';
  const consumed = components.some((component) => (component.actualCentiKg ?? 0) > 0);
  const actions: BoardAction[] = [];
  if (batch.push) actions.push('retry');
  if (batch.hold?.code === 'deviation') actions.push('accept');
  if (stopped || batch.hold) actions.push('correct');
  if (stopped) actions.push('reset');
  if (!consumed && (batch.state === 'queued' || stopped)) actions.push('cancel');
  return actions;
}

function sum(masses: readonly WireMass[]): WireMass {
  return masses.reduce((total, mass) => total + mass, 0);
}
