// What needs a person's attention, as conditions that hold now, and the transitions between two sets of them.
import { type Batch, isInPlc, totalFinished } from './batch.ts';
import type { BatchAlarm, BatchAlarmCode } from './messages.ts';
import { offersFor, offerText } from './offers.ts';
import type { LedgerSettings } from './settings.ts';

/** One thing that is wrong now; `key` tells two of the same code apart. */
export interface AlarmCondition {
  readonly code: BatchAlarmCode;
  readonly key: string;
  readonly slot: number | null;
  readonly orderName: string | null;
  readonly message: string;
}

export interface ActiveAlarm extends AlarmCondition {
  readonly since: string;
}

/** Codes that follow from the batches alone and are judged after every command. */
export const batchCodes: readonly BatchAlarmCode[] = [
  'unread-too-long',
  'written-not-taken',
  'batch-failed',
  'batch-quarantined',
  'waiting-for-odoo',
  'waiting-for-person',
];
/** Codes that only a snapshot can begin or end. */
export const slotCodes: readonly BatchAlarmCode[] = ['slot-unknown-order', 'slot-implausible', 'slot-unreadable'];

/** What is wrong with the open batches of a line at `now`. */
export function batchConditions(batches: readonly Batch[], settings: LedgerSettings, now: Date): AlarmCondition[] {
  return batches.filter((batch) => batch.endedAt === null).flatMap((batch) => conditionsOf(batch, settings, now));
}

function conditionsOf(batch: Batch, settings: LedgerSettings, now: Date): AlarmCondition[] {
  const found: AlarmCondition[] = [];
  const { orderName, slot } = batch;
  const add = (code: BatchAlarmCode, message: string) => found.push({ code, key: batch.id, slot, orderName, message });
  const overdue = (since: string) => now.getTime() - Date.parse(since) > settings.overdueMinutes * 60_000;
  const where = `slot ${slot ?? '?'}`;

  if (isInPlc(batch)) {
    if (batch.lastReadAt === null && overdue(batch.stateSince)) {
      add(
        'written-not-taken',
        `${orderName} is written but has not shown up in ${where}. Check that the PLC takes its queue.`,
      );
    } else if (batch.lastReadAt !== null && overdue(batch.lastReadAt)) {
      add(
        'unread-too-long',
        `${orderName} in ${where} was last read at ${batch.lastReadAt}. Check the link to the PLC.`,
      );
    }
  }
  if (batch.state === 'failed') {
    const close = (totalFinished(batch) ?? 0) > 0 ? ', or close it with what it made' : '';
    add('batch-failed', `${orderName} failed in ${where}. Reset it, or correct its figures${close}.`);
  }
  if (batch.state === 'quarantined') {
    add('batch-quarantined', `${orderName} in ${where}: its figures can't be trusted. Correct them or reset it.`);
  }
  const { push } = batch;
  if (push?.hold) {
    add('waiting-for-person', `${orderName}: ${push.hold.message} ${offerText(offersFor(batch))}`.trim());
  } else if (push && overdue(push.createdAt)) {
    add(
      'waiting-for-odoo',
      `${orderName} waits for Odoo since ${push.createdAt}: ${push.lastError ?? 'not tried yet'}.`,
    );
  }
  return found;
}

export interface AlarmTransitions {
  readonly begun: readonly ActiveAlarm[];
  readonly ended: readonly ActiveAlarm[];
  /** Still active with a new text; stored, never sent again. */
  readonly reworded: readonly ActiveAlarm[];
}

/** Compares what was active among `codes` with what holds now. */
export function alarmTransitions(
  active: readonly ActiveAlarm[],
  conditions: readonly AlarmCondition[],
  codes: readonly BatchAlarmCode[],
  at: string,
): AlarmTransitions {
  const id = (alarm: AlarmCondition) => `${alarm.code}|${alarm.key}`;
  const before = new Map(active.filter((alarm) => codes.includes(alarm.code)).map((alarm) => [id(alarm), alarm]));
  const now = new Map(conditions.filter((condition) => codes.includes(condition.code)).map((item) => [id(item), item]));
  const begun: ActiveAlarm[] = [];
  const reworded: ActiveAlarm[] = [];
  for (const [key, condition] of now) {
    const known = before.get(key);
    if (!known) begun.push({ ...condition, since: at });
    else if (known.message !== condition.message) reworded.push({ ...condition, since: known.since });
  }
  return { begun, ended: [...before].filter(([key]) => !now.has(key)).map(([, alarm]) => alarm), reworded };
}

export function alarmMessage(alarm: ActiveAlarm, active: boolean, line: string): BatchAlarm {
  const { code, key, slot, orderName, since, message } = alarm;
  return { code, key, active, line, slot, orderName, since, message };
}
