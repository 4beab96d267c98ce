// Stops as machines report them: opened by a change of state, closed when the machine runs again, named by the machine or a person.
import type { ProductionEvent } from '../production/messages.ts';
import { causeName, classByKeyword, type StopClass } from './stop-classes.ts';

/** A stop that lasts. */
export interface OpenStop {
  readonly machine: string;
  readonly cause: string;
  /** State as the machine names it. */
  readonly state: string;
  readonly startMs: number;
}

export type StopChange =
  | { readonly kind: 'none' }
  /** Replaces what was open for the machine. */
  | { readonly kind: 'open'; readonly stop: OpenStop }
  /** Over; the history may have it. */
  | { readonly kind: 'close'; readonly stop: OpenStop; readonly endMs: number }
  /** Nobody knows when it ended: nothing is learned from it. */
  | { readonly kind: 'forget' }
  /** A person has said why a stop was, open or past. */
  | { readonly kind: 'name'; readonly startMs: number; readonly cause: string; readonly planned: boolean };

/** Shorter ones are flutter of a signal, as in the original. */
const leastStopMs = 30_000;
/** States that say by themselves that something is broken. */
const brokenStates: ReadonlySet<string> = new Set(['error', 'downtime']);

/** State of a stop of which a person has said that it was planned. */
export const plannedState = 'planned';

/** What an event of production says about the stop of its machine. */
export function stopChange(event: ProductionEvent, open: OpenStop | undefined): StopChange {
  if (event.type === 'stop-reason') return named(event);
  if (event.type !== 'state-changed') return { kind: 'none' };
  const { state, words, from } = event.detail;
  const atMs = Date.parse(event.at);
  if (typeof state !== 'string' || Number.isNaN(atMs)) return { kind: 'none' };
  // An event of before: it came again, or late.
  if (open && atMs <= open.startMs) return { kind: 'none' };
  if (state === 'offline') return { kind: 'forget' };
  if (state === 'running') {
    if (!open) return { kind: 'none' };
    return atMs - open.startMs < leastStopMs ? { kind: 'forget' } : { kind: 'close', stop: open, endMs: atMs };
  }
  // It ran until now: what was open before has ended without a word.
  const going = from === 'running' ? undefined : open;
  // Begun in silence, or before anybody listened: how long it takes will never be known.
  if (!going && from !== 'running') return open ? { kind: 'forget' } : { kind: 'none' };
  const own = typeof words === 'string' && words.trim() !== '' ? causeName(words) : undefined;
  // One stop may pass through several states; it began with the first and is what was broken in it.
  const isBroken = brokenStates.has(state) || brokenStates.has(going?.state ?? '');
  const stop: OpenStop = {
    machine: event.machine,
    cause: own ?? (going && !brokenStates.has(state) ? going.cause : causeName(state)),
    state: isBroken && !brokenStates.has(state) ? (going?.state ?? state) : state,
    startMs: going?.startMs ?? atMs,
  };
  return { kind: 'open', stop };
}

/** @param own what the plant says its causes are */
export function classOfStop(stop: Pick<OpenStop, 'cause' | 'state'>, own: ReadonlyMap<string, StopClass>): StopClass {
  if (stop.state === plannedState) return 'planned';
  const given = own.get(stop.cause);
  if (given !== undefined) return given;
  const byWord = classByKeyword(stop.cause);
  return byWord === 'other' && brokenStates.has(stop.state) ? 'repair' : byWord;
}

function named(event: ProductionEvent): StopChange {
  const { start, reason, planned } = event.detail;
  const startMs = typeof start === 'string' ? Date.parse(start) : Number.NaN;
  if (typeof reason !== 'string' || Number.isNaN(startMs)) return { kind: 'none' };
  return { kind: 'name', startMs, cause: causeName(reason), planned: planned === true };
}
