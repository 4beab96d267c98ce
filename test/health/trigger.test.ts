// The alarm of one component: delays, hysteresis, latch, shelving, flood; and what holds for every sequence of events.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AlarmDesk, defaultFlood, floodReason } from '../../nodes/health/alarm-desk.ts';
import type { HealthAlarm } from '../../nodes/health/messages.ts';
import {
  defaultTrigger,
  newTriggerState,
  nextDueMs,
  standing,
  type TriggerInput,
  type TriggerSettings,
  type TriggerState,
} from '../../nodes/health/trigger.ts';

const second = 1_000;
const minute = 60_000;
/** Without smoothing and delays, so that a test shows one rule at a time. */
const plain: TriggerSettings = {
  ...defaultTrigger,
  smoothingMs: 0,
  onDelayMs: 0,
  onSamples: 1,
  offDelayMs: 0,
  offSamples: 1,
  coolDownMs: 0,
};

/** One machine with components that are stepped by name. */
class Bench {
  readonly states = new Map<string, TriggerState>();
  readonly transitions: HealthAlarm[] = [];
  nowMs = Date.UTC(2026, 0, 5);
  readonly #desk: AlarmDesk;
  #ids = 0;

  constructor(settings: Partial<TriggerSettings> = {}, flood = defaultFlood) {
    this.#desk = new AlarmDesk({ ...plain, ...settings }, flood, () => {
      this.#ids += 1;
      return `alarm-${this.#ids}`;
    });
  }

  give(input: TriggerInput, component = 'Feeder', afterMs = second): TriggerState {
    this.nowMs += afterMs;
    const others = [...this.states].filter(([name]) => name !== component).map(([, state]) => state);
    const annunciatedMs = this.transitions
      .filter(({ state }) => state === 'unacknowledged')
      .map(({ at }) => Date.parse(at));
    const { state, transition } = this.#desk.take({
      machine: 'M1',
      component,
      before: this.states.get(component),
      input,
      others,
      annunciatedMs,
      nowMs: this.nowMs,
      actor: 'system',
      reason: null,
    });
    this.states.set(component, state);
    if (transition) this.transitions.push(transition);
    return state;
  }

  sample(index: number, component = 'Feeder', afterMs = second): TriggerState {
    return this.give({ kind: 'sample', index }, component, afterMs);
  }

  get shown(): readonly string[] {
    return this.transitions.map(({ state }) => state);
  }
}

