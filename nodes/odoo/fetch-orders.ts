// Fetches confirmed orders with their components in three calls; further windows of them only while the queue is not full.
import { groupBy } from './group-by.ts';
import type { FetchedOrder, OdooFetchCommand, OdooFetchResult, OrderReason, RefusedOrder } from './messages.ts';
import { CountedPort, type Domain, type OdooPort, type OdooRecord } from './odoo-port.ts';
import { judgeOrder, type ProductFacts } from './order-judgement.ts';
import { referenceOf, requiredReference, requiredText, textOf } from './record-values.ts';
import type { RefusalMemory } from './refusal-memory.ts';
import type { SyncSettings } from './sync-settings.ts';
import type { UnitBook, UnitRoundings } from './unit-resolution.ts';
import { namesOf, type SeriesNames } from './version-table.ts';

/** Orders that one fetch looks at, whatever their number: 25 windows of the usual size. */
const mostScanned = 5_000;

const dayMs = 86_400_000;

/** What a fetch knows besides the server: settings, the instant, and what earlier fetches learned. */
export interface FetchWorld {
  readonly settings: SyncSettings;
  readonly now: Date;
  readonly units: UnitBook;
  readonly memory: RefusalMemory;
}

/** Rejects with an OdooError; the ledger then stays as it is. */
export async function fetchOrders(
  session: OdooPort,
  command: OdooFetchCommand,
  world: FetchWorld,
): Promise<OdooFetchResult> {
  const search = new OrderSearch(new CountedPort(session), session, command, world);
  await search.run();
  return search.result();
}

/** The orders of a line as Odoo would list them. */
export function domainOf(settings: SyncSettings, names: SeriesNames, now: Date, exclude: readonly number[]): Domain {
  const { company, horizonDays } = settings;
  const latest = latestStart(settings, now);
  const companyTerm =
    company === null
      ? []
      : /^\d+$/.test(company)
        ? [['company_id', '=', Number(company)] as const]
        : [['company_id.name', '=', company] as const];
  return [
    ['state', '=', 'confirmed'],
    ...companyTerm,
    // Not written as a denial of "later": an order without a planned start is due.
    ...(horizonDays > 0 ? (['|', [names.plannedStart, '=', false], [names.plannedStart, '<=', latest]] as const) : []),
    ...(exclude.length > 0 ? [['id', 'not in', exclude] as const] : []),
    ...settings.extraDomain,
  ];
}

/** The last planned start within the horizon, as Odoo writes instants. */
export function latestStart({ horizonDays }: SyncSettings, now: Date): string {
  return new Date(now.getTime() + horizonDays * dayMs).toISOString().slice(0, 19).replace('T', ' ');
}

class OrderSearch {
  readonly #port: CountedPort;
  readonly #session: OdooPort;
  readonly #command: OdooFetchCommand;
  readonly #world: FetchWorld;
  readonly #names: SeriesNames;
  readonly #domain: Domain;
  readonly #accepted: FetchedOrder[] = [];
  /** In the order in which Odoo lists them. Mapped by order id. */
  readonly #refused = new Map<number, RefusedOrder>();
  /** Mapped by order id. */
  readonly #seen = new Map<number, OdooRecord>();
  readonly #companies = new Map<number, string>();
  #isComplete = false;

  constructor(port: CountedPort, session: OdooPort, command: OdooFetchCommand, world: FetchWorld) {
    this.#port = port;
    this.#session = session;
    this.#command = command;
    this.#world = world;
    this.#names = namesOf(port.server.series);
    this.#domain = domainOf(world.settings, this.#names, world.now, command.exclude ?? []);
  }

