// Days, months and years of the plant's calendar as numbers (20261121, 202611, 2026) and as instants.
import type { PlantTime } from '../../core/plant-time.ts';

/** `yyyymmdd`. */
export type PlantDay = number;

export function dayOf(plant: PlantTime, instantMs: number): PlantDay {
  return Number(plant.dateText(instantMs).replaceAll('-', ''));
}

export function monthOf(day: PlantDay): number {
  return Math.floor(day / 100);
}

export function yearOf(day: PlantDay): number {
  return Math.floor(day / 10_000);
}

/** First instant of a day. */
export function startOfDay(plant: PlantTime, day: PlantDay): number {
  return plant.boundaryMs({ year: yearOf(day), month: monthOf(day) % 100, day: day % 100 });
}

/** `days` later, or earlier when negative. */
export function dayAfter(day: PlantDay, days = 1): PlantDay {
  const date = new Date(Date.UTC(yearOf(day), (monthOf(day) % 100) - 1, (day % 100) + days));
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** First day of the month after that of `day`. */
export function nextMonth(day: PlantDay): PlantDay {
  const month = monthOf(day);
  return month % 100 === 12 ? (yearOf(day) + 1) * 10_000 + 101 : (month + 1) * 100 + 1;
}

export function nextYear(day: PlantDay): PlantDay {
  return (yearOf(day) + 1) * 10_000 + 101;
}

/** Monday of the week of `day`. */
export function mondayOf(day: PlantDay): PlantDay {
  const weekday = new Date(Date.UTC(yearOf(day), (monthOf(day) % 100) - 1, day % 100)).getUTCDay();
  return dayAfter(day, -((weekday + 6) % 7));
}

/** `YYYY-MM-DD`. */
export function dayText(day: PlantDay): string {
  const digits = String(day).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** Days from `first` up to, without, `end`. */
export function daysBetween(first: PlantDay, end: PlantDay): readonly PlantDay[] {
  const days: PlantDay[] = [];
  for (let day = first; day < end; day = dayAfter(day)) days.push(day);
  return days;
}

/** Neighbouring whole days as few periods as possible: days, then months, then years. */
export interface Periods {
  readonly days: readonly Span[];
  readonly months: readonly Span[];
  readonly years: readonly Span[];
}

/** From the first to the last period, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Splits the whole days [first, end) into whole years, whole months and the days that are left. */
export function periodsOf(first: PlantDay, end: PlantDay): Periods {
  const days: Span[] = [];
  const months: Span[] = [];
  const years: Span[] = [];
  const add = (to: Span[], from: PlantDay, until: PlantDay, unit: (day: PlantDay) => number) => {
    if (from < until) to.push({ first: unit(from), last: unit(dayAfter(until, -1)) });
  };
  const firstMonth = first % 100 === 1 ? first : nextMonth(first);
  const endMonth = monthOf(end) * 100 + 1;
  if (firstMonth >= endMonth) {
    add(days, first, end, (day) => day);
    return { days, months, years };
  }
  add(days, first, firstMonth, (day) => day);
  add(days, endMonth, end, (day) => day);
  const firstYear = monthOf(firstMonth) % 100 === 1 ? firstMonth : nextYear(firstMonth);
  const endYear = yearOf(endMonth) * 10_000 + 101;
  if (firstYear >= endYear) add(months, firstMonth, endMonth, monthOf);
  else {
    add(months, firstMonth, firstYear, monthOf);
    add(months, endYear, endMonth, monthOf);
    add(years, firstYear, endYear, yearOf);
  }
  return { days, months, years };
}

/** Every single period. */
export function listed({ days, months, years }: Periods): readonly number[] {
  const each = ({ first, last }: Span, next: (period: number) => number): readonly number[] => {
    const all: number[] = [];
    for (let period = first; period <= last; period = next(period)) all.push(period);
    return all;
  };
  return [
    ...days.flatMap((span) => each(span, dayAfter)),
    ...months.flatMap((span) => each(span, (month) => monthOf(nextMonth(month * 100 + 1)))),
    ...years.flatMap((span) => each(span, (year) => year + 1)),
  ];
}

export interface WholeDays {
  /** Parts of days at the ends. */
  readonly edges: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** Whole days [first, end); none when they are equal. */
  readonly first: PlantDay;
  readonly end: PlantDay;
}

/** Splits a window into whole plant days and what is left at its ends. */
export function wholeDaysOf(plant: PlantTime, fromMs: number, toMs: number): WholeDays {
  const fromDay = dayOf(plant, fromMs);
  const first = startOfDay(plant, fromDay) === fromMs ? fromDay : dayAfter(fromDay);
  const end = dayOf(plant, toMs);
  if (first > end) return { edges: toMs > fromMs ? [{ fromMs, toMs }] : [], first, end: first };
  return {
    edges: [
      { fromMs, toMs: startOfDay(plant, first) },
      { fromMs: startOfDay(plant, end), toMs },
    ].filter((edge) => edge.toMs > edge.fromMs),
    first,
    end,
  };
}
