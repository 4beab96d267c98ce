// What the PLC node's answer to a queue means for a person: a batch that can't be written, and a PLC that never took a queue.
import type { PlcWriteResult } from '../plc/messages.ts';
import type { AlarmCondition } from './alarms.ts';
import type { Change } from './transitions.ts';

/** The alarm of a batch that the PLC node refused; its remedy is what a person can do about it. */
export function refusalOf({ after, events }: Change): AlarmCondition[] {
  const refusal = events.find(({ type }) => type === 'plc-refused');
  if (!refusal) return [];
  const { id, orderName } = after;
  const message = `${orderName} can't be written to the PLC: ${refusal.reason ?? ''}. Cancel it, or change the memory map or the order and reset it.`;
  return [{ code: 'queue-refused', key: id, slot: null, orderName, message }];
}

export function firstStartOf({ outcome, guardAddress }: PlcWriteResult): AlarmCondition[] {
  if (outcome !== 'first-start') return [];
  const word = guardAddress === undefined ? 'The guard word' : `D${guardAddress}`;
  const message = `${word} is 0 and no slot holds anything, as in a PLC that never took a queue, so nothing is written. Set ${word} to 1 in the PLC, or switch on "First start" in plc-batch-write for the first queue.`;
  return [{ code: 'plc-first-start', key: 'plc', slot: null, orderName: null, message }];
}
