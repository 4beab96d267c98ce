// What happens in the simulated mill, as its node sends it and as tests read it.
import type { CentiKg } from '../../core/mass.ts';
import type { EquipmentMass } from '../messages.ts';

export type FeedMillEvent =
  | {
      readonly event: 'queue-taken';
      readonly slots: readonly { readonly slot: number; readonly moName: string }[];
    }
  | { readonly event: 'batch-started'; readonly slot: number; readonly moName: string }
  | {
      readonly event: 'batch-finished' | 'batch-failed';
      readonly slot: number;
      readonly moName: string;
      readonly consumption: readonly EquipmentMass[];
      readonly finishedWeightCentiKg: CentiKg;
    }
  | { readonly event: 'stalled' | 'resumed' };

/** What the mill truly gave to one run of a batch, kept after its block is overwritten. */
export interface Delivery {
  readonly slot: number;
  readonly moName: string;
  readonly state: 'running' | 'finished' | 'failed';
  readonly consumption: readonly EquipmentMass[];
  readonly finishedWeightCentiKg: CentiKg;
}

export interface FeedMillSettings {
  readonly secondsPerBatch: number;
  /** How far an actual mass may lie from its target, in percent of the target. */
  readonly scatterPercent: number;
  /** Chance of each batch to fail, 0..1. */
  readonly failureProbability: number;
  /** Chance of each batch to stand still for `stallSeconds`, 0..1. */
  readonly stallProbability: number;
  readonly stallSeconds: number;
  /** Chance of each read of a block to show nonsense, 0..1. */
  readonly garbleProbability: number;
}

export const defaultFeedMillSettings: FeedMillSettings = {
  secondsPerBatch: 6,
  scatterPercent: 1,
  failureProbability: 0,
  stallProbability: 0,
  stallSeconds: 10,
  garbleProbability: 0,
};
