// Clocks that jump, the server's or a machine's, forward or back, by minutes to a month: no piece is lost, no card freezes, and it is said.
import assert from 'node:assert/strict';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { noticeOf } from '../../nodes/production/event-notices.ts';
import type { MachineReading } from '../../nodes/production/messages.ts';
import { defaultParserSettings, isRefused, ReadingParser } from '../../nodes/production/reading-parser.ts';
import { StateReads } from '../../nodes/production/state-reads.ts';
import { migrateStateTables, statesParticipant, statesSweep } from '../../nodes/production/states-participant.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import type { TrackerWorld } from './tracker-world.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const stepMs = 5 * second;
const jumps = [5 * minute, 7 * hour, 3 * day, 30 * day].flatMap((ms) => [ms, -ms]);

/** What a machine sends; each message is one piece more. */
interface Machine {
  readonly name: string;
  readonly hasClock: boolean;
  readonly hasSequence: boolean;
  readonly counts: 'counter' | 'pulses';
  /** How far its clock is off, by seconds since the beginning. */
  readonly offMs: (atSeconds: number) => number;
}

const never = () => 0;
const between = (from: number, to: number, ms: number) => (at: number) => (at >= from && at < to ? ms : 0);

const kinds: readonly Machine[] = (['counter', 'pulses'] as const).flatMap((counts) =>
  [true, false].flatMap((hasClock) =>
    [true, false].map((hasSequence) => ({
      name: `${counts}${hasClock ? ' clock' : ''}${hasSequence ? ' sequence' : ''}`,
      hasClock,
      hasSequence,
      counts,
      offMs: never,
    })),
  ),
);

class Story {
  readonly #world: TrackerWorld;
  readonly #machines: readonly Machine[];
  readonly #parser: ReadingParser;
  readonly #beganMs: number;
  #steps = 0;

