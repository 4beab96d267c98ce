// The ledger's commands about manual weighings: take one that the PLC reports, confirm its read flag, list them, settle one by a person.
import { once } from '../core/command-memory.ts';
import { ShopfloorError } from '../core/errors.ts';
import { roundToCentiKg } from '../core/mass.ts';
import type { PlcRecords, RecordAcknowledged, RecordCommand } from '../plc/messages.ts';
import type { AlarmCondition } from './alarms.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { BatchCommand, NoCommand, SettleWeighing, WeighingView } from './messages.ts';
import { BatchDraft, type Change, changesOf, type DecisionContext } from './transitions.ts';
import { decideWeighing, takeBack, type WeighedMass, type WeighingWorld } from './weighing.ts';
import { type WeighingRow, weighingView } from './weighing-records.ts';

/** What a command about weighings leads to. */
export interface WeighingOutcome<Payload> {
  readonly payload: Payload;
  readonly changes: readonly Change[];
}

export type WeighingCommand = Extract<BatchCommand, { readonly command: 'weigh' | 'weighed' | 'settle-weighing' }>;

/** Runs one command about weighings; a person's is done once for its id. */
export async function answerWeighing(
  records: LedgerRecords,
  command: WeighingCommand,
  line: string,
  context: DecisionContext,
): Promise<WeighingOutcome<unknown>> {
  if (command.command === 'weigh') return takeWeighing(records, command, context);
  if (command.command === 'weighed') return flagWeighing(records, command, context);
  const { commandId, ...words } = command;
  let changes: readonly Change[] = [];
  const repeatable = { commandId, actor: context.actor.name, words: { line, ...words }, at: context.at };
  const { reply } = await once<unknown>(records, repeatable, async () => {
    const settled = await settleWeighing(records, command, context);
    changes = settled.changes;
    return settled.payload;
  });
  return { payload: reply, changes };
}

const none = (reason: string): NoCommand => ({ command: 'none', reason });

/**
 * Stores a new report and adds it to its order, or keeps it for a person; answers with what plc-record-read shall mark as read.
 * The record has no time: equal words are the same report until its read flag is known to be up, and a new one behind it.
 */
async function takeWeighing(
  records: LedgerRecords,
  { plc, readAt, weighing }: PlcRecords,
  context: DecisionContext,
): Promise<WeighingOutcome<RecordCommand | NoCommand>> {
  if (weighing?.state !== 'new') {
    const reason = weighing === null ? 'the memory map has no record of a weighing' : 'no weighing is reported';
    return { payload: none(reason), changes: [] };
  }
  const content = JSON.stringify(weighing.words.slice(0, -1));
  const acknowledge = (id: number): RecordCommand => ({
    command: 'acknowledge',
    record: 'weighing',
    id,
    words: weighing.words,
  });
  const latest = await records.weighings.latest(plc);
  if (latest?.content === content && latest.flagged_at === null) {
    return { payload: acknowledge(Number(latest.id)), changes: [] };
  }
  const { moName: order, productId, massCentiKg, reasons } = weighing;
  const weighed = { order, productId, massCentiKg };
  const world = await worldOf(records, context);
  const decision = await decideWeighing(world, weighed, reasons, context);
  const row = await records.weighings.add({
    plc,
    content,
    slot: weighing.slot,
    reported_order: order,
    reported_product_id: productId,
    reported_centi_kg: massCentiKg,
    doubts: JSON.stringify(reasons),
    read_at: readAt,
    flagged_at: null,
    decided_by: null,
    decided_at: null,
    reason: null,
    ...fieldsOf(decision, weighed, context),
  });
  return { payload: acknowledge(Number(row.id)), changes: changesOf(world.drafts) };
}

/** Notes that the PLC knows; the answer asks for the next report. */
async function flagWeighing(
  records: LedgerRecords,
  { id, done, reason }: RecordAcknowledged,
  context: DecisionContext,
): Promise<WeighingOutcome<RecordCommand | NoCommand>> {
  if (!done) return { payload: none(reason ?? 'the read flag was not raised'), changes: [] };
  await records.weighings.change(id, { flagged_at: context.at });
  return { payload: { command: 'read' }, changes: [] };
}

