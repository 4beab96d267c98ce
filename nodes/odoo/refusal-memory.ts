// Orders that an earlier fetch refused, known by what Odoo showed of them, so that hundreds of them are not judged again each time.
import type { RefusedOrder } from './messages.ts';
import type { OdooRecord } from './odoo-port.ts';

/** More orders than any plant leaves waiting; the oldest entries are judged anew. */
const mostRemembered = 5_000;

/** A component that was changed beside its order, without a trace on it, is seen again after this. */
const keptMs = 6 * 3_600_000;

interface Entry {
  /** Everything that Odoo showed of the order, `write_date` and its moves among it. */
  readonly shown: string;
  readonly productIds: readonly number[];
  readonly refusal: RefusedOrder;
  readonly atMs: number;
}

export class RefusalMemory {
  readonly #nowMs: () => number;
  /** Mapped by order id. */
  readonly #entries = new Map<number, Entry>();
  /** What decides about a product, as it was when the refusals were made. Mapped by product id. */
  readonly #products = new Map<number, string>();

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The refusal of an order that is as it was; undefined when it must be judged. */
  recall(order: OdooRecord): RefusedOrder | undefined {
    const entry = this.#entries.get(order.id);
    if (!entry) return undefined;
    if (entry.shown === textOf(order) && this.#nowMs() - entry.atMs <= keptMs) return entry.refusal;
    this.#entries.delete(order.id);
    return undefined;
  }

  /** @param productIds products of the order and of its components */
  keep(order: OdooRecord, productIds: readonly number[], refusal: RefusedOrder): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= mostRemembered) this.#entries.delete(oldest);
    this.#entries.set(order.id, { shown: textOf(order), productIds, refusal, atMs: this.#nowMs() });
  }

  /** Products that the refusals of these orders rest on. */
  productsOf(orderIds: Iterable<number>): number[] {
    return [...new Set([...orderIds].flatMap((id) => this.#entries.get(id)?.productIds ?? []))];
  }

  /** Forgets the refusals that rest on a product which is no longer as it was. @param facts mapped by product id */
  notice(facts: ReadonlyMap<number, unknown>): void {
    const changed = new Set<number>();
    for (const [id, fact] of facts) {
      const text = JSON.stringify(fact);
      if (this.#products.has(id) && this.#products.get(id) !== text) changed.add(id);
      this.#products.set(id, text);
    }
    if (changed.size === 0) return;
    for (const [id, { productIds }] of this.#entries) {
      if (productIds.some((productId) => changed.has(productId))) this.#entries.delete(id);
    }
  }

  /** Forgets the orders that are not among `seen`: done, cancelled, or no longer wanted. */
  keepOnly(seen: ReadonlySet<number>): void {
    for (const id of this.#entries.keys()) if (!seen.has(id)) this.#entries.delete(id);
  }
}

function textOf(order: OdooRecord): string {
  return JSON.stringify(order);
}
