// What `npm run doctor` asks a PLC: is it there, is the guard word sane, and which setting makes a block make sense.
import type { Diagnosis } from '../core/diagnosis.ts';
import { formatKg } from '../core/mass.ts';
import { decodeBlock } from './block-codec.ts';
import {
  type MemoryMap,
  readBlockAddress,
  slotsOf,
  type WordOrder,
  type WordRange,
  writeBlockAddress,
} from './memory-map.ts';
import type { BlockReading } from './messages.ts';
import { type PlcLink, PlcLinkError } from './plc-link.ts';
import { describeRange } from './read-plan.ts';
import { readAscii } from './word-codec.ts';

export interface PlcDiagnosisRequest {
  readonly link: PlcLink;
  readonly map: MemoryMap;
  readonly wordOrder: WordOrder;
}

/** The words of an area that could be read, by slot, and what is to be said about the area. */
interface AreaReading {
  readonly blocks: ReadonlyMap<number, Uint16Array>;
  readonly diagnosis: Diagnosis;
}

/** Reads only. One line for each check; never rejects because of the link, whose failure is a finding. */
export async function diagnosePlc(request: PlcDiagnosisRequest): Promise<Diagnosis[]> {
  const { link, map } = request;
  const guard = await tryRead(link, { address: map.guardAddress, count: 1 });
  const written = await readArea(request, 'write area', (slot) => writeBlockAddress(map, slot));
  const shown = await readArea(request, 'read area', (slot) => readBlockAddress(map, slot));
  const isReachable = !(guard instanceof PlcLinkError) || written.blocks.size > 0 || shown.blocks.size > 0;
  const reachable: Diagnosis =
    isReachable || guard.kind === 'refused'
      ? { check: 'PLC reachable', verdict: 'works', found: 'it answers' }
      : { check: 'PLC reachable', verdict: 'fails', found: guard.message, advice: adviceOf(guard) };
  if (reachable.verdict === 'fails') return [reachable];
  return [
    reachable,
    diagnoseGuard(map, guard),
    written.diagnosis,
    shown.diagnosis,
    diagnoseDecoding(request, shown.blocks),
  ];
}

async function tryRead(link: PlcLink, range: WordRange): Promise<Uint16Array | PlcLinkError> {
  try {
    return await link.readWords(range.address, range.count);
  } catch (thrown) {
    if (thrown instanceof PlcLinkError) return thrown;
    throw thrown;
  }
}

function diagnoseGuard(map: MemoryMap, guard: Uint16Array | PlcLinkError): Diagnosis {
  const check = `guard word D${map.guardAddress}`;
  if (guard instanceof PlcLinkError) return { check, verdict: 'fails', found: guard.message, advice: adviceOf(guard) };
  const value = guard[0];
  if (value === 1) return { check, verdict: 'works', found: '1: the PLC has taken the last queue' };
  if (value === 0) return { check, verdict: 'works', found: '0: first start, or a queue waits to be taken by the PLC' };
  const advice = 'It must be 0 or 1. Check address base and offset; the line below tries the neighbours.';
  return { check, verdict: 'fails', found: String(value), advice };
}

async function readArea(
  { link, map }: PlcDiagnosisRequest,
  check: string,
  addressOf: (slot: number) => number,
): Promise<AreaReading> {
  const blocks = new Map<number, Uint16Array>();
  let failed: { readonly range: WordRange; readonly error: PlcLinkError } | undefined;
  for (const slot of slotsOf(map)) {
    const range = { address: addressOf(slot), count: map.blockWords };
    const answer = await tryRead(link, range);
    if (answer instanceof PlcLinkError) failed ??= { range, error: answer };
    else blocks.set(slot, answer);
    // A silent PLC would cost a deadline for every block.
    if (failed && failed.error.kind !== 'refused') break;
  }
  const whole = `${check} ${describeRange({ address: addressOf(1), count: addressOf(map.slotCount) - addressOf(1) + map.blockWords })}`;
  if (!failed) return { blocks, diagnosis: { check: whole, verdict: 'works', found: `${blocks.size} blocks read` } };
  const found = `${blocks.size} of ${map.slotCount} blocks read; ${describeRange(failed.range)}: ${failed.error.message}`;
  return { blocks, diagnosis: { check: whole, verdict: 'fails', found, advice: adviceOf(failed.error) } };
}

