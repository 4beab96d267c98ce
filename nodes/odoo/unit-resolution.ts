// How finely Odoo keeps a quantity in a unit: a plant weighs to 0.01 kg, and a tonne that Odoo rounds to 0.01 t loses up to 5 kg.
import { centiKg, formatKg } from '../core/mass.ts';
import type { MassUnit } from './messages.ts';
import { OdooError } from './odoo-error.ts';
import type { OdooPort } from './odoo-port.ts';
import { roundingOf } from './order-moves.ts';
import { quantityOf } from './record-values.ts';

/** Mapped by unit id: the smallest step that Odoo keeps in this unit. */
export type UnitRoundings = ReadonlyMap<number, number>;

/** A unit's rounding is changed once in years; a session that lasts for months still notices. */
const keptMs = 3_600_000;

/** A step of a hundredth of a kilogram, with room for the noise of a product of floats. */
const finestNeeded = 1 + 1e-9;

/** True when every hundredth of a kilogram survives being kept in `unit`. */
export function holdsEveryMass(unit: MassUnit, roundings: UnitRoundings, decimals: number): boolean {
  return stepOf(unit, roundings, decimals) * unit.centiKgPerUnit <= finestNeeded;
}

/** What a coarse unit does to a mass, as words for a person. */
export function coarseness(unit: MassUnit, roundings: UnitRoundings, decimals: number): string {
  const most = formatKg(centiKg(roundingOf(unit, decimals, roundings.get(unit.id))));
  return `Odoo keeps "${unit.name}" to ${stepOf(unit, roundings, decimals)} and would change a mass by up to ${most} kg`;
}

/** The coarser of the unit's own rounding and of the decimals that Odoo keeps of any quantity. */
function stepOf(unit: MassUnit, roundings: UnitRoundings, decimals: number): number {
  return Math.max(Number((10 ** -decimals).toPrecision(12)), roundings.get(unit.id) ?? 0);
}

/** Roundings of the units of one Odoo, read once and kept for an hour. */
export class UnitBook {
  readonly #nowMs: () => number;
  readonly #roundings = new Map<number, number>();
  #readAtMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Roundings of these units at least. Rejects with an OdooError; a login that may not read units gets none of them. */
  async of(port: OdooPort, ids: Iterable<number>): Promise<UnitRoundings> {
    if (this.#nowMs() - this.#readAtMs > keptMs) this.#roundings.clear();
    const unknown = [...new Set(ids)].filter((id) => !this.#roundings.has(id));
    if (unknown.length === 0) return this.#roundings;
    const records = await port.read('uom.uom', unknown, ['rounding']).catch((error: unknown) => {
      if (error instanceof OdooError && (error.kind === 'denied' || error.kind === 'unsupported') && !error.login)
        return [];
      throw error;
    });
    if (this.#roundings.size === 0) this.#readAtMs = this.#nowMs();
    for (const id of unknown) this.#roundings.set(id, 0);
    for (const record of records) this.#roundings.set(record.id, quantityOf(record, 'rounding'));
    return this.#roundings;
  }
}
