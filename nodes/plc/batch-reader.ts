// Reads all blocks of the read area as one snapshot, and marks finished batches as read once their data is committed.
import type { Clock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { decodeBlock } from './block-codec.ts';
import { type MemoryMap, readBlockAddress, readFlagAddress, slotsOf, type WordOrder } from './memory-map.ts';
import type { AcknowledgeResult, BlockReading, PlcReadCommand, PlcSnapshot } from './messages.ts';
import { type PlcLink, PlcLinkError } from './plc-link.ts';
import { readAscii } from './word-codec.ts';

export interface SnapshotRequest {
  readonly link: PlcLink;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
  readonly plcName: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * One cycle: one request for each read block, all handed to the link at once (the link decides how many are in flight).
 * A block without an answer is `unreadable` and the others go on; rejects with the first PlcLinkError when none answers.
 */
export async function readSnapshot(request: SnapshotRequest): Promise<PlcSnapshot> {
  const { link, map, wordOrder, plcName, clock, signal } = request;
  const startedMs = clock.monotonicMs();
  const readAt = clock.now().toISOString();
  const options = signal && { signal };
  let firstError: PlcLinkError | undefined;
  let answers = 0;
  const readBlock = async (slot: number): Promise<BlockReading> => {
    const address = readBlockAddress(map, slot);
    try {
      const words = await link.readWords(address, map.blockWords, options);
      answers += 1;
      return decodeBlock(map, wordOrder, slot, words);
    } catch (thrown) {
      if (!(thrown instanceof PlcLinkError)) throw thrown;
      firstError ??= thrown;
      return { slot, address, state: 'unreadable', reasons: [thrown.message] };
    }
  };
  const blocks = await Promise.all(slotsOf(map).map(readBlock));
  if (answers === 0 && firstError) throw firstError;
  return { plc: plcName, readAt, durationMs: clock.monotonicMs() - startedMs, blocks };
}

export interface AcknowledgeRequest {
  readonly link: PlcLink;
  readonly map: MemoryMap;
  readonly watchOnly: boolean;
  readonly blocks: Extract<PlcReadCommand, { command: 'acknowledge' }>['blocks'];
}

/** What became of one block: nothing more to say, or why its flag was not raised. */
type Outcome =
  | { readonly done: true }
  | { readonly done: false; readonly reason: string; readonly error?: PlcLinkError };

/**
 * Raises the read flag of each named block that still shows that batch as finished, one after the other, and reads it
 * back. A flag that is already 1 counts as acknowledged. Only name and finished flag are compared, so that a quarantined
 * block whose raw words are committed can be acknowledged too. One block's failure does not stop the others; rejects with
 * the first PlcLinkError when the link failed for every block.
 */
export async function acknowledge(request: AcknowledgeRequest): Promise<AcknowledgeResult> {
  const acknowledged: { slot: number; moName: string }[] = [];
  const refused: { slot: number; moName: string; reason: string }[] = [];
  const errors: PlcLinkError[] = [];
  for (const { slot, moName } of request.blocks) {
    const outcome = await acknowledgeBlock(request, slot, moName);
    if (outcome.done) acknowledged.push({ slot, moName });
    else refused.push({ slot, moName, reason: outcome.reason });
    if (!outcome.done && outcome.error) errors.push(outcome.error);
  }
  const [firstError] = errors;
  if (firstError && errors.length === request.blocks.length) throw firstError;
  return { acknowledged, refused, watchOnly: request.watchOnly };
}

async function acknowledgeBlock(request: AcknowledgeRequest, slot: number, moName: string): Promise<Outcome> {
  const { link, map, watchOnly } = request;
  if (!Number.isInteger(slot) || slot < 1 || slot > map.slotCount) {
    return { done: false, reason: `${slot} is not a slot from 1 to ${map.slotCount}` };
  }
  const flagAddress = readFlagAddress(map, slot);
  try {
    const before = await readFace(link, map, slot);
    if (before.moName !== moName) return { done: false, reason: `the block shows ${shownName(before.moName)}` };
    if (before.finished !== 1) return { done: false, reason: `the finished flag is ${before.finished}, not 1` };
    if (before.read === 1) return { done: true };
    if (watchOnly) return { done: false, reason: `watch only: the read flag D${flagAddress} was not written` };
    const doubt = await raiseFlag(link, flagAddress);
    const after = await readFace(link, map, slot);
    if (after.moName === moName && after.read === 1) return { done: true };
    // The PLC may reuse a block as soon as its flag is up: a write that was confirmed has done its work.
    if (after.moName !== moName && !doubt) return { done: true };
    if (doubt) return { done: false, reason: doubt.message, error: doubt };
    return { done: false, reason: `the PLC did not keep the read flag: D${flagAddress} is ${after.read}` };
  } catch (thrown) {
    if (!(thrown instanceof PlcLinkError)) throw thrown;
    return { done: false, reason: thrown.message, error: thrown };
  }
}

/** Writes the flag; an error whose write may have arrived is returned, because reading back tells. */
async function raiseFlag(link: PlcLink, address: number): Promise<PlcLinkError | undefined> {
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

/** Name and status words of a read block, in one answer. */
async function readFace(
  link: PlcLink,
  map: MemoryMap,
  slot: number,
): Promise<{ readonly moName: string | undefined; readonly finished: number; readonly read: number }> {
  const words = await link.readWords(readBlockAddress(map, slot), map.blockWords, { priority: 'command' });
  return {
    moName: readAscii(words, map.moName, map.asciiByteOrder),
    finished: words[map.finishedFlag.offset] ?? 0,
    read: words[map.readFlag.offset] ?? 0,
  };
}

function shownName(moName: string | undefined): string {
  if (moName === undefined) return 'an illegible name';
  return moName === '' ? 'no batch' : `batch ${moName}`;
}