/** A person names the right order, product or mass of a weighing that is not posted yet, or discards it. */
async function settleWeighing(
  records: LedgerRecords,
  command: SettleWeighing,
  context: DecisionContext,
): Promise<WeighingOutcome<WeighingView>> {
  const row = await records.weighings.byId(command.id);
  if (!row) throw new ShopfloorError('weighing-unknown', 404, 'There is no such weighing.');
  if (row.status === 'discarded' || (row.status === 'taken' && (await isOver(records, row)))) {
    const posted = row.status === 'taken';
    const message = posted
      ? 'It is posted to its order already.'
      : `${row.decided_by} discarded it at ${row.decided_at}.`;
    throw new ShopfloorError('weighing-settled', 409, message, {
      ...(posted && { hint: 'Correct it in Odoo.' }),
      current: weighingView(row, posted),
    });
  }
  const world = await worldOf(records, context);
  const before: WeighedMass = {
    order: row.order_name,
    productId: Number(row.product_id),
    massCentiKg: roundToCentiKg(Number(row.mass_centi_kg) / 100),
  };
  if (row.status === 'taken') {
    const draft = world.drafts.find(({ batch }) => batch.id === row.batch_id);
    if (draft) takeBack(draft, before, context);
  }
  const decided = { decided_by: context.actor.name, decided_at: context.at, reason: command.reason };
  if (command.discard) {
    await records.weighings.change(command.id, {
      ...decided,
      status: 'discarded',
      batch_id: null,
      taken_at: null,
      hold_code: null,
      hold_message: null,
    });
  } else {
    const weighed: WeighedMass = {
      order: command.order ?? before.order,
      productId: command.productId ?? before.productId,
      massCentiKg: command.kg === undefined ? before.massCentiKg : roundToCentiKg(command.kg),
    };
    const decision = await decideWeighing(world, weighed, [], context);
    if (decision.kind === 'held') {
      throw new ShopfloorError(decision.code, 409, decision.message, { current: weighingView(row, false) });
    }
    await records.weighings.change(command.id, { ...decided, ...fieldsOf(decision, weighed, context) });
  }
  const after = await records.weighings.byId(command.id);
  return { payload: weighingView(after ?? row, false), changes: changesOf(world.drafts) };
}

/** Conditions of the alarm `weighing-held`: one for each that waits for a person. */
export async function weighingConditions(records: LedgerRecords): Promise<AlarmCondition[]> {
  return (await records.weighings.held()).map((row) => ({
    code: 'weighing-held',
    key: `weighing ${row.id}`,
    slot: row.slot === 0 ? null : row.slot,
    orderName: row.order_name === '' ? null : row.order_name,
    message: `${row.hold_message ?? ''} Settle it as weighing ${row.id}.`,
  }));
}

/** Posted, or its batch has ended in another way. */
async function isOver(records: LedgerRecords, row: WeighingRow): Promise<boolean> {
  const open = await records.openBatches();
  return !open.some(({ id }) => id === row.batch_id) || records.weighings.isPosted(Number(row.id));
}

async function worldOf(records: LedgerRecords, context: DecisionContext): Promise<WeighingWorld> {
  return {
    drafts: (await records.openBatches()).map((batch) => new BatchDraft(context, batch)),
    isEnded: async (order) =>
      (await records.endedByPlcName([order])).length > 0 || (await records.batchesNamed(order)).length > 0,
  };
}

function fieldsOf(
  decision: Awaited<ReturnType<typeof decideWeighing>>,
  { order, productId, massCentiKg }: WeighedMass,
  context: DecisionContext,
) {
  const figures = { product_id: productId, mass_centi_kg: massCentiKg };
  if (decision.kind === 'held') {
    const { code, message } = decision;
    const held = { hold_code: code, hold_message: message, batch_id: null, taken_at: null };
    return { ...figures, order_name: order, status: 'held', ...held } as const;
  }
  const { id, orderName } = decision.draft.batch;
  const taken = { hold_code: null, hold_message: null, batch_id: id, taken_at: context.at };
  return { ...figures, order_name: orderName, status: 'taken', ...taken } as const;
}
