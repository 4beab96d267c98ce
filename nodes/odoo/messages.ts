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
  /** `stock.move` id of the raw move. */
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
}

/** An order that must not go to the PLC, and why: one reason for each fault found. */
export interface RefusedOrder {
  readonly orderId: number;
  readonly orderName: string;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
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
  readonly refused: readonly RefusedOrder[];
  /** Number of remote procedure calls this fetch took. */
  readonly calls: number;
}

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
  /** A person looked at the deviation and accepts it. */
  readonly acceptedBy?: string;
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

export type OdooCommand = OdooFetchCommand | OdooPushCommand | OdooCancelCommand | OdooStatusCommand;

/** One difference between what should be and what is, in words a person can act on. */
export interface Deviation {
  readonly equipment?: number;
  readonly what: 'consumption' | 'finished-quantity' | 'unplanned-consumption';
  readonly expectedCentiKg: CentiKg;
  readonly actualCentiKg: CentiKg;
}

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
  | { readonly outcome: 'verified'; readonly orderState: string; readonly alreadyDone: boolean }
  | {
      readonly outcome: 'person';
      readonly code:
        | 'deviation'
        | 'order-done-differently'
        | 'order-cancelled'
        | 'order-missing'
        | 'component-missing'
        | 'lot-required'
        | 'odoo-asks'
        | 'odoo-refused'
        | 'denied'
        | 'unit-unknown'
        | 'nothing-finished';
      readonly message: string;
      readonly deviations: readonly Deviation[];
    }
  | {
      readonly outcome: 'later';
      readonly code: 'transient' | 'unknown-outcome';
      readonly message: string;
      readonly retryAfterMs: number;
    }
  | { readonly outcome: 'watch-only'; readonly wouldSend: unknown }
);

/** Result of `status`, topic `odoo/status`. */
export interface OdooStatusResult {
  readonly connected: boolean;
  readonly serverVersion: string;
  readonly protocol: 'xml-rpc' | 'json-2';
  readonly database: string;
  readonly login: string;
}
