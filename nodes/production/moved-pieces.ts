// What late readings of a machine moved within one fold, as people see it: from which hour, shift and order to which.
import type { PlantTime } from '../core/plant-time.ts';
import type { Slice } from './live-machine.ts';
import { bucketOf } from './state-accounts.ts';

/** Places that one event names; the totals themselves are in the tables. */
const mostPlaces = 50;

interface Place {
  readonly hour: string;
  readonly shift: string;
  readonly shift_date: string;
  readonly order: string;
  production: number;
  defects: number;
}

export class MovedPieces {
  readonly #plant: PlantTime;
  /** Mapped by hour, shift and order. */
  readonly #places = new Map<string, Place>();
  #readings = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(plant: PlantTime) {
    this.#plant = plant;
  }

  /** A late reading was placed. */
  note(atMs: number): void {
    this.#readings += 1;
    this.#firstMs = Math.min(this.#firstMs, atMs);
    this.#lastMs = Math.max(this.#lastMs, atMs);
  }

  add(atMs: number, { shift, order }: Slice, production: number, defects: number): void {
    if (production === 0 && defects === 0) return;
    const { startMs } = bucketOf(this.#plant, 'hour', atMs);
    const key = `${startMs}/${shift.startMs}/${order}`;
    const place = this.#places.get(key);
    if (place) {
      place.production += production;
      place.defects += defects;
      return;
    }
    const hour = new Date(startMs).toISOString();
    this.#places.set(key, { hour, shift: shift.shift, shift_date: shift.shiftDate, order, production, defects });
  }

  get lastMs(): number {
    return this.#lastMs;
  }

  /** Detail of the event of late readings; undefined where every hour, shift and order has what it had. */
  detail(): Readonly<Record<string, unknown>> | undefined {
    const { moved, ...sums } = this.sums();
    if (moved.length === 0) return undefined;
    const from = new Date(this.#firstMs).toISOString();
    return { readings: this.#readings, from, to: new Date(this.#lastMs).toISOString(), ...sums, moved };
  }

  /** What the totals of the machine went up by, and what each hour, shift and order did. */
  sums(): { readonly production: number; readonly defects: number; readonly moved: readonly Readonly<Place>[] } {
    const moved = [...this.#places.values()].filter(({ production, defects }) => production !== 0 || defects !== 0);
    return {
      production: moved.reduce((sum, place) => sum + place.production, 0),
      defects: moved.reduce((sum, place) => sum + place.defects, 0),
      moved: moved.slice(0, mostPlaces),
    };
  }
}
