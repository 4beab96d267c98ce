// A stand-in for an Odoo server: what was measured on Odoo 15, 16, 17 and 19 and nothing more; it is not an Odoo.
import type { IncomingMessage } from 'node:http';
import { asError } from '../../core/errors.ts';
import { type CentiKg, roundToCentiKg, sumMass } from '../../core/mass.ts';
import { type Account, Accounts } from './accounts.ts';
import { HttpFace, htmlPage, type ProtocolCall, type Reply } from './http-face.ts';
import { json2Call } from './json2-face.ts';
import type { LinkFault } from './link-faults.ts';
import type { OrderEvent } from './manufacturing.ts';
import { type Catalogue, seedCatalogue } from './mill-catalogue.ts';
import { ObjectService } from './object-service.ts';
import { PythonFault } from './python-fault.ts';
import {
  type BomRecord,
  OdooDatabase,
  type PostingRecord,
  type ProductionState,
  type SimulatedSeries,
} from './records.ts';
import { type OdooStateFile, packState, unpackState } from './simulator-state.ts';
import { type XmlRpcFace, xmlRpcFace } from './xml-rpc-face.ts';

export interface OdooSimulatorOptions {
  readonly series?: SimulatedSeries;
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly database?: string;
  readonly accounts?: readonly Account[];
  readonly now?: () => Date;
  /** Seed of the quantities that `generateOrder` draws. */
  readonly seed?: number;
  /** Keeps orders and postings over a restart, as a real server does; absent: they live as long as the object. */
  readonly stateFile?: OdooStateFile;
  readonly onEvent?: (event: OrderEvent) => void;
}

export interface SimulatedOrderOptions {
  /** Which feed of the catalogue, counted from 0. */
  readonly feed?: number;
  readonly quantityKg?: number;
  /** False leaves it a draft. */
  readonly confirm?: boolean;
  readonly origin?: string;
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly plannedStart?: string;
  readonly pickingTypeId?: number;
  /** The first company unless told. */
  readonly companyId?: number;
  /** Unit of the order: kilograms unless told; `quantityKg` then counts that unit. */
  readonly unitId?: number;
  readonly createBackorder?: 'ask' | 'always' | 'never';
  /** False: an order without components, as 15 makes one over the API. */
  readonly explode?: boolean;
}

/** An order as a test or a report sees it, with everything that ever moved stock for it. */
export interface SimulatedOrder {
  readonly id: number;
  readonly name: string;
  readonly state: ProductionState;
  readonly productQty: number;
  readonly qtyProduced: number;
  /** More than 1 is a double closing. */
  readonly closedTimes: number;
  /** Sum of all postings: a double posting shows as a double mass. Mapped by product id. */
  readonly consumedCentiKg: ReadonlyMap<number, CentiKg>;
  readonly producedCentiKg: CentiKg;
  readonly postings: readonly PostingRecord[];
}

const defaultAccounts: readonly Account[] = [
  { login: 'shopfloor', password: 'shopfloor', apiKey: 'shopfloor-api-key', rights: 'manufacturing' },
];

export class OdooSimulator {
  readonly series: SimulatedSeries;
  readonly database: string;
  readonly db = new OdooDatabase();
  readonly catalogue: Catalogue;
  readonly accounts: Accounts;
  readonly service: ObjectService;
  readonly #face: HttpFace;
  readonly #xmlRpc: XmlRpcFace;
  readonly #host: string;
  readonly #now: () => Date;
  #random: number;

  constructor(options: OdooSimulatorOptions = {}) {
    this.series = options.series ?? 17;
    this.database = options.database ?? 'plant';
    this.#host = options.host ?? '127.0.0.1';
    this.#now = options.now ?? (() => new Date());
    this.#random = options.seed ?? 1;
    this.catalogue = seedCatalogue(this.db);
    this.accounts = new Accounts(this.database, options.accounts ?? defaultAccounts);
    this.service = new ObjectService(this.db, this.series, this.#now, options.onEvent ?? (() => {}));
    this.#keep(options.stateFile);
    this.#xmlRpc = xmlRpcFace(this.service, this.accounts, this.series);
    this.#face = new HttpFace((request, body) => this.#route(request, body), this.#host, options.port ?? 0);
  }

  /** Loads what was kept, and keeps every commit before it is answered. */
  #keep(file: OdooStateFile | undefined): void {
    if (!file) return;
    const kept = unpackState(file.load(), this.series);
    if (kept) this.db.restore(kept);
    this.service.manufacturing.continueNumbers();
    this.db.onCommit = () => {
      try {
        file.save(packState(this.series, this.db.snapshot()));
      } catch (error) {
        // In the words of the database below a real one.
        throw new PythonFault('OperationalError', `could not extend file: ${asError(error).message}`);
      }
    };
  }

  /** Listens and resolves with the port. */
  start(): Promise<number> {
    return this.#face.listen();
  }

  /** The server is away: connections are refused, orders stay. `start` brings it back on the same port. */
  stop(): Promise<void> {
    return this.#face.close();
  }

