// Messages of the Odoo room. Masses are hundredths of a kilogram (integers); ids are Odoo's record ids.
import type { CentiKg } from '../core/mass.ts';

/** A unit of measure and what one of it weighs; quantities of other kinds (pieces, litres) have none and are refused. */
export interface MassUnit {
  readonly id: number;
  readonly name: string;
  /** Hundredths of a kilogram in one unit: 100 for kg, 100000 for t, 0.1 for g. */
  readonly centiKgPerUnit: number;
}

export interface OrderComponent {
  /** `stock.move` id of the raw move; of the first where an ingredient stands on several lines, whose masses are summed. */
  readonly moveId: number;
  readonly productId: number;
  readonly productName: string;
  /** Equipment code 101..115 that holds this component. */
  readonly equipment: number;
  /** Planned mass. */
  readonly massCentiKg: CentiKg;
  readonly unit: MassUnit;
}

/** A confirmed manufacturing order that may go to the PLC: every rule of the fetch holds. */
export interface FetchedOrder {
  /** `mrp.production` id: the key. The name may change when a backorder is split. */
  readonly orderId: number;
  readonly orderName: string;
  /** The three 16-character fields of the PLC: the name itself where it fits, else a short key made of the id. */
  readonly plcOrderName: string;
  readonly plcBomCode: string;
  readonly plcFinishedGoods: string;
  readonly productId: number;
  readonly productName: string;
  readonly bomCode: string;
  readonly quantityCentiKg: CentiKg;
  readonly unit: MassUnit;
  /** Planned start as Odoo has it, ISO 8601 UTC, or null. */
  readonly scheduledStart: string | null;
  readonly components: readonly OrderComponent[];
  /** What a person should know before the order is made; it may go to the PLC all the same. */
  readonly warnings?: readonly OrderReason[];
}

export interface OrderReason {
  readonly code: string;
  readonly message: string;
}

/** An order that must not go to the PLC, and why: one reason for each fault found. */
export interface RefusedOrder {
  readonly orderId: number;
  readonly orderName: string;
  readonly reasons: readonly OrderReason[];
}

export interface OdooFetchCommand {
  readonly command: 'fetch';
  /** How many acceptable orders are wanted, 1..10 for a PLC queue. */
  readonly limit: number;
  /** Order ids that are in the ledger already. */
  readonly exclude?: readonly number[];
}

/** Result of `fetch`, topic `odoo/orders`. */
export interface OdooFetchResult {
  readonly orders: readonly FetchedOrder[];
  /** Every order that was seen and must not go to the PLC, those refused by an earlier fetch among them. */
  readonly refused: readonly RefusedOrder[];
  /** What the settings leave open, such as a login that sees several companies. */
  readonly notices: readonly OrderReason[];
  /** Number of remote procedure calls this fetch took; the session and its units are read besides. */
  readonly calls: number;
}

/** What to leave of an order of which less was made than ordered; Odoo would ask it as well. */
export type Remainder = 'close' | 'backorder';

export interface PushComponent {
  readonly equipment: number;
  readonly productId: number;
  readonly plannedCentiKg: CentiKg;
  /** Absolute consumption of the whole order so far, never an increment. */
  readonly actualCentiKg: CentiKg;
  readonly unit: MassUnit;
}

export interface OdooPushCommand {
  readonly command: 'push';
  /** Key of the outbox row; comes back with the outcome. */
  readonly pushId: string;
  readonly orderId: number;
  readonly orderName: string;
  readonly plannedQuantityCentiKg: CentiKg;
  readonly finishedQuantityCentiKg: CentiKg;
  readonly unit: MassUnit;
  readonly components: readonly PushComponent[];
  /** Masses from equipment that the order has no component for; a person must add the component in Odoo first. */
  readonly unplanned: readonly { readonly equipment: number; readonly actualCentiKg: CentiKg }[];
  /** False records the consumption and leaves the order open (a batch that failed before anything was finished). */
  readonly close: boolean;
  /** Figures that earlier tries for this batch may have left in Odoo: recorded consumption that is none of them is a person's. */
  readonly recorded?: readonly { readonly equipment: number; readonly actualCentiKg: CentiKg }[];
  /** A person looked at what an earlier try was held for and accepts it. */
  readonly acceptedBy?: string;
  /** What was accepted; only a deviation where it is missing. */
  readonly accepted?: readonly PersonCode[];
  /** The order's quantity in Odoo that the person saw, where it is no longer the planned one. */
  readonly acceptedQuantityCentiKg?: CentiKg;
  /** Chosen by the person; `close` unless told. */
  readonly remainder?: Remainder;
}

