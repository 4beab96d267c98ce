// Dates of a stop list in every form that spreadsheets write, and which order of day and month a text allows.
import { type PlantTime, parseInstant, type WallTime } from '../../core/plant-time.ts';

export type DateOrder = 'dmy' | 'mdy';

/** Dates that Excel writes as numbers of days: 1990 to 2100. */
const serialFrom = 32_874;
const serialTo = 73_415;
/** Day 0 of Excel's 1900 system, its leap year that never was included. */
const serialEpoch = Date.UTC(1899, 11, 30);
/** Years of two digits are of this century: no list of stops is older. */
const century = 2000;

const serialNumber = /^\d{5}(?:[.,]\d+)?$/;
const yearFirst = /^(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?:[T ]+(.+))?$/;
const yearLast = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[T ]+(.+))?$/;
const clock = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([ap])?\.?(m)?\.?$/i;

/**
 * The order that a text itself shows: `both` for a date with slashes or dashes whose parts both are 12 or less, `any` for a text whose
 * order is beyond doubt or no matter: the year first, points, a number of Excel.
 */
export function orderShownBy(text: string): DateOrder | 'both' | 'any' {
  const [, first = '', mark, second = ''] = yearLast.exec(text) ?? [];
  // Points are written with the day first everywhere.
  if (mark === undefined || mark === '.') return 'any';
  // 5/5 is the same day in both.
  if (Number(first) === Number(second)) return 'any';
  if (Number(first) > 12) return 'dmy';
  if (Number(second) > 12) return 'mdy';
  return 'both';
}

/** The instant of a date as spreadsheets write it, in the plant's zone where none is written; undefined for a text that is none. */
export function instantOf(text: string, order: DateOrder, plant: PlantTime): number | undefined {
  const iso = parseInstant(text, plant);
  if (iso !== undefined) return iso;
  // Five digits before the mark leave no doubt what it is.
  const serial = serialNumber.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
  if (serial >= serialFrom && serial <= serialTo) return ofSerial(serial, plant);
  const [, year, , month, day, time] = yearFirst.exec(text) ?? [];
  if (year !== undefined) return ofParts(Number(year), Number(month), Number(day), time, plant);
  const [, first, mark, second, lastYear = '', lastTime] = yearLast.exec(text) ?? [];
  if (first === undefined) return undefined;
  const isDayFirst = order === 'dmy' || mark === '.';
  const fullYear = Number(lastYear) + (lastYear.length === 2 ? century : 0);
  const [dayPart, monthPart] = isDayFirst ? [first, second] : [second, first];
  return ofParts(fullYear, Number(monthPart), Number(dayPart), lastTime, plant);
}

function ofParts(
  year: number,
  month: number,
  day: number,
  time: string | undefined,
  plant: PlantTime,
): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const read = time === undefined || time.trim() === '' ? { hour: 0, minute: 0, second: 0 } : timeOf(time.trim());
  return read && plant.instantMs({ year, month, day, ...read });
}

/** Of `8:05`, `14.05.30`, `8:05 AM`, `2:05 p.m.`. */
function timeOf(text: string): Pick<WallTime, 'hour' | 'minute' | 'second'> | undefined {
  const [, hours, minutes, seconds = '0', half] = clock.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const hour = Number(hours);
  const minute = Number(minutes);
  const second = Number(seconds);
  if (minute > 59 || second > 59) return undefined;
  if (half === undefined) return hour > 23 ? undefined : { hour, minute, second };
  if (hour < 1 || hour > 12) return undefined;
  return { hour: (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0), minute, second };
}

function ofSerial(serial: number, plant: PlantTime): number {
  // Excel keeps a second as a fraction that is not exact.
  const wall = new Date(serialEpoch + Math.round(serial * 86_400) * 1_000);
  return plant.instantMs({
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
  });
}
