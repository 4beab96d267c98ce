// Counts, shares, clock times and days as the language writes them; what is not known is a dash and never a zero.
import { locale, missing } from './language.ts';
import { inPlantZone } from './plant-clock.ts';

/** `1.240`; at most `decimals` behind the comma. */
export function figure(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return missing;
  return new Intl.NumberFormat(locale.value, { maximumFractionDigits: decimals }).format(value);
}

/** A share of 0 to 1 as `84,3 %`. */
export function share(ratio: number | null | undefined, decimals = 1): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return missing;
  const percent = new Intl.NumberFormat(locale.value, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(ratio * 100);
  return `${percent} %`;
}

/** `14:05` on the plant's clock. */
export function clockTime(iso: string | number | null): string {
  if (iso === null) return missing;
  return new Intl.DateTimeFormat(locale.value, {
    ...inPlantZone(),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** `2 Nov 2026 08.05` on the plant's clock: the month in letters, so that no order of day and month is in doubt. */
export function dayAndTime(iso: string): string {
  return new Intl.DateTimeFormat(locale.value, {
    ...inPlantZone(),
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** A plant date (`2026-11-21`) as `21 Nov`; the same day in every time zone. */
export function plantDay(date: string): string {
  return new Intl.DateTimeFormat(locale.value, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  );
}
