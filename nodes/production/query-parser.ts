// The border of production-oee: an outside message becomes a query or a command, or a refusal that names every wrong field.
import { FieldReader } from '../core/field-reader.ts';
import { type PlantTime, parseInstant } from '../core/plant-time.ts';
import type { StopReason } from './messages.ts';

export const queryCommands = [
  'current',
  'oee',
  'shifts',
  'timeline',
  'stops',
  'reasons',
  'reason',
  'save-reason',
  'sensor-current',
  'sensor-realtime',
  'downtime-history',
  'downtime-statistics',
  'windows',
] as const;
export type QueryName = (typeof queryCommands)[number];

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export type ProductionQuery =
  | { readonly command: 'reasons' | 'windows' }
  | { readonly command: 'current' | 'sensor-current'; readonly machine: string | undefined }
  | ({ readonly command: 'oee'; readonly machine: string | undefined } & Window)
  | ({
      readonly command: 'shifts';
      readonly machine: string | undefined;
      readonly limit: number;
      readonly offset: number;
    } & Window)
  | ({ readonly command: 'timeline'; readonly machine: string } & Window)
  | { readonly command: 'stops' | 'sensor-realtime'; readonly machine: string | undefined; readonly limit: number }
  | ({
      readonly command: 'downtime-history';
      readonly machine: string | undefined;
      readonly component: string | undefined;
      readonly limit: number;
    } & Window)
  | ({ readonly command: 'downtime-statistics'; readonly machine: string | undefined } & Window)
  | {
      readonly command: 'reason';
      readonly machine: string;
      readonly span: number;
      readonly reason: string;
      readonly previous?: string;
      readonly note?: string;
      readonly commandId?: string;
    }
  | { readonly command: 'save-reason'; readonly reason: StopReason; readonly commandId: string | undefined };

const dayMs = 24 * 60 * 60 * 1000;
/** More would be no page but an export. */
const mostRows = 1000;
/** One page of states: at a change a minute, as many spans as a screen has pixels. */
const longestTimelineMs = 8 * dayMs;

/** Throws InvalidInput, with all faults, for anything that is not a query. */
export function parseQuery(payload: unknown, plant: PlantTime, nowMs: number): ProductionQuery {
  const fields = new FieldReader(payload);
  const command = fields.oneOf('command', queryCommands);
  fields.finish('The command');
  const query = readQuery(command, fields, plant, nowMs);
  fields.finish(`"${command}"`);
  return query;
}

function readQuery(command: QueryName, fields: FieldReader, plant: PlantTime, nowMs: number): ProductionQuery {
  const machine = fields.has('machine') ? fields.words('machine', 100) : undefined;
  const limit = (fallback: number) => (fields.has('limit') ? fields.count('limit', 1, mostRows) : fallback);
  switch (command) {
    case 'reasons':
    case 'windows':
      return { command };
    case 'current':
    case 'sensor-current':
      return { command, machine };
    case 'oee':
      return { command, machine, ...windowOf(fields, plant, nowMs, ['from', 'to'], dayMs) };
    case 'shifts': {
      const offset = fields.has('offset') ? fields.count('offset', 0, 1_000_000) : 0;
      // All shifts of a machine in its newest year; whoever wants older ones names a span.
      const span = machine === undefined ? 8 * dayMs : 366 * dayMs;
      return { command, machine, limit: limit(100), offset, ...windowOf(fields, plant, nowMs, ['from', 'to'], span) };
    }
    case 'timeline': {
      const window = windowOf(fields, plant, nowMs, ['from', 'to'], dayMs);
      if (window.toMs - window.fromMs > longestTimelineMs)
        fields.fault('from', 'must be at most 8 days before the end');
      return { command, machine: machine ?? fields.words('machine', 100), ...window };
    }
    case 'stops':
    case 'sensor-realtime':
      return { command, machine, limit: limit(command === 'stops' ? 50 : 100) };
    case 'downtime-history': {
      const component = fields.has('component') ? fields.words('component', 100) : undefined;
      const window = windowOf(fields, plant, nowMs, ['start_date', 'end_date'], 30 * dayMs);
      return { command, machine, component, limit: limit(50), ...window };
    }
    case 'downtime-statistics':
      return { command, machine, ...windowOf(fields, plant, nowMs, ['start_date', 'end_date'], 30 * dayMs) };
    case 'reason':
      return {
        command,
        machine: machine ?? fields.words('machine', 100),
        span: fields.count('span', 1, Number.MAX_SAFE_INTEGER),
        reason: fields.words('reason', 64),
        ...(fields.has('previous') && { previous: fields.words('previous', 64) }),
        ...(fields.has('note') && { note: fields.words('note', 500) }),
        ...(fields.has('commandId') && { commandId: fields.words('commandId', 100) }),
      };
    case 'save-reason':
      return {
        command,
        reason: readReason(fields),
        commandId: fields.has('commandId') ? fields.words('commandId', 100) : undefined,
      };
  }
}

function readReason(fields: FieldReader): StopReason {
  const code = fields.words('code', 64);
  if (!/^[A-Z0-9_]{1,64}$/.test(code)) fields.fault('code', 'must be capitals, digits and _');
  const label = fields.part('label');
  return {
    code,
    label: { id: label.words('id', 100), 'en-US': label.words('en-US', 100) },
    planned: fields.choice('planned'),
  };
}

/**
 * A date alone is its midnight on the plant's wall clock, and as an end the midnight after it. Without an end: now; without a
 * beginning: `span` before the end, at a midnight where the fields are dates.
 */
function windowOf(
  fields: FieldReader,
  plant: PlantTime,
  nowMs: number,
  [from, to]: readonly [string, string],
  spanMs: number,
): Window {
  const toMs = fields.has(to) ? instantOf(fields, to, plant, true) : nowMs + 1;
  const isByDay = from === 'start_date';
  const { year, month, day } = plant.wallTime(toMs - spanMs);
  const fallback = isByDay ? plant.boundaryMs({ year, month, day }) : toMs - spanMs;
  const fromMs = fields.has(from) ? instantOf(fields, from, plant, false) : fallback;
  if (fromMs > 0 && toMs > 0 && fromMs >= toMs) fields.fault(from, 'must be before the end');
  return { fromMs, toMs };
}

function instantOf(fields: FieldReader, field: string, plant: PlantTime, isEnd: boolean): number {
  const text = fields.words(field, 40);
  const instant = parseInstant(text, plant);
  if (instant === undefined) {
    fields.fault(field, 'must be a date such as 2027-01-31 or an instant such as 2027-01-31T06:00:00Z');
    return 0;
  }
  if (!isEnd || !/^\d{4}-\d{2}-\d{2}$/.test(text.trim())) return instant;
  const { year, month, day } = plant.wallTime(instant);
  return plant.boundaryMs({ year, month, day: day + 1 });
}
