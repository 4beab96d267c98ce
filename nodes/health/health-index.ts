// The health index of one component: its RPN and its inputs, scored, weighed and bounded; unknown as soon as an input can't be trusted.
import { isFresh } from '../core/instants.ts';
import type { IndexModel, InputRule, InputScale } from './index-model.ts';
import type { ComponentHealth, HealthBand } from './messages.ts';

/** The latest of one input. */
export interface InputState {
  readonly value: number | null;
  readonly quality: 'good' | 'bad' | 'stale';
  readonly planned: boolean;
  readonly atMs: number;
}

/** `held`: planned stop or idle, which says nothing about degradation: the last value stands. */
export type IndexReading =
  | { readonly kind: 'value'; readonly index: number; readonly inputs: ComponentHealth['inputs'] }
  | { readonly kind: 'held'; readonly inputs: ComponentHealth['inputs'] }
  | { readonly kind: 'unknown'; readonly inputs: ComponentHealth['inputs'] };

/** Scores of the zones A to D; a limit belongs to the better zone. Straight lines between would hide that a limit was passed. */
const zoneScores = [100, 75, 45, 10] as const;

/** 0 to 100. */
export function scoreOf(value: number, scale: InputScale): number {
  switch (scale.kind) {
    case 'percent':
      return Math.min(100, Math.max(0, value));
    case 'range': {
      const share = (value - scale.failed) / (scale.healthy - scale.failed);
      return 100 * Math.min(1, Math.max(0, share));
    }
    case 'zones': {
      const zone = scale.limits.findIndex((limit) => value <= limit);
      return zoneScores[zone === -1 ? 3 : zone] ?? 0;
    }
  }
}

/** 100 for no risk, 0 at the ceiling and above. */
export function rpnScore(rpn: number, ceiling: number): number {
  return 100 * Math.min(1, Math.max(0, 1 - rpn / ceiling));
}

/**
 * @param rpn of the component; @param largestOfMachine the largest RPN of its machine, for a model without a fixed ceiling
 * @param inputOf the latest of an input, of the component or else of its machine; undefined when it was never seen
 */
export function readIndex(
  model: IndexModel,
  rpn: number,
  largestOfMachine: number,
  inputOf: (name: string) => InputState | undefined,
  nowMs: number,
): IndexReading {
  const used = model.inputs.flatMap((rule) => {
    const state = inputOf(rule.name);
    return state || rule.required ? [{ rule, state: current(state, model, nowMs) }] : [];
  });
  const inputs = used.map(({ rule, state }) => ({
    name: rule.name,
    value: state.value,
    weight: rule.weight,
    quality: state.quality,
  }));
  if (used.some(({ state }) => state.quality !== 'good')) return { kind: 'unknown', inputs };
  if (used.some(({ state }) => state.planned)) return { kind: 'held', inputs };
  const scored = used.flatMap(({ rule, state }) =>
    state.value === null ? [] : [{ rule, score: scoreOf(state.value, rule.scale) }],
  );
  if (scored.length < used.length) return { kind: 'unknown', inputs };
  const own = rpnScore(rpn, model.rpnCeiling ?? largestOfMachine);
  return { kind: 'value', index: twoDecimals(combined(model.rpnWeight, own, scored)), inputs };
}

/** Excellent, good, fair, poor and critical as the original divided them; without an index unknown. */
export function bandOf(index: number | null): HealthBand {
  if (index === null) return 'unknown';
  if (index >= 90) return 'excellent';
  if (index >= 80) return 'good';
  if (index >= 70) return 'fair';
  return index >= 50 ? 'poor' : 'critical';
}

function combined(
  rpnWeight: number,
  ownScore: number,
  scored: readonly { readonly rule: InputRule; readonly score: number }[],
): number {
  const weight = scored.reduce((sum, { rule }) => sum + rule.weight, rpnWeight);
  const weighted = scored.reduce((sum, { rule, score }) => sum + rule.weight * score, rpnWeight * ownScore);
  // Rules alone, without any weight: nothing to begin with but a perfect score.
  const mean = weight > 0 ? weighted / weight : 100;
  return scored.reduce((least, { rule, score }) => (rule.worstOf ? Math.min(least, score) : least), mean);
}

function current(state: InputState | undefined, model: IndexModel, nowMs: number): InputState {
  if (!state) return { value: null, quality: 'bad', planned: false, atMs: 0 };
  if (state.quality !== 'good') return state;
  // A planned stop needs no value: nothing is being made.
  if (state.value === null && !state.planned) return { ...state, quality: 'bad' };
  return isFresh(state.atMs, nowMs, model.staleAfterMs) ? state : { ...state, quality: 'stale' };
}

function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}
