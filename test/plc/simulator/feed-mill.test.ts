// The simulated mill keeps both handshakes, consumes what it says, and fails only as told.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBlock, encodeBatch } from '../../../nodes/plc/block-codec.ts';
import original from '../../../nodes/plc/maps/original.json' with { type: 'json' };
import {
  originalMemoryMap as map,
  parseMemoryMap,
  readBlockAddress,
  writeBlockAddress,
} from '../../../nodes/plc/memory-map.ts';
import type { PlcBatch } from '../../../nodes/plc/messages.ts';
import { FeedMill } from '../../../nodes/plc/simulator/feed-mill.ts';
import type { FeedMillEvent, FeedMillSettings } from '../../../nodes/plc/simulator/mill-messages.ts';
import { PlcMemory } from '../../../nodes/plc/simulator/plc-memory.ts';
import { batchOf, kg } from '../support/queues.ts';

const guard = 7076;

/** A mill with its memory, a clock of its own, and the events so far. */
class TestMill {
  readonly memory = new PlcMemory(new Uint16Array(10_000));
  readonly events: FeedMillEvent[] = [];
  readonly mill: FeedMill;
  #nowMs = 0;

  constructor(settings: Partial<FeedMillSettings> = {}, seed = 1) {
    this.mill = new FeedMill({
      memory: this.memory,
      map,
      wordOrder: 'high-first',
      seed,
      settings: { secondsPerBatch: 10, ...settings },
    });
  }

  offer(slots: readonly number[], prefix = 'WH/MO/'): void {
    for (let slot = 1; slot <= 10; slot++) {
      const words = slots.includes(slot)
        ? encodeBatch(map, 'high-first', batchOf(slot, { moName: `${prefix}${slot}` }))
        : new Uint16Array(77);
      this.memory.words.set(words, writeBlockAddress(map, slot));
    }
    this.memory.words[guard] = 0;
  }

