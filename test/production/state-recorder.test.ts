// Timelines of states against a bitmap of seconds: late, doubled and missing messages, in many commits, on both engines.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plantTimeOf } from '../../nodes/core/plant-time.ts';
import { parseCalendarSettings } from '../../nodes/production/calendar-settings.ts';
import type { MachineReading, MachineState } from '../../nodes/production/messages.ts';
import { bucketOf, shortestStopMs } from '../../nodes/production/state-accounts.ts';
import { packMarks, unpackMarks } from '../../nodes/production/state-marks.ts';
import { StateRecorder } from '../../nodes/production/state-recorder.ts';
import { isStop, StopReasons } from '../../nodes/production/stop-reasons.ts';
import { WallCalendar } from '../../nodes/production/wall-calendar.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { reading, StateWorld } from './state-world.ts';

const second = 1000;
const silenceMs = 30 * second;
const calendar = new WallCalendar(
  parseCalendarSettings({
    timeZone: 'Europe/Berlin',
    groups: [
      {
        name: 'all',
        shifts: [
          { name: 'early', start: '01:00', end: '01:47', breaks: [{ start: '01:20', end: '01:25' }] },
          { name: 'late', start: '01:50', end: '04:10' },
        ],
      },
    ],
  }),
);
const plant = plantTimeOf(calendar.timeZone);
const recorder = new StateRecorder({ calendar, silenceMs });
/** Around the night in which Berlin repeats an hour. */
const beganMs = Date.UTC(2027, 9, 30, 22, 50);
const reasons = new StopReasons();

interface Said {
  readonly atMs: number;
  readonly state: MachineState;
  readonly words: string | null;
  readonly sequence: number;
}

const messages = fc
  .array(
    fc.record({
      gap: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
        { weight: 1, arbitrary: fc.integer({ min: 28, max: 900 }) },
      ),
      what: fc.constantFrom<Pick<Said, 'state' | 'words'>>(
        { state: 'running', words: null },
        { state: 'running', words: null },
        { state: 'error', words: null },
        { state: 'idle', words: 'NO_ORDERS' },
        { state: 'idle', words: 'Waiting material' },
        { state: 'offline', words: 'last-will' },
      ),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((list) => {
    let atMs = beganMs;
    return list.map(({ gap, what }, sequence) => {
      atMs += gap * second;
      return { atMs, ...what, sequence };
    });
  });

const disorder = fc.record({
  /** How many places each message may come late; twice if the flag is set. */
  late: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 60, maxLength: 60 }),
  doubled: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
  commit: fc.integer({ min: 1, max: 12 }),
  sweepEvery: fc.integer({ min: 1, max: 10 }),
});

function toReading({ atMs, state, words, sequence }: Said): MachineReading {
  return reading(atMs, state, { sequence, failureReason: state === 'offline' ? null : words });
}

/** What each second was, from the first message to the last. */
function bitmapOf(said: readonly Said[]): readonly (Said | undefined)[] {
  const sorted = [...said].sort((left, right) => left.atMs - right.atMs || left.sequence - right.sequence);
  const first = sorted[0] as Said;
  const last = sorted.at(-1) as Said;
  return Array.from({ length: (last.atMs - first.atMs) / second }, (_, index) => {
    const atMs = first.atMs + index * second;
    const next = sorted.findIndex((message) => message.atMs > atMs);
    const message = sorted[next - 1] as Said;
    return (sorted[next] as Said).atMs - message.atMs > silenceMs ? undefined : message;
  });
}

const textOf = (what: { state: string; words: string | null } | undefined) =>
  what === undefined ? 'offline/null' : `${what.state}/${what.words}`;

async function holds(world: StateWorld, said: readonly Said[]): Promise<void> {
  const bitmap = bitmapOf(said);
  const firstMs = Math.min(...said.map(({ atMs }) => atMs));
  const lastMs = firstMs + bitmap.length * second;
  const spans = await world.spans();
  assert.equal(spans[0]?.startMs, firstMs);
  assert.equal(spans.at(-1)?.endMs, Infinity);
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1];
    if (next) assert.equal(next.startMs, span.endMs);
    if (next) assert.notEqual(textOf(next), textOf(span));
  }
  for (const [index, what] of bitmap.entries()) {
    const atMs = firstMs + index * second;
    const span = spans.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
    assert.equal(textOf(span), textOf(what), new Date(atMs).toISOString());
  }
  await booksHold(world, bitmap, firstMs, spans.at(-1)?.startMs ?? lastMs);
}

