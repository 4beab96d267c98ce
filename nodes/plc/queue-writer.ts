// Hands a queue of batches to the PLC: everything written and verified first, the guard word last.

import {
  type MemoryMap,
  readBlockAddress,
  slotOfGuard,
  slotsOf,
  type WordOrder,
  type WordRange,
  writeBlockAddress,
} from './memory-map.ts';
import type { PlcWriteCommand, PlcWriteResult } from './messages.ts';
import { type PlcLink, PlcLinkError } from './plc-link.ts';
import { type EncodedQueue, encodeQueue } from './queue-encoding.ts';
import { QueueWriteError } from './queue-write-error.ts';
import { mostWordsPerWrite, planRequests, withoutWord } from './read-plan.ts';
import { readAscii } from './word-codec.ts';

export interface QueueWriteRequest {
  readonly link: PlcLink;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
  readonly command: PlcWriteCommand;
  readonly watchOnly: boolean;
  /** True when a person has said that this PLC never took a queue, so that its guard word of 0 may be raised. */
  readonly firstStart?: boolean;
}

/** All of the PLC's memory that decides what to do with a queue, as it was after the guard word was read. */
interface PlcState {
  readonly guard: number;
  /** Mapped by slot. */
  readonly written: ReadonlyMap<number, Uint16Array>;
  /** Mapped by slot. */
  readonly shown: ReadonlyMap<number, Uint16Array>;
}

type Decision = 'recognised' | 'busy' | 'first-start' | 'write';

/** The last queue of each link: two nodes that write to one PLC take turns, because the guard word covers both. */
const turns = new WeakMap<PlcLink, Promise<unknown>>();

/**
 * Writes the whole queue and clears all other slots. Nothing is written before the queue was checked and the PLC's memory
 * read; the guard word is set to 0 only after every block was read back word for word. No write is ever repeated by itself:
 * after any failure the caller runs the same command again, which recognises or completes it.
 * Throws InvalidInput, PlcLinkError (nothing was written) or QueueWriteError.
 */
export function writeQueue(request: QueueWriteRequest): Promise<PlcWriteResult> {
  const turn = (turns.get(request.link) ?? Promise.resolve()).then(() => writeInTurn(request));
  turns.set(
    request.link,
    turn.catch(() => undefined),
  );
  return turn;
}

async function writeInTurn(request: QueueWriteRequest): Promise<PlcWriteResult> {
  const { link, map, wordOrder, command, watchOnly, firstStart } = request;
  const queue = encodeQueue(map, wordOrder, command.batches);
  const result = { queueId: command.queueId, slots: queue.slots };
  if (watchOnly) return { ...result, outcome: 'watch-only', wouldWrite: plannedWrites(map, queue) };
  const state = await readState(link, map);
  const decision = decide(map, queue, state);
  if (decision === 'recognised' || decision === 'busy') return { ...result, outcome: decision };
  if (decision === 'first-start') {
    // Empty memory may also be that of a PLC that was cleared while it works on its last queue.
    if (!firstStart) return { ...result, outcome: 'first-start', guardAddress: map.guardAddress };
    await raiseGuard(link, map);
  }
  await writeBlocks(link, map, queue);
  await verifyBlocks(link, map, queue);
  await handOver(link, map);
  return { ...result, outcome: 'handed-over' };
}

/** The guard word first: were it read last, the PLC could accept the queue between a read block and the guard. */
async function readState(link: PlcLink, map: MemoryMap): Promise<PlcState> {
  const guard = await readGuard(link, map);
  const [written, shown] = await Promise.all([
    readBlocks(link, map, (slot) => writeBlockAddress(map, slot)),
    readBlocks(link, map, (slot) => readBlockAddress(map, slot)),
  ]);
  return { guard, written, shown };
}