interface Trial {
  readonly shift: number;
  readonly order: WordOrder;
  readonly reading: BlockReading;
}

/**
 * Decodes one block that holds a batch with both word orders, one word early, in place and one word late. The shifted
 * block is cut from the words in place, so that nothing outside the map is ever read; its one missing word decides nothing.
 */
function diagnoseDecoding(
  { map, wordOrder }: PlcDiagnosisRequest,
  blocks: ReadonlyMap<number, Uint16Array>,
): Diagnosis {
  const check = 'one block decoded';
  const candidate = [...blocks].find(([, words]) => words.some((word) => word !== 0));
  if (!candidate) {
    const advice = 'Run this check again while the PLC shows at least one batch.';
    return { check, verdict: 'doubtful', found: 'the read area holds only zeros, which fits every setting', advice };
  }
  const [slot, inPlace] = candidate;
  const trials: Trial[] = [];
  for (const shift of [0, -1, 1]) {
    for (const order of [wordOrder, otherOrder(wordOrder)]) {
      trials.push({ shift, order, reading: decodeBlock(map, order, slot, shifted(map, slot, inPlace, shift)) });
    }
  }
  const found = trials.map((trial) => describeTrial(map, trial)).join('; ');
  const right = trials.filter(({ reading }) => reading.state === 'plausible');
  const configured = right.find(({ shift, order }) => shift === 0 && order === wordOrder);
  const other = right.find((trial) => trial !== configured);
  if (configured && !other) return { check, verdict: 'works', found };
  if (configured) {
    const advice = 'Several settings fit this block. Compare the shown masses with the PLC panel before going live.';
    return { check, verdict: 'doubtful', found, advice };
  }
  if (!other) {
    const advice =
      'No setting makes sense of it. Check the memory map and that the PLC runs the program it was made for.';
    return { check, verdict: 'fails', found, advice };
  }
  return { check, verdict: 'fails', found, advice: adviceOfTrial(other, wordOrder) };
}

/** The block as it would be read `shift` words further on. */
function shifted(map: MemoryMap, slot: number, words: Uint16Array, shift: number): Uint16Array {
  if (shift === 0) return words;
  const moved = Uint16Array.from(words, (_, index) => words[index + shift] ?? 0);
  if (shift < 0 && map.slotNumber.offset === 0) moved[0] = slot;
  return moved;
}

function describeTrial(map: MemoryMap, { shift, order, reading }: Trial): string {
  const setting = `offset ${shift > 0 ? '+' : ''}${shift}, ${order}`;
  if (reading.state === 'plausible') {
    const { moName, quantityCentiKg } = reading.batch;
    return `${setting}: batch ${moName}, quantity ${formatKg(quantityCentiKg)} kg`;
  }
  if (reading.state === 'implausible') return `${setting}: ${reading.reasons[0] ?? ''}`;
  if (reading.state === 'unreadable') return `${setting}: not readable`;
  const name = readAscii(reading.words, map.moName, map.asciiByteOrder);
  return `${setting}: ${name === '' ? 'no batch' : `name ${name}`}`;
}

function adviceOfTrial({ shift, order }: Trial, configured: WordOrder): string {
  const changes = [
    ...(shift === 0 ? [] : [`move the connection's address offset by ${shift > 0 ? '+' : ''}${shift}`]),
    ...(order === configured ? [] : [`set its word order to ${order}`]),
  ];
  return `The block makes sense when you ${changes.join(' and ')}.`;
}

function adviceOf(error: PlcLinkError): string {
  switch (error.kind) {
    case 'refused':
      return 'The PLC refuses these addresses. Check address base, offset and the memory map.';
    case 'out-of-range':
      return 'The connection does not allow these addresses. Check its address segments and words per request.';
    case 'protocol':
      return 'Something answers that is not this PLC. Check protocol, port and unit number.';
    default:
      return 'Check address, port, unit number and cable, and that the PLC allows another client.';
  }
}

function otherOrder(order: WordOrder): WordOrder {
  return order === 'high-first' ? 'low-first' : 'high-first';
}
