// A PLC and an Odoo outside the ledger: they keep what was delivered and posted, whatever happens to the ledger's process.
import type {
  FetchedOrder,
  OdooCancelCommand,
  OdooFetchCommand,
  OdooPushCommand,
  OdooPushResult,
} from '../../nodes/odoo/messages.ts';
import type {
  BlockReading,
  PlcSnapshot,
  PlcWriteCommand,
  PlcWriteResult,
  QueueBatch,
} from '../../nodes/plc/messages.ts';
import { block, garbled, order } from './ledger-world.ts';

interface Slot {
  moName: string;
  target: ReadonlyMap<number, number>;
  /** Hundredths of a kilogram by equipment. */
  delivered: Map<number, number>;
  finished: boolean;
  failed: boolean;
  stalled: boolean;
  read: boolean;
}

interface OdooOrder {
  readonly order: FetchedOrder;
  state: 'confirmed' | 'done' | 'cancel';
  consumption: readonly number[];
  closings: number;
}

export class PlantModel {
  readonly #slots = new Map<number, Slot>();
  readonly #orders = new Map<number, OdooOrder>();
  #writeArea: { readonly queueId: string; readonly batches: readonly QueueBatch[] } | undefined;
  #taken = true;
  /** Everything that ever left the silos, by PLC name; kept when the slot goes to another order. */
  readonly delivered = new Map<string, Map<number, number>>();
  /** Queues that were written into PLC memory, by the names in them: none may be made twice. */
  readonly handOvers: string[] = [];
  readonly garbledSlots = new Set<number>();
  readonly unreadableSlots = new Set<number>();
  /** What the next pushes meet, in order; an empty list means that Odoo simply answers. */
  readonly odooMoods: ('away' | 'reply-lost' | 'deviation')[] = [];

  constructor(orders: number) {
    for (let n = 1; n <= orders; n += 1) {
      this.#orders.set(n, { order: order(n), state: 'confirmed', consumption: [], closings: 0 });
    }
  }

  fetch(command: OdooFetchCommand): FetchedOrder[] {
    const excluded = new Set(command.exclude);
    return [...this.#orders.values()]
      .filter(({ state, order: { orderId } }) => state === 'confirmed' && !excluded.has(orderId))
      .slice(0, command.limit)
      .map((entry) => entry.order);
  }

  write(command: PlcWriteCommand): PlcWriteResult {
    const slots = command.batches.map(({ slot, moName }) => ({ slot, moName }));
    const content = (batches: readonly QueueBatch[]) => JSON.stringify(batches);
    if (this.#writeArea && content(this.#writeArea.batches) === content(command.batches)) {
      return { queueId: command.queueId, outcome: 'recognised', slots };
    }
    if (!this.#taken) return { queueId: command.queueId, outcome: 'busy', slots };
    this.#writeArea = { queueId: command.queueId, batches: command.batches };
    this.#taken = false;
    this.handOvers.push(...command.batches.map((batch) => batch.moName));
    return { queueId: command.queueId, outcome: 'handed-over', slots };
  }

  /** One cycle of the PLC, then one reading of it. */
  read(readAt: string): PlcSnapshot {
    this.#take();
    for (const slot of this.#slots.values()) work(slot);
    const blocks = Array.from({ length: 10 }, (_, index) => this.#block(index + 1));
    return { plc: 'model', readAt, durationMs: 1, blocks };
  }

  acknowledge(blocks: readonly { slot: number; moName: string }[]): void {
    for (const { slot, moName } of blocks) {
      const there = this.#slots.get(slot);
      if (there?.moName === moName && there.finished) there.read = true;
    }
  }

  push(command: OdooPushCommand | OdooCancelCommand): OdooPushResult {
    const entry = this.#orders.get(command.orderId);
    if (!entry) throw new Error(`no order ${command.orderId}`);
    const base = { pushId: command.pushId, orderId: command.orderId, action: command.command, calls: 3 } as const;
    const mood = this.odooMoods.shift();
    if (mood === 'away') return { ...base, outcome: 'later', code: 'transient', message: 'away', retryAfterMs: 0 };
    if (mood === 'deviation' && command.command === 'push' && command.acceptedBy === undefined) {
      return { ...base, outcome: 'person', code: 'deviation', message: 'differs', deviations: [] };
    }
    const alreadyDone = this.#apply(entry, command);
    if (mood === 'reply-lost') {
      return { ...base, outcome: 'later', code: 'unknown-outcome', message: 'the reply was lost', retryAfterMs: 0 };
    }
    return { ...base, outcome: 'verified', orderState: entry.state, alreadyDone };
  }

  fail(slot: number, failed: boolean): void {
    const there = this.#slots.get(slot);
    if (there && !there.finished) there.failed = failed;
  }

  /** The operator takes a failed or garbled batch out at the panel: it consumes nothing more. */
  stop(moName: string): void {
    for (const slot of this.#slots.values()) if (slot.moName === moName) slot.stalled = true;
  }

  odoo(orderId: number): Readonly<OdooOrder> | undefined {
    return this.#orders.get(orderId);
  }

  get allDone(): boolean {
    return [...this.#orders.values()].every(({ state }) => state !== 'confirmed');
  }

  #apply(entry: OdooOrder, command: OdooPushCommand | OdooCancelCommand): boolean {
    if (command.command === 'cancel') {
      const alreadyDone = entry.state === 'cancel';
      if (entry.state === 'done') throw new Error('a done order was cancelled');
      entry.state = 'cancel';
      return alreadyDone;
    }
    const consumption = command.components.map((component) => component.actualCentiKg);
    if (entry.state === 'done') {
      if (JSON.stringify(consumption) !== JSON.stringify(entry.consumption))
        throw new Error('a done order was changed');
      return true;
    }
    entry.consumption = consumption;
    if (command.close) {
      entry.state = 'done';
      entry.closings += 1;
    }
    return false;
  }

  #take(): void {
    if (this.#taken || !this.#writeArea) return;
    this.#taken = true;
    this.#slots.clear();
    for (const { slot, moName, consumption } of this.#writeArea.batches) {
      const delivered = new Map<number, number>();
      this.delivered.set(moName, delivered);
      const target = new Map(consumption.map(({ equipment, massCentiKg }) => [equipment, massCentiKg]));
      this.#slots.set(slot, { moName, target, delivered, finished: false, failed: false, stalled: false, read: false });
    }
  }

  #block(slot: number): BlockReading {
    const base = { slot, address: 6000 + 100 * (slot - 1) };
    if (this.unreadableSlots.has(slot)) return { ...base, state: 'unreadable', reasons: ['no answer'] };
    if (this.garbledSlots.has(slot)) return garbled(slot);
    const there = this.#slots.get(slot);
    if (!there) return { ...base, state: 'empty', words: [] };
    const { moName, delivered, finished, failed, read } = there;
    const weight = finished ? [...delivered.values()].reduce((sum, mass) => sum + mass, 0) : 0;
    return block(slot, moName, { other: Object.fromEntries(delivered), finished, failed, weight, read });
  }
}

/** A batch gives about a third of each target in a cycle, with scatter, and is finished after three. */
function work(slot: Slot): void {
  if (slot.finished || slot.failed || slot.stalled) return;
  let complete = true;
  for (const [equipment, target] of slot.target) {
    const given = slot.delivered.get(equipment) ?? 0;
    const next = Math.min(given + Math.ceil(target / 3) + (slot.moName.length % 3), target + 7);
    slot.delivered.set(equipment, next);
    if (next < target) complete = false;
  }
  slot.finished = complete;
}
