// Spans that statistics are shown for, as dates of the plant.
import { serverNow } from '../common/server-time.ts';

export const periods = ['week', 'month', 'year'] as const;
export type Period = (typeof periods)[number];

export interface Span {
  readonly start_date: string;
  readonly end_date: string;
  readonly bucket: 'day' | 'week' | 'month';
}

/** The last 7, 30 or 365 days up to today, in buckets that fit a chart of a tablet. */
export function spanOf(period: Period, today = serverNow()): Span {
  const days = { week: 6, month: 29, year: 364 }[period];
  const from = new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  return {
    start_date: dateText(from),
    end_date: dateText(today),
    bucket: ({ week: 'day', month: 'day', year: 'month' } as const)[period],
  };
}

function dateText(day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
