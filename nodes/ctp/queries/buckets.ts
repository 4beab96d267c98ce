// Buckets of a trend: days, weeks that begin on Monday, and months of the plant's calendar.
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

/** First day of the bucket after the one that begins with `first`. */
export function nextBucket(bucket: Bucket, first: PlantDay): PlantDay {
  if (bucket === 'month') return nextMonth(first);
  return dayAfter(first, bucket === 'week' ? 7 : 1);
}
