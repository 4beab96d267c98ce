// The estimate: the original's table where nothing is known, what it learns, and an interval that keeps its promise on plants of every kind.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Repair, RepairModel } from '../../nodes/health/repair-model.ts';
import { causeOfComponent, priorMinutes, severityOf } from '../../nodes/health/repair-prior.ts';
import { replay } from '../../nodes/health/repair-replay.ts';
import { seededRandom } from '../../nodes/plc/simulator/seeded-random.ts';

const hourMs = 3_600_000;
const start = Date.UTC(2025, 0, 1);
/** Repair number `n`, eight hours after the one before. */
const repair = (n: number, minutes: number, more: Partial<Repair> = {}): Repair => ({
  machine: 'M1',
  shift: '1',
  cause: 'FEEDER TROUBLE MEKANIK',
  startMs: start + n * 8 * hourMs,
  endMs: start + n * 8 * hourMs + minutes * 60_000,
  minutes,
  ...more,
});
const question = (more: object = {}) => ({ ...repair(9_999, 1), healthIndex: null, ...more });
const taught = (repairs: readonly Repair[]): RepairModel => {
  const model = new RepairModel();
  for (const one of repairs) model.learn(one);
  return model;
};

describe('the prior', () => {
  it("is the original's: minutes by severity, times group, shift and health, between 10 and 960", () => {
    assert.equal(severityOf('GENERAL_BREAKDOWN'), 5);
    assert.equal(priorMinutes('GENERAL_BREAKDOWN', '1', null), 120);
    assert.equal(priorMinutes('GENERAL_BREAKDOWN', '2', 70), 132);
    assert.equal(priorMinutes('GENERAL_BREAKDOWN', null, 50), 120 * 1.2 * 1.3);
    assert.equal(priorMinutes('PRINT_GHOSTING', '3', 85), 240 * 1.4 * 1.3 * 0.7);
    assert.equal(priorMinutes('FEEDER UNIT TROUBLE MEKANIK', '1', 30), 960, '360 x 1.6 x 1.8 is above the largest');
    assert.equal(priorMinutes('MEETING', '1', 90), 10.5);
    assert.equal(priorMinutes('FEEDER_JAM_ELEC', '1', null), 360 * 1.5);
  });

  it('has a usual cause for each component, also for the one the original forgot', () => {
    assert.deepEqual(['Pre-Feeder', 'Printing', 'Stacker', null].map(causeOfComponent), [
      'FEEDER_JAM_MECH',
      'PRINT_GHOSTING',
      'GENERAL_BREAKDOWN',
      'GENERAL_BREAKDOWN',
    ]);
  });
});

