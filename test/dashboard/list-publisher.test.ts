import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyListDelta, type LiveShape } from '../../dashboard/common/apply-list-delta.ts';
import { type ListPublication, ListPublisher, type ListShape } from '../../nodes/dashboard/list-publisher.ts';
import { ManualClock } from '../support/manual-clock.ts';

interface Item {
  readonly name: string;
  readonly count: number;
}
interface View {
  readonly at: string;
  readonly items: readonly Item[];
}
interface Rest {
  readonly at: string;
}

const shape: ListShape<View, Item, Rest> & LiveShape<View, Item, Rest> = {
  items: ({ items }) => items,
  keyOf: ({ name }) => name,
  restOf: ({ at }) => ({ at }),
  withItems: ({ at }, items) => ({ at, items }),
};

function world() {
  const clock = new ManualClock();
  const told: ListPublication<View, Item, Rest>[] = [];
  return { clock, told, publisher: new ListPublisher(clock, shape, (publication) => told.push(publication)) };
}

const view = (...counts: readonly number[]): View => ({
  at: `${counts.length}`,
  items: counts.map((count, index) => ({ name: `m${index}`, count })),
});

describe('the changes of a list', () => {
  it('are the items that changed, and what stands beside the list', () => {
    const { clock, told, publisher } = world();
    publisher.offer(view(1, 2, 3));
    clock.advance(500);
    publisher.offer(view(1, 9, 3));
    assert.equal(told[0]?.delta, null);
    assert.deepEqual(told[1]?.delta, { from: 1, seq: 2, changed: [{ name: 'm1', count: 9 }], rest: { at: '3' } });
  });

  it('are a whole view when an item came or left', () => {
    const { clock, told, publisher } = world();
    for (const next of [view(1), view(1, 2), view(1)]) {
      publisher.offer(next);
      clock.advance(500);
    }
    assert.deepEqual(
      told.map(({ delta }) => delta),
      [null, null, null],
    );
  });

  it('are told at most twice a second, the newest last', () => {
    const { clock, told, publisher } = world();
    for (let count = 0; count < 100; count += 1) {
      publisher.offer(view(count));
      clock.advance(20);
    }
    clock.advance(500);
    assert.ok(told.length <= 6, `${told.length}`);
    assert.deepEqual(told.at(-1)?.whole.view, view(99));
    assert.equal(clock.pendingTimers, 0);
  });

  it('lead every page to the same view as the whole one would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 0, maxLength: 5 }), { maxLength: 20 }),
        (views) => {
          const { clock, told, publisher } = world();
          for (const counts of views) {
            publisher.offer(view(...counts));
            clock.advance(500);
          }
          let held = told[0]?.whole;
          for (const { whole, delta } of told.slice(1)) {
            held = delta && held ? (applyListDelta(held, delta, shape) ?? whole) : whole;
            assert.deepEqual(held, whole);
          }
        },
      ),
    );
  });

  it('that follow another view are not taken', () => {
    const delta = { from: 4, seq: 5, changed: [], rest: { at: '1' } };
    assert.equal(applyListDelta({ seq: 3, view: view(1) }, delta, shape), null);
  });

  it('stop with their node', () => {
    const { clock, told, publisher } = world();
    publisher.offer(view(1));
    publisher.offer(view(2));
    publisher.stop();
    clock.advance(5000);
    assert.equal(told.length, 1);
  });
});