describe('the trigger of one component', () => {
  for (const days of [1 / 24, 30]) {
    it(`goes on at once where the clock was ${days} days ahead`, () => {
      const bench = new Bench({ onDelayMs: minute, onSamples: 3, offDelayMs: minute, offSamples: 3 });
      const aheadMs = days * 24 * 60 * minute;
      bench.nowMs += aheadMs;
      for (let sample = 0; sample < 4; sample += 1) bench.sample(10);
      bench.nowMs -= aheadMs;
      for (let sample = 0; sample < 70; sample += 1) bench.sample(10);
      assert.deepEqual(bench.shown, ['unacknowledged'], 'it is raised within its delay by the right clock');
      assert.ok(Date.parse(bench.transitions[0]?.at ?? '') <= bench.nowMs);
      for (let sample = 0; sample < 70; sample += 1) bench.sample(90);
      assert.deepEqual(bench.shown, ['unacknowledged', 'returned-unacknowledged']);
    });
  }

  it('holds back no alarm by the cool-down of a clock that was ahead', () => {
    const bench = new Bench({ coolDownMs: 10 * minute, latch: false });
    bench.nowMs += 30 * 24 * 60 * minute;
    bench.sample(10);
    bench.sample(90);
    bench.nowMs -= 30 * 24 * 60 * minute;
    bench.sample(10);
    bench.sample(10, 'Feeder', 11 * minute);
    assert.deepEqual(bench.shown, ['unacknowledged', 'normal', 'unacknowledged']);
  });

  describe('by the settings of a plant that changed nothing', () => {
    const alarmsOf = (bench: Bench) => bench.transitions.filter(({ state }) => state === 'unacknowledged').length;
    const last = (bench: Bench, index: number, samples: number, everyMs = 5 * second) => {
      for (let n = 0; n < samples; n += 1) bench.give({ kind: 'sample', index }, 'Feeder', everyMs);
    };

    it('never begins with one bad sample, at the start and after a gap as in the middle', () => {
      const start = new Bench(defaultTrigger);
      last(start, 0, 1);
      last(start, 90, 720);
      const gap = new Bench(defaultTrigger);
      last(gap, 90, 720);
      gap.give({ kind: 'sample', index: 0 }, 'Feeder', 10 * minute);
      last(gap, 90, 720);
      const middle = new Bench(defaultTrigger);
      last(middle, 90, 720);
      last(middle, 0, 1);
      last(middle, 90, 720);
      assert.deepEqual([start, gap, middle].map(alarmsOf), [0, 0, 0]);
    });

    it('begins where the samples go on being bad, at the start and after a gap', () => {
      const start = new Bench(defaultTrigger);
      last(start, 0, 20);
      const gap = new Bench(defaultTrigger);
      last(gap, 90, 100);
      gap.give({ kind: 'sample', index: 0 }, 'Feeder', 10 * minute);
      last(gap, 0, 20);
      assert.deepEqual([start, gap].map(alarmsOf), [1, 1]);
    });

    it('does not ask for time while samples are missing', () => {
      const bench = new Bench(defaultTrigger);
      const state = bench.give({ kind: 'sample', index: 0 });
      assert.equal(nextDueMs(state, defaultTrigger), Number.POSITIVE_INFINITY);
    });

    it('needs as many bad samples as were set, whatever gaps lie between samples', () => {
      const sample = fc.record({
        index: fc.constantFrom(0, 10, 39, 41, 60, 90),
        afterMs: fc.constantFrom(second, 5 * second, minute, 10 * minute, 3_600_000),
      });
      fc.assert(
        fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
          const bench = new Bench({ ...defaultTrigger, onDelayMs: 0 });
          let bad = 0;
          for (const { index, afterMs } of samples) {
            bench.give({ kind: 'sample', index }, 'Feeder', afterMs);
            if (index < defaultTrigger.threshold) bad += 1;
            if (bad < defaultTrigger.onSamples) assert.equal(alarmsOf(bench), 0);
          }
        }),
      );
    });
  });

  it('raises one alarm below the threshold and ends it after return and acknowledgement', () => {
    const bench = new Bench();
    for (const index of [50, 39, 30, 20]) bench.sample(index);
    bench.give({ kind: 'acknowledge' });
    bench.sample(60);
    assert.deepEqual(bench.shown, ['unacknowledged', 'acknowledged', 'normal']);
    assert.equal(new Set(bench.transitions.map(({ id }) => id)).size, 1);
    assert.deepEqual(
      bench.transitions.map(({ transition }) => transition),
      ['M1/Feeder/1', 'M1/Feeder/2', 'M1/Feeder/3'],
    );
  });

  it('keeps an alarm that returned by itself until somebody has seen it', () => {
    const bench = new Bench();
    for (const index of [30, 60, 60]) bench.sample(index);
    assert.deepEqual(bench.shown, ['unacknowledged', 'returned-unacknowledged']);
    bench.give({ kind: 'acknowledge' });
    assert.equal(bench.shown.at(-1), 'normal');
  });

  it('lets it go by itself where no latch is wanted', () => {
    const bench = new Bench({ latch: false });
    for (const index of [30, 60]) bench.sample(index);
    assert.deepEqual(bench.shown, ['unacknowledged', 'normal']);
  });

  it('does not flutter inside the hysteresis', () => {
    const bench = new Bench({ hysteresis: 5 });
    for (const index of [39, 41, 39, 44, 38, 45]) bench.sample(index);
    assert.deepEqual(bench.shown, ['unacknowledged']);
    bench.sample(45.1);
    assert.deepEqual(bench.shown, ['unacknowledged', 'returned-unacknowledged']);
  });

  it('waits for the on-delay in time and in samples, and begins anew when the index recovers between', () => {
    const bench = new Bench({ onDelayMs: 10 * second, onSamples: 3 });
    bench.sample(30);
    bench.sample(30, 'Feeder', 20 * second);
    assert.deepEqual(bench.shown, [], 'two samples are not three');
    bench.sample(50);
    bench.sample(30);
    bench.sample(30);
    bench.sample(30);
    assert.deepEqual(bench.shown, [], 'two seconds are not ten');
    bench.give({ kind: 'tick' }, 'Feeder', 8 * second);
    assert.deepEqual(bench.shown, ['unacknowledged']);
  });

  it('says when time alone will change something', () => {
    const bench = new Bench({ onDelayMs: 10 * second });
    const state = bench.sample(30);
    assert.equal(nextDueMs(state, { ...plain, onDelayMs: 10 * second }), bench.nowMs + 10 * second);
    assert.equal(nextDueMs(newTriggerState, plain), Number.POSITIVE_INFINITY);
  });

  it('smooths by time: a short dip is none, whatever the sampling rate', () => {
    for (const step of [second, 5 * second, 20 * second]) {
      const bench = new Bench({ smoothingMs: 5 * minute });
      for (let ms = 0; ms < 10 * minute; ms += step) bench.sample(80, 'Feeder', step);
      for (let ms = 0; ms < 1 * minute; ms += step) bench.sample(0, 'Feeder', step);
      const smoothed = bench.sample(80, 'Feeder', step).smoothed ?? 0;
      assert.deepEqual(bench.shown, []);
      assert(Math.abs(smoothed - 80 * Math.exp(-1 / 5)) < 3, `${smoothed} at ${step} ms`);
    }
  });

  it('takes a planned stop for no time at all: the value before it still weighs afterwards', () => {
    const bench = new Bench({ smoothingMs: 5 * minute });
    bench.sample(80);
    bench.give({ kind: 'held' }, 'Feeder', 8 * 60 * minute);
    const state = bench.sample(0);
    assert((state.smoothed ?? 0) > 79);
    assert.equal(bench.give({ kind: 'held' }).index, 0, 'the last index stands');
  });

  it('is not ended by unknown values, and proves health anew after them', () => {
    const bench = new Bench({ offDelayMs: 10 * second, offSamples: 2 });
    bench.sample(30);
    bench.sample(90);
    bench.give({ kind: 'unknown' }, 'Feeder', 60 * second);
    bench.give({ kind: 'tick' }, 'Feeder', 60 * second);
    bench.sample(90);
    assert.deepEqual(bench.shown, ['unacknowledged']);
    bench.sample(90, 'Feeder', 10 * second);
    assert.deepEqual(bench.shown, ['unacknowledged', 'returned-unacknowledged']);
  });

  it('is silent during the cool-down, then speaks if it is still bad', () => {
    const bench = new Bench({ coolDownMs: minute });
    bench.sample(30);
    bench.give({ kind: 'acknowledge' });
    bench.sample(60);
    bench.sample(30);
    assert.deepEqual(bench.shown, ['unacknowledged', 'acknowledged', 'normal']);
    bench.give({ kind: 'tick' }, 'Feeder', minute);
    assert.equal(bench.shown.at(-1), 'unacknowledged');
    assert.equal(bench.transitions.at(-1)?.id, 'alarm-2');
  });

  it('asks again about an acknowledged alarm that still stands, where that is wanted', () => {
    const bench = new Bench({ reAlarmMs: 30 * minute });
    bench.sample(30);
    bench.give({ kind: 'acknowledge' });
    bench.give({ kind: 'tick' }, 'Feeder', 29 * minute);
    assert.equal(bench.shown.at(-1), 'acknowledged');
    bench.give({ kind: 'tick' }, 'Feeder', minute);
    assert.deepEqual(bench.shown, ['unacknowledged', 'acknowledged', 'unacknowledged']);
  });

  it('is silent while shelved, and speaks when the time is over and it is still bad', () => {
    const bench = new Bench();
    bench.sample(50);
    const untilMs = bench.nowMs + 10 * minute;
    bench.give({ kind: 'shelve', untilMs, reason: 'part ordered', by: 'ani' });
    bench.sample(30);
    bench.sample(20);
    assert.deepEqual(bench.shown, ['shelved']);
    bench.give({ kind: 'tick' }, 'Feeder', 10 * minute);
    assert.deepEqual(bench.shown, ['shelved', 'unacknowledged']);
  });

  it('tells which alarm of a disturbance came first, and counts anew after it', () => {
    const bench = new Bench();
    for (const component of ['Slotter', 'Feeder', 'Stacker']) bench.sample(30, component);
    assert.deepEqual(
      bench.transitions.map(({ component, first_out }) => [component, first_out]),
      [
        ['Slotter', 1],
        ['Feeder', 2],
        ['Stacker', 3],
      ],
    );
    for (const component of ['Slotter', 'Feeder', 'Stacker']) {
      bench.give({ kind: 'acknowledge' }, component);
      bench.sample(90, component);
    }
    bench.sample(30, 'Stacker');
    assert.equal(bench.transitions.at(-1)?.first_out, 1);
  });

  it('suppresses what goes beyond ten alarms in ten minutes, and shows it when it is calm', () => {
    const bench = new Bench();
    for (let n = 1; n <= 12; n += 1) bench.sample(30, `C${n}`);
    assert.deepEqual(bench.shown.slice(9), ['unacknowledged', 'suppressed', 'suppressed']);
    assert.equal(bench.transitions.at(-1)?.reason, floodReason);
    bench.give({ kind: 'tick' }, 'C11');
    assert.equal(bench.shown.length, 12);
    bench.give({ kind: 'tick' }, 'C11', 10 * minute);
    assert.deepEqual([bench.shown.at(-1), bench.transitions.at(-1)?.component], ['unacknowledged', 'C11']);
  });
});

