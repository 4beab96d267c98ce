// Whether a batch's figures are too old to be trusted as the present.
import type { BoardBatch } from '../../nodes/dashboard/messages.ts';
import { secondsSince } from '../common/server-time.ts';

/** Only what the PLC should be read for can be old; never read counts from the moment the state began. */
export function isStale(batch: BoardBatch, staleAfterSeconds: number): boolean {
  if (!batch.read) return false;
  const seconds = secondsSince(batch.lastReadAt ?? batch.stateSince);
  return seconds !== null && seconds > staleAfterSeconds;
}
