// The simulated plant: the original's payload and formulas, each fault, and a truth that a listener can be held to.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { lineFaults } from '../../nodes/production/simulator/faulty-line.ts';
import { runSensorCommand } from '../../nodes/production/simulator/sensor-commands.ts';
import { parseSensorSettings, type SensorProperties } from '../../nodes/production/simulator/sensor-settings.ts';
import type { StatusPayload } from '../../nodes/production/simulator/simulated-machine.ts';
import { SimulatedPlant } from '../../nodes/production/simulator/simulated-plant.ts';
import { ManualClock } from '../support/manual-clock.ts';

class Wire {
  readonly sent: { readonly topic: string; readonly text: string }[] = [];
  broken = false;

  async publish(topic: string, text: string): Promise<void> {
    if (this.broken) throw new Error('away');
    this.sent.push({ topic, text });
  }

  payloads(): readonly StatusPayload[] {
    return this.sent.flatMap(({ text }) => {
      try {
        const payload: StatusPayload = JSON.parse(text);
        return typeof payload.cumulative_production === 'number' ? [payload] : [];
      } catch {
        return [];
      }
    });
  }
}

function world(properties: SensorProperties = {}) {
  const settings = parseSensorSettings({ url: 'mqtt://broker', intervalSeconds: 0, ...properties });
  assert.ok(settings);
  const clock = new ManualClock('2027-01-05T00:00:00Z');
  const wire = new Wire();
  return { clock, wire, settings, plant: new SimulatedPlant(settings, clock, wire) };
}

/** What a listener that takes a fall of the counter as a reset adds up, from the first message on. */
function deltasOf(payloads: readonly StatusPayload[], modulus: number): number {
  let newest = '';
  let last: number | undefined;
  let total = 0;
  for (const { cumulative_production: raw, timestamp } of payloads) {
    if (timestamp <= newest) continue;
    if (last !== undefined) total += raw >= last ? raw - last : modulus > 0 ? modulus - last + raw : raw;
    last = raw;
    newest = timestamp;
  }
  return total;
}

