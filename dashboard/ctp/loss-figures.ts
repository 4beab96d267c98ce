// Downtime as the charts want it: causes by their names, spans of time by their days.
import type { ParetoRow, StatisticsBucket } from '../../nodes/ctp/messages.ts';
import type { ColumnRow, ColumnWords } from '../charts/columns-spec.ts';
import type { ParetoPart, ParetoWords } from '../charts/pareto-spec.ts';
import { duration } from '../common/durations.ts';
import { language, text } from '../common/language.ts';
import type { Span } from './period.ts';
import { categoryName } from './problem-fields.ts';

/** Charts are drawn in hours, whose round numbers make a readable axis. */
const secondsOfHour = 3600;
const hours = (amount: number | null) => duration(amount === null ? null : amount * secondsOfHour);

export type Cause = 'error_code' | 'category' | 'machine';

/** @param machineNames mapped by nickname, which is the key of a machine */
export function paretoParts(
  rows: readonly ParetoRow[],
  of: Cause,
  machineNames: ReadonlyMap<string, string> = new Map(),
): readonly ParetoPart[] {
  const nameOf = (key: string): string => {
    if (key === '') return text(of === 'category' ? 'ctp.no-category' : 'ctp.no-code');
    if (of === 'category') return categoryName(key);
    return of === 'machine' ? (machineNames.get(key) ?? key) : key;
  };
  return rows.map(({ key, downtime_s, problems }) => ({
    name: nameOf(key),
    amount: downtime_s / secondsOfHour,
    times: problems,
  }));
}

export function paretoWords(of: Cause): ParetoWords {
  return { name: text(`ctp.pareto.${of}`), amount: text('ctp.downtime'), times: text('ctp.times'), write: hours };
}

/** A bucket's plant date has no zone: it is written as it is, whatever the tablet's own zone. */
export function trendRows(rows: readonly StatisticsBucket[], bucket: Span['bucket']): readonly ColumnRow[] {
  const format = new Intl.DateTimeFormat(language.value === 'id' ? 'id-ID' : 'en-US', {
    ...(bucket === 'month' ? { year: 'numeric' } : { day: 'numeric' }),
    month: 'short',
    timeZone: 'UTC',
  });
  return rows.map(({ from, downtime_s }) => ({
    name: format.format(new Date(`${from.slice(0, 10)}T00:00:00Z`)),
    amount: downtime_s / secondsOfHour,
  }));
}

export function trendWords(): ColumnWords {
  return { name: text('ctp.day'), amount: text('ctp.downtime'), write: hours };
}
