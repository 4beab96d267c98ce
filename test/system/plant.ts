// A plant outside Node-RED: a PLC that goes on making batches and an Odoo that keeps its books, whatever happens to the middleware.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CentiKg, centiKg } from '../../nodes/core/mass.ts';
import { OdooSimulator, type OdooSimulatorOptions } from '../../nodes/odoo/simulator/odoo-simulator.ts';
import { PlcSimulator, type PlcSimulatorOptions } from '../../nodes/plc/simulator/plc-simulator.ts';

export interface PlantOptions {
  readonly plc?: PlcSimulatorOptions;
  readonly odoo?: OdooSimulatorOptions;
  /** Added to the environment of the start, over the short intervals of a test. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What one order should have consumed, and what Odoo booked. */
export interface Reconciliation {
  readonly orders: number;
  readonly deliveredCentiKg: CentiKg;
  readonly bookedCentiKg: CentiKg;
}

export class Plant {
  readonly plc: PlcSimulator;
  readonly odoo: OdooSimulator;
  readonly home: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(options: PlantOptions) {
    this.plc = new PlcSimulator({ scanIntervalMs: 20, ...options.plc });
    this.odoo = new OdooSimulator(options.odoo);
    this.home = mkdtempSync(join(tmpdir(), 'shopfloor-plant-'));
    this.#environment = options.environment ?? {};
  }

  static async start(options: PlantOptions = {}): Promise<Plant> {
    const plant = new Plant(options);
    await plant.plc.start();
    await plant.odoo.start();
    return plant;
  }

  async stop(): Promise<void> {
    await this.plc.stop();
    await this.odoo.stop();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Real addresses of both stand-ins, and tasks that run several times a second. */
  get environment(): Record<string, string> {
    return {
      PLC_URL: `modbus-tcp://127.0.0.1:${this.plc.port}?unit=1`,
      ODOO_URL: this.odoo.url,
      ODOO_DB: 'plant',
      ODOO_LOGIN: 'shopfloor',
      ODOO_PASSWORD: 'shopfloor',
      SYNC_INTERVAL_MINUTES: '0.005',
      PLC_READ_INTERVAL_SECONDS: '0.2',
      PROCESS_INTERVAL_SECONDS: '0.2',
      MONITOR_INTERVAL_SECONDS: '1',
      ...this.#environment,
    };
  }

  /** Orders that are neither done nor cancelled. */
  get openOrders(): readonly string[] {
    return this.odoo.orders.filter(({ state }) => state !== 'done' && state !== 'cancel').map(({ name }) => name);
  }

  /** Resolves when Odoo shows every order done; rejects with what is still open when time is over. */
  async everythingDone(withinMs: number): Promise<void> {
    const deadline = AbortSignal.timeout(withinMs);
    while (this.openOrders.length > 0) {
      // The stand-ins have no event for "an order was closed"; each call that Odoo answers is a chance.
      await Promise.race([
        new Promise((resolve) => setTimeout(resolve, 50)),
        once(deadline, 'abort').then(() => {
          throw new assert.AssertionError({
            message: `still open after ${withinMs} ms: ${this.openOrders.join(', ')}`,
          });
        }),
      ]);
    }
  }

  /** Compares, order by order and silo by silo, what the PLC delivered with what Odoo booked. Throws at the first difference. */
  reconcile(): Reconciliation {
    let deliveredTotal = 0;
    let bookedTotal = 0;
    const orders = this.odoo.orders.filter(({ state }) => state === 'done');
    for (const order of orders) {
      assert.equal(order.closedTimes, 1, `${order.name} was closed ${order.closedTimes} times`);
      const delivered = new Map<number, number>();
      let finished = 0;
      for (const run of this.plc.mill.deliveries.filter(({ moName }) => moName.split('#')[0] === order.name)) {
        finished += run.finishedWeightCentiKg;
        for (const { equipment, massCentiKg } of run.consumption) {
          if (massCentiKg > 0) delivered.set(equipment, (delivered.get(equipment) ?? 0) + massCentiKg);
        }
      }
      const booked = new Map<number, number>();
      for (const [equipment, product] of this.odoo.catalogue.ingredients) {
        const mass = order.consumedCentiKg.get(product.id) ?? 0;
        if (mass !== 0) booked.set(equipment, mass);
      }
      assert.deepEqual(sorted(booked), sorted(delivered), `${order.name}: booked and delivered differ`);
      assert.equal(order.producedCentiKg, finished, `${order.name}: finished quantity`);
      deliveredTotal += sum(delivered);
      bookedTotal += sum(booked);
    }
    return { orders: orders.length, deliveredCentiKg: centiKg(deliveredTotal), bookedCentiKg: centiKg(bookedTotal) };
  }

  /** How often the PLC made each order: more than once without a reset is a queue that was written twice. */
  runsByName(): ReadonlyMap<string, number> {
    const runs = new Map<string, number>();
    for (const { moName } of this.plc.mill.deliveries) runs.set(moName, (runs.get(moName) ?? 0) + 1);
    return runs;
  }
}

function sorted(masses: ReadonlyMap<number, number>): [number, number][] {
  return [...masses].sort(([a], [b]) => a - b);
}

function sum(masses: ReadonlyMap<number, number>): number {
  return [...masses.values()].reduce((total, mass) => total + mass, 0);
}