describe('the sensor simulator', () => {
  it("sends the original's payload for every machine", async () => {
    const { plant, wire } = world({ machines: 'A, B', availability: 100 });
    await plant.tick(1);
    assert.deepEqual(
      wire.sent.map(({ topic }) => topic),
      ['shopfloor/machines/A/status', 'shopfloor/machines/B/status'],
    );
    const [payload] = wire.payloads();
    assert.deepEqual(Object.keys(payload ?? {}), [
      'machine_id',
      'machine_status',
      'performance_rate',
      'quality_rate',
      'availability_rate',
      'cumulative_production',
      'cumulative_defects',
      'interval_production',
      'interval_defects',
      'timestamp',
      'simulator_version',
    ]);
    assert.equal(payload?.timestamp, '2027-01-05T07:00:00.000');
  });

  it('keeps rates and counts inside what a machine can do, whatever the seed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 100 }), async (seed, availability) => {
        const { plant, wire } = world({ seed, availability, meanStopSeconds: 20 });
        await plant.tick(60);
        let total = 0;
        for (const message of wire.payloads()) {
          for (const rate of [message.performance_rate, message.quality_rate, message.availability_rate])
            assert.ok(rate >= 0 && rate <= 100);
          assert.ok(message.interval_defects <= message.interval_production);
          if (message.machine_status !== 'Running') {
            assert.equal(message.interval_production, 0);
            assert.ok(message.failure_reason);
          }
          total += message.interval_production;
          assert.equal(message.cumulative_production, total);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is down for the share of time that its availability says', async () => {
    const { plant, wire } = world({ availability: 85, meanStopSeconds: 30, seed: 3 });
    await plant.tick(40_000);
    const running = wire.payloads().filter(({ machine_status }) => machine_status === 'Running').length;
    assert.ok(Math.abs(running / 40_000 - 0.85) < 0.03, String(running / 40_000));
  });

  it('repeats itself with the same seed, and not with another', async () => {
    const texts = async (seed: number) => {
      const { plant, wire } = world({ seed, faults: 'drop=10, duplicate=10, late=5' });
      await plant.tick(50);
      return wire.sent.map(({ text }) => text).join();
    };
    assert.equal(await texts(7), await texts(7));
    assert.notEqual(await texts(7), await texts(8));
  });

  it('can be held to its truth through every fault, by deltas of the counter', async () => {
    const rates = fc.record(Object.fromEntries(lineFaults.map((fault) => [fault, fc.integer({ min: 0, max: 15 })])));
    await fc.assert(
      fc.asyncProperty(fc.nat(), rates, async (seed, percent) => {
        const faults = Object.entries(percent)
          .map(([fault, rate]) => `${fault}=${rate}`)
          .join(',');
        const { plant, wire, clock } = world({ seed, faults });
        for (let step = 0; step < 200; step += 1) {
          clock.advance(5000);
          await plant.tick(1);
        }
        await plant.flush();
        const [truth] = plant.truth().machines;
        const known = (truth?.delivered?.production ?? 0) - (truth?.first?.production ?? 0);
        // What came late and before the first message of all is older than the baseline.
        const late = wire.payloads()[0]?.timestamp !== [...wire.payloads().map(({ timestamp }) => timestamp)].sort()[0];
        if (!late) assert.equal(deltasOf(wire.payloads(), 0), known);
      }),
      { numRuns: 100 },
    );
  });

  it('rolls its counters over at their modulus', async () => {
    const { plant, wire } = world({ modulus: 1000, availability: 100, machines: 'A' });
    await plant.tick(100);
    const [truth] = plant.truth().machines;
    assert.ok(wire.payloads().every(({ cumulative_production }) => cumulative_production < 1000));
    assert.equal(
      deltasOf(
        wire.payloads().map((payload, index) => ({ ...payload, timestamp: String(index).padStart(5, '0') })),
        1000,
      ),
      (truth?.made.production ?? 0) - (truth?.first?.production ?? 0),
    );
  });

  it('meets a fault on demand, as often as it is asked to, on the machine that is named', async () => {
    const { plant, wire } = world({ machines: 'A, B', availability: 100 });
    await runSensorCommand(plant, { command: 'fault', fault: 'drop', times: 2, machine: 'A' });
    await runSensorCommand(plant, { command: 'tick', times: 3 });
    assert.deepEqual(
      ['A', 'B'].map((machine) => wire.payloads().filter(({ machine_id }) => machine_id === machine).length),
      [1, 3],
    );
    await runSensorCommand(plant, { command: 'fault', fault: 'duplicate', machine: 'B' });
    const truth = await runSensorCommand(plant, { command: 'tick' });
    assert.deepEqual(
      truth.machines.map(({ faults }) => faults),
      [{ drop: 2 }, { duplicate: 1 }],
    );
    await runSensorCommand(plant, { command: 'fault', fault: 'malformed', machine: 'A' });
    const before = wire.payloads().length;
    await runSensorCommand(plant, { command: 'tick' });
    assert.equal(wire.payloads().length, before + 2);
    assert.equal(wire.sent.length, before + 3);
  });

  it('stops a machine with a state and a reason, and lets it run again', async () => {
    const { plant, wire } = world({ availability: 100 });
    await runSensorCommand(plant, { command: 'stop', state: 'idle', reason: 'NO_ORDERS', seconds: 60 });
    await plant.tick(1);
    assert.equal(wire.payloads()[0]?.machine_status, 'Idle');
    assert.equal(wire.payloads()[0]?.failure_reason, 'NO_ORDERS');
    assert.equal(wire.payloads()[0]?.is_critical, false);
    await runSensorCommand(plant, { command: 'run' });
    await plant.tick(1);
    assert.equal(wire.payloads()[1]?.machine_status, 'Running');
  });

  it('counts what the broker did not take, and sends by its interval until it is paused', async () => {
    const { plant, wire, clock } = world({ intervalSeconds: 5 });
    plant.start();
    clock.advance(13_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(wire.sent.length, 3);
    wire.broken = true;
    clock.advance(5000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(plant.truth().failed, 1);
    await runSensorCommand(plant, { command: 'pause' });
    assert.equal(clock.pendingTimers, 0);
  });

  it('stays off without a broker and refuses wrong settings and commands by field', async () => {
    assert.equal(parseSensorSettings({ url: `$\{SENSOR_SIMULATOR_URL}` }), undefined);
    assert.throws(
      () =>
        parseSensorSettings({ url: 'http://x', topic: 'a/+', machines: 'a b', faults: 'rain=3', availability: 101 }),
      (error) =>
        error instanceof InvalidInput &&
        error.fields.map(({ field }) => field).join() === 'url,topic,machines,availability,faults',
    );
    await assert.rejects(runSensorCommand(world().plant, { command: 'explode' }), InvalidInput);
    await assert.rejects(runSensorCommand(world().plant, { command: 'run', machine: 'Z' }), InvalidInput);
  });
});