  get port(): number {
    return this.#face.port;
  }

  get url(): string {
    return `http://${this.#host}:${this.port}`;
  }

  /** Calls that arrived since the start, by method name. */
  get calls(): ReadonlyMap<string, number> {
    return this.#face.counts;
  }

  /** The next matching call (or `times` of them) fails in this way. */
  fault(fault: LinkFault): void {
    this.#face.faults.add(fault);
  }

  clearFaults(): void {
    this.#face.faults.clear();
  }

  /** A new order of the catalogue, confirmed unless told otherwise; returns its id. */
  createOrder(options: SimulatedOrderOptions = {}): number {
    const { boms, pickingTypeIds } = this.catalogue;
    const bom = boms[(options.feed ?? 0) % boms.length];
    const pickingTypeId = options.pickingTypeId ?? pickingTypeIds[0];
    if (!bom || pickingTypeId === undefined) throw new RangeError('the catalogue is empty');
    return this.service.transaction(() => this.#create(bom, pickingTypeId, options));
  }

  #create(bom: BomRecord, pickingTypeId: number, options: SimulatedOrderOptions): number {
    const order = this.service.manufacturing.create({
      bom,
      quantity: options.quantityKg ?? 1000,
      unitId: options.unitId ?? this.catalogue.units.kg,
      origin: options.origin ?? false,
      dateStart: options.plannedStart ?? this.#now().toISOString().slice(0, 19).replace('T', ' '),
      pickingTypeId,
      companyId: options.companyId ?? this.catalogue.companyId,
      createBackorder: options.createBackorder ?? 'ask',
      explode: options.explode ?? true,
    });
    if (options.confirm !== false) this.service.manufacturing.confirm([order.id]);
    return order.id;
  }

  /** A second company; a login of the simulator sees all of them, as a user with several companies does. */
  addCompany(name: string): number {
    return this.db.insert(this.db.companies, { name }).id;
  }

  /** As a planner does with *Update quantity to produce*. */
  changeQuantity(orderId: number, quantity: number): void {
    this.service.transaction(() => this.service.manufacturing.changeQuantity(orderId, quantity));
  }

  /** An order as a planner might enter it: a feed in turn, 500 to 3000 kg in steps of 100. */
  generateOrder(): number {
    // Multiplier and increment of the C standard's example generator; exact in a double.
    this.#random = (this.#random * 1103515245 + 12345) % 2147483648;
    return this.createOrder({
      feed: this.db.productions.size,
      quantityKg: 500 + 100 * Math.floor((this.#random / 2147483648) * 26),
    });
  }

  /** Forgets the oldest done and cancelled orders beyond `keep`. */
  forgetOldOrders(keep: number): void {
    const settled = [...this.db.productions.values()].filter((o) => o.state === 'done' || o.state === 'cancel');
    for (const order of settled.slice(0, Math.max(0, settled.length - keep))) this.db.forget(order.id);
  }

  get orders(): readonly SimulatedOrder[] {
    return [...this.db.productions.keys()].map((id) => this.order(id));
  }

  /** Throws a RangeError for an id that is no order. */
  order(id: number): SimulatedOrder {
    const order = this.db.productions.get(id);
    if (!order) throw new RangeError(`there is no order ${id}`);
    const postings = [...this.db.postings.values()].filter((posting) => posting.orderId === id);
    const raw = new Set(this.db.rawMoves(id).map((move) => move.id));
    const consumed = new Map<number, CentiKg>();
    for (const posting of postings.filter(({ moveId }) => raw.has(moveId))) {
      consumed.set(
        posting.productId,
        sumMass([consumed.get(posting.productId) ?? (0 as CentiKg), this.#mass(posting)]),
      );
    }
    const { name, state, productQty, qtyProduced, closedTimes } = order;
    return {
      id,
      name,
      state,
      productQty,
      qtyProduced,
      closedTimes,
      consumedCentiKg: consumed,
      producedCentiKg: sumMass(postings.filter(({ moveId }) => !raw.has(moveId)).map((p) => this.#mass(p))),
      postings,
    };
  }

  #mass(posting: PostingRecord): CentiKg {
    const { units } = this.catalogue;
    const unitId = this.db.moves.get(posting.moveId)?.unitId;
    return roundToCentiKg(posting.quantity, unitId === units.t ? 100_000 : unitId === units.g ? 0.1 : 100);
  }

  async #route(request: IncomingMessage, body: Buffer): Promise<ProtocolCall | Reply> {
    const path = request.url ?? '/';
    if (path.startsWith('/xmlrpc/2/') && request.method !== 'POST') return htmlPage(405, 'Method Not Allowed');
    if (path === '/xmlrpc/2/common') return this.#xmlRpc.common(body);
    if (path === '/xmlrpc/2/object') return this.#xmlRpc.object(body);
    if (path.startsWith('/json/2/') && this.series >= 19) return json2Call(this.service, this.accounts, request, body);
    return htmlPage(404, 'Not Found');
  }
}