  async run(): Promise<void> {
    const { settings, memory } = this.#world;
    // Those refused before are read along, as they are now, so that the window still holds as many others.
    let limit = Math.min(mostScanned, settings.scanLimit + memory.size);
    let offset = 0;
    while (this.#accepted.length < this.#command.limit && offset < mostScanned) {
      const found = await this.#window(offset, limit);
      await this.#judge(found);
      if (found.length < limit) {
        this.#isComplete = true;
        break;
      }
      offset += limit;
      limit = settings.scanLimit;
    }
    if (this.#isComplete) memory.keepOnly(new Set(this.#refused.keys()));
  }

  result(): OdooFetchResult {
    return {
      orders: this.#accepted.slice(0, this.#command.limit),
      refused: [...this.#seen.keys()].flatMap((id) => this.#refused.get(id) ?? []),
      notices: this.#notices(),
      calls: this.#port.calls,
    };
  }

  async #window(offset: number, limit: number): Promise<readonly OdooRecord[]> {
    const orders = await this.#port.searchRead('mrp.production', {
      domain: this.#domain,
      fields: [
        'name',
        'product_id',
        'product_qty',
        'product_uom_id',
        'bom_id',
        'company_id',
        'move_raw_ids',
        'move_byproduct_ids',
        // Part of what a refusal is remembered by: reserving stock leaves no other trace on the order for certain.
        'reservation_state',
        'write_date',
        this.#names.plannedStart,
      ],
      order: `${this.#names.plannedStart}, id`,
      limit,
      ...(offset > 0 && { offset }),
    });
    for (const order of orders) this.#seen.set(order.id, order);
    return orders;
  }

  /** Judges what is new; a refusal of before holds while the order and its products are as they were. */
  async #judge(found: readonly OdooRecord[]): Promise<void> {
    const { memory } = this.#world;
    const known = new Map<number, RefusedOrder>();
    for (const order of found) {
      const refusal = memory.recall(order);
      if (refusal) known.set(order.id, refusal);
    }
    const fresh = found.filter(({ id }) => !known.has(id));
    const moves = fresh.length > 0 ? await this.#moves(fresh) : [];
    const facts = await this.#products([...fresh, ...moves], memory.productsOf(known.keys()));
    memory.notice(facts);
    // A product was put right: the orders that rest on it are looked at again, with their components.
    const again = found.filter((order) => known.has(order.id) && !memory.recall(order));
    const movesAgain = again.length > 0 ? await this.#moves(again) : [];
    const factsAgain = again.length > 0 ? await this.#products([...again, ...movesAgain], []) : facts;
    const units = await this.#units([...fresh, ...again], [...moves, ...movesAgain]);
    const movesOfOrder = groupBy(
      [...moves, ...movesAgain],
      (move) => requiredReference(move, 'raw_material_production_id').id,
    );
    const judged = new Set([...fresh, ...again].map(({ id }) => id));
    const allFacts = new Map([...facts, ...factsAgain]);
    for (const order of found) {
      const refusal = known.get(order.id);
      if (judged.has(order.id)) this.#judgeOne(order, movesOfOrder.get(order.id) ?? [], allFacts, units);
      else if (refusal) this.#refused.set(order.id, refusal);
      const company = referenceOf(order, 'company_id');
      if (company) this.#companies.set(company.id, company.name);
    }
  }

  #judgeOne(
    order: OdooRecord,
    moves: readonly OdooRecord[],
    products: ReadonlyMap<number, ProductFacts>,
    units: UnitRoundings,
  ): void {
    const { settings, memory } = this.#world;
    const judgement = judgeOrder(order, moves, { products, units, settings, names: this.#names });
    if ('reasons' in judgement) {
      this.#refused.set(order.id, judgement);
      memory.keep(order, productIdsOf([order, ...moves]), judgement);
    } else if (!this.#accepted.some(({ orderId }) => orderId === order.id)) this.#accepted.push(judgement);
  }

  #moves(orders: readonly OdooRecord[]): Promise<readonly OdooRecord[]> {
    const { consumedQuantity, picked } = this.#names;
    return this.#port.searchRead('stock.move', {
      domain: [['raw_material_production_id', 'in', orders.map(({ id }) => id)]],
      fields: [
        'raw_material_production_id',
        'product_id',
        'product_uom',
        'product_uom_qty',
        'state',
        'has_tracking',
        consumedQuantity,
        ...(picked ? [picked] : []),
      ],
      order: 'id',
    });
  }

  async #products(records: readonly OdooRecord[], more: readonly number[]): Promise<ReadonlyMap<number, ProductFacts>> {
    const ids = [...new Set([...productIdsOf(records), ...more])];
    if (ids.length === 0) return new Map();
    const products = await this.#port.read('product.product', ids, ['name', 'default_code', 'tracking']);
    return new Map(
      products.map((product) => [
        product.id,
        {
          name: requiredText(product, 'name'),
          reference: textOf(product, 'default_code'),
          tracked: (textOf(product, 'tracking') ?? 'none') !== 'none',
        },
      ]),
    );
  }

  #units(orders: readonly OdooRecord[], moves: readonly OdooRecord[]): Promise<UnitRoundings> {
    const ids = [
      ...orders.map((order) => requiredReference(order, 'product_uom_id').id),
      ...moves.map((move) => requiredReference(move, 'product_uom').id),
    ];
    return this.#world.units.of(this.#session, ids);
  }

  #notices(): OrderReason[] {
    const notices: OrderReason[] = [];
    const { settings } = this.#world;
    if (settings.company === null && this.#companies.size > 1) {
      const names = [...this.#companies.values()].sort().join(', ');
      notices.push({
        code: 'several-companies',
        message: `The login sees orders of ${this.#companies.size} companies (${names}). Name the company of this line in the odoo-mo-sync node.`,
      });
    }
    if (!this.#isComplete && this.#accepted.length < this.#command.limit) {
      notices.push({
        code: 'too-many-orders',
        message: `More than ${mostScanned} confirmed orders wait in Odoo and none of the first ${mostScanned} fills the queue. Narrow them in the odoo-mo-sync node.`,
      });
    }
    return notices;
  }
}

function productIdsOf(records: readonly OdooRecord[]): number[] {
  return [...new Set(records.map((record) => requiredReference(record, 'product_id').id))];
}
