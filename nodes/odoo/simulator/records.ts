// The records a simulated Odoo holds, and a database of them whose changes roll back as one transaction.

/** Series that were measured on real servers; the simulator behaves like these. */
export const simulatedSeries = [15, 16, 17, 19] as const;
export type SimulatedSeries = (typeof simulatedSeries)[number];

export interface UnitRecord {
  readonly id: number;
  readonly name: string;
  /** What Odoo keeps of a quantity in this unit: 0.01 unless a plant changed it. */
  rounding: number;
}

export interface CompanyRecord {
  readonly id: number;
  readonly name: string;
}

/** An operation type; plants use one for each production line. */
export interface PickingTypeRecord {
  readonly id: number;
  readonly name: string;
}

export interface ProductRecord {
  readonly id: number;
  readonly name: string;
  /** Internal reference. */
  readonly defaultCode: string | false;
  readonly tracking: 'none' | 'lot';
  readonly unitId: number;
}

export interface BomLine {
  readonly productId: number;
  /** For the BoM's whole quantity. */
  readonly quantity: number;
  readonly unitId: number;
}

export interface BomRecord {
  readonly id: number;
  readonly code: string | false;
  readonly productId: number;
  readonly quantity: number;
  readonly unitId: number;
  readonly consumption: 'flexible' | 'warning' | 'strict';
  readonly lines: readonly BomLine[];
}

export type ProductionState = 'draft' | 'confirmed' | 'progress' | 'to_close' | 'done' | 'cancel';

export interface ProductionRecord {
  readonly id: number;
  name: string;
  state: ProductionState;
  readonly productId: number;
  readonly bomId: number | false;
  readonly unitId: number;
  productQty: number;
  qtyProducing: number;
  qtyProduced: number;
  dateStart: string;
  writeDate: string;
  readonly origin: string | false;
  readonly consumption: 'flexible' | 'warning' | 'strict';
  readonly createBackorder: 'ask' | 'always' | 'never';
  readonly pickingTypeId: number;
  readonly companyId: number;
  backorderSequence: number;
  readonly groupId: number;
  /** How often this order was closed; more than once is a fault of the client or of the simulator. */
  closedTimes: number;
}

/** `waiting` for another move (an open pick), `confirmed` without stock, `partially_available`, `assigned` reserved. */
export type MoveState = 'draft' | 'waiting' | 'confirmed' | 'partially_available' | 'assigned' | 'done' | 'cancel';

export interface MoveRecord {
  readonly id: number;
  /** Order that consumes this; false for a finished move. */
  readonly rawOrderId: number | false;
  /** Order that produces this; false for a raw move. */
  readonly finishedOrderId: number | false;
  readonly productId: number;
  readonly unitId: number;
  plannedQty: number;
  /** 17+: reserved until picked, then consumed. 15/16: `quantity_done`. */
  quantity: number;
  picked: boolean;
  manualConsumption: boolean;
  state: MoveState;
  /** Planned quantity for one unit of the finished product; 0 for a component that is not in the BoM. */
  unitFactor: number;
  readonly bomLine: boolean;
}

/** One movement of stock. Every posting stays, so that a test can see a double one. */
export interface PostingRecord {
  readonly id: number;
  readonly orderId: number;
  readonly moveId: number;
  readonly productId: number;
  readonly kind: 'consumed' | 'produced' | 'changed-after-done';
  /** In the move's unit; a correction may be negative. */
  readonly quantity: number;
}

export interface WizardRecord {
  readonly id: number;
  readonly model: string;
  /** The action's context it was made with; empty when the client forgot it. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The values it was made with. */
  readonly values?: Readonly<Record<string, unknown>>;
  used: boolean;
}

export interface DatabaseSnapshot {
  readonly lastId: number;
  /** A file of an earlier version knows no companies. */
  readonly productions: ReadonlyArray<Omit<ProductionRecord, 'companyId'> & { readonly companyId?: number }>;
  readonly moves: readonly MoveRecord[];
  readonly postings: readonly PostingRecord[];
  readonly wizards: readonly WizardRecord[];
}

