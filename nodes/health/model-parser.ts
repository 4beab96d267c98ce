// Narrows how an index is made, as a node's setting or a command gives it, to an IndexModel; every fault is named.
import { FieldReader } from '../core/field-reader.ts';
import { defaultModel, type IndexModel, type InputRule, type InputScale, largestRpn } from './index-model.ts';

const mostInputs = 20;
const longestStaleMs = 7 * 24 * 3_600_000;

/**
 * `{rpnWeight, rpnCeiling, staleAfterMs, inputs: [{name, weight, worstOf, required, scale}]}`; what is left out is as in the default
 * model. Faults go to `fields`; call its `finish`.
 */
export function readModel(fields: FieldReader): IndexModel {
  const model: IndexModel = {
    rpnWeight: fields.has('rpnWeight') ? between(fields, 'rpnWeight', 0, 100) : defaultModel.rpnWeight,
    rpnCeiling: ceilingOf(fields),
    staleAfterMs: fields.has('staleAfterMs')
      ? fields.whole('staleAfterMs', 1_000, longestStaleMs)
      : defaultModel.staleAfterMs,
    inputs: fields.has('inputs') ? fields.list('inputs', mostInputs, readInput) : defaultModel.inputs,
  };
  const names = model.inputs.map((input) => input.name);
  if (new Set(names).size < names.length) fields.fault('inputs', 'must name every input once');
  const weight = model.inputs.reduce((sum, input) => sum + input.weight, model.rpnWeight);
  if (weight === 0 && !model.inputs.some((input) => input.worstOf)) {
    fields.fault('inputs', 'must have a weight or a worst-of rule');
  }
  return model;
}

function ceilingOf(fields: FieldReader): number | null {
  const given = fields.raw('rpnCeiling');
  if (given === undefined) return defaultModel.rpnCeiling;
  return given === null || given === 'relative' ? null : fields.whole('rpnCeiling', 1, largestRpn);
}

function readInput(input: FieldReader): InputRule {
  const worstOf = input.has('worstOf') ? input.flag('worstOf') : false;
  return {
    name: input.words('name', 60),
    weight: input.has('weight') ? between(input, 'weight', 0, 100) : 0,
    worstOf,
    required: input.has('required') ? input.flag('required') : true,
    scale: readScale(input),
  };
}

function readScale(input: FieldReader): InputScale {
  if (!input.has('scale')) return { kind: 'percent' };
  const scale = input.part('scale');
  const kind = scale.oneOf('kind', ['percent', 'range', 'zones'] as const);
  if (kind === 'percent') return { kind };
  if (kind === 'range') {
    const healthy = scale.number('healthy');
    const failed = scale.number('failed');
    if (healthy === failed) scale.fault('failed', 'must differ from healthy');
    return { kind, healthy, failed };
  }
  const limits = scale.items('limits', 3).map(Number);
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = limits;
  if (!(first < second && second < third)) scale.fault('limits', 'must be three numbers, each above the one before');
  return { kind, limits: [first, second, third], source: scale.words('source', 200) };
}

function between(fields: FieldReader, field: string, least: number, most: number): number {
  const value = fields.number(field);
  if (value < least || value > most) fields.fault(field, `must be from ${least} to ${most}`);
  return value;
}

/** Models that were narrowed when they were stored, mapped by the object that came from the database. */
const narrowed = new WeakMap<object, IndexModel>();

/** A stored model; undefined for none. It was checked when it was stored, so a fault here is a damaged row and throws. */
export function readStoredModel(stored: unknown): IndexModel | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const known = narrowed.get(stored);
  if (known) return known;
  const fields = new FieldReader(stored, 'model.');
  const model = readModel(fields);
  fields.finish('The stored model');
  narrowed.set(stored, model);
  return model;
}
