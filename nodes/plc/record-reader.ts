// Reads the records of failure and weighing, and raises the read flag of one whose content is committed.
import type { Clock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import type { MemoryMap, WordOrder } from './memory-map.ts';
import type { PlcRecords, RecordAcknowledged, RecordCommand } from './messages.ts';
import { type PlcLink, PlcLinkError } from './plc-link.ts';
import { decodeFailure, decodeWeighing } from './record-codec.ts';
import { recordRange } from './record-map.ts';

export interface RecordsRequest {
  readonly link: PlcLink;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
  readonly plcName: string;
  readonly clock: Clock;
}

/** One request for each record that the memory map has; rejects with a PlcLinkError when one gets no answer. */
export async function readRecords({ link, map, wordOrder, plcName, clock }: RecordsRequest): Promise<PlcRecords> {
  const readAt = clock.now().toISOString();
  const failure = await readOne(link, map, 'failure');
  const weighing = await readOne(link, map, 'weighing');
  return {
    plc: plcName,
    readAt,
    failure: failure ? decodeFailure(failure, map.asciiByteOrder) : null,
    weighing:
      weighing && map.records.weighing
        ? decodeWeighing(weighing, map.records.weighing, wordOrder, map.asciiByteOrder)
        : null,
  };
}

export interface AcknowledgeRecordRequest {
  readonly link: PlcLink;
  readonly map: MemoryMap;
  readonly watchOnly: boolean;
  readonly command: Extract<RecordCommand, { readonly command: 'acknowledge' }>;
}

/**
 * Raises the read flag where the record still shows the very words that were committed, and reads it back. A flag that is
 * up already counts. Rejects with the PlcLinkError where the link failed and reading back does not tell.
 */
export async function acknowledgeRecord(request: AcknowledgeRecordRequest): Promise<RecordAcknowledged> {
  const { link, map, watchOnly, command } = request;
  const { record, id } = command;
  const answer = (done: boolean, reason: string | null): RecordAcknowledged => ({
    record,
    id,
    done,
    reason,
    watchOnly,
  });
  const range = recordRange(map.records, record);
  if (!range) return answer(false, `the memory map has no record of a ${record}`);
  const flagAddress = range.address + range.count - 1;
  const content = command.words.slice(0, range.count - 1);
  const before = await readWhole(link, range);
  if (!isSame(before, content)) return answer(false, 'the record shows something else by now');
  if (before.at(-1) === 1) return answer(true, null);
  if (watchOnly) return answer(false, `watch only: the read flag D${flagAddress} was not written`);
  const doubt = await raise(link, flagAddress);
  const after = await readWhole(link, range);
  // The PLC may put the next record as soon as the flag is up: a write that was confirmed has done its work.
  if (after.at(-1) === 1 || !doubt) return answer(true, null);
  if (!isSame(after, content)) return answer(true, null);
  throw doubt;
}

async function raise(link: PlcLink, address: number): Promise<PlcLinkError | undefined> {
  try {
    await link.writeWords(address, Uint16Array.of(1), { priority: 'command' });
    return undefined;
  } catch (thrown) {
    const mayHaveArrived =
      thrown instanceof PlcLinkError && (thrown.kind === 'timeout' || thrown.kind === 'disconnected');
    if (mayHaveArrived) return thrown;
    throw asError(thrown);
  }
}

function readOne(link: PlcLink, map: MemoryMap, record: 'failure' | 'weighing'): Promise<Uint16Array> | undefined {
  const range = recordRange(map.records, record);
  return range && link.readWords(range.address, range.count);
}

async function readWhole(link: PlcLink, { address, count }: { readonly address: number; readonly count: number }) {
  return Array.from(await link.readWords(address, count, { priority: 'command' }));
}

function isSame(words: readonly number[], content: readonly number[]): boolean {
  return content.length === words.length - 1 && content.every((word, index) => word === words[index]);
}
