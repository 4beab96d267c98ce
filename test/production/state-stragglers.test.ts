// Stragglers inside commits: messages about as far apart as the limit of silence, some of them late, never stop the recorder.
import assert from 'node:assert/strict';
import { parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import type { MachineReading } from '../../nodes/production/messages.ts';
import { seededRandom } from '../../nodes/production/simulator/seeded-random.ts';
import { StateRecorder } from '../../nodes/production/state-recorder.ts';
import type { TimelineSpan } from '../../nodes/production/state-timeline.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { reading, StateWorld } from './state-world.ts';

const second = 1000;
const silenceMs = 60 * second;
const beganMs = Date.UTC(2027, 2, 1, 4);
const calendar = new WallCalendar(
  parseCalendarSettings({
    timeZone: 'Asia/Jakarta',
    groups: [{ name: 'all', shifts: [{ name: 'day', start: '06:00', end: '22:00' }] }],
  }),
);
const recorder = new StateRecorder({ calendar, silenceMs });

/** Histories and messages of each; the long run plays them in their full size. */
const size =
  process.env.SHOPFLOOR_LONG === undefined
    ? { sqlite: { histories: 60, messages: 200 }, postgres: { histories: 15, messages: 150 } }
    : { sqlite: { histories: 300, messages: 400 }, postgres: { histories: 300, messages: 400 } };

interface History {
  readonly inOrder: readonly MachineReading[];
  readonly arriving: readonly MachineReading[];
  readonly commits: readonly (readonly MachineReading[])[];
}

/** Messages every 31 to 60 s of which 1 to 20 % are overtaken by up to nine others, in commits of 1 to 20. */
function historyOf(seed: number, messages: number): History {
  const random = seededRandom(seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const lateShare = between(1, 20) / 100;
  let atMs = beganMs;
  const placed = Array.from({ length: messages }, (_, index) => {
    atMs += between(31, 60) * second;
    const state = random() < 0.8 ? 'running' : random() < 0.5 ? 'error' : 'idle';
    const place = random() < lateShare ? index + between(1, 9) + 0.5 : index;
    return { message: reading(atMs, state, { sequence: index, arrivedMs: beganMs + place * second }), place };
  });
  const arriving = [...placed].sort((one, other) => one.place - other.place).map(({ message }) => message);
  const commits: MachineReading[][] = [];
  for (let taken = 0; taken < arriving.length; ) {
    const commit = arriving.slice(taken, taken + between(1, 20));
    commits.push(commit);
    taken += commit.length;
  }
  return { inOrder: placed.map(({ message }) => message), arriving, commits };
}

/** What lies on the timeline, without the numbers of its rows. */
function drawn(spans: readonly TimelineSpan[]): readonly unknown[] {
  return spans.map(({ startMs, endMs, state, words }) => [startMs, endMs, state, words]);
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`stragglers inside commits on ${engine}`, () => {
    let server: PostgresServer | undefined;
    let world: StateWorld;
    before(async function () {
      if (engine === 'postgres') server = await startPostgres(this);
      world = await StateWorld.open(await server?.newDatabase());
    });
    after(async function () {
      this.timeout(60_000);
      await world?.close();
      server?.stop();
    });
    beforeEach(() => world.clear());

    it('takes a straggler in one commit with a newer message', async () => {
      const at = (seconds: number) => beganMs + seconds * second;
      await world.record(recorder, [reading(at(0), 'running')]);
      await world.record(recorder, [reading(at(80), 'running')]);
      await world.record(recorder, [reading(at(160), 'running'), reading(at(40), 'running')]);
      assert.deepEqual(drawn(await world.spans()), [
        [at(0), at(80), 'running', null],
        [at(80), at(160), 'offline', null],
        [at(160), Infinity, 'running', null],
      ]);
    });

    const { histories, messages } = size[engine];
    it(`draws ${histories} histories of ${messages} messages as if each had come in order`, async () => {
      for (let seed = 1; seed <= histories; seed += 1) {
        const { inOrder, commits } = historyOf(seed, messages);
        await world.clear();
        await world.record(recorder, inOrder);
        const expected = drawn(await world.spans());
        await world.clear();
        for (const commit of commits) await world.record(recorder, commit);
        assert.deepEqual(drawn(await world.spans()), expected, `seed ${seed}`);
      }
    }).timeout(process.env.SHOPFLOOR_LONG === undefined ? 60_000 : 3_600_000);

    it('keeps the number of a span that moves, and says by its version that it changed', async () => {
      const at = (seconds: number) => beganMs + seconds * second;
      const rows = () => world.db.selectFrom('state_span').selectAll().orderBy('start_ms').execute();
      await world.record(recorder, [reading(at(0), 'running'), reading(at(160), 'error')]);
      const [silence, fault] = await rows();
      await world.record(recorder, [reading(at(40), 'running')]);
      assert.deepEqual(
        (await rows()).slice(1).map(({ id, version, start_ms: startMs }) => [id, version, startMs]),
        [
          [silence?.id, 2, at(40)],
          [fault?.id, 1, at(160)],
        ],
      );
    });
  });
}