  run(seconds: number, stepMs = 100): void {
    for (let done = 0; done < seconds * 1000; done += stepMs) {
      this.#nowMs += stepMs;
      this.events.push(...this.mill.scan(this.#nowMs));
    }
  }

  shown(slot: number): PlcBatch {
    const reading = decodeBlock(map, 'high-first', slot, this.mill.read(readBlockAddress(map, slot), 77) ?? []);
    assert.equal(reading.state, 'plausible', JSON.stringify(reading));
    return (reading as { batch: PlcBatch }).batch;
  }

  stateOf(slot: number): string {
    return decodeBlock(map, 'high-first', slot, this.mill.read(readBlockAddress(map, slot), 77) ?? []).state;
  }

  names(event: FeedMillEvent['event']): string[] {
    return this.events.flatMap((found) => (found.event === event && 'moName' in found ? [found.moName] : []));
  }
}

const total = (batch: Pick<PlcBatch, 'consumption'>): number =>
  batch.consumption.reduce((sum, { massCentiKg }) => sum + massCentiKg, 0);

describe('the simulated mill', () => {
  it('waits while no slot has a name or the guard word is 1', () => {
    const plant = new TestMill();
    plant.run(1);
    plant.offer([1]);
    plant.memory.words[guard] = 1;
    plant.run(1);
    assert.deepEqual(plant.events, []);
    assert.equal(plant.mill.isIdle, true);
  });

  it('takes a queue in one scan: shown with nothing made, other blocks cleared, guard word 1', () => {
    const plant = new TestMill();
    plant.memory.words.fill(7, 6500, 6577);
    plant.memory.words[6572] = 0;
    plant.offer([1, 3]);
    plant.run(0.1);
    assert.deepEqual(plant.events[0], {
      event: 'queue-taken',
      slots: [
        { slot: 1, moName: 'WH/MO/1' },
        { slot: 3, moName: 'WH/MO/3' },
      ],
    });
    assert.equal(plant.memory.words[guard], 1);
    const batch = plant.shown(3);
    assert.deepEqual(
      [batch.quantityCentiKg, total(batch), batch.finished, batch.failed, batch.read],
      [kg(1000), 0, false, false, false],
    );
    assert.equal(plant.stateOf(6), 'empty');
  });

  it('makes slot after slot and consumes silo after silo toward the target', () => {
    const plant = new TestMill({ scatterPercent: 0 });
    plant.offer([1, 2]);
    plant.run(5);
    const [first, second] = [plant.shown(1), plant.shown(2)];
    const given = (equipment: number) =>
      first.consumption.find((dose) => dose.equipment === equipment)?.massCentiKg ?? -1;
    assert.equal(given(101), kg(600), 'the first silo is done');
    assert(given(107) > 0 && given(107) < kg(350.5), 'the second one doses');
    assert.equal(given(115), 0, 'the tank waits');
    assert.equal(total(second), 0);
    assert.deepEqual(plant.names('batch-started'), ['WH/MO/1']);
    plant.run(17);
    assert.deepEqual(plant.names('batch-finished'), ['WH/MO/1', 'WH/MO/2']);
    assert.equal(plant.shown(2).finishedWeightCentiKg, kg(1000));
    assert.equal(plant.shown(2).finished, true);
  });

  it('never shows less than before, and in the end exactly what it delivered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 20, max: 900 }),
        (seed, scatterPercent, stepMs) => {
          const plant = new TestMill({ scatterPercent }, seed);
          plant.offer([4]);
          let last = 0;
          for (let second = 0; second < 12; second++) {
            plant.run(1, stepMs);
            const now = total(plant.shown(4));
            assert(now >= last);
            last = now;
          }
          const batch = plant.shown(4);
          const [delivery] = plant.mill.deliveries;
          assert.equal(batch.finished, true);
          assert.deepEqual(batch.consumption, delivery?.consumption);
          assert.equal(batch.finishedWeightCentiKg, total(batch));
          for (const { equipment, massCentiKg } of batch.consumption) {
            const target = batchOf(4).consumption.find((dose) => dose.equipment === equipment)?.massCentiKg ?? 0;
            assert(
              Math.abs(massCentiKg - target) <= Math.ceil((target * scatterPercent) / 100),
              `${equipment}: ${massCentiKg}`,
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('makes the same masses with the same seed, however often it is scanned or read', () => {
    const made = (seed: number, stepMs: number, reads: number) => {
      const plant = new TestMill({ scatterPercent: 5, garbleProbability: 0.5 }, seed);
      plant.offer([1, 2, 3]);
      for (let read = 0; read < reads; read++) plant.mill.read(6000, 77);
      plant.run(40, stepMs);
      return plant.mill.deliveries.map(({ consumption }) => consumption);
    };
    assert.deepEqual(made(7, 100, 0), made(7, 37, 50));
    assert.notDeepEqual(made(7, 100, 0), made(8, 100, 0));
  });

  it('takes the next queue only when every finished block has been read', () => {
    const plant = new TestMill();
    plant.offer([1, 2]);
    plant.run(25);
    plant.offer([1], 'NEXT/');
    plant.run(1);
    assert.equal(plant.memory.words[guard], 0, 'nothing read');
    plant.memory.words[6076] = 1;
    plant.run(1);
    assert.equal(plant.memory.words[guard], 0, 'one of two read');
    plant.memory.words[6176] = 1;
    plant.run(1);
    assert.equal(plant.memory.words[guard], 1);
    assert.equal(plant.shown(1).moName, 'NEXT/1');
    assert.equal(plant.shown(1).read, false);
    assert.equal(plant.stateOf(2), 'empty');
    assert.deepEqual(
      plant.mill.deliveries.slice(0, 2).map(({ moName }) => moName),
      ['WH/MO/1', 'WH/MO/2'],
      'what is overwritten stays on record',
    );
  });

  it('finishes its queue as taken although the next one is being written', () => {
    const plant = new TestMill({ scatterPercent: 0 });
    plant.offer([1, 2]);
    plant.run(1);
    plant.memory.words.fill(0, 7100, 7177);
    plant.run(25);
    assert.equal(plant.shown(2).finishedWeightCentiKg, kg(1000));
  });

  it('records a batch made twice as two deliveries', () => {
    const plant = new TestMill();
    for (let time = 0; time < 2; time++) {
      plant.offer([1]);
      plant.run(15);
      plant.memory.words[6076] = 1;
    }
    assert.deepEqual(
      plant.mill.deliveries.map(({ moName }) => moName),
      ['WH/MO/1', 'WH/MO/1'],
    );
  });
});

describe('the simulated mill, told to fail,', () => {
  it('fails the running batch, keeps what it consumed, and goes on with the next', () => {
    const plant = new TestMill();
    plant.offer([1, 2]);
    plant.run(4);
    plant.mill.failBatch();
    plant.run(1);
    const batch = plant.shown(1);
    assert.deepEqual([batch.failed, batch.finished, batch.finishedWeightCentiKg], [true, false, 0]);
    assert(total(batch) > 0);
    assert.deepEqual(plant.mill.deliveries[0]?.consumption, batch.consumption);
    assert.equal(plant.mill.deliveries[0]?.state, 'failed');
    plant.run(20);
    assert.deepEqual(plant.names('batch-finished'), ['WH/MO/2']);
    assert.equal(plant.shown(1).failed, true);
  });

  it('fails a batch that waits half-way through its own turn', () => {
    const plant = new TestMill({ scatterPercent: 0 });
    plant.offer([1, 2]);
    plant.run(1);
    plant.mill.failBatch(2);
    plant.run(30);
    assert.deepEqual([plant.names('batch-finished'), plant.names('batch-failed')], [['WH/MO/1'], ['WH/MO/2']]);
    assert(total(plant.shown(2)) > 0 && total(plant.shown(2)) < kg(1000));
  });

  it('fails the next batch when none runs', () => {
    const plant = new TestMill();
    plant.mill.failBatch();
    plant.offer([5]);
    plant.run(15);
    assert.deepEqual(plant.names('batch-failed'), ['WH/MO/5']);
  });

  it('fails about as often as its probability says', () => {
    const plant = new TestMill({ failureProbability: 0.3, secondsPerBatch: 0.2 });
    for (let queue = 0; queue < 20; queue++) {
      plant.offer([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      plant.run(5, 50);
      for (let slot = 1; slot <= 10; slot++) plant.memory.words[6000 + 100 * (slot - 1) + 76] = 1;
    }
    const failed = plant.mill.deliveries.filter(({ state }) => state === 'failed').length;
    assert.equal(plant.mill.deliveries.length, 200);
    assert(failed > 30 && failed < 90, `${failed} of 200`);
  });

  it('raises the failed flag for a moment and finishes all the same', () => {
    const plant = new TestMill();
    plant.offer([1]);
    plant.run(2);
    plant.mill.flickerFailedFlag(1);
    plant.run(0.5);
    assert.equal(plant.shown(1).failed, true);
    plant.run(1);
    assert.equal(plant.shown(1).failed, false);
    plant.run(10);
    assert.deepEqual([plant.shown(1).finished, plant.shown(1).failed], [true, false]);
  });

  it('stands still until told to resume', () => {
    const plant = new TestMill();
    plant.offer([1]);
    plant.run(3);
    plant.mill.stall();
    plant.run(0.2);
    const before = total(plant.shown(1));
    plant.run(60);
    assert.equal(total(plant.shown(1)), before);
    plant.mill.resume();
    plant.run(8);
    assert.equal(plant.shown(1).finished, true);
    assert.deepEqual(
      plant.events.map(({ event }) => event).filter((event) => event === 'stalled' || event === 'resumed'),
      ['stalled', 'resumed'],
    );
  });

  it('stands still for its time and then goes on', () => {
    const plant = new TestMill({ stallProbability: 1, stallSeconds: 30 });
    plant.offer([1]);
    plant.run(35);
    assert.equal(plant.shown(1).finished, false);
    plant.run(8);
    assert.equal(plant.shown(1).finished, true);
  });

  it('takes no queue while it stands still', () => {
    const plant = new TestMill();
    plant.mill.stall();
    plant.offer([1]);
    plant.run(5);
    assert.equal(plant.memory.words[guard], 0);
  });

  it('shows nonsense for as many reads as told, while memory stays right', () => {
    const plant = new TestMill();
    plant.offer([1, 2]);
    plant.run(1);
    plant.mill.garble(1, 2);
    assert.deepEqual(
      [plant.stateOf(2), plant.stateOf(1), plant.stateOf(1), plant.stateOf(1)],
      ['plausible', 'implausible', 'implausible', 'plausible'],
    );
    plant.mill.garble(2);
    for (let read = 0; read < 20; read++) assert.equal(plant.stateOf(2), 'implausible');
    plant.mill.clearGarbling();
    assert.equal(plant.stateOf(2), 'plausible');
  });

  it('garbles a read of several blocks only where the block lies', () => {
    const plant = new TestMill();
    plant.offer([1, 2, 3]);
    plant.run(1);
    const right = plant.mill.read(6050, 125) ?? new Uint16Array();
    plant.mill.garble(2, 1);
    const seen = plant.mill.read(6050, 125) ?? new Uint16Array();
    assert.deepEqual([...seen.subarray(0, 50)], [...right.subarray(0, 50)]);
    assert.notDeepEqual([...seen.subarray(50)], [...right.subarray(50)]);
  });
});

describe('the simulated mill on another map', () => {
  it('counts in the units of that map', () => {
    const json = structuredClone(original);
    for (const field of json.fields) if (field.role === 'consumption') Object.assign(field, { scale: 10 });
    const other = parseMemoryMap({ ...json, slotCount: 2 });
    const memory = new PlcMemory(new Uint16Array(10_000));
    const mill = new FeedMill({
      memory,
      map: other,
      wordOrder: 'low-first',
      seed: 1,
      settings: { secondsPerBatch: 1, scatterPercent: 0 },
    });
    memory.words.set(encodeBatch(other, 'low-first', batchOf(2)), 7100);
    for (let scan = 0; scan < 20; scan++) mill.scan(scan * 100);
    const reading = decodeBlock(other, 'low-first', 2, memory.words.subarray(6100, 6177));
    assert.equal(reading.state, 'plausible');
    const batch = reading.state === 'plausible' ? reading.batch : undefined;
    assert.equal(batch?.consumption[0]?.massCentiKg, kg(600));
    assert.equal(batch?.finishedWeightCentiKg, kg(1000));
  });
});
