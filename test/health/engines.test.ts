// The benchmark's engines: what an operating point changes must not look like wear, and wear must be seen at every point.
import assert from 'node:assert/strict';
import { figuresOf, genericEngines, parseEngines, runEngine } from '../../bench/support/health/engines.ts';
import { seededRandom } from '../../nodes/plc/simulator/seeded-random.ts';

const points = ['0.001 0.0002 100.0', '20.002 0.7001 100.0', '35.004 0.8402 100.0', '42.003 0.8400 60.0'];

/** @param wearFrom share of the life at which the sensors begin to drift; 1: never */
function fleet(engines: number, flown: readonly string[], wearFrom: number): string {
  const random = seededRandom(7);
  return Array.from({ length: engines }, (_, unit) => life(unit + 1, flown, wearFrom, random)).join('\n');
}

function life(unit: number, flown: readonly string[], wearFrom: number, random: () => number): string {
  const cycles = 200;
  return Array.from({ length: cycles }, (_, index) => {
    const point = Math.floor(random() * flown.length);
    const worn = Math.max(0, index / cycles - wearFrom) / (1 - Math.min(wearFrom, 0.99));
    const sensors = Array.from({ length: 8 }, (_, sensor) => {
      const noise = random() + random() + random() - 1.5;
      return (100 * (point + 1) * (sensor + 1) + noise + 6 * worn ** 2).toFixed(4);
    });
    return [unit, index + 1, flown[point], ...sensors, '518.67'].join(' ');
  }).join('\n');
}

describe('engines of the benchmark', () => {
  for (const [name, flown] of [
    ['one operating point', points.slice(0, 1)],
    ['four operating points', points],
  ] as const) {
    it(`give one alarm late in their life at ${name}`, () => {
      const results = parseEngines(fleet(20, flown, 0.5)).map((engine) => runEngine(engine, genericEngines));
      const { engines, notOne, early, missed, medianLead } = figuresOf(results);
      assert.deepEqual({ engines, notOne, early, missed }, { engines: 20, notOne: 0, early: 0, missed: 0 });
      assert.ok(medianLead > 10, String(medianLead));
    });

    it(`give none without wear at ${name}`, () => {
      const results = parseEngines(fleet(20, flown, 1)).map((engine) => runEngine(engine, genericEngines));
      assert.equal(figuresOf(results).missed, 20);
    });
  }

  it('learn a point that they have not flown at before, and are judged there after that', () => {
    const at = (point: string | undefined, wearFrom: number) =>
      life(1, points, wearFrom, seededRandom(3))
        .split('\n')
        .filter((line) => line.includes(` ${point} `));
    const lifeOf = (wearFrom: number) => parseEngines([...at(points[0], 1), ...at(points[3], wearFrom)].join('\n'));
    const [sound, worn] = [...lifeOf(1), ...lifeOf(0.5)];
    assert.ok(sound && worn);
    assert.deepEqual(runEngine(sound, genericEngines).alarms, []);
    assert.equal(runEngine(worn, genericEngines).alarms.length, 1);
  });
});