describe('the estimate of a repair', () => {
  it('is the prior alone without any history, and says so', () => {
    const forecast = new RepairModel().forecast(question({ cause: 'GENERAL_BREAKDOWN' }));
    assert.deepEqual(forecast.basis, { kind: 'prior', stops: 0, level: 'none', known: 0 });
    assert.equal(Math.round(forecast.p50), 120);
    assert.deepEqual([Math.round(forecast.p10), Math.round(forecast.p90)], [48, 300]);
  });

  it('comes to what the plant itself shows, and the prior fades', () => {
    const expected = [1, 5, 20, 60].map((count) => {
      const model = taught(Array.from({ length: count }, (_, n) => repair(n, 20)));
      return model.forecast(question()).expected;
    });
    assert.deepEqual(
      expected,
      [...expected].sort((a, b) => b - a),
    );
    const [first = 0, , , last = 0] = expected;
    assert(first > 25, `one repair is not yet a history: ${first}`);
    assert(Math.abs(last - 20) < 2, `sixty are: ${last}`);
  });

  it('tells machines and causes apart, and shares where one of them is new', () => {
    const random = seededRandom(3);
    const scatter = (minutes: number) => minutes * Math.exp(0.3 * (random() - 0.5));
    const repairs = Array.from({ length: 200 }, (_, n) => {
      const machine = n % 2 === 0 ? 'M1' : 'M2';
      const cause = n % 3 === 0 ? 'SLOTTER TROUBLE ELEKTRIK' : 'FEEDER TROUBLE MEKANIK';
      return repair(n, scatter((machine === 'M1' ? 20 : 60) * (n % 3 === 0 ? 2 : 1)), { machine, cause });
    });
    const model = taught(repairs);
    const of = (machine: string, cause: string) => model.forecast(question({ machine, cause }));
    const cheap = of('M1', 'FEEDER TROUBLE MEKANIK');
    const dear = of('M2', 'SLOTTER TROUBLE ELEKTRIK');
    assert(cheap.p50 < 40 && dear.p50 > 50, `${cheap.p50} and ${dear.p50}`);
    assert.deepEqual([cheap.basis.kind, cheap.basis.level], ['history', 'cause-machine']);
    assert.equal(of('M3', 'FEEDER TROUBLE MEKANIK').basis.level, 'cause');
    assert.equal(of('M1', 'STACKER TROUBLE MEKANIK').basis.level, 'group-machine');
    assert.equal(of('M1', 'SOMETHING NEW').basis.level, 'machine');
    assert.equal(of('M9', 'SOMETHING NEW').basis.level, 'all');
  });

  it('follows a plant that has changed', () => {
    const model = taught([
      ...Array.from({ length: 300 }, (_, n) => repair(n, 15)),
      ...Array.from({ length: 40 }, (_, n) => repair(300 + n, 60)),
    ]);
    const { expected } = model.forecast(question());
    assert(expected > 45 && expected < 65, `${expected}`);
  });

  it('is in order, finite and positive whatever the history was', () => {
    const anyRepair = fc.record({
      machine: fc.constantFrom('M1', 'M2'),
      cause: fc.constantFrom('A TROUBLE', 'B ELEKTRIK', ''),
      shift: fc.constantFrom('1', '3', ''),
      minutes: fc.double({ min: 0.1, max: 40_000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(anyRepair, { maxLength: 60 }), (given) => {
        const model = taught(given.map((one, n) => repair(n, one.minutes, one)));
        const { p10, p50, p90, expected } = model.forecast(question());
        assert(p10 > 0 && p10 <= p50 && p50 <= p90 && Number.isFinite(p90), `${p10} ${p50} ${p90}`);
        assert(expected > 0 && Number.isFinite(expected));
      }),
    );
  });

  it('forecasts each repair from what had ended before it began, and from nothing later', () => {
    const repairs = [repair(0, 30), repair(1, 900), repair(2, 30), repair(3, 30)];
    const seen: number[] = [];
    for (const { history } of replay(repairs)) seen.push(history.length);
    // The second lasts beyond the beginning of the third.
    assert.deepEqual(seen, [0, 1, 1, 3]);
    const forecastsOf = (some: readonly Repair[]) =>
      [...replay(some)].map(({ forecast }) => [forecast.p10, forecast.p50, forecast.p90, forecast.expected]);
    assert.deepEqual(forecastsOf(repairs).slice(0, 3), forecastsOf(repairs.slice(0, 3)));
  });
});

describe('the interval', () => {
  /** A normal variate (Box and Muller). */
  const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const plants: Readonly<Record<string, (n: number, random: () => number) => number>> = {
    'log-normal': (_, random) => Math.exp(3 + 0.8 * normal(random)),
    'short, with a long tail': (_, random) => (random() < 0.85 ? 10 + 10 * random() : 60 + 400 * random()),
    'rounded to five minutes': (_, random) => Math.max(5, 5 * Math.round(Math.exp(3 + 0.6 * normal(random)) / 5)),
    'longer and longer': (n, random) => Math.exp(2.5 + n / 300 + 0.6 * normal(random)),
    'another kind of plant from the middle on': (n, random) =>
      n < 300 ? 15 + 5 * random() : Math.exp(4 + 1.2 * normal(random)),
    'heavy tails': (_, random) => Math.min(40_000, 12 / (1 - random()) ** 0.9),
  };
  for (const [name, minutesOf] of Object.entries(plants)) {
    it(`holds four of five repairs of a plant that is ${name}`, () => {
      const random = seededRandom(7);
      const repairs = Array.from({ length: 600 }, (_, n) => repair(n, Math.max(1, minutesOf(n, random))));
      let inside = 0;
      let judged = 0;
      for (const { repair: one, forecast, history } of replay(repairs)) {
        if (history.length < 30) continue;
        judged += 1;
        if (one.minutes >= forecast.p10 * (1 - 1e-9) && one.minutes <= forecast.p90 * (1 + 1e-9)) inside += 1;
      }
      const percent = (100 * inside) / judged;
      assert(percent >= 75 && percent <= 85, `${percent.toFixed(1)} %`);
    });
  }
});
