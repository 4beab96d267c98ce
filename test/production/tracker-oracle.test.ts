// Random lives of machines against an oracle that knows the pieces themselves: every total of machine and shift is exact.
// SHOPFLOOR_SCENARIOS sets another number; a failure names its seed.
import assert from 'node:assert/strict';
import type { MachineReading } from '../../nodes/production/messages.ts';
import { reading, TrackerWorld, threeShifts } from './tracker-world.ts';

const scenarios = Number(process.env.SHOPFLOOR_SCENARIOS ?? 1_000);
const seed = Number(process.env.SHOPFLOOR_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** One run of pieces that was made between two messages, by the message that could first tell of it. */
interface Batch {
  readonly pieces: number;
  /** Index of the message, in the order of the source, that shows these pieces; none where a reset hid them. */
  readonly shownBy: number;
  /** Number of resets before; a message shows only what was made since the last one. */
  readonly life: number;
}

interface Scenario {
  readonly machine: string;
  readonly modulus: number | null;
  readonly batches: readonly Batch[];
  /** In the order of the source. */
  readonly sent: readonly { readonly life: number; readonly reading: MachineReading }[];
  /** Indexes into `sent` in the order of arrival, duplicates included. */
  readonly arrivals: readonly number[];
}

class Dice {
  #state: number;

  constructor(start: number) {
    this.#state = start | 0;
  }

  /** A number in [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  upTo(most: number): number {
    return Math.floor(this.next() * (most + 1));
  }

  chance(percent: number): boolean {
    return this.next() * 100 < percent;
  }
}

/** A machine that makes pieces, is reset, rolls over, and whose messages are lost, doubled, or overtaken. */
function live(number: number, startMs: number, dice: Dice): Scenario {
  const machine = `M${number}`;
  const modulus = dice.chance(30) ? 65_536 : null;
  const batches: Batch[] = [];
  const sent: { life: number; reading: MachineReading }[] = [];
  let raw = modulus === null ? dice.upTo(100_000) : dice.chance(60) ? modulus - 1 - dice.upTo(300) : dice.upTo(65_000);
  let life = 0;
  let lastReset = Number.NEGATIVE_INFINITY;
  let hasRolled = false;
  let atMs = startMs;
  const messages = 15 + dice.upTo(40);
  // Every third machine sends its defects as such, half of these without a sequence.
  const sendsDefects = dice.chance(33);
  const isCounted = !sendsDefects || dice.chance(50);
  for (let index = 0; index < messages; index += 1) {
    // From every second to a gap of two hours: a day of messages crosses shifts and clock changes.
    atMs += dice.chance(10) ? dice.upTo(7_200_000) : 1_000 + dice.upTo(1_500_000);
    // A reset only where its value can't be taken for a roll-over, not even where all messages since the last one were lost.
    const isFar = modulus === null || (raw < modulus * 0.8 && !hasRolled);
    // Three falls in ten messages are no resets but a broken counter; of ten messages one or two are lost.
    if (isFar && raw > 400 && index - lastReset >= 10 && dice.chance(8)) {
      life += 1;
      lastReset = index;
      raw = 0;
    }
    const pieces = dice.chance(20) ? 0 : dice.upTo(150);
    raw += pieces;
    if (modulus !== null && raw >= modulus) {
      raw -= modulus;
      hasRolled = true;
    }
    batches.push({ pieces, shownBy: index, life });
    const defects = sendsDefects ? dice.upTo(Math.min(pieces, 9)) : null;
    const more = { machine, sequence: isCounted ? index : null, intervalDefects: defects };
    sent.push({ life, reading: reading(new Date(atMs).toISOString(), raw, more) });
  }
  return { machine, modulus, batches, sent, arrivals: delivered(sent.length, dice) };
}

function delivered(count: number, dice: Dice): number[] {
  const arrivals: number[] = [];
  for (let index = 0; index < count; index += 1) {
    if (index > 0 && dice.chance(7)) continue;
    arrivals.push(index);
    if (dice.chance(10)) arrivals.push(index);
  }
  for (let at = 1; at < arrivals.length; at += 1) {
    if (!dice.chance(8)) continue;
    const [late = 0] = arrivals.splice(at, 1);
    arrivals.splice(Math.min(arrivals.length, at + 1 + dice.upTo(4)), 0, late);
  }
  if (dice.chance(30)) arrivals.push(...arrivals.slice(-dice.upTo(5)));
  return arrivals;
}

/**
 * By definition: messages count in the order of their source, in whatever order they come. A piece counts for the
 * first of them that can show it; what was made before the first one is its baseline, and what a reset hid from every message is gone.
 * So is, of a reset whose counter has passed the last heard value again before the next message is heard, as much as that value.
 */
function oracle({ batches, sent, arrivals }: Scenario): ReadonlyMap<number, number> {
  const heard = [...new Set(arrivals)].sort((one, other) => one - other);
  /** Pieces, mapped by instant of the message that shows them. */
  const counted = new Map<number, number>();
  for (const { pieces, shownBy, life } of batches) {
    const teller = heard.find((index) => index >= shownBy);
    if (teller === undefined || shownBy <= (heard[0] ?? 0)) continue;
    const told = sent[teller];
    if (!told || told.life !== life) continue;
    counted.set(told.reading.sourceMs, (counted.get(told.reading.sourceMs) ?? 0) + pieces);
  }
  for (const [at, index] of heard.entries()) {
    const before = sent[heard[at - 1] ?? -1];
    const told = sent[index];
    if (!before || !told || before.life === told.life) continue;
    const hidden = before.reading.cumulativeProduction ?? 0;
    const shown = told.reading.cumulativeProduction ?? 0;
    if (shown >= hidden) counted.set(told.reading.sourceMs, (counted.get(told.reading.sourceMs) ?? 0) - hidden);
  }
  return counted;
}

/** Defects that come as such, mapped by instant: of every message that arrived at all, once. */
function oracleOfDefects({ sent, arrivals }: Scenario): ReadonlyMap<number, number> {
  return new Map(
    [...new Set(arrivals)].map((index) => [
      sent[index]?.reading.sourceMs ?? 0,
      sent[index]?.reading.intervalDefects ?? 0,
    ]),
  );
}

/** Which shift an instant is in by the wall clock that people read, without the calendar's arithmetic. */
function shiftByWallClock(zone: string, instantMs: number): string {
  const [date = '', time = ''] = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
    .format(instantMs)
    .split(' ');
  const hour = Number(time.slice(0, 2));
  if (hour >= 6 && hour < 14) return `${date}/1`;
  if (hour >= 14 && hour < 22) return `${date}/2`;
  if (hour >= 22) return `${date}/3`;
  return `${new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)}/3`;
}

describe(`${scenarios} random lives of machines (seed ${seed})`, function () {
  this.timeout(110_000);
  for (const [zone, start] of [
    ['Asia/Jakarta', '2026-01-05T20:00:00Z'],
    ['Europe/Berlin', '2026-03-28T18:00:00Z'],
    ['Europe/Berlin', '2026-10-24T18:00:00Z'],
    ['America/New_York', '2026-10-31T20:00:00Z'],
  ] as const) {
    it(`are counted to the piece in every shift, ${zone} from ${start}, with crashes between`, async () => {
      const dice = new Dice(seed ^ Date.parse(start));
      const world = await TrackerWorld.open({
        start: new Date(Date.parse(start) + 3 * 86_400_000).toISOString(),
        calendar: threeShifts(zone),
        // The elapsed time allows what a second's pieces need; absurd jumps have tests of their own.
        properties: { maxPerHour: 0 },
      });
      try {
        const all = Array.from({ length: Math.ceil(scenarios / 4) }, (_, number) =>
          live(number, Date.parse(start) + dice.upTo(6 * 3_600_000), dice),
        );
        await world.counter.fold();
        for (const { machine, modulus } of all) {
          if (modulus === null) continue;
          await world
            .db()
            .insertInto('production_machine')
            .values({
              id: machine,
              name: machine,
              machine_group: '',
              counter_modulus: modulus,
              max_per_hour: null,
              ideal_per_hour: null,
              shift_target: null,
              active: 1,
              updated_at: '',
              updated_by: '',
            })
            .execute();
        }
        world.restart();
        await deliver(world, all, dice);
        for (const scenario of all) {
          const { machine } = scenario;
          for (const [what, counted, told] of [
            ['pieces', oracle(scenario), await world.shifts(machine)],
            ['defects', oracleOfDefects(scenario), await world.spoilt(machine)],
          ] as const) {
            const expected = byShift(zone, counted);
            assert.deepEqual(sorted(Object.entries(told)), sorted(expected), `${what} of ${machine}, seed ${seed}`);
          }
        }
        assert.deepEqual(await world.check(), { holds: true, differences: [] });
      } finally {
        await world.close();
      }
    });
  }
});

/** All machines' messages mixed, in commits of any size, some folded and some left to a new tracker; the clock closes shifts between. */
async function deliver(world: TrackerWorld, all: readonly Scenario[], dice: Dice): Promise<void> {
  const queues = all.map((scenario) => ({ scenario, next: 0 }));
  let open = [...queues];
  while (open.length > 0) {
    const commit: MachineReading[] = [];
    const size = 1 + dice.upTo(400);
    while (commit.length < size && open.length > 0) {
      const queue = open[dice.upTo(open.length - 1)];
      if (!queue) break;
      const index = queue.scenario.arrivals[queue.next] ?? 0;
      const message = queue.scenario.sent[index];
      if (message) commit.push(message.reading);
      queue.next += 1;
      if (queue.next >= queue.scenario.arrivals.length) open = open.filter((one) => one !== queue);
    }
    await world.commit(...commit);
    const what = dice.upTo(9);
    if (what < 3) world.restart();
    else if (what < 5) await world.counter.fold();
    else if (what < 6) await world.counter.tick();
  }
  await world.counter.fold();
}

function byShift(zone: string, counted: ReadonlyMap<number, number>): ReadonlyMap<string, number> {
  const shifts = new Map<string, number>();
  for (const [instant, count] of counted) {
    const shift = shiftByWallClock(zone, instant);
    shifts.set(shift, (shifts.get(shift) ?? 0) + count);
  }
  return shifts;
}

/** Shifts with something in them. */
function sorted(shifts: Iterable<readonly [string, number]>): readonly (readonly [string, number])[] {
  return [...shifts].filter(([, count]) => count > 0).sort(([one], [other]) => (one < other ? -1 : 1));
}
