// Whatever the PLC, Odoo, a person and crashes do in whatever order: the ledger's promises hold.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BatchCommand } from '../../nodes/batch/messages.ts';
import { ShopfloorError } from '../../nodes/core/errors.ts';
import type { OdooFetchCommand, OdooPushCommand } from '../../nodes/odoo/messages.ts';
import type { PlcWriteCommand } from '../../nodes/plc/messages.ts';
import { checkInvariants } from './invariants.ts';
import { LedgerWorld, operator, order } from './ledger-world.ts';
import { PlantModel } from './plant-model.ts';

const orders = 6;
type Step =
  | { readonly do: 'sync' | 'read' | 'push'; readonly crash: 'no' | 'before-answer' | 'after-answer' }
  | { readonly do: 'restart' }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'garble' | 'unreadable' | 'fail'; readonly slot: number; readonly on: boolean }
  | { readonly do: 'mood'; readonly mood: 'away' | 'reply-lost' | 'deviation' }
  | { readonly do: 'retry' | 'reset' | 'cancel' | 'correct'; readonly order: number }
  | { readonly do: 'clear'; readonly release: boolean };

const slot = fc.integer({ min: 1, max: 4 });
const task = fc.record({
  do: fc.constantFrom('sync' as const, 'read' as const, 'read' as const, 'push' as const),
  crash: fc.constantFrom(
    'no' as const,
    'no' as const,
    'no' as const,
    'before-answer' as const,
    'after-answer' as const,
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: task },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('garble' as const, 'unreadable' as const, 'fail' as const),
      slot,
      on: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom('away' as const, 'reply-lost' as const, 'deviation' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('retry' as const, 'reset' as const, 'cancel' as const, 'correct' as const),
      order: fc.integer({ min: 1, max: orders }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), release: fc.boolean() }) },
);

describe('any sequence of commands, readings, answers and crashes', () => {
  it('keeps every promise of the ledger', async function () {
    this.timeout(600_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const run = await Run.begin();
        try {
          for (const one of steps) {
            await run.take(one);
            await checkInvariants(run.world.store);
            await run.checkFrozen();
          }
        } finally {
          await run.world.close();
        }
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 40) },
    );
  });

  it('ends with every order made and posted as delivered once the trouble is over', async function () {
    this.timeout(600_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const run = await Run.begin();
        try {
          const harmless = steps.filter(
            (one) => one.do !== 'garble' && !('order' in one) && one.do !== 'clear' && one.do !== 'fail',
          );
          for (const one of harmless) await run.take(one);
          await run.settle();
          await checkInvariants(run.world.store);
          run.checkPosted();
        } finally {
          await run.world.close();
        }
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 25) },
    );
  });
});

class Run {
  readonly world: LedgerWorld;
  readonly plant = new PlantModel(orders);
  /** Figures of finished batches as they were frozen, mapped by batch id. */
  readonly #frozen = new Map<string, string>();

  private constructor(world: LedgerWorld) {
    this.world = world;
  }