export class OdooDatabase {
  readonly units = new Map<number, UnitRecord>();
  readonly companies = new Map<number, CompanyRecord>();
  readonly pickingTypes = new Map<number, PickingTypeRecord>();
  readonly products = new Map<number, ProductRecord>();
  readonly boms = new Map<number, BomRecord>();
  readonly productions = new Map<number, ProductionRecord>();
  readonly moves = new Map<number, MoveRecord>();
  readonly postings = new Map<number, PostingRecord>();
  readonly wizards = new Map<number, WizardRecord>();
  /** Mapped by order id: ids of its raw and finished moves. */
  readonly #movesOfOrder = new Map<number, number[]>();
  #lastId = 100;
  #undo: Array<() => void> | undefined;
  /** Called at the end of every transaction that changed something; where it throws, the transaction is undone. */
  onCommit: (() => void) | undefined;

  /** Runs `work` as one transaction: what it changed is undone when it throws. */
  transaction<Result>(work: () => Result): Result {
    if (this.#undo) return work();
    const undo: Array<() => void> = [];
    this.#undo = undo;
    let result: Result;
    try {
      result = work();
      if (undo.length > 0) this.onCommit?.();
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    } finally {
      this.#undo = undefined;
    }
    return result;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** Orders, moves, postings and wizards, for a file; the catalogue is seeded anew. */
  snapshot(): DatabaseSnapshot {
    return {
      lastId: this.#lastId,
      productions: [...this.productions.values()],
      moves: [...this.moves.values()],
      postings: [...this.postings.values()],
      wizards: [...this.wizards.values()],
    };
  }

  restore(snapshot: DatabaseSnapshot): void {
    const [first = 0] = this.companies.keys();
    for (const order of snapshot.productions) {
      this.productions.set(order.id, { ...order, companyId: order.companyId ?? first });
    }
    for (const move of snapshot.moves) this.#place(move);
    for (const posting of snapshot.postings) this.postings.set(posting.id, posting);
    for (const wizard of snapshot.wizards) this.wizards.set(wizard.id, wizard);
    this.#lastId = Math.max(this.#lastId, snapshot.lastId);
  }

  insert<Row extends { readonly id: number }>(table: Map<number, Row>, row: Omit<Row, 'id'>): Row {
    this.#lastId += 1;
    const inserted = { ...row, id: this.#lastId } as Row;
    table.set(inserted.id, inserted);
    this.#undo?.push(() => table.delete(inserted.id));
    return inserted;
  }

  insertMove(row: Omit<MoveRecord, 'id'>): MoveRecord {
    const move = this.insert(this.moves, row);
    this.#place(move);
    return move;
  }

  #place(move: MoveRecord): void {
    const orderId = move.rawOrderId || move.finishedOrderId || 0;
    this.moves.set(move.id, move);
    const ids = this.#movesOfOrder.get(orderId) ?? [];
    ids.push(move.id);
    this.#movesOfOrder.set(orderId, ids);
  }

  update<Row extends object>(row: Row, patch: Partial<Row>): void {
    const before = { ...row };
    this.#undo?.push(() => Object.assign(row, before));
    Object.assign(row, patch);
  }

  remove<Row extends { readonly id: number }>(table: Map<number, Row>, row: Row): void {
    table.delete(row.id);
    this.#undo?.push(() => table.set(row.id, row));
  }

  /** `quantity` as it is kept in this unit. */
  rounded(quantity: number, unitId: number): number {
    return roundQuantity(quantity, this.units.get(unitId)?.rounding);
  }

  rawMoves(orderId: number): MoveRecord[] {
    return this.#moves(orderId).filter((move) => move.rawOrderId === orderId);
  }

  finishedMoves(orderId: number): MoveRecord[] {
    return this.#moves(orderId).filter((move) => move.finishedOrderId === orderId);
  }

  /** Forgets an order and everything about it, so that a long trial does not fill the memory. */
  forget(orderId: number): void {
    for (const move of this.#moves(orderId)) this.moves.delete(move.id);
    for (const posting of this.postings.values()) if (posting.orderId === orderId) this.postings.delete(posting.id);
    this.#movesOfOrder.delete(orderId);
    this.productions.delete(orderId);
  }

  #moves(orderId: number): MoveRecord[] {
    return (this.#movesOfOrder.get(orderId) ?? []).flatMap((id) => this.moves.get(id) ?? []);
  }
}

/**
 * A quantity as Odoo keeps it: a multiple of the unit's rounding, half up (measured: 12.34567 kg is kept as 12.35 kg, 0.58837 t as
 * 0.59 t).
 */
export function roundQuantity(quantity: number, rounding = 0.01): number {
  const steps = Number((quantity / rounding).toPrecision(15));
  return Number((Math.sign(steps) * Math.round(Math.abs(steps)) * rounding).toPrecision(15));
}