describe('every sequence of events', () => {
  const settings: TriggerSettings = {
    ...defaultTrigger,
    smoothingMs: 20 * second,
    onDelayMs: 5 * second,
    onSamples: 2,
    offDelayMs: 5 * second,
    offSamples: 2,
    coolDownMs: 20 * second,
    reAlarmMs: 90 * second,
  };
  const input = (nowMs: number): fc.Arbitrary<TriggerInput> =>
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ kind: fc.constant('sample' as const), index: fc.integer({ min: 0, max: 100 }) }),
      },
      { weight: 2, arbitrary: fc.constantFrom({ kind: 'tick' as const }, { kind: 'held' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'unknown' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'acknowledge' as const }) },
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: 1, max: 120 })
          .map((s) => ({ kind: 'shelve' as const, untilMs: nowMs + s * second * 20, reason: 'r', by: 'ani' })),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'unshelve' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'suppress' as const, cause: 'person' as const, reason: 'r' }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'unsuppress' as const }) },
    );
  const stories = fc.array(
    fc.record({
      input: input(Date.UTC(2026, 0, 5)),
      afterMs: fc.integer({ min: -5_000, max: 40_000 }),
      component: fc.constantFrom('A', 'B', 'C'),
    }),
    { maxLength: 120 },
  );

  it('keeps the promises of ISA-18.2', () => {
    fc.assert(
      fc.property(stories, fc.constantFrom(0, 2, 10), (story, alarms) => {
        const bench = new Bench(settings, { alarms, windowMs: minute });
        for (const { input: given, afterMs, component } of story) {
          const before = bench.states.get(component) ?? newTriggerState;
          const told = bench.transitions.length;
          const state = bench.give(given, component, afterMs);
          const news = bench.transitions.slice(told);
          assert(news.length <= 1, 'one cause makes at most one transition');
          for (const { previous, state: shown, transition } of news) {
            assert.notEqual(previous, shown);
            assert.equal(previous, before.shown, 'transitions form a chain');
            assert.equal(transition, `M1/${component}/${state.transitions}`);
          }
          if (given.kind === 'unknown') {
            assert.equal(state.index, null, 'unknown has no index');
            assert(state.active || !before.active, 'unknown ends no condition');
          }
          const silent = before.shelved !== null && state.shelved !== null;
          if (silent) assert.equal(state.shown, 'shelved', 'a shelved alarm is never annunciated');
          if (before.suppressed?.cause === 'person' && state.suppressed?.cause === 'person') {
            assert.notEqual(state.shown, 'unacknowledged');
          }
          if (before.alarm && !before.alarm.acknowledged && !state.alarm) {
            assert.equal(given.kind, 'acknowledge', 'an unacknowledged alarm never vanishes');
          }
          if (standing(before) === 'normal' && standing(state) !== 'normal') {
            assert((state.smoothed ?? 100) < settings.threshold, 'no alarm without a bad index');
          }
        }
        const names = bench.transitions.map(({ transition }) => transition);
        assert.equal(new Set(names).size, names.length, 'every transition has a name of its own');
      }),
      { numRuns: 500 },
    );
  });

  it('end the same, wherever the state was written down and read again', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const [through, restarted] = [new Bench(settings), new Bench(settings)];
        for (const { input: given, afterMs, component } of story) {
          through.give(given, component, afterMs);
          restarted.give(given, component, afterMs);
          for (const [name, state] of restarted.states) restarted.states.set(name, JSON.parse(JSON.stringify(state)));
        }
        assert.deepEqual(restarted.transitions, through.transitions);
      }),
    );
  });
});
