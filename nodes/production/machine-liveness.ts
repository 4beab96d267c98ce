// Which machines are heard: silence and last wills make one offline, its next message brings it back; only changes are told.
import { isAhead } from '../core/instants.ts';
import { withoutFrame } from './payload-text.ts';

export interface LinkChange {
  readonly machine: string;
  readonly state: 'online' | 'offline';
  readonly reason: 'message' | 'silence' | 'last-will';
  readonly at: string;
  /** Age of the last message at that moment, ms; null when none was heard. */
  readonly age_ms: number | null;
}

interface Heard {
  lastMs: number | null;
  isOffline: boolean;
}

export class MachineLiveness {
  readonly #silenceMs: number;
  /** Mapped by machine. */
  readonly #machines = new Map<string, Heard>();

  /** @param silenceMs 0: silence says nothing */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** A message of the machine itself. */
  heard(machine: string, atMs: number): LinkChange | undefined {
    const known = this.#machines.get(machine);
    if (!known) {
      this.#machines.set(machine, { lastMs: atMs, isOffline: false });
      return undefined;
    }
    const age = known.lastMs === null ? null : atMs - known.lastMs;
    known.lastMs = atMs;
    if (!known.isOffline) return undefined;
    known.isOffline = false;
    return { machine, state: 'online', reason: 'message', at: new Date(atMs).toISOString(), age_ms: age };
  }

  /** The broker's word that the machine's connection ended, or that it is there. */
  willed(machine: string, isOnline: boolean, atMs: number): LinkChange | undefined {
    const known = this.#machines.get(machine) ?? { lastMs: null, isOffline: isOnline };
    this.#machines.set(machine, known);
    if (known.isOffline === !isOnline) return undefined;
    known.isOffline = !isOnline;
    const age = known.lastMs === null ? null : atMs - known.lastMs;
    const state = isOnline ? 'online' : 'offline';
    return { machine, state, reason: 'last-will', at: new Date(atMs).toISOString(), age_ms: age };
  }

  /** Machines that have been silent for too long since the last look. */
  sweep(nowMs: number): LinkChange[] {
    if (this.#silenceMs === 0) return [];
    const changes: LinkChange[] = [];
    for (const [machine, known] of this.#machines) {
      // Dated by a clock that has been set back since: it is waited for as long as if it had come now.
      if (known.lastMs !== null && isAhead(known.lastMs, nowMs)) known.lastMs = nowMs;
      if (known.isOffline || known.lastMs === null || nowMs - known.lastMs <= this.#silenceMs) continue;
      known.isOffline = true;
      const at = new Date(nowMs).toISOString();
      changes.push({ machine, state: 'offline', reason: 'silence', at, age_ms: nowMs - known.lastMs });
    }
    return changes;
  }

  get offline(): number {
    let count = 0;
    for (const { isOffline } of this.#machines.values()) if (isOffline) count += 1;
    return count;
  }

  get size(): number {
    return this.#machines.size;
  }
}

/** What a last-will text says: `online`, `true`, `1`, or an object with `online` or `state`; undefined for anything else. */
export function willText(text: string): boolean | undefined {
  const plain = withoutFrame(text);
  const word = plain.trim().toLowerCase();
  if (/^(online|connected|true|1|on|alive)$/.test(word)) return true;
  if (/^(offline|disconnected|false|0|off|dead)$/.test(word)) return false;
  try {
    const value: unknown = JSON.parse(plain);
    if (typeof value !== 'object' || value === null) return undefined;
    if ('online' in value && typeof value.online === 'boolean') return value.online;
    if ('state' in value && typeof value.state === 'string') return willText(`${value.state}`);
    return undefined;
  } catch {
    return undefined;
  }
}
