// Builds the world that the ledger's tests speak of: orders from Odoo, blocks of PLC memory, and a ledger over a real store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchLedger, LedgerReply } from '../../nodes/batch/ledger.ts';
import type { Actor, BatchCommand } from '../../nodes/batch/messages.ts';
import { openLedger } from '../../nodes/batch/open-ledger.ts';
import { defaultSettings, type LedgerSettings } from '../../nodes/batch/settings.ts';
import type { BatchSchema } from '../../nodes/batch/tables.ts';
import type { BatchView } from '../../nodes/batch/views.ts';
import { centiKg } from '../../nodes/core/mass.ts';
import type { FetchedOrder, OdooPushCommand, OdooPushResult } from '../../nodes/odoo/messages.ts';
import type { BlockReading, PlcWriteCommand } from '../../nodes/plc/messages.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

export const operator: Actor = { name: 'ani', via: 'session' };
export const clockActor: Actor = { name: 'flow', via: 'flow' };
const kilogram = { id: 12, name: 'kg', centiKgPerUnit: 100 };

/** Order `WH/MO/0000n` of 100 kg: 60 kg from silo A, 30 kg from silo B, 10 kg from tank LQ114. */
export function order(n: number): FetchedOrder {
  const orderName = `WH/MO/${String(n).padStart(5, '0')}`;
  const component = (equipment: number, massCentiKg: number) => ({
    moveId: n * 1000 + equipment,
    productId: equipment,
    productName: `Material ${equipment}`,
    equipment,
    massCentiKg: centiKg(massCentiKg),
    unit: kilogram,
  });
  return {
    orderId: n,
    orderName,
    plcOrderName: orderName,
    plcBomCode: 'BOM-1',
    plcFinishedGoods: 'FEED-A1',
    productId: 7,
    productName: 'Feed A1',
    bomCode: 'BOM-1',
    quantityCentiKg: centiKg(10_000),
    unit: kilogram,
    scheduledStart: null,
    components: [component(101, 6_000), component(102, 3_000), component(114, 1_000)],
  };
}

export interface BlockFacts {
  readonly a?: number;
  readonly b?: number;
  readonly lq114?: number;
  /** Masses in hundredths of a kilogram of equipment that the order has no component for. */
  readonly other?: Readonly<Record<number, number>>;
  readonly finished?: boolean;
  readonly failed?: boolean;
  readonly weight?: number;
  readonly read?: boolean;
}

/** A plausible block: all fifteen figures, in hundredths of a kilogram. */
export function block(slot: number, moName: string, facts: BlockFacts = {}): BlockReading {
  const masses: Record<number, number> = {
    101: facts.a ?? 0,
    102: facts.b ?? 0,
    114: facts.lq114 ?? 0,
    ...facts.other,
  };
  return {
    slot,
    address: 6000 + 100 * (slot - 1),
    state: 'plausible',
    words: [slot],
    batch: {
      slot,
      moName,
      bomCode: 'BOM-1',
      finishedGoods: 'FEED-A1',
      quantityCentiKg: centiKg(10_000),
      consumption: Array.from({ length: 15 }, (_, index) => ({
        equipment: 101 + index,
        massCentiKg: centiKg(masses[101 + index] ?? 0),
      })),
      finished: facts.finished ?? false,
      failed: facts.failed ?? false,
      finishedWeightCentiKg: centiKg(facts.weight ?? 0),
      read: facts.read ?? false,
    },
  };
}

export function garbled(slot: number, legibleMoName?: string): BlockReading {
  const reasons = ['consumption of 103: 4294967295 is above 500000'];
  const base = { slot, address: 6000 + 100 * (slot - 1), state: 'implausible' as const, words: [1, 65_535], reasons };
  return legibleMoName === undefined ? base : { ...base, legibleMoName };
}

/** What a whole batch of `order(n)` gives, as block facts. */
export const fullBatch: BlockFacts = { a: 6_000, b: 3_010, lq114: 1_000, weight: 9_980 };

export class LedgerWorld {
  readonly clock = new ManualClock();
  readonly store: Store;
  readonly settings: LedgerSettings;
  ledger: BatchLedger;
  readonly #cleanUp: () => void;

  private constructor(
    store: Store,
    settings: LedgerSettings,
    ledger: BatchLedger,
    clock: ManualClock,
    cleanUp: () => void,
  ) {
    this.store = store;
    this.settings = settings;
    this.ledger = ledger;
    this.clock = clock;
    this.#cleanUp = cleanUp;
  }

