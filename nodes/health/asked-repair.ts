// What an estimate is asked about: what an alarm or a person says, completed from what production knows at that moment and nothing else.
import { isFresh } from '../core/instants.ts';
import type { EstimateRequest, HealthAlarm } from './messages.ts';
import type { ProductionWindowFacts } from './repair-facts.ts';
import { causeName } from './stop-classes.ts';

export interface AskedRepair {
  readonly machine: string;
  readonly component: string | null;
  readonly cause: string | null;
  readonly shift: string | null;
  readonly healthIndex: number | null;
  readonly production: number | null;
  readonly defects: number | null;
}

/** Production's last word about a machine counts for so long. */
const windowCountsMs = 10 * 60_000;

export function askedOfAlarm({ machine, component, index }: HealthAlarm): AskedRepair {
  return { machine, component, cause: null, shift: null, healthIndex: index, production: null, defects: null };
}

export function askedOfRequest(request: EstimateRequest): AskedRepair {
  const reason = request.error_message || request.failure_reason || request.downtime_reason || request.reason;
  return {
    machine: request.machine ?? '',
    component: request.component ?? null,
    cause: reason ? causeName(reason) : null,
    shift: request.shift === undefined ? null : String(request.shift),
    healthIndex: request.health_index ?? null,
    production: request.total_produksi ?? null,
    defects: request.produk_cacat ?? null,
  };
}

/** @param window production's last word about the machine; undefined when there is none */
export function completed(asked: AskedRepair, window: ProductionWindowFacts | undefined, nowMs: number): AskedRepair {
  if (!window || window.stale || !isFresh(window.atMs, nowMs, windowCountsMs)) return asked;
  const own = asked.production !== null;
  return {
    ...asked,
    cause: asked.cause ?? (window.cause ? causeName(window.cause) : null),
    shift: asked.shift ?? window.shift,
    production: own ? asked.production : window.shiftProduction,
    defects: own ? asked.defects : window.shiftDefects,
  };
}
