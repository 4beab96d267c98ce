// What the editor gives a shift-calendar node, as a checked plan: groups of machines, their shifts, holidays and dated overrides.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { FieldReader } from '../core/field-reader.ts';
import { plantTimeOf } from '../core/plant-time.ts';
import { isUnset, namedVariable, settingText } from '../core/setting-text.ts';
import {
  type CalendarGroup,
  type CalendarOverride,
  type CalendarSettings,
  type Holiday,
  type MinuteSpan,
  minutesPerDay,
  type PlannedShift,
} from './calendar-plan.ts';
import { overlapFaults } from './shift-overlaps.ts';

/** Properties of the node as a flow holds them. */
export interface CalendarProperties {
  readonly timeZone?: unknown;
  readonly groups?: unknown;
  readonly holidays?: unknown;
  readonly overrides?: unknown;
}

const everyWeekday = [1, 2, 3, 4, 5, 6, 7];
export const overrideKinds = ['extra', 'cancelled', 'hours', 'stop'] as const;

/** One group of all machines, three shifts of eight hours from 06:00: the original plant's. */
export const defaultGroups = [
  {
    name: 'all',
    machines: [],
    shifts: [
      { name: '1', start: '06:00', end: '14:00', weekdays: everyWeekday, breaks: [] },
      { name: '2', start: '14:00', end: '22:00', weekdays: everyWeekday, breaks: [] },
      { name: '3', start: '22:00', end: '06:00', weekdays: everyWeekday, breaks: [] },
    ],
  },
] as const;

/** Throws InvalidInput that names every wrong field, such as `groups[0].shifts[1].start`. */
export function parseCalendarSettings(
  properties: CalendarProperties,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CalendarSettings {
  const faults: FieldFault[] = [];
  const groups = isUnset(properties.groups) ? defaultGroups : properties.groups;
  const reader = new FieldReader(
    { groups, holidays: listOf(properties.holidays), overrides: listOf(properties.overrides) },
    '',
    faults,
  );
  const settings: CalendarSettings = {
    timeZone: timeZoneOf(properties.timeZone, environment, faults),
    groups: reader.list('groups', 50, readGroup),
    holidays: reader.list('holidays', 2000, readHoliday),
    overrides: reader.list('overrides', 5000, readOverride),
  };
  if (faults.length === 0) faults.push(...groupFaults(settings), ...nameFaults(settings));
  if (faults.length === 0) faults.push(...overlapFaults(settings));
  if (faults.length > 0) throw new InvalidInput(faults, 'The shift calendar');
  return settings;
}

/** Days since 1970-01-01 of `YYYY-MM-DD`; undefined for a day that doesn't exist. */
export function dayNumberOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return isReal ? date.getTime() / (minutesPerDay * 60_000) : undefined;
}

/** Minutes after midnight of `HH:MM`; undefined for anything else. */
export function minuteOf(text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) : null;
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

const listOf = (value: unknown) => (isUnset(value) ? [] : value);

function timeZoneOf(
  given: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  faults: FieldFault[],
): string {
  const variable = namedVariable(given);
  const zone = settingText(variable === undefined ? given : environment[variable]) || 'Asia/Jakarta';
  try {
    plantTimeOf(zone);
  } catch {
    faults.push({ field: 'timeZone', message: 'must be an IANA time zone such as Asia/Jakarta' });
  }
  return zone;
}

function readGroup(item: FieldReader): CalendarGroup {
  const machines = item.has('machines') ? item.items('machines', 1000) : [];
  const names = machines.filter((machine): machine is string => typeof machine === 'string' && machine.trim() !== '');
  if (names.length < machines.length) item.fault('machines', 'must be a list of machine names');
  return {
    name: item.words('name', 64).trim(),
    machines: new Set(names.map((name) => name.trim())),
    shifts: item.list('shifts', 24, readShift),
  };
}

function readShift(item: FieldReader): PlannedShift {
  const weekdays = item.has('weekdays') ? item.items('weekdays', 7) : everyWeekday;
  const days = weekdays.filter((day): day is number => everyWeekday.includes(Number(day))).map(Number);
  if (days.length < weekdays.length) item.fault('weekdays', 'must be whole numbers from 1 (Monday) to 7 (Sunday)');
  const span = readSpan(item);
  const breaks = item.has('breaks') ? item.list('breaks', 24, (part) => readInside(part, span)) : [];
  return { name: item.words('name', 32).trim(), weekdays: new Set(days), breaks, ...span };
}

