// Judges, after every command, which alarms of a line begin and which end: those of its batches, those that the command can tell.
import {
  type ActiveAlarm,
  type AlarmCondition,
  type AlarmTransitions,
  alarmTransitions,
  batchCodes,
  batchConditions,
} from './alarms.ts';
import { type Batch, isInPlc } from './batch.ts';
import type { BatchAlarmCode } from './messages.ts';
import type { LedgerSettings } from './settings.ts';

/**
 * Alarms that one command begins and that last while their batch is in such a state: nothing but the batch itself, or a newer look,
 * ends them. Their key is the batch id. Mapped by code.
 */
const lasting: ReadonlyMap<BatchAlarmCode, (batch: Batch) => boolean> = new Map([
  ['order-changed', (batch: Batch) => batch.state === 'queued' || isInPlc(batch)],
  ['stock-not-reserved', (batch: Batch) => batch.state === 'queued' || isInPlc(batch)],
  ['queue-refused', (batch: Batch) => batch.state === 'failed'],
]);

export interface AlarmNews {
  /** Conditions of the codes that the command judges, or of batches for the codes that last. */
  readonly conditions: readonly AlarmCondition[];
  /** Codes that the command judges as a whole: what it does not name has ended. */
  readonly codes: readonly BatchAlarmCode[];
}

/** @param batches open batches as they are after the command */
export function judgeAlarms(
  active: readonly ActiveAlarm[],
  batches: readonly Batch[],
  news: AlarmNews,
  settings: LedgerSettings,
  at: string,
): AlarmTransitions {
  const lasts = lastingConditions(active, batches, news);
  const refused = new Set(lasts.filter(({ code }) => code === 'queue-refused').map(({ key }) => key));
  const ofBatches = batchConditions(batches, settings, new Date(at))
    // The PLC never had it: the words of a batch that failed there would offer what can't work.
    .filter(({ code, key }) => code !== 'batch-failed' || !refused.has(key));
  const judged = news.conditions.filter(({ code }) => !lasting.has(code));
  const codes = [...batchCodes, ...lasting.keys(), ...news.codes];
  return alarmTransitions(active, [...ofBatches, ...lasts, ...judged], codes, at);
}

function lastingConditions(
  active: readonly ActiveAlarm[],
  batches: readonly Batch[],
  { conditions, codes }: AlarmNews,
): AlarmCondition[] {
  const batchOf = new Map(batches.map((batch) => [batch.id, batch]));
  const begun = conditions.filter(({ code }) => lasting.has(code));
  const named = new Set(begun.map(({ code, key }) => `${code}|${key}`));
  const kept = active.filter(
    ({ code, key }) => lasting.has(code) && !codes.includes(code) && !named.has(`${code}|${key}`),
  );
  return [...begun, ...kept].filter(({ code, key }) => {
    const batch = batchOf.get(key);
    return batch !== undefined && (lasting.get(code)?.(batch) ?? false);
  });
}
