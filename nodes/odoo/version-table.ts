// What differs between Odoo 14 and 19 in the names of fields and methods, as measured (14 and 18 as read in the source).

export interface SeriesNames {
  readonly series: number;
  /** Planned start of a manufacturing order. */
  readonly plannedStart: 'date_planned_start' | 'date_start';
  /** Consumed quantity of a raw move. */
  readonly consumedQuantity: 'quantity_done' | 'quantity';
  /** From 17 on the quantity is only reserved until this flag is set. */
  readonly picked: 'picked' | null;
  /** Keeps a written quantity against recomputation. */
  readonly manualConsumption: 'manual_consumption' | null;
  /** The question about one's own rights. */
  readonly rightsMethod: 'check_access_rights' | 'has_access';
}

/** The oldest series that these rules hold for. */
export const oldestSeries = 14;
const newestKnown = 19;

/** First series with JSON-2. */
export const firstJson2Series = 19;

/** Version of a server that can't be asked for it, because it has JSON-2 alone. */
export const unknownVersion = 'unknown';

/** Names of a series; a newer one than is known goes by the newest known. */
export function namesOf(series: number): SeriesNames {
  const known = Math.min(series, newestKnown);
  const picks = known >= 17;
  return {
    series,
    plannedStart: picks ? 'date_start' : 'date_planned_start',
    consumedQuantity: picks ? 'quantity' : 'quantity_done',
    picked: picks ? 'picked' : null,
    manualConsumption: known >= 16 ? 'manual_consumption' : null,
    rightsMethod: known >= 18 ? 'has_access' : 'check_access_rights',
  };
}
