// What of the simulated PLC survives a restart, and how it is kept in a file.
import type { MemoryMap } from '../memory-map.ts';
import type { BatchPlan } from './batch-run.ts';
import type { MailboxState } from './record-mailbox.ts';

export interface FeedMillState {
  readonly waiting: readonly { readonly slot: number; readonly targets: readonly number[] }[];
  readonly run: { readonly plan: BatchPlan; readonly ranMs: number } | null;
}

/** Where a simulated PLC keeps its memory: one text, replaced as a whole. */
export interface StateFile {
  /** Undefined when nothing was ever kept. */
  load(): string | undefined;
  save(text: string): Promise<void>;
}

interface KeptPlc {
  readonly version: 1;
  /** The map that the memory was made for. */
  readonly map: MemoryMap;
  /** All words, base64 of little-endian 16-bit words. */
  readonly words: string;
  readonly mill: FeedMillState;
  /** Missing in files of before. */
  readonly reports?: MailboxState;
}

export function packState(map: MemoryMap, words: Uint16Array, mill: FeedMillState, reports: MailboxState): string {
  const bytes = Buffer.alloc(words.length * 2);
  for (const [index, word] of words.entries()) bytes.writeUInt16LE(word, index * 2);
  const kept: KeptPlc = { version: 1, map, words: bytes.toString('base64'), mill, reports };
  return JSON.stringify(kept);
}

/** Undefined for a text that was not written for this map and this size of memory. */
export function unpackState(
  text: string,
  map: MemoryMap,
  size: number,
):
  | { readonly words: Uint16Array; readonly mill: FeedMillState; readonly reports: MailboxState | undefined }
  | undefined {
  const kept = parse(text);
  if (kept?.version !== 1 || JSON.stringify(kept.map) !== JSON.stringify(map)) return undefined;
  const bytes = Buffer.from(kept.words, 'base64');
  if (bytes.length !== size * 2) return undefined;
  const words = Uint16Array.from({ length: size }, (_, index) => bytes.readUInt16LE(index * 2));
  return { words, mill: kept.mill, reports: kept.reports };
}

function parse(text: string): KeptPlc | undefined {
  try {
    const kept: unknown = JSON.parse(text);
    // Version and map are compared above; a file with both was written whole by packState.
    return typeof kept === 'object' && kept !== null ? (kept as KeptPlc) : undefined;
  } catch {
    return undefined;
  }
}