/** The rollups say of every closed second what the bitmap says. */
async function booksHold(
  world: StateWorld,
  bitmap: readonly (Said | undefined)[],
  firstMs: number,
  openMs: number,
): Promise<void> {
  /** Milliseconds mapped by bucket and kind. */
  const expected = new Map<string, number>();
  const add = (key: string, ms: number) => expected.set(key, (expected.get(key) ?? 0) + ms);
  for (const [index, what] of bitmap.entries()) {
    const atMs = firstMs + index * second;
    const shift = calendar.shiftAt('M', atMs);
    if (!what || what.state === 'offline' || !shift || atMs >= openMs) continue;
    if (shift.plannedStops.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)) continue;
    const planned = reasons.isPlanned(reasons.codeOf(what.words));
    const kind = what.state === 'running' ? 'running' : planned ? 'planned' : 'unplanned';
    add(`hour ${bucketOf(plant, 'hour', atMs).startMs} ${kind}`, second);
    add(`day ${bucketOf(plant, 'day', atMs).startMs} ${kind}`, second);
    add(`shift ${shift.startMs} ${kind}`, second);
  }
  const rows = await world.db.selectFrom('state_time').selectAll().execute();
  const found = new Map(
    rows.flatMap((row) =>
      (['running', 'unplanned', 'planned'] as const)
        .filter((kind) => row[`${kind}_ms`] !== 0)
        .map((kind) => [`${row.level} ${row.start_ms} ${kind}`, row[`${kind}_ms`]] as const),
    ),
  );
  assert.deepEqual(new Map(found), expected);
  const closedStops = (await world.spans()).filter(
    ({ state, startMs, endMs }) => isStop(state) && endMs !== Infinity && endMs - startMs >= shortestStopMs,
  );
  const tallies = await world.db.selectFrom('stop_tally').selectAll().where('level', '=', 'month').execute();
  assert.equal(
    tallies.reduce((sum, { count }) => sum + count, 0),
    closedStops.length,
  );
  assert.equal(
    tallies.reduce((sum, { ms }) => sum + ms, 0),
    closedStops.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
  );
}

