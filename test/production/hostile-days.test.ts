// Days of hostile messages of eleven machines, with processes that die between, against an oracle by source time: totals, shifts, hours and
// orders are exact on both engines, through both changes of the clock and in a zone of half an hour.
// Suite: long.
import assert from 'node:assert/strict';
import type { MachineReading } from '../../nodes/production/messages.ts';
import { migrateStateTables, statesParticipant } from '../../nodes/production/states-participant.ts';
import { isLongRun, runSize } from '../support/run-size.ts';
import { dice, expectedOf, type Figures, modulus, nameOf, rollsOver, type Sent, shopOf } from './source-oracle.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld, threeShifts } from './tracker-world.ts';

const machines = 11;
const wanted = runSize({ short: 10_000, long: 100_000 });
const kills = 5;
const seed = Number(process.env.SHOPFLOOR_SEED ?? Math.floor(Math.random() * 2 ** 20));

const stories = [
  ['Europe/Berlin', '2026-03-27T10:00:00Z', 'the night that loses an hour'],
  ['Europe/Berlin', '2026-10-23T10:00:00Z', 'the night that has an hour twice'],
  ['Asia/Kolkata', '2026-03-27T10:00:00Z', 'a zone of half an hour'],
] as const;

for (const engine of engines) {
  describe(`${wanted} hostile messages on ${engine} (seed ${seed})`, function () {
    this.timeout(isLongRun ? 3_600_000 : 110_000);
    const openWorld = worldsOn(engine);

    for (const [zone, start, what] of engine === 'sqlite' || isLongRun ? stories : stories.slice(1)) {
      it(`are exact by source time in ${zone}, over ${what}, with ${kills} kills`, async () => {
        const startMs = Date.parse(start);
        const messages = Math.ceil(wanted / machines / 1.02);
        const everySeconds = Math.round((3.5 * 86_400) / Math.min(messages, 8_000));
        const sent = shopOf({ seed, startMs, messages, machines, everySeconds });
        const world = await openWorld({
          // Behind all of it, and it stands still: a tracker that was left where a kill left it must not wake up.
          start: new Date(startMs + 20 * 86_400_000).toISOString(),
          calendar: threeShifts(zone),
          properties: { maxPerHour: 0 },
          participants: [statesParticipant(60_000)],
        });
        await migrateStateTables(world.store);
        await world.counter.fold();
        for (let number = 0; number < machines; number += 1)
          await world.person({
            command: 'machine',
            id: nameOf(number),
            counterModulus: rollsOver(number) ? modulus : null,
          });
        await deliver(world, sent);
        assert.deepEqual(world.faults, []);
        assert.deepEqual(
          (await world.quarantine()).map(({ code, raw }) => `${code} ${raw}`),
          [],
        );
        for (let number = 0; number < machines; number += 1) {
          const machine = nameOf(number);
          assert.deepEqual(
            await figuresOf(world, machine),
            expectedOf(sent, machine, zone),
            `${machine}, seed ${seed}`,
          );
        }
      });
    }
  });
}

/** All machines' messages as they arrive, in commits of any size, some folded, and a new process in the place of a killed one. */
async function deliver(world: TrackerWorld, sent: readonly Sent[]): Promise<void> {
  const next = dice(seed);
  const arrivals = sent.map((message, index) => ({ message, index }));
  arrivals.sort((one, other) => one.message.arrivesMs - other.message.arrivesMs || one.index - other.index);
  const killAt = new Set(
    Array.from({ length: kills }, (_, kill) => Math.floor(((kill + 1) * arrivals.length) / (kills + 1))),
  );
  for (let from = 0; from < arrivals.length; ) {
    const size = 1 + Math.floor(next() * 300);
    await world.commit(...arrivals.slice(from, from + size).map(({ message }) => readingOf(message)));
    const isKilled = [...killAt].some((at) => at >= from && at < from + size);
    from += size;
    if (isKilled) world.restart();
    else if (next() < 0.3) await world.counter.fold();
  }
  await world.counter.fold();
}

function readingOf({ machine, atMs, production, defects, order, arrivesMs }: Sent): MachineReading {
  return reading(new Date(atMs).toISOString(), production, {
    machine,
    cumulativeDefects: defects,
    order,
    arrivedMs: arrivesMs,
    raw: '',
  });
}

async function figuresOf(world: TrackerWorld, machine: string): Promise<Figures> {
  const db = world.db();
  const hours = await db.selectFrom('production_hour').selectAll().where('machine', '=', machine).execute();
  const shifts = await db.selectFrom('production_shift').selectAll().where('machine', '=', machine).execute();
  const orders = await db.selectFrom('production_order').selectAll().where('machine', '=', machine).execute();
  const sums = (rows: readonly (readonly [string, number, number])[]) =>
    Object.fromEntries(
      rows.filter(([, made, spoilt]) => made !== 0 || spoilt !== 0).map(([key, ...pieces]) => [key, pieces]),
    );
  return {
    total: await world.total(machine),
    hours: sums(hours.map((row) => [new Date(row.start_ms).toISOString(), row.production, row.defects])),
    shifts: sums(shifts.map((row) => [`${row.shift_date}/${row.shift}`, row.production, row.defects])),
    orders: sums(orders.map((row) => [row.order_name, row.production, row.defects])),
  };
}