/** An end that isn't after the start is on the next day. */
function readSpan(item: FieldReader): MinuteSpan {
  const startMinute = readMinute(item, 'start');
  const endMinute = readMinute(item, 'end');
  return { startMinute, endMinute: endMinute > startMinute ? endMinute : endMinute + minutesPerDay };
}

/** A break is at the first such reading of the clock after its shift has begun. */
function readInside(item: FieldReader, shift: MinuteSpan): MinuteSpan {
  const span = readSpan(item);
  const days = span.startMinute < shift.startMinute ? minutesPerDay : 0;
  const moved = { startMinute: span.startMinute + days, endMinute: span.endMinute + days };
  if (moved.endMinute > shift.endMinute) item.fault('start', 'the break must lie inside its shift');
  return moved;
}

function readMinute(item: FieldReader, field: string): number {
  const minute = minuteOf(item.raw(field));
  if (minute === undefined) item.fault(field, 'must be a time of day from 00:00 to 23:59');
  return minute ?? 0;
}

function readDay(item: FieldReader, field: string): number {
  const day = dayNumberOf(String(item.raw(field)));
  if (day === undefined) item.fault(field, 'must be a date such as 2027-01-31');
  return day ?? 0;
}

const readGroupName = (item: FieldReader) => (item.has('group') ? item.words('group', 64).trim() : null);

function readHoliday(item: FieldReader): Holiday {
  const fromDay = readDay(item, 'date');
  const toDay = item.has('until') ? readDay(item, 'until') : fromDay;
  if (toDay < fromDay) item.fault('until', 'must not be before the first day');
  return { fromDay, toDay, group: readGroupName(item) };
}

function readOverride(item: FieldReader): CalendarOverride {
  const kind = item.oneOf('kind', overrideKinds);
  const base = { day: readDay(item, 'date'), group: readGroupName(item) };
  if (kind === 'stop') return { kind, ...base, ...readSpan(item) };
  const shift = item.words('shift', 32).trim();
  return kind === 'cancelled' ? { kind, ...base, shift } : { kind, ...base, shift, ...readSpan(item) };
}

function groupFaults({ groups }: CalendarSettings): FieldFault[] {
  const faults: FieldFault[] = [];
  if (groups.length === 0) faults.push({ field: 'groups', message: 'must hold at least one group' });
  const names = new Set<string>();
  /** Group index mapped by machine; the empty name stands for all others. */
  const owners = new Map<string, number>();
  for (const [index, group] of groups.entries()) {
    if (names.has(group.name)) faults.push({ field: `groups[${index}].name`, message: 'is the name of another group' });
    names.add(group.name);
    for (const machine of group.machines.size === 0 ? [''] : group.machines) {
      const what = machine === '' ? 'only one group may be for all other machines' : `"${machine}" is in two groups`;
      if (owners.has(machine)) faults.push({ field: `groups[${index}].machines`, message: what });
      owners.set(machine, index);
    }
    const shifts = new Set<string>();
    for (const [at, { name }] of group.shifts.entries()) {
      if (shifts.has(name))
        faults.push({ field: `groups[${index}].shifts[${at}].name`, message: 'is the name of another shift' });
      shifts.add(name);
    }
  }
  return faults;
}

function nameFaults({ groups, holidays, overrides }: CalendarSettings): FieldFault[] {
  const isGroup = (group: string | null) => group === null || groups.some(({ name }) => name === group);
  const unknown = (list: string, items: readonly { readonly group: string | null }[]) =>
    [...items.entries()]
      .filter(([, { group }]) => !isGroup(group))
      .map(([index]) => ({ field: `${list}[${index}].group`, message: 'is no group of this calendar' }));
  const shiftless = [...overrides.entries()]
    .filter(
      ([, override]) =>
        (override.kind === 'cancelled' || override.kind === 'hours') &&
        !groups.some(
          ({ name, shifts }) =>
            (override.group === null || override.group === name) &&
            shifts.some((shift) => shift.name === override.shift),
        ),
    )
    .map(([index]) => ({ field: `overrides[${index}].shift`, message: 'is no shift of this group' }));
  return [...unknown('holidays', holidays), ...unknown('overrides', overrides), ...shiftless];
}