  static async begin(): Promise<Run> {
    return new Run(await LedgerWorld.open({ slots: 4, queueLimit: 4 }));
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'sync':
        return this.#sync(one.crash);
      case 'read':
        return this.#read(one.crash);
      case 'push':
        return this.#push(one.crash);
      case 'restart':
        return this.world.restart();
      case 'wait':
        this.world.clock.advance(one.minutes * 60_000);
        return this.#try({ command: 'health' });
      case 'garble':
        return toggle(this.plant.garbledSlots, one.slot, one.on);
      case 'unreadable':
        return toggle(this.plant.unreadableSlots, one.slot, one.on);
      case 'fail':
        return this.plant.fail(one.slot, one.on);
      case 'mood':
        this.plant.odooMoods.push(one.mood);
        return;
      case 'clear':
        return this.#try({ command: 'clear', release: one.release });
      case 'correct': {
        await this.#try({
          command: 'correct',
          order: order(one.order).orderName,
          consumptionKg: { silo_a: 60, silo_b: 30, lq114: 10 },
          finishedGoodsKg: 100,
          reason: 'weighed',
        });
        this.#frozen.clear();
        return;
      }
      default:
        return this.#try({ command: one.do, order: order(one.order).orderName });
    }
  }

  /** Everything works again; the tasks run until nothing is left to do. */
  async settle(): Promise<void> {
    this.plant.garbledSlots.clear();
    this.plant.unreadableSlots.clear();
    this.plant.odooMoods.length = 0;
    for (let round = 0; round < 200 && !(this.plant.allDone && (await this.world.list()).length === 0); round += 1) {
      for (const batch of await this.world.list()) {
        if (batch.hold) await this.#try({ command: 'retry', order: batch.mo_id, accept: true });
      }
      await this.#sync('no');
      await this.#read('no');
      await this.#push('no');
      this.world.clock.advance(20 * 60_000);
    }
    assert(this.plant.allDone, 'every order is done in Odoo');
    assert.deepEqual(await this.world.list(), []);
  }

  checkPosted(): void {
    for (let n = 1; n <= orders; n += 1) {
      const posted = this.plant.odoo(n);
      const delivered = this.plant.delivered.get(order(n).plcOrderName);
      assert.equal(posted?.closings, 1, `order ${n} is closed once`);
      assert.deepEqual(
        posted?.consumption,
        [101, 102, 114].map((equipment) => delivered?.get(equipment)),
      );
    }
    assert.equal(new Set(this.plant.handOvers).size, this.plant.handOvers.length, 'no order goes to the PLC twice');
  }

  /** A finished batch keeps its figures until a person corrects them. */
  async checkFrozen(): Promise<void> {
    const rows = await this.world
      .db()
      .selectFrom('batch')
      .innerJoin('batch_component', 'batch_component.batch_id', 'batch.id')
      .select(['batch.id', 'batch.finished_centi_kg', 'equipment', 'actual_centi_kg', 'carried_centi_kg'])
      .where('state', 'in', ['finished', 'pushing', 'archived'])
      .orderBy('batch.id')
      .orderBy('equipment')
      .execute();
    const now = new Map<string, string>();
    for (const row of rows) now.set(row.id, `${now.get(row.id) ?? ''}${JSON.stringify(Object.values(row))}`);
    for (const [id, figures] of now) {
      assert.equal(figures, this.#frozen.get(id) ?? figures, 'a finished batch keeps its figures');
      this.#frozen.set(id, figures);
    }
  }

  async #sync(crash: 'no' | 'before-answer' | 'after-answer'): Promise<void> {
    const begun = await this.world.ask<OdooFetchCommand | PlcWriteCommand | { command: 'none' }>({
      command: 'begin-sync',
    });
    let next: PlcWriteCommand | { command: 'none' } | undefined;
    if (begun.command === 'fetch') {
      next = await this.world.ask({ command: 'stage', orders: this.plant.fetch(begun), refused: [] });
    } else next = begun;
    if (next?.command !== 'write' || crash === 'before-answer') return this.#crash(crash);
    const result = this.plant.write(next);
    if (crash === 'after-answer') return this.#crash(crash);
    await this.world.send({ command: 'written', ...result });
  }

  async #read(crash: 'no' | 'before-answer' | 'after-answer'): Promise<void> {
    const snapshot = this.plant.read(this.world.clock.now().toISOString());
    if (crash === 'before-answer') return this.#crash(crash);
    const answer = await this.world.ask<{ command: string; blocks?: { slot: number; moName: string }[] }>({
      command: 'observe',
      ...snapshot,
    });
    if (crash === 'after-answer') return this.#crash(crash);
    if (answer.blocks) this.plant.acknowledge(answer.blocks);
  }

  async #push(crash: 'no' | 'before-answer' | 'after-answer'): Promise<void> {
    for (;;) {
      const push = await this.world.ask<OdooPushCommand | { command: 'none' }>({ command: 'due' });
      if (push.command === 'none' || crash === 'before-answer') return this.#crash(crash);
      const result = this.plant.push(push);
      if (crash === 'after-answer') return this.#crash(crash);
      await this.world.send({ command: 'complete', ...result });
      if (result.outcome === 'later') return;
    }
  }

  async #crash(crash: 'no' | 'before-answer' | 'after-answer'): Promise<void> {
    if (crash !== 'no') await this.world.restart();
  }

  /** A refusal is a fine answer; anything else is not. */
  async #try(command: BatchCommand): Promise<void> {
    try {
      await this.world.send(command, operator);
    } catch (error) {
      if (!(error instanceof ShopfloorError) || error.httpStatus >= 500) throw error;
    }
  }
}

function toggle(set: Set<number>, value: number, on: boolean): void {
  if (on) set.add(value);
  else set.delete(value);
}