async function play(
  world: StateWorld,
  said: readonly Said[],
  chaos: typeof disorder extends fc.Arbitrary<infer T> ? T : never,
) {
  await world.clear();
  const arriving = said
    .flatMap((message, index) => {
      const place = index + (chaos.late[index] ?? 0);
      const once = { message, place };
      return chaos.doubled[index] ? [once, { message, place: place + 2 }] : [once];
    })
    .sort((left, right) => left.place - right.place)
    .map(({ message }) => message);
  let newest = -Infinity;
  for (let at = 0, commits = 0; at < arriving.length; at += chaos.commit, commits += 1) {
    const commit = arriving.slice(at, at + chaos.commit);
    await world.record(recorder, commit.map(toReading));
    newest = Math.max(newest, ...commit.map(({ atMs }) => atMs));
    if (commits % chaos.sweepEvery === 0) await world.sweep(recorder, newest + silenceMs + 1);
  }
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`the timeline of states on ${engine}`, () => {
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

    it('is what a bitmap of seconds says, whatever order messages come in, and its rollups too', async () => {
      await fc.assert(
        fc.asyncProperty(messages, disorder, async (said, chaos) => {
          await play(world, said, chaos);
          // A sweep at the end would only close what lasts.
          await holds(
            world,
            said.map((message) => message),
          );
        }),
        { numRuns: engine === 'sqlite' ? 150 : 15 },
      );
    }).timeout(240_000);

    it('takes nothing of now from a retained message without a time of its own, and everything from a last will', async () => {
      const at = (seconds: number) => beganMs + seconds * second;
      const retained = { retained: true, clockTrusted: false };
      await world.record(recorder, [reading(at(0), 'stopped')]);
      assert.deepEqual(await world.record(recorder, [reading(at(10), 'running', retained)]), []);
      assert.deepEqual(await world.record(recorder, [reading(at(12), null, { ...retained, pulses: 4 })]), []);
      const dated = { retained: true, sourceMs: at(5), clockTrusted: true };
      assert.equal((await world.record(recorder, [reading(at(14), 'running', dated)])).length, 1);
      assert.equal((await world.record(recorder, [reading(at(16), 'offline', retained)])).length, 1);
      assert.deepEqual(
        (await world.spans()).map(({ state, startMs }) => [state, (startMs - beganMs) / second]),
        [
          ['stopped', 0],
          ['running', 5],
          ['offline', 16],
        ],
      );
    });

    it('tells a change of state once, and a correction of history as late', async () => {
      const at = (seconds: number) => beganMs + seconds * second;
      assert.deepEqual(
        (await world.record(recorder, [reading(at(0), 'running')])).map(({ type, detail }) => [type, detail.from]),
        [['state-changed', null]],
      );
      assert.deepEqual(await world.record(recorder, [reading(at(5), 'running')]), []);
      assert.deepEqual(
        (await world.record(recorder, [reading(at(15), 'error')])).map(({ type, detail }) => [type, detail.from]),
        [['state-changed', 'running']],
      );
      assert.deepEqual(
        (await world.record(recorder, [reading(at(10), 'idle')])).map(({ type }) => type),
        ['late-state'],
      );
      assert.deepEqual(
        (await world.spans()).map(({ state, startMs }) => [state, (startMs - beganMs) / second]),
        [
          ['running', 0],
          ['idle', 10],
          ['error', 15],
        ],
      );
    });

    it('takes the newer of two states of one instant: by the sequence, without one by the arrival', async () => {
      const states = async () => (await world.spans()).map(({ state }) => state);
      const [before, now, after] = [beganMs, beganMs + 5 * second, beganMs + 10 * second];
      await world.record(recorder, [reading(before, 'idle'), reading(now, 'running')]);
      const news = await world.record(recorder, [reading(now, 'error')]);
      assert.deepEqual(
        news.map(({ type, detail }) => [type, detail.state, detail.from]),
        [['state-changed', 'error', 'running']],
      );
      assert.deepEqual(await states(), ['idle', 'error'], 'the later arrival');
      await world.record(recorder, [reading(now, 'running', { redelivered: true })]);
      assert.deepEqual(await states(), ['idle', 'error'], 'a second delivery is no news');
      await world.clear();
      await world.record(recorder, [
        reading(now, 'stopped', { sequence: 9 }),
        reading(now, 'running', { sequence: 8 }),
      ]);
      assert.deepEqual(await states(), ['stopped'], 'the higher sequence, though the lower one came later');
      await world.record(recorder, [reading(after, 'running', { sequence: 11 })]);
      const late = await world.record(recorder, [reading(now, 'maintenance', { sequence: 10 })]);
      assert.deepEqual(
        late.map(({ type }) => type),
        ['late-state'],
      );
      assert.deepEqual(await states(), ['maintenance', 'running'], 'history is put right, too');
      const { latest } = await world.db.selectFrom('state_track').select('latest').executeTakeFirstOrThrow();
      assert.equal((JSON.parse(latest) as { state: string }).state, 'running');
    });

    it('shows of two messages of one instant the newer one as the newest', async () => {
      const shown = async () => {
        const { latest } = await world.db.selectFrom('state_track').select('latest').executeTakeFirstOrThrow();
        return (JSON.parse(latest) as { cumulativeProduction: number }).cumulativeProduction;
      };
      const message = (sequence: number) =>
        reading(beganMs, 'running', { sequence, cumulativeProduction: sequence * 100 });
      await world.record(recorder, [message(2), message(3)]);
      assert.equal(await shown(), 300);
      await world.record(recorder, [message(1)]);
      assert.equal(await shown(), 300);
    });

    it('calls a machine silent after the limit, once, and takes it back when a message was on its way', async () => {
      await world.record(recorder, [reading(beganMs, 'running')]);
      const track = await world.db.selectFrom('state_track').select('silence_ms').executeTakeFirstOrThrow();
      assert.equal(track.silence_ms, silenceMs, 'whoever reads the track knows the limit');
      assert.deepEqual(await world.sweep(recorder, beganMs + silenceMs), []);
      assert.equal((await world.sweep(recorder, beganMs + silenceMs + 1)).length, 1);
      assert.deepEqual(await world.sweep(recorder, beganMs + silenceMs + 2), []);
      assert.deepEqual(
        (await world.spans()).map(({ state }) => state),
        ['offline'],
      );
      await world.record(recorder, [reading(beganMs + 10 * second, 'running')]);
      assert.deepEqual(
        (await world.spans()).map(({ state, startMs }) => [state, startMs]),
        [['running', beganMs]],
      );
    });

    it('takes a stop that the machine explains for planned or not, and waits for a person otherwise', async () => {
      await world.record(recorder, [
        reading(beganMs, 'maintenance', { failureReason: 'scheduled maintenance' }),
        reading(beganMs + 5 * second, 'error', { failureReason: 'E17' }),
      ]);
      assert.deepEqual(
        (await world.spans()).map(({ reason, planned, words }) => [reason, planned, words]),
        [
          ['SCHEDULED_MAINTENANCE', true, 'scheduled maintenance'],
          [null, false, 'E17'],
        ],
      );
    });

    it('ignores a message that contradicts what is written and whose neighbours nobody knows any more', async () => {
      const list = Array.from({ length: 50 }, (_, index) => reading(beganMs + index * 5 * second, 'running'));
      await world.record(recorder, list);
      const news = await world.record(recorder, [reading(beganMs + 7 * second, 'error')]);
      assert.deepEqual(
        news.map(({ type }) => type),
        ['late-ignored'],
      );
      assert.equal((await world.spans()).length, 1);
    });

    it('knows by its pieces whether a machine without states runs', async () => {
      await world.record(recorder, [
        reading(beganMs, null, { pulses: 3 }),
        reading(beganMs + 5 * second, null, { pulses: 0 }),
        reading(beganMs + 10 * second, null),
      ]);
      assert.deepEqual(
        (await world.spans()).map(({ state }) => state),
        ['running', 'stopped'],
      );
    });
  });
}

describe('the packed marks of a machine', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(messages, (said) => {
        assert.deepEqual(unpackMarks(packMarks(said)), said);
      }),
    );
    assert.throws(() => unpackMarks('["x"]'), SyntaxError);
  });
});
