// Turns what the ledger knows into what the batch board draws: sums, deviations, ages and the acts that a state allows.
import type { BatchState } from '../batch/messages.ts';
import type { LedgerBatch, LedgerComponent, LedgerHistory, LedgerMonitor, LedgerOrder } from './ledger-answers.ts';
import type {
  BoardAction,
  BoardBatch,
  BoardComponent,
  BoardHistoryPage,
  BoardLine,
  BoardOrderDetail,
  BoardWait,
  WireMass,
} from './messages.ts';

export interface BoardSettings {
  /** A reading older than this is shown as old. */
  readonly staleAfterSeconds: number;
  /** A deviation beyond this share of the target is marked, in thousandths. */
  readonly tolerancePermille: number;
}

/** States in which the silos have given all they should give, so that less than the target is a deviation too. */
const settledStates: ReadonlySet<BatchState> = new Set(['finished', 'pushing', 'archived']);
const readStates: ReadonlySet<BatchState> = new Set(['written', 'running']);

/** One line as the board draws it; a batch whose slot number the line does not have is listed with the waiting ones. */
export function boardLine(monitor: LedgerMonitor, settings: BoardSettings): BoardLine {
  const batches = monitor.batches.map((batch) => boardBatch(batch, settings));
  const inSlot = (batch: BoardBatch) => batch.slot !== null && batch.slot >= 1 && batch.slot <= monitor.slots;
  // The PLC holds the newest batch of a slot; an older one of the same slot has left it and only waits.
  const newestFirst = [...batches].sort((a, b) => b.stateSince.localeCompare(a.stateSince));
  const slots = Array.from({ length: monitor.slots }, (_, index) => {
    const here = newestFirst.filter((batch) => batch.slot === index + 1);
    const holder = here.find((batch) => readStates.has(batch.state)) ?? here[0] ?? null;
    return { slot: index + 1, batch: holder };
  });
  const shown = new Set(slots.map((slot) => slot.batch));
  return {
    line: monitor.line,
    slots,
    waiting: batches.filter((batch) => !inSlot(batch) || !shown.has(batch)),
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
  const components = batch.components.map((component) => boardComponent(component, settled, settings));
  const targetCentiKg = sum(components.map((component) => component.targetCentiKg));
  const known = components.flatMap(({ actualCentiKg }) => (actualCentiKg === null ? [] : [actualCentiKg]));
  const actualCentiKg = known.length > 0 ? sum(known) : null;
  return {
    order: batch.orderName,
    product: batch.productName,
    line: batch.line,
    slot: batch.slot,
    state: batch.state,
    stateSince: batch.stateSince,
    plannedCentiKg: batch.plannedCentiKg,
    finishedCentiKg: batch.finishedCentiKg,
    targetCentiKg,
    actualCentiKg,
    ...deviation(targetCentiKg, actualCentiKg, settled, settings),
    lastReadAt: batch.lastReadAt,
    read: readStates.has(batch.state),
    watchOnly: batch.watchOnly,
    wait: waitOf(batch),
    actions: actionsOf(batch),
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
      endedAs: batch.endedAs ?? 'completed',
      endedAt: batch.endedAt ?? batch.stateSince,
      plannedCentiKg,
      finishedCentiKg,
      deviationCentiKg,
      outside,
    };
  });
  return { rows, total, limit, offset };
}

export function boardOrder(order: LedgerOrder, settings: BoardSettings): BoardOrderDetail {
  const { endedAs, endedAt, notes } = order.batch;
  return { batch: boardBatch(order.batch, settings), endedAs, endedAt, notes, events: order.events };
}

function boardComponent(component: LedgerComponent, settled: boolean, settings: BoardSettings): BoardComponent {
  const { equipment, tag, name, targetCentiKg, actualCentiKg } = component;
  return {
    equipment,
    tag,
    name,
    targetCentiKg,
    actualCentiKg,
    ...deviation(targetCentiKg, actualCentiKg, settled, settings),
  };
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

function waitOf({ push }: LedgerBatch): BoardWait | null {
  if (!push) return null;
  const common = { since: push.createdAt, attempts: push.attempts };
  if (push.hold) return { ...common, for: 'person', code: push.hold.code, message: push.hold.message };
  return { ...common, for: 'odoo', code: push.lastError ? 'fault' : 'not-tried', message: push.lastError ?? '' };
}

/** The ledger refuses whatever does not fit; this only keeps buttons off the screen that it would refuse. */
function actionsOf(batch: LedgerBatch): BoardAction[] {
  if (batch.endedAt !== null) return [];
  const stopped = batch.state === 'failed' || batch.state === 'quarantined';
  const held = batch.push?.hold ?? null;
  const consumed = batch.components.some((component) => (component.actualCentiKg ?? 0) > 0);
  const actions: BoardAction[] = [];
  if (batch.push) actions.push('retry');
  if (held?.code === 'deviation') actions.push('accept');
  if (stopped || held) actions.push('correct');
  if (stopped) actions.push('reset');
  if (!consumed && (batch.state === 'queued' || batch.state === 'written' || stopped)) actions.push('cancel');
  return actions;
}

function sum(masses: readonly WireMass[]): WireMass {
  return masses.reduce((total, mass) => total + mass, 0);
}
