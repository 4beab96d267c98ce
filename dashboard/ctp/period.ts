// Spans that statistics are shown for, as dates of the plant.
import { plantDate } from '../common/plant-clock.ts';
import { serverNow } from '../common/server-time.ts';

export const periods = ['week', 'month', 'quarter', 'year'] as const;
export type Period = (typeof periods)[number];

export interface Span {
  readonly start_date: string;
  readonly end_date: string;
  readonly bucket: 'day' | 'week' | 'month';
}

/** The last 7, 30, 90 or 365 days up to today, in buckets that fit a chart of a tablet. */
export function spanOf(period: Period, today = serverNow()): Span {
  const days = { week: 6, month: 29, quarter: 89, year: 364 }[period];
  const last = plantDate(today);
  const from = new Date(Date.parse(`${last}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
  return {
    start_date: from,
    end_date: last,
    bucket: bucketOf(period),
  };
}

export function bucketOf(period: Period): Span['bucket'] {
  return ({ week: 'day', month: 'day', quarter: 'week', year: 'month' } as const)[period];
}