/** What to do with a queue, by what the PLC's memory shows. */
function decide(map: MemoryMap, queue: EncodedQueue, state: PlcState): Decision {
  const nameIn = (words: Uint16Array | undefined) => words && readAscii(words, map.moName, map.asciiByteOrder);
  const shownNames = new Map([...state.shown].map(([slot, words]) => [slot, nameIn(words)]));
  // Names are unique for each attempt, so a name in its place means that the PLC has accepted this very queue.
  if (queue.slots.some(({ slot, moName }) => shownNames.get(slot) === moName)) return 'recognised';
  for (const [slot, name] of shownNames) {
    const own = queue.slots.find(({ moName }) => moName === name);
    if (own) {
      throw new QueueWriteError(
        'plc-queue-slot',
        `Batch ${own.moName} of slot ${own.slot} is already in slot ${slot}.`,
        {
          slot: own.slot,
          address: readBlockAddress(map, slot),
        },
      );
    }
  }
  // The PLC accepts all slots at once, so one legible other name refutes it; none legible proves nothing.
  const unclear = queue.slots.every(({ slot }) => shownNames.get(slot) === undefined);
  if (unclear) {
    const slot = queue.slots[0]?.slot ?? 1;
    throw new QueueWriteError(
      'plc-queue-unclear',
      `No name is legible in the read blocks of this queue, the first at D${readBlockAddress(map, slot)}.`,
      { slot, address: readBlockAddress(map, slot) },
      { hint: 'Whether the PLC has accepted it cannot be known, so nothing was written. Check the link and the map.' },
    );
  }
  if (state.guard === 1) return 'write';
  const holdsQueue = queue.blocks.every(({ slot, words }) => {
    const written = state.written.get(slot);
    return written !== undefined && queue.orderWords.every((offset) => written[offset] === words[offset]);
  });
  if (holdsQueue) return 'recognised';
  const isVirgin =
    [...state.written.values()].every((words) => nameIn(words) === '') &&
    [...shownNames.values()].every((name) => name === '') &&
    [...state.shown.values()].every((words) => words[map.readFlag.offset] === 0);
  return isVirgin ? 'first-start' : 'busy';
}

/** First start: the PLC must not see half a queue, so the write area is claimed before its first word. */
async function raiseGuard(link: PlcLink, map: MemoryMap): Promise<void> {
  await write(link, { address: map.guardAddress, count: 1 }, Uint16Array.of(1), slotOfGuard(map));
  const found = await readGuard(link, map, 'plc-queue-verify');
  if (found !== 1) throw guardChanged(map, 1, found);
}

async function writeBlocks(link: PlcLink, map: MemoryMap, queue: EncodedQueue): Promise<void> {
  for (const { slot, words } of queue.blocks) {
    for (const part of blockParts(map, slot)) {
      const start = part.address - writeBlockAddress(map, slot);
      await write(link, part, words.subarray(start, start + part.count), slot);
    }
  }
}

async function verifyBlocks(link: PlcLink, map: MemoryMap, queue: EncodedQueue): Promise<void> {
  const written = await readBlocks(link, map, (slot) => writeBlockAddress(map, slot), 'plc-queue-verify');
  for (const { slot, words } of queue.blocks) {
    const base = writeBlockAddress(map, slot);
    const found = written.get(slot);
    for (let offset = 0; offset < words.length; offset++) {
      const address = base + offset;
      const [expectedWord, foundWord] = [words[offset], found?.[offset]];
      if (address === map.guardAddress || expectedWord === foundWord) continue;
      throw new QueueWriteError(
        'plc-queue-verify',
        `Slot ${slot}: D${address} holds ${foundWord} instead of ${expectedWord}; the queue was not handed over.`,
        {
          slot,
          address,
          ...(expectedWord !== undefined && { expected: expectedWord }),
          ...(foundWord !== undefined && { found: foundWord }),
        },
        { hint: 'Check that nothing else writes to this area of the PLC, then write the queue again.' },
      );
    }
  }
  const guard = await readGuard(link, map, 'plc-queue-verify');
  if (guard !== 1) throw guardChanged(map, 1, guard);
}