  /** @param url another store than a SQLite file of its own */
  static async open(settings: Partial<LedgerSettings> = {}, url?: string): Promise<LedgerWorld> {
    const directory = mkdtempSync(join(tmpdir(), 'shopfloor-ledger-'));
    const store = await openStore(url ?? `sqlite:${join(directory, 'ledger.sqlite')}`);
    const whole = { ...defaultSettings, ...settings };
    const clock = new ManualClock();
    const ledger = await openLedger(store, whole, { clock, random: () => 0.5 });
    return new LedgerWorld(store, whole, ledger, clock, () => rmSync(directory, { recursive: true, force: true }));
  }

  async close(): Promise<void> {
    await this.store.close();
    this.#cleanUp();
  }

  /** The process dies and starts again: only what was committed is left. */
  async restart(settings: Partial<LedgerSettings> = {}): Promise<void> {
    this.ledger = await openLedger(
      this.store,
      { ...this.settings, ...settings },
      { clock: this.clock, random: () => 0.5 },
    );
  }

  send(command: BatchCommand, actor: Actor = clockActor): Promise<LedgerReply> {
    return this.ledger.execute(command, actor);
  }

  async ask<Payload>(command: BatchCommand, actor: Actor = clockActor): Promise<Payload> {
    return (await this.send(command, actor)).payload as Payload;
  }

  stage(...numbers: number[]): Promise<PlcWriteCommand> {
    return this.ask({ command: 'stage', orders: numbers.map(order), refused: [] });
  }

  written(
    queue: PlcWriteCommand,
    outcome: 'handed-over' | 'recognised' | 'busy' | 'watch-only' = 'handed-over',
  ): Promise<LedgerReply> {
    const slots = queue.batches.map(({ slot, moName }) => ({ slot, moName }));
    return this.send({ command: 'written', queueId: queue.queueId, outcome, slots });
  }

  /** Orders 1..n staged and handed over. */
  async inPlc(...numbers: number[]): Promise<void> {
    await this.written(await this.stage(...numbers));
  }

  observe(...blocks: BlockReading[]): Promise<LedgerReply> {
    const readAt = this.clock.now().toISOString();
    return this.send({ command: 'observe', plc: 'plc-1', readAt, durationMs: 5, blocks });
  }

  /** One order finished in slot 1, waiting for Odoo. */
  async finished(n = 1, facts: BlockFacts = fullBatch): Promise<void> {
    await this.inPlc(n);
    await this.observe(block(1, order(n).orderName, { ...facts, finished: true }));
  }

  due(): Promise<OdooPushCommand> {
    return this.ask({ command: 'due' });
  }

  complete(
    push: { pushId: string; orderId: number },
    outcome: Outcome,
    action: 'push' | 'cancel' = 'push',
  ): Promise<LedgerReply> {
    return this.send({ command: 'complete', pushId: push.pushId, orderId: push.orderId, action, calls: 3, ...outcome });
  }

  list(): Promise<BatchView[]> {
    return this.ask({ command: 'list' });
  }

  /** State of the latest batch of order n, ended or not. */
  async stateOf(n: number): Promise<string | undefined> {
    return (await this.batch(n))?.state;
  }

  async batch(
    n: number,
  ): Promise<(BatchView & { events: { type: string; reason: string | null; data: unknown }[] }) | undefined> {
    const found = await this.ask<{
      batches: (BatchView & { events: { type: string; reason: string | null; data: unknown }[] })[];
    }>({
      command: 'get',
      order: order(n).orderName,
    });
    return found.batches[0];
  }

  async eventsOf(n: number): Promise<string[]> {
    return (await this.batch(n))?.events.map((event) => event.type) ?? [];
  }

  db() {
    return this.store.db<BatchSchema>();
  }
}

type WithoutBase<Result> = Result extends unknown ? Omit<Result, 'pushId' | 'orderId' | 'action' | 'calls'> : never;
export type Outcome = WithoutBase<OdooPushResult>;

export const verified: Outcome = { outcome: 'verified', orderState: 'done', alreadyDone: false };
export const later: Outcome = { outcome: 'later', code: 'transient', message: 'Odoo is away', retryAfterMs: 60_000 };
export const deviates: Outcome = {
  outcome: 'person',
  code: 'deviation',
  message: 'Material 102 differs by 12 %.',
  deviations: [{ equipment: 102, what: 'consumption', expectedCentiKg: centiKg(3_000), actualCentiKg: centiKg(3_360) }],
};
