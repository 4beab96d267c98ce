// A queue that the memory map can never hold, as an answer: its sender committed it and must learn which batch is to blame.
import type { InvalidInput } from '../core/errors.ts';
import type { PlcWriteCommand, PlcWriteResult } from './messages.ts';

/** @param refusal of the queue's content, with paths such as `batches[2].moName` */
export function refusedQueue({ queueId, batches }: PlcWriteCommand, refusal: InvalidInput): PlcWriteResult {
  return {
    queueId,
    outcome: 'refused',
    slots: batches.map(({ slot, moName }) => ({ slot, moName })),
    faults: refusal.fields.map(({ field, message }) => {
      const [, index, rest = field] = /^batches\[(\d+)\]\.?(.*)$/.exec(field) ?? [];
      const batch = index === undefined ? undefined : batches[Number(index)];
      return { slot: batch?.slot ?? null, message: `${rest}: ${message}` };
    }),
  };
}