/** The last write of all, alone. The PLC may take the queue at once and raise the guard word again. */
async function handOver(link: PlcLink, map: MemoryMap): Promise<void> {
  await write(link, { address: map.guardAddress, count: 1 }, Uint16Array.of(0), slotOfGuard(map));
  await readGuard(link, map, 'plc-queue-verify');
}

/** 0 or 1; throws QueueWriteError for any other value. With `code`, a failing link becomes a QueueWriteError too. */
async function readGuard(link: PlcLink, map: MemoryMap, code?: 'plc-queue-verify'): Promise<number> {
  const [guard = -1] = await read(link, { address: map.guardAddress, count: 1 }, slotOfGuard(map), code);
  if (guard === 0 || guard === 1) return guard;
  throw new QueueWriteError(
    'plc-queue-guard',
    `The guard word D${map.guardAddress} is ${guard}, must be 0 or 1.`,
    { slot: slotOfGuard(map), address: map.guardAddress, found: guard },
    { hint: 'Check address base and offset of the connection: this may not be the guard word.' },
  );
}

function guardChanged(map: MemoryMap, expected: number, found: number): QueueWriteError {
  return new QueueWriteError(
    'plc-queue-guard',
    `The guard word D${map.guardAddress} is ${found} instead of ${expected} while the queue is being written.`,
    { slot: slotOfGuard(map), address: map.guardAddress, expected, found },
    { hint: 'Something else writes to it; the queue was not handed over.' },
  );
}

/** One request; its failure names the slot. */
async function write(link: PlcLink, range: WordRange, words: Uint16Array, slot: number | undefined): Promise<void> {
  try {
    await link.writeWords(range.address, words, { priority: 'command' });
  } catch (thrown) {
    if (!(thrown instanceof PlcLinkError)) throw thrown;
    throw linkFailed('plc-queue-write', slot, range.address, thrown);
  }
}

/** One request; with `code`, its failure names the slot. */
async function read(
  link: PlcLink,
  range: WordRange,
  slot: number | undefined,
  code: 'plc-queue-verify' | undefined,
): Promise<Uint16Array> {
  try {
    return await link.readWords(range.address, range.count, { priority: 'command' });
  } catch (thrown) {
    throw code && thrown instanceof PlcLinkError ? linkFailed(code, slot, range.address, thrown) : thrown;
  }
}

async function readBlocks(
  link: PlcLink,
  map: MemoryMap,
  addressOf: (slot: number) => number,
  code?: 'plc-queue-verify',
): Promise<Map<number, Uint16Array>> {
  const readBlock = async (slot: number): Promise<[number, Uint16Array]> => {
    const range = { address: addressOf(slot), count: map.blockWords };
    return [slot, await read(link, range, slot, code)];
  };
  return new Map(await Promise.all(slotsOf(map).map(readBlock)));
}

function linkFailed(
  code: 'plc-queue-write' | 'plc-queue-verify',
  slot: number | undefined,
  address: number,
  cause: PlcLinkError,
): QueueWriteError {
  const place = slot === undefined ? `D${address}` : `Slot ${slot} at D${address}`;
  const deed = code === 'plc-queue-write' ? 'written' : 'read back';
  return new QueueWriteError(
    code,
    `${place} could not be ${deed}: ${cause.message}`,
    { slot, address },
    { cause, hint: 'Write the same queue again when the link is back; it will be completed.' },
  );
}

/** A slot's write block as requests, the guard word left out. */
function blockParts(map: MemoryMap, slot: number): WordRange[] {
  const block = { address: writeBlockAddress(map, slot), count: map.blockWords };
  return planRequests(withoutWord(block, map.guardAddress), mostWordsPerWrite, [block]);
}

function plannedWrites(map: MemoryMap, queue: EncodedQueue): { address: number; words: number[] }[] {
  const blocks = queue.blocks.flatMap(({ slot, words }) =>
    blockParts(map, slot).map((part) => {
      const start = part.address - writeBlockAddress(map, slot);
      return { address: part.address, words: Array.from(words.subarray(start, start + part.count)) };
    }),
  );
  return [...blocks, { address: map.guardAddress, words: [0] }];
}
