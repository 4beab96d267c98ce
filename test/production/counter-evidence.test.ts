// A counter judged with all the evidence: steps back, resets that were none, two sources under one name, a restart near the top; on both engines.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { counterNotice } from '../../nodes/production/counter-notices.ts';
import { type CounterLimits, judgeCounter, noCounterState } from '../../nodes/production/counter-rules.ts';
import { engines, worldsOn } from './tracker-suite.ts';
import { reading, type TrackerWorld } from './tracker-world.ts';

const start = Date.parse('2026-01-05T04:00:00Z');
const at = (second: number) => new Date(start + second * 1000).toISOString();

for (const engine of engines) {
  describe(`the evidence of a counter on ${engine}`, function () {
    this.timeout(60_000);
    const openWorld = worldsOn(engine);
    let world: TrackerWorld;
    beforeEach(async () => {
      world = await openWorld({ start: '2026-01-05T08:00:00Z' });
    });

    /** Each message folded by itself, and a new tracker before some of them. */
    const count = async (messages: readonly (readonly [second: number, production: number, defects?: number])[]) => {
      for (const [index, [second, production, defects]] of messages.entries()) {
        if (index % 3 === 2) world.restart();
        await world.take(reading(at(second), production, { cumulativeDefects: defects ?? null }));
      }
      return world.total();
    };
    const told = (type: string) => world.events.filter((event) => event.type === type);

    for (const [name, messages, expected] of [
      [
        'a jitter',
        [
          [0, 1000],
          [30, 1010],
          [60, 1005],
          [90, 1015],
          [120, 1012],
          [150, 1025],
        ],
        25,
      ],
      [
        'a step back of five after half an hour',
        [
          [0, 30_000],
          [60, 30_100],
          [1860, 30_095],
        ],
        100,
      ],
      [
        'a small counter that steps back',
        [
          [0, 90],
          [30, 100],
          [60, 95],
          [90, 101],
        ],
        11,
      ],
      [
        'a fall of exactly a tenth',
        [
          [0, 1000],
          [30, 900],
          [60, 1004],
        ],
        4,
      ],
      [
        'a step back that is climbed again slowly',
        [
          [0, 1000],
          [30, 960],
          [60, 975],
          [90, 990],
          [120, 1003],
        ],
        3,
      ],
      [
        'a single zero',
        [
          [0, 5000],
          [30, 5010],
          [60, 0],
          [90, 5020],
        ],
        20,
      ],
      [
        'zeros for a quarter of an hour',
        [
          [0, 5000],
          [30, 5010],
          [60, 0],
          [500, 0],
          [930, 5020],
        ],
        20,
      ],
      [
        'a fall of a fifth that is no reset',
        [
          [0, 1000],
          [30, 1010],
          [60, 800],
          [90, 1020],
        ],
        20,
      ],
      [
        'a fall by a third of a counter without a past',
        [
          [0, 1000],
          [30, 700],
          [60, 1012],
        ],
        12,
      ],
      [
        'another counter for a while',
        [
          [0, 5000],
          [30, 5010],
          [60, 300],
          [90, 320],
          [120, 340],
          [150, 5060],
        ],
        60,
      ],
      [
        'a fall within a fall',
        [
          [0, 5000],
          [30, 5010],
          [60, 7],
          [90, 0],
          [120, 5040],
        ],
        40,
      ],
      [
        'an old value that returns a little below',
        [
          [0, 5000],
          [30, 5010],
          [60, 3],
          [90, 5005],
          [120, 5030],
        ],
        30,
      ],
    ] as const) {
      it(`counts ${name} for what it was`, async () => {
        assert.deepEqual(await count(messages), [expected, 0]);
        assert.deepEqual(await world.quarantine(), []);
      });
    }

    for (const [name, messages, expected] of [
      [
        'a reset',
        [
          [0, 1000],
          [30, 1010],
          [60, 4],
          [90, 14],
        ],
        24,
      ],
      [
        'a reset and the climb past the old value',
        [
          [0, 200],
          [60, 260],
          [120, 50],
          [180, 110],
          [240, 170],
          [300, 230],
          [360, 290],
        ],
        350,
      ],
      [
        'a reset and an outage in which the old value is passed',
        [
          [0, 1000],
          [60, 1060],
          [120, 20],
          [1080, 1000],
          [1140, 1060],
        ],
        1120,
      ],
    ] as const) {
      it(`counts ${name} as it is`, async () => {
        assert.deepEqual(await count(messages), [expected, 0]);
        assert.deepEqual(told('reset-taken-back'), []);
      });
    }

    it('takes back by an event what a fall had counted, in the hours and orders in which it was', async () => {
      const order = (name: string) => ({ order: name });
      await world.take(reading(at(3_000), 5_000, order('A')), reading(at(3_030), 5_010), reading(at(3_060), 300));
      assert.deepEqual(await world.total(), [310, 0]);
      world.restart();
      await world.take(reading(at(3_590), 320), reading(at(3_620), 340, order('B')));
      assert.deepEqual(await world.total(), [350, 0]);
      await world.take(reading(at(3_650), 5_060));
      assert.deepEqual(await world.total(), [60, 0]);
      const hours = await world.db().selectFrom('production_hour').selectAll().orderBy('start_ms').execute();
      assert.deepEqual(
        hours.map(({ production }) => production),
        [10, 50],
      );
      const orders = await world.db().selectFrom('production_order').selectAll().orderBy('order_name').execute();
      assert.deepEqual(
        orders.map((row) => [row.order_name, row.production]),
        [
          ['A', 10],
          ['B', 50],
        ],
      );
      const [event, ...more] = told('reset-taken-back');
      assert.equal(more.length, 0);
      assert.deepEqual(event?.detail.old_value, { production: 5_010, defects: null });
      assert.equal(event?.detail.production, -340);
    });

    it('takes a fall of defects for a correction while production goes on', async () => {
      assert.deepEqual(
        await count([
          [0, 5000, 12],
          [60, 5100, 12],
          [120, 5200, 11],
        ]),
        [200, 0],
      );
      assert.deepEqual(
        await count([
          [180, 5300, 8],
          [240, 5400, 13],
        ]),
        [400, 1],
      );
    });

    it('takes a fall of both counters for a reset, also where production lost little', async () => {
      assert.deepEqual(
        await count([
          [0, 15, 8],
          [60, 20, 10],
          [120, 19, 0],
          [180, 25, 1],
        ]),
        [5 + 19 + 6, 2 + 0 + 1],
      );
    });

    it('takes back the defects of a fall with its pieces', async () => {
      assert.deepEqual(
        await count([
          [0, 5000, 40],
          [30, 5010, 40],
          [60, 30, 3],
          [90, 5020, 41],
        ]),
        [20, 1],
      );
    });

    for (const [name, first, second] of [
      ['of like size', (minute: number) => 1500 + 3 * minute, (minute: number) => 900 + 2 * minute],
      [
        'of like size, the smaller one first',
        (minute: number) => 900 + 2 * minute,
        (minute: number) => 1500 + 3 * minute,
      ],
      ['of which one is far ahead', (minute: number) => 500_000 + 20 * minute, (minute: number) => 200 + 10 * minute],
    ] as const) {
      it(`refuses two counters under one name, ${name}, and says so once`, async () => {
        const messages = Array.from({ length: 240 }, (_, index) => {
          const shown = Math.round((index % 2 === 0 ? first : second)(index / 2));
          return reading(at(index * 30), shown);
        });
        for (let from = 0; from < messages.length; from += 7) {
          if (from % 3 === 0) world.restart();
          await world.take(...messages.slice(from, from + 7));
        }
        const [total] = await world.total();
        assert.ok(total <= 605, `${total}`);
        assert.equal(told('counter-falls').length, 1);
        assert.equal(told('counter-shut-out').length, 0);
        assert.deepEqual(world.counter.shutOut, ['M1']);
        const codes = new Set((await world.quarantine()).map(({ code }) => code));
        assert.deepEqual([...codes], ['counter-falls']);
        assert.ok((await world.quarantine()).length > 220);
        const [event] = told('counter-falls');
        const notice = event && counterNotice(event, 'Press');
        assert.match(notice?.body ?? '', /two machines send under one name/);
      });
    }

    it('counts on where a counter that fell three times has gone up for ten messages', async () => {
      const up = (from: number, second: number) =>
        Array.from({ length: 10 }, (_, index) => [second + index * 30, from + index * 5] as const);
      await count([
        [0, 1000],
        [30, 1010],
        [60, 1005],
        [90, 1012],
        [120, 1008],
        [150, 1020],
        [180, 1015],
      ]);
      assert.deepEqual(await world.total(), [10, 0], 'what was counted since the first fall is taken back');
      assert.deepEqual(
        told('counter-falls').map(({ detail }) => detail.taken_back),
        [
          {
            production: -10,
            defects: 0,
            moved: [{ hour: at(0), shift: '1', shift_date: '2026-01-05', order: '', production: -10, defects: 0 }],
          },
        ],
      );
      await count(up(1025, 210));
      assert.deepEqual(await world.total(), [1070 - 1000, 0], 'what it made since the last message that counted');
      assert.deepEqual(world.counter.shutOut, []);
    });

    it('begins with a new baseline where another counter than before goes on', async () => {
      await count([
        [0, 9000],
        [30, 9010],
        [60, 500],
        [90, 9020],
        [120, 510],
        [150, 9030],
        [180, 520],
      ]);
      const [before] = await world.total();
      assert.equal(before, 10);
      await count(Array.from({ length: 12 }, (_, index) => [210 + index * 30, 530 + index * 10] as const));
      assert.deepEqual(await world.total(), [10 + 20, 0]);
    });

    it('says that a counter is shut out where ten of twenty messages are refused, also one in two, and once', async () => {
      await world.person({ command: 'machine', id: 'M1', maxPerHour: 3_600 });
      for (let index = 0; index < 60; index += 1)
        await world.take(reading(at(index * 10), index % 2 === 0 ? 100 + index : 700_000 + index));
      const events = told('counter-shut-out');
      assert.deepEqual(
        events.map(({ detail }) => [detail.code, detail.refused, detail.in_row]),
        [['absurd-jump', 10, false]],
      );
      assert.deepEqual(world.counter.shutOut, ['M1']);
      const [event] = events;
      assert.match((event && counterNotice(event, 'Press')?.body) ?? '', /^10 dari 20 pesan terakhir ditolak/);
      for (let index = 60; index < 80; index += 1) await world.take(reading(at(index * 10), 100 + index));
      assert.deepEqual(world.counter.shutOut, []);
      for (let index = 80; index < 90; index += 1) await world.take(reading(at(index * 10), 900_000 + index));
      assert.equal(told('counter-shut-out').length, 2, 'a new episode');
    });

    it('says of a restart near the top that it may have been a roll-over, and what each would count', async () => {
      await world.take(reading(at(0), 65_090), reading(at(30), 65_100), reading(at(60), 4));
      assert.deepEqual(await world.total(), [14, 0]);
      const [event] = told('counter-reset');
      assert.deepEqual(event?.detail.ambiguous, { modulus: 65_536, asRollover: 440, asReset: 4 });
      assert.match((event && counterNotice(event, 'Press')?.body) ?? '', /440/);
    });

    it('says the same of a roll-over that the pace of the machine does not explain', async () => {
      await world.person({ command: 'machine', id: 'M1', counterModulus: 65_536 });
      await world.take(reading(at(0), 65_090), reading(at(30), 65_100), reading(at(60), 4));
      assert.deepEqual(await world.total(), [450, 0]);
      assert.deepEqual(told('counter-rollover')[0]?.detail.ambiguous, { modulus: 65_536, asRollover: 440, asReset: 4 });
      await world.take(reading(at(90), 14, { machine: 'M1' }));
      assert.deepEqual(await world.total(), [460, 0]);
    });
  });
}

describe('a counter with a step back of at most a tenth', () => {
  const limits: CounterLimits = {
    modulus: null,
    maxPerHour: null,
    gapMs: 300_000,
    countFirst: false,
    countAfterReset: true,
  };

  it('counts what its highest value went up by, whatever comes between', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 10_000, max: 1_000_000 }), (given, first) => {
        let state = noCounterState;
        let highest = first;
        let counted = 0;
        const shown = [
          first,
          ...given.flatMap(([up, percent]) => {
            highest += up;
            return [highest, Math.ceil((highest * (100 - percent)) / 100)];
          }),
        ];
        for (const [index, value] of shown.entries()) {
          const judgement = judgeCounter(reading(at(index * 30), value), state, limits);
          if (judgement.kind !== 'counted') continue;
          assert.ok(judgement.production >= 0);
          counted += judgement.production;
          state = judgement.state;
        }
        assert.equal(counted, highest - first);
      }),
    );
  });
});