export interface OdooCancelCommand {
  readonly command: 'cancel';
  readonly pushId: string;
  readonly orderId: number;
  readonly orderName: string;
}

export interface OdooStatusCommand {
  readonly command: 'status';
}

/** Looks at orders that wait for the plant or are being made: one call, whatever their number. */
export interface OdooLookCommand {
  readonly command: 'look';
  readonly orders: readonly {
    readonly orderId: number;
    readonly orderName: string;
    readonly plannedQuantityCentiKg: CentiKg;
    readonly unit: MassUnit;
    /** Raw moves that the order had when it was fetched. */
    readonly moveIds: readonly number[];
  }[];
}

/** How an order stands in Odoo, compared with what was fetched. */
export type OrderFinding = 'as-fetched' | 'missing' | 'cancelled' | 'done' | 'quantity-changed' | 'components-changed';

/** Result of `look`, topic `odoo/looked`. */
export interface OdooLookResult {
  readonly orders: readonly {
    readonly orderId: number;
    readonly finding: OrderFinding;
    /** What Odoo orders now; null when the order is gone or its unit is no mass. */
    readonly quantityCentiKg: CentiKg | null;
    /** False while the stock of a component is not reserved. */
    readonly reserved: boolean;
  }[];
  readonly calls: number;
}

export type OdooCommand = OdooFetchCommand | OdooPushCommand | OdooCancelCommand | OdooLookCommand | OdooStatusCommand;

/** One difference between what should be and what is, in words a person can act on. */
export interface Deviation {
  readonly equipment?: number;
  readonly what: 'consumption' | 'finished-quantity' | 'unplanned-consumption' | 'order-quantity';
  readonly expectedCentiKg: CentiKg;
  readonly actualCentiKg: CentiKg;
}

/** Why a person must decide. */
export const personCodes = [
  'deviation',
  'quantity-changed',
  'recorded-by-hand',
  'order-done-differently',
  'order-cancelled',
  'order-missing',
  'component-missing',
  'lot-required',
  'odoo-asks',
  'odoo-refused',
  'denied',
  'unit-unknown',
  'unit-too-coarse',
  'nothing-finished',
] as const;
export type PersonCode = (typeof personCodes)[number];

/**
 * Result of `push` and `cancel`, topic `odoo/pushed`. Made only from what Odoo shows when it is read back.
 * `verified` the order's state and its done moves equal what was sent (`alreadyDone`: an earlier try had succeeded).
 * `person` somebody must decide; nothing was forced. `later` try again, not before `retryAfterMs`: the server was away,
 * busy, or the outcome is unknown. `watch-only` nothing was sent; `wouldSend` shows what.
 */
export type OdooPushResult = {
  readonly pushId: string;
  readonly orderId: number;
  readonly action: 'push' | 'cancel';
  /** Number of remote procedure calls this took. */
  readonly calls: number;
} & (
  | {
      readonly outcome: 'verified';
      readonly orderState: string;
      readonly alreadyDone: boolean;
      /** Where Odoo shows other figures, which a person accepted. */
      readonly deviations?: readonly Deviation[];
    }
  | {
      readonly outcome: 'person';
      readonly code: PersonCode;
      readonly message: string;
      readonly deviations: readonly Deviation[];
    }
  | {
      readonly outcome: 'later';
      readonly code: 'transient' | 'unknown-outcome';
      readonly message: string;
      readonly retryAfterMs: number;
      /** Why nothing was posted: the server is away, refuses the login or a right, is set up wrongly, is busy, or was unclear. */
      readonly reason?: LaterReason;
    }
  | { readonly outcome: 'watch-only'; readonly wouldSend: unknown }
);

export type LaterReason = 'away' | 'denied' | 'settings' | 'busy' | 'unclear';

/** Result of `status`, topic `odoo/status`. */
export interface OdooStatusResult {
  readonly connected: boolean;
  readonly serverVersion: string;
  readonly protocol: 'xml-rpc' | 'json-2';
  readonly database: string;
  readonly login: string;
}
