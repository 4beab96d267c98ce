// Narrows the filter of a list, as it comes from a node or the query of a route, to machines, facets, a span of time and words.
import type { FieldFault } from '../../core/errors.ts';
import { ShopfloorError } from '../../core/errors.ts';
import { FieldReader } from '../../core/field-reader.ts';
import { type PlantTime, parseInstant } from '../../core/plant-time.ts';
import { problemStatuses, severities, technicianTypes } from '../messages.ts';
import { dayAfter, dayOf, nextMonth, nextYear, startOfDay } from './plant-days.ts';
import { facetsOf } from './problem-fact.ts';

/** Which machines an actor may see. */
export type MachineScope = readonly number[] | 'all';

export interface MachineName {
  readonly id: number;
  readonly nickname: string;
  readonly name: string;
}

/** [fromMs, toMs); an open side is undefined. */
export interface TimeSpan {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export interface ListFilter extends TimeSpan {
  /** Undefined: every machine. */
  readonly machines: readonly number[] | undefined;
  /** See `facetOf`; every non-void one when nothing is asked for. */
  readonly facets: readonly number[];
  readonly hasFacetFilter: boolean;
  readonly status: string | undefined;
  readonly severity: string | undefined;
  readonly technicianType: string | undefined;
  /** Trimmed; undefined when nothing is searched. */
  readonly search: string | undefined;
}

/** More than a person types; a longer text is refused by name instead of being cut in silence. */
const longestSearch = 1_000;

export interface FilterContext {
  readonly plant: PlantTime;
  readonly machines: readonly MachineName[];
  readonly scope: MachineScope;
}

/** Throws InvalidInput with every fault at once, 404 for an unknown machine and 403 for one outside the scope. */
export function readListFilter(input: unknown, context: FilterContext, faults: FieldFault[] = []): ListFilter {
  const fields = new FieldReader(input, '', faults);
  const status = fields.has('status') ? fields.oneOf('status', [...problemStatuses, 'open'] as const) : undefined;
  const severity = fields.has('severity') ? fields.oneOf('severity', severities) : undefined;
  const technicianType = fields.has('technician_type') ? fields.oneOf('technician_type', technicianTypes) : undefined;
  const search = fields.has('search') ? fields.text('search', longestSearch).trim() : '';
  const span = readTimeSpan(fields, context.plant);
  const wanted = readMachine(fields);
  fields.finish('The filter');
  return {
    machines: machinesIn(wanted, context),
    facets: facetsOf({ status, severity, technician_type: technicianType }),
    hasFacetFilter: status !== undefined || severity !== undefined || technicianType !== undefined,
    status,
    severity,
    technicianType,
    search: search === '' ? undefined : search,
    ...span,
  };
}

interface WantedMachine {
  readonly id: number | undefined;
  readonly nickname: string | undefined;
}

export function readMachine(fields: FieldReader): WantedMachine {
  return {
    id: fields.has('machine_id') ? fields.count('machine_id', 1, 2 ** 31 - 1) : undefined,
    nickname: fields.has('machine_nickname') ? fields.text('machine_nickname', 50) : undefined,
  };
}

/** The machines that are meant, inside the scope; undefined for all. */
export function machinesIn(wanted: WantedMachine, context: FilterContext): readonly number[] | undefined {
  const { machines, scope } = context;
  if (wanted.id === undefined && wanted.nickname === undefined) return scope === 'all' ? undefined : scope;
  const machine = machines.find(
    ({ id, nickname }) =>
      (wanted.id === undefined || wanted.id === id) &&
      (wanted.nickname === undefined || wanted.nickname.toLowerCase() === nickname.toLowerCase()),
  );
  if (!machine) throw new ShopfloorError('unknown-machine', 404, 'There is no such machine.');
  if (scope !== 'all' && !scope.includes(machine.id))
    throw new ShopfloorError('forbidden', 403, `${machine.name} is not one of your machines.`);
  return [machine.id];
}

/**
 * Plant dates or instants in start_date and end_date (an end that is a date includes its day), cut to year and month where
 * those are given.
 */
export function readTimeSpan(fields: FieldReader, plant: PlantTime): TimeSpan {
  const year = fields.has('year') ? fields.count('year', 1970, 2105) : undefined;
  const month = fields.has('month') ? fields.count('month', 1, 12) : undefined;
  if (month !== undefined && year === undefined) fields.fault('month', 'needs a year', 'no-year');
  const start = fields.has('start_date') ? readInstant(fields, 'start_date', plant, 'start') : undefined;
  const end = fields.has('end_date') ? readInstant(fields, 'end_date', plant, 'end') : undefined;
  const isDate = fields.has('end_date') && isPlantDate(fields.raw('end_date'));
  if (start !== undefined && end !== undefined && (isDate ? end <= start : end < start))
    fields.fault('end_date', 'must not be before start_date', 'before-start');
  const first = year === undefined ? undefined : year * 10_000 + (month ?? 1) * 100 + 1;
  const next = first === undefined ? undefined : month === undefined ? nextYear(first) : nextMonth(first);
  return {
    fromMs: latest(start, first && startOfDay(plant, first)),
    toMs: earliest(end, next && startOfDay(plant, next)),
  };
}

function readInstant(fields: FieldReader, field: string, plant: PlantTime, side: 'start' | 'end'): number | undefined {
  const text = fields.text(field, 40);
  const instant = parseInstant(text, plant);
  // Places in lists are exact for seconds up to the year 2106.
  if (instant === undefined || instant > Date.UTC(2106, 0)) {
    fields.fault(field, 'must be a date such as 2026-11-21 or an instant such as 2026-11-21T08:00:00Z', 'not-a-time');
    return undefined;
  }
  return isPlantDate(text) && side === 'end' ? startOfDay(plant, dayAfter(dayOf(plant, instant))) : instant;
}

function isPlantDate(text: unknown): boolean {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text.trim());
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.max(one, other);
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.min(one, other);
}
