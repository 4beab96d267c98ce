// Buckets of a trend: days, weeks that begin on Monday, and months of the plant's calendar.
import { type RawBuilder, sql } from 'kysely';
import { dayAfter, mondayOf, nextMonth, type PlantDay } from './plant-days.ts';

export const buckets = ['day', 'week', 'month'] as const;
export type Bucket = (typeof buckets)[number];

/** Days for up to two months, weeks for up to half a year, then months. */
export function bucketFor(fromMs: number, toMs: number): Bucket {
  const days = (toMs - fromMs) / 86_400_000;
  return days <= 62 ? 'day' : days <= 184 ? 'week' : 'month';
}

/** First day of the bucket of `day`. */
export function bucketOf(bucket: Bucket, day: PlantDay): PlantDay {
  if (bucket === 'day') return day;
  return bucket === 'week' ? mondayOf(day) : day - (day % 100) + 1;
}

/**
 * A number that the days of one bucket share and no other day has, of a column `period` with the day as `yyyymmdd`. Of weeks it is
 * the Julian day number (Fliegel and Van Flandern, CACM 11, 1968, in whole numbers) by sevens: Julian day 0 was a Monday.
 */
export function bucketSql(bucket: Bucket): RawBuilder<number> {
  if (bucket === 'day') return sql`period`;
  if (bucket === 'month') return sql`period / 100`;
  const early = sql`(14 - period / 100 % 100) / 12`;
  const year = sql`(period / 10000 + 4800 - ${early})`;
  const month = sql`(period / 100 % 100 + 12 * (${early}) - 3)`;
  return sql`(period % 100 + (153 * ${month} + 2) / 5 + 365 * ${year} + ${year} / 4 - ${year} / 100 + ${year} / 400 - 32045) / 7`;
}

/** First day of the bucket after the one that begins with `first`. */
export function nextBucket(bucket: Bucket, first: PlantDay): PlantDay {
  if (bucket === 'month') return nextMonth(first);
  return dayAfter(first, bucket === 'week' ? 7 : 1);
}
