// One batch on the simulated line: silo after silo toward what its scales will show in the end.

import { type CentiKg, sumMass } from '../../core/mass.ts';
import { fromPlcUnits } from '../block-codec.ts';
import type { MassField } from '../memory-map.ts';

/** Mass that one silo gives, in the PLC's own units. */
export interface Dose {
  readonly equipment: number;
  readonly field: MassField;
  /** What the scale shows when the dose is complete. */
  readonly final: number;
}

export interface BatchPlan {
  readonly slot: number;
  readonly moName: string;
  readonly doses: readonly Dose[];
  readonly durationMs: number;
  /** Part of the way, 0..1, at which the batch fails; null for a batch that does not. */
  readonly failsAt: number | null;
  /** Part of the way at which the line stands still by itself. */
  readonly stallsAt: number | null;
}

/** Progress of one batch by the time it really ran. */
export class BatchRun {
  readonly plan: BatchPlan;
  readonly #dosing: readonly Dose[];
  #ranMs: number;

  constructor(plan: BatchPlan, ranMs = 0) {
    this.plan = plan;
    this.#ranMs = ranMs;
    this.#dosing = plan.doses.filter((dose) => dose.final > 0);
  }

  /** Time that the batch has run, standstills not counted. */
  get ranMs(): number {
    return this.#ranMs;
  }

  /** 0..1. */
  get progress(): number {
    return this.plan.durationMs <= 0 ? 1 : Math.min(1, this.#ranMs / this.plan.durationMs);
  }

  /** Runs for `ms`, at most to `limit` of the way. */
  advance(ms: number, limit: number): void {
    this.#ranMs = Math.min(this.#ranMs + ms, limit * this.plan.durationMs);
  }

  /** What a dose shows now, in PLC units: equal time for each silo in turn, whole units only. */
  shown(dose: Dose): number {
    const turn = this.#dosing.indexOf(dose);
    if (turn < 0) return 0;
    const progress = this.progress;
    if (progress >= 1) return dose.final;
    const part = Math.min(1, Math.max(0, progress * this.#dosing.length - turn));
    return Math.floor(dose.final * part);
  }

  /** What every silo gave so far. */
  consumption(): { readonly equipment: number; readonly massCentiKg: CentiKg }[] {
    return this.plan.doses.map((dose) => ({
      equipment: dose.equipment,
      massCentiKg: fromPlcUnits(dose.field, this.shown(dose)),
    }));
  }

  /** The weight of what was made so far: everything that went in. */
  weight(): CentiKg {
    return sumMass(this.consumption().map((dose) => dose.massCentiKg));
  }
}