  /** @param aheadMs how far the server's clock is off when it begins */
  constructor(world: TrackerWorld, machines: readonly Machine[], aheadMs = 0) {
    this.#world = world;
    this.#machines = machines;
    this.#parser = new ReadingParser({
      ...defaultParserSettings,
      plant: plantTimeOf('Asia/Jakarta'),
      topicFilters: [],
    });
    this.#beganMs = world.clock.now().getTime() - aheadMs;
  }

  /** Messages of all machines every five seconds, a fold each half minute, a tick each ten seconds. */
  async run(seconds: number): Promise<void> {
    const readings: MachineReading[] = [];
    for (const end = this.#steps + (seconds * second) / stepMs; this.#steps < end; ) {
      this.#world.clock.advance(stepMs);
      this.#steps += 1;
      const at = (this.#steps * stepMs) / second;
      for (const machine of this.#machines) readings.push(this.#message(machine, at));
      if (this.#steps % 6 === 0) await this.#world.take(...readings.splice(0));
      if (this.#steps % 2 === 0) await this.#world.counter.tick();
    }
    await this.#world.take(...readings);
  }

  #message({ name, hasClock, hasSequence, counts, offMs }: Machine, at: number): MachineReading {
    const trueMs = this.#beganMs + at * second;
    const text = JSON.stringify({
      machine_id: name,
      machine_status: Math.floor(at / 60) % 2 === 0 ? 'running' : 'idle',
      ...(counts === 'counter' ? { cumulative_production: 1_000 + this.#steps } : { pulses: 1 }),
      ...(hasClock && { timestamp: new Date(trueMs + offMs(at)).toISOString() }),
      ...(hasSequence && { sequence: 50 + this.#steps }),
    });
    const arrivedMs = this.#world.clock.now().getTime();
    const read = this.#parser.parse(text, { source: 'x', arrivedMs, retained: false, redelivered: false });
    assert.ok(!isRefused(read));
    return read;
  }

  /** Pieces since the first message, which is the baseline of a counter. */
  made({ counts }: Machine): number {
    return counts === 'counter' ? this.#steps - 1 : this.#steps;
  }

  async holds(): Promise<void> {
    const { calendar, clock, store } = this.#world;
    const nowMs = clock.now().getTime();
    const open = await new StateReads(store, calendar).openSpans(undefined, nowMs);
    for (const machine of this.#machines) {
      const { name } = machine;
      assert.equal((await this.#world.total(name))[0], this.made(machine), `pieces of ${name}`);
      const card = open.get(name);
      assert.equal(card?.stale, false, `${name} is fresh`);
      assert.ok(nowMs - card.lastMs < 30 * second, `${name}: newest ${new Date(card.lastMs).toISOString()}`);
      const said = Math.floor((this.#steps * stepMs) / minute) % 2 === 0 ? 'running' : 'idle';
      assert.equal(card.row.state, said, `${name} shows what it says`);
      assert.ok(card.row.start_ms <= nowMs, `${name} does not begin in the future`);
    }
    const future = await store
      .db<{ state_span: { start_ms: number } }>()
      .selectFrom('state_span')
      .select('start_ms')
      .where('start_ms', '>', nowMs)
      .execute();
    assert.deepEqual(future, []);
    assert.deepEqual(await this.#world.quarantine(), []);
  }
}

for (const engine of engines) {
  describe(`clocks that jump on ${engine}`, function () {
    this.timeout(120_000);
    const openWorld = worldsOn(engine);
    const open = async (start = '2026-01-05T04:00:00Z') => {
      const world = await openWorld({
        start,
        participants: [statesParticipant()],
        sweeps: [statesSweep()],
        properties: { dedupeHours: 720 },
      });
      await migrateStateTables(world.store);
      return world;
    };
    const told = (world: TrackerWorld, type: string) =>
      new Set(
        world.events.filter((event) => event.type === type).map((event) => noticeOf(event, event.machine)?.dedupeKey),
      );

    for (const byMs of engine === 'sqlite' ? jumps : [7 * hour, -30 * day]) {
      it(`cost nothing where the server's is off by ${byMs / minute} minutes for 40 s`, async () => {
        const world = await open();
        const story = new Story(world, kinds);
        await story.run(120);
        world.clock.jump(byMs);
        await story.run(40);
        world.clock.jump(-byMs);
        await story.run(90);
        await story.holds();
        const server = [...told(world, 'clock-jumped')].filter((key) => key?.includes('server'));
        assert.ok(server.length >= 1 && server.length <= 2, server.join(', '));
      });
    }

    it('are said to be over once the server runs evenly for ten minutes', async () => {
      const world = await open();
      world.clock.jump(7 * hour);
      await world.counter.tick();
      world.clock.jump(-7 * hour);
      for (let seconds = 0; seconds < 12 * 60; seconds += 10) {
        world.clock.advance(10 * second);
        await world.counter.tick();
      }
      assert.deepEqual(
        world.types().filter((type) => type.startsWith('clock-')),
        ['clock-jumped', 'clock-jumped', 'clock-right'],
      );
    });

    it('close no shift for good that has not ended, and leave no record of a silence to come', async () => {
      const world = await open();
      const story = new Story(world, kinds.slice(0, 1));
      await story.run(60);
      world.clock.jump(3 * day);
      await story.run(40);
      assert.ok(world.closed.length > 0, 'the shift was closed, and those after it');
      world.clock.jump(-3 * day);
      await story.run(60);
      const left = await world.db().selectFrom('production_shift').selectAll().orderBy('start_ms').execute();
      assert.deepEqual(
        left.filter(
          ({ end_ms: endMs, closed_at: closedAt }) => closedAt !== null && endMs > world.clock.now().getTime(),
        ),
        [],
      );
      world.closed.length = 0;
      world.clock.advance(4 * hour);
      await world.counter.tick();
      assert.deepEqual(
        world.closed.map(({ shift, silent }) => [shift, silent]),
        [['1', false]],
      );
    });

    it('cost nothing where those of machines are off, and each is said once', async () => {
      const world = await open();
      const off = jumps.flatMap((byMs) =>
        kinds
          .filter(({ hasClock, counts }) => hasClock && counts === 'counter')
          .map((kind) => ({ ...kind, name: `${kind.name} ${byMs / minute}`, offMs: between(120, 420, byMs) })),
      );
      const story = new Story(world, off);
      await story.run(400);
      await story.holds();
      await story.run(200);
      await story.holds();
      const jumped = [...told(world, 'clock-jumped')];
      const back = off.filter(({ name }) => /-(5|420|4320)$/.test(name));
      assert.equal(jumped.length, back.length, jumped.join('\n'));
      assert.equal(told(world, 'clock-right').size, back.length);
    });

    it('begin with a start whose clock is a month ahead', async () => {
      const world = await open(new Date(Date.UTC(2026, 0, 5, 4) + 30 * day).toISOString());
      const story = new Story(world, kinds, 30 * day);
      await story.run(40);
      world.clock.jump(-30 * day);
      world.restart();
      await story.run(60);
      await story.holds();
      assert.equal([...told(world, 'clock-jumped')].length, 1);
    });
  });
}
