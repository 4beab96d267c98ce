// A simulated Odoo with a connected client, and pushes as a mill would send them: the world of this room's tests.
import type { Clock } from '../../nodes/core/clock.ts';
import { type CentiKg, centiKg, zeroMass } from '../../nodes/core/mass.ts';
import { type ConnectOptions, connectOdoo, type OdooEndpoint } from '../../nodes/odoo/connect.ts';
import type { FetchedOrder, OdooFetchResult, OdooPushCommand } from '../../nodes/odoo/messages.ts';
import type { OdooClient } from '../../nodes/odoo/odoo-client.ts';
import { OrderSync } from '../../nodes/odoo/order-sync.ts';
import { OdooSimulator, type OdooSimulatorOptions } from '../../nodes/odoo/simulator/odoo-simulator.ts';
import type { SimulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { defaultSyncSettings, type SyncSettings } from '../../nodes/odoo/sync-settings.ts';

export interface MillOptions {
  readonly simulator?: OdooSimulatorOptions;
  readonly endpoint?: Partial<OdooEndpoint>;
  readonly connect?: ConnectOptions;
  readonly settings?: Partial<SyncSettings>;
  readonly watchOnly?: boolean;
  readonly clock?: Clock;
}

export interface Mill {
  readonly odoo: OdooSimulator;
  readonly client: OdooClient;
  readonly sync: OrderSync;
  fetch(limit?: number): Promise<OdooFetchResult>;
  /** The only order that a fetch accepts. */
  fetchOne(): Promise<FetchedOrder>;
  close(): Promise<void>;
}

export async function openMill(series: SimulatedSeries, options: MillOptions = {}): Promise<Mill> {
  const odoo = new OdooSimulator({ series, ...options.simulator });
  await odoo.start();
  const client = connectOdoo(endpointOf(odoo, options.endpoint), options.connect);
  const connection = {
    session: () => client.session(),
    watchOnly: options.watchOnly ?? false,
    database: 'plant',
    login: 'shopfloor',
  };
  const sync = new OrderSync(connection, { ...defaultSyncSettings, ...options.settings }, options.clock);
  const fetch = (limit = 10) => sync.fetch({ command: 'fetch', limit });
  return {
    odoo,
    client,
    sync,
    fetch,
    fetchOne: async () => {
      const { orders, refused } = await fetch(1);
      const [order] = orders;
      if (!order) throw new Error(`no order was accepted: ${JSON.stringify(refused)}`);
      return order;
    },
    close: async () => {
      client.close();
      await odoo.stop();
    },
  };
}

/** Odoo keeps quantities in this unit to `rounding` from now on. */
export function setRounding(mill: Mill, unitId: number, rounding: number): void {
  const unit = mill.odoo.db.units.get(unitId);
  if (!unit) throw new RangeError(`there is no unit ${unitId}`);
  mill.odoo.db.update(unit, { rounding });
}

export function endpointOf(odoo: OdooSimulator, overrides: Partial<OdooEndpoint> = {}): OdooEndpoint {
  return { url: odoo.url, database: 'plant', login: 'shopfloor', secret: 'shopfloor', ...overrides };
}

export interface BatchOptions {
  /** Added to every component's planned mass. */
  readonly scatterCentiKg?: number;
  /** Actual masses that differ from plan + scatter. Mapped by equipment. */
  readonly actual?: Readonly<Record<number, number>>;
  readonly finishedCentiKg?: number;
  readonly close?: boolean;
  readonly acceptedBy?: string;
  readonly unplanned?: OdooPushCommand['unplanned'];
  readonly recorded?: OdooPushCommand['recorded'];
  readonly accepted?: OdooPushCommand['accepted'];
  readonly acceptedQuantityCentiKg?: number;
  readonly remainder?: OdooPushCommand['remainder'];
}

/** What the PLC delivered for an order, as the ledger sends it. */
export function batchOf(order: FetchedOrder, options: BatchOptions = {}): OdooPushCommand {
  return {
    command: 'push',
    pushId: `push-${order.orderId}`,
    orderId: order.orderId,
    orderName: order.orderName,
    plannedQuantityCentiKg: order.quantityCentiKg,
    finishedQuantityCentiKg: centiKg(options.finishedCentiKg ?? order.quantityCentiKg),
    unit: order.unit,
    components: order.components.map(({ equipment, productId, massCentiKg, unit }) => ({
      equipment,
      productId,
      plannedCentiKg: massCentiKg,
      actualCentiKg: centiKg(options.actual?.[equipment] ?? massCentiKg + (options.scatterCentiKg ?? 0)),
      unit,
    })),
    unplanned: options.unplanned ?? [],
    close: options.close ?? true,
    ...(options.recorded !== undefined && { recorded: options.recorded }),
    ...(options.acceptedBy !== undefined && { acceptedBy: options.acceptedBy }),
    ...(options.accepted !== undefined && { accepted: options.accepted }),
    ...(options.acceptedQuantityCentiKg !== undefined && {
      acceptedQuantityCentiKg: centiKg(options.acceptedQuantityCentiKg),
    }),
    ...(options.remainder !== undefined && { remainder: options.remainder }),
  };
}

/** What the command delivered, by product: what Odoo must show in the end. */
export function deliveredBy(command: OdooPushCommand): Map<number, CentiKg> {
  return new Map(
    command.components
      .filter(({ actualCentiKg }) => actualCentiKg > zeroMass)
      .map(({ productId, actualCentiKg }) => [productId, actualCentiKg]),
  );
}
