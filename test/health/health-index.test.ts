// The index: the original's worked numbers, a fixed ceiling, other inputs, and never healthy on bad or stale data.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FieldReader } from '../../nodes/core/field-reader.ts';
import { bandOf, type InputState, readIndex, rpnScore, scoreOf } from '../../nodes/health/health-index.ts';
import { defaultModel, firstComponents, type IndexModel } from '../../nodes/health/index-model.ts';
import { readModel } from '../../nodes/health/model-parser.ts';

const now = Date.UTC(2026, 0, 5);
const good = (value: number | null, more: Partial<InputState> = {}): InputState => ({
  value,
  quality: 'good',
  planned: false,
  atMs: now,
  ...more,
});
const original: IndexModel = { ...defaultModel, rpnCeiling: null };
const oee = (inputs: Record<string, InputState>) => (name: string) => inputs[name];
const indexOf = (model: IndexModel, rpn: number, inputs: Record<string, InputState>) =>
  readIndex(model, rpn, 192, oee(inputs), now);

describe('the health index', () => {
  it('is unknown on a measure of the future, as on one that is old', () => {
    const of = (atMs: number) => indexOf(original, 100, { oee: good(90, { atMs }) }).kind;
    assert.deepEqual([of(now), of(now + 60_000)], ['value', 'value'], 'clocks differ a little');
    assert.deepEqual([of(now + 5 * 60_000), of(now + 30 * 86_400_000)], ['unknown', 'unknown']);
  });

  it("gives the original's worked numbers in the original's configuration", () => {
    const running = (85 * 82 * 96) / 10_000;
    const read = (percent: number) =>
      Object.fromEntries(
        firstComponents.map(({ component, rpn }) => {
          const reading = indexOf(original, rpn, { oee: good(percent) });
          return [component, reading.kind === 'value' ? reading.index : null];
        }),
      );
    assert.deepEqual(read(running), {
      'Pre-Feeder': 45.15,
      Feeder: 40.15,
      Printing: 46.4,
      Slotter: 50.15,
      Stacker: 68.9,
    });
    assert.deepEqual(read(0), { 'Pre-Feeder': 5, Feeder: 0, Printing: 6.25, Slotter: 10, Stacker: 28.75 });
    assert.deepEqual(read(100), { 'Pre-Feeder': 65, Feeder: 60, Printing: 66.25, Slotter: 70, Stacker: 88.75 });
  });

  it('lets every component be healthy against the fixed ceiling', () => {
    for (const { rpn } of firstComponents) {
      const reading = indexOf(defaultModel, rpn, { oee: good(100) });
      assert(reading.kind === 'value' && reading.index >= 90, JSON.stringify(reading));
    }
    assert.equal(rpnScore(1000, 1000), 0);
  });

  it('holds its value through planned stops and idle time instead of falling', () => {
    assert.equal(indexOf(defaultModel, 54, { oee: good(null, { planned: true }) }).kind, 'held');
    assert.equal(indexOf(defaultModel, 54, { oee: good(0, { planned: true }) }).kind, 'held');
  });

  it('is unknown while an input is bad, missing, empty or older than it may be', () => {
    for (const inputs of [
      {},
      { oee: good(80, { quality: 'bad' }) },
      { oee: good(80, { quality: 'stale' }) },
      { oee: good(null) },
      { oee: good(80, { atMs: now - defaultModel.staleAfterMs - 1 }) },
      { oee: good(null, { planned: true, atMs: now - defaultModel.staleAfterMs - 1 }) },
    ]) {
      assert.equal(indexOf(defaultModel, 54, inputs).kind, 'unknown', JSON.stringify(inputs));
    }
  });

  it('takes more inputs by weight or by rule, and one that is not required once it has been seen', () => {
    const fields = new FieldReader({
      rpnWeight: 0,
      inputs: [
        { name: 'oee', weight: 1 },
        {
          name: 'vibration_mm_s',
          worstOf: true,
          required: false,
          scale: { kind: 'zones', limits: [2.3, 4.5, 7.1], source: 'maker' },
        },
        { name: 'temperature_c', weight: 1, required: false, scale: { kind: 'range', healthy: 40, failed: 90 } },
      ],
    });
    const model = readModel(fields);
    fields.finish('The model');
    const value = (inputs: Record<string, InputState>) => {
      const reading = indexOf(model, 54, inputs);
      return reading.kind === 'value' ? reading.index : reading.kind;
    };
    assert.equal(value({ oee: good(90) }), 90);
    assert.equal(value({ oee: good(90), vibration_mm_s: good(2.3) }), 90);
    assert.equal(value({ oee: good(90), vibration_mm_s: good(4.6) }), 45);
    assert.equal(value({ oee: good(90), vibration_mm_s: good(9) }), 10);
    assert.equal(value({ oee: good(90), temperature_c: good(65) }), 70);
    assert.equal(value({ oee: good(90), vibration_mm_s: good(1, { quality: 'bad' }) }), 'unknown');
  });

  it('names every fault of a model', () => {
    const fields = new FieldReader(
      {
        rpnCeiling: 0,
        staleAfterMs: 1,
        inputs: [
          { name: 'v', weight: -1, scale: { kind: 'zones', limits: [3, 2, 1], source: 'x' } },
          { name: 'v', weight: 1, scale: { kind: 'range', healthy: 1, failed: 1 } },
        ],
      },
      'model.',
    );
    readModel(fields);
    assert.throws(() => fields.finish('The model'), {
      message:
        /model\.rpnCeiling.*model\.staleAfterMs.*model\.inputs\[0\]\.weight.*inputs\[0\]\.scale\.limits.*inputs\[1\]\.scale\.failed.*inputs: must name every input once/,
    });
  });

  it('stays between 0 and 100 and never grows when an input becomes worse', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        (one, other, rpn) => {
          const [low, high] = [one, other].map((value) => indexOf(defaultModel, rpn, { oee: good(value) }));
          if (low?.kind !== 'value' || high?.kind !== 'value') throw new Error('a good input gives a value');
          const [worse, better] = one <= other ? [low, high] : [high, low];
          return worse.index >= 0 && better.index <= 100 && worse.index <= better.index;
        },
      ),
    );
    assert.equal(scoreOf(-5, { kind: 'percent' }), 0);
  });

  it('has bands, and unknown is none of the healthy ones', () => {
    assert.deepEqual([95, 90, 80, 70, 69.99, 50, 49.99, null].map(bandOf), [
      'excellent',
      'excellent',
      'good',
      'fair',
      'poor',
      'poor',
      'critical',
      'unknown',
    ]);
  });
});
