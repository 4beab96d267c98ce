// How a component's health index is made: RPN, inputs with their scales, weights and rules, as data that a plant changes.

/** A scale that turns a measured value into a score from 0 (failed) to 100 (as new). */
export type InputScale =
  /** The value is a percentage already, such as OEE. */
  | { readonly kind: 'percent' }
  /** `healthy` scores 100, `failed` scores 0, straight between; either may be the larger. */
  | { readonly kind: 'range'; readonly healthy: number; readonly failed: number }
  /**
   * Zones A, B, C, D in the style of ISO 20816-3, by their upper limits; which limits hold for a machine is read from the standard's
   * edition or the maker's manual and named in `source`, because published tables disagree.
   */
  | { readonly kind: 'zones'; readonly limits: readonly [number, number, number]; readonly source: string };

export interface InputRule {
  /** Such as `oee`, `vibration_mm_s`, `temperature_c`. */
  readonly name: string;
  readonly scale: InputScale;
  /** Share in the weighted mean; 0 with `worstOf`. */
  readonly weight: number;
  /** The index is never above this input's score. */
  readonly worstOf: boolean;
  /** Without it the index is unknown from the first moment; otherwise it counts once it has been seen. */
  readonly required: boolean;
}

export interface IndexModel {
  readonly rpnWeight: number;
  /** RPN that scores 0. Null: the largest RPN of the machine, as the original had it, so that its worst component is never healthy. */
  readonly rpnCeiling: number | null;
  readonly inputs: readonly InputRule[];
  /** An input without news for so long is stale. */
  readonly staleAfterMs: number;
}

export interface RegisteredComponent {
  readonly machine: string;
  readonly component: string;
  /** Risk priority number of the FMEA: severity x occurrence x detection, 1 to 1000. */
  readonly rpn: number;
}

/** The largest risk priority number that there is: 10 x 10 x 10 (IEC 60812). */
export const largestRpn = 1000;

/** The index of the original system against a fixed ceiling. */
export const defaultModel: IndexModel = {
  rpnWeight: 0.4,
  rpnCeiling: largestRpn,
  inputs: [{ name: 'oee', scale: { kind: 'percent' }, weight: 0.6, worstOf: false, required: true }],
  staleAfterMs: 5 * 60_000,
};

/** First data: the flexo line of the original, with the RPNs that its FMEA documents. */
export const firstComponents: readonly RegisteredComponent[] = [
  { machine: 'C_FL104', component: 'Pre-Feeder', rpn: 168 },
  { machine: 'C_FL104', component: 'Feeder', rpn: 192 },
  { machine: 'C_FL104', component: 'Printing', rpn: 162 },
  { machine: 'C_FL104', component: 'Slotter', rpn: 144 },
  { machine: 'C_FL104', component: 'Stacker', rpn: 54 },
];
