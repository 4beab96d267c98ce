// Numbers the views of a page that is a list, so that a tablet is told of the items that changed instead of all of them.
import type { Clock } from '../core/clock.ts';
import { LatestPublisher } from './latest-publisher.ts';
import type { ListDelta, NumberedList } from './messages.ts';

/** How a view is a list. */
export interface ListShape<View, Item, Rest> {
  readonly items: (view: View) => readonly Item[];
  /** Unique among the items of a view. */
  readonly keyOf: (item: Item) => string;
  /** Everything beside the list. */
  readonly restOf: (view: View) => Rest;
}

export interface ListPublication<View, Item, Rest> {
  readonly whole: NumberedList<View>;
  /** Null: the set of items is another one, and only the whole view helps. */
  readonly delta: ListDelta<Item, Rest> | null;
}

/** At most two publications a second; what came in between is left out. */
export class ListPublisher<View, Item, Rest> {
  readonly #shape: ListShape<View, Item, Rest>;
  readonly #publisher: LatestPublisher<View>;
  #published: NumberedList<View> | undefined;

  constructor(
    clock: Clock,
    shape: ListShape<View, Item, Rest>,
    publish: (publication: ListPublication<View, Item, Rest>) => void,
  ) {
    this.#shape = shape;
    this.#publisher = new LatestPublisher(clock, (view) => {
      const before = this.#published;
      const whole = { seq: (before?.seq ?? 0) + 1, view };
      this.#published = whole;
      publish({ whole, delta: before ? this.#delta(before, whole) : null });
    });
  }

  offer(view: View): void {
    this.#publisher.offer(view);
  }

  stop(): void {
    this.#publisher.stop();
  }

  #delta(before: NumberedList<View>, after: NumberedList<View>): ListDelta<Item, Rest> | null {
    const { items, keyOf, restOf } = this.#shape;
    const old = items(before.view);
    const now = items(after.view);
    if (old.length !== now.length) return null;
    const changed: Item[] = [];
    for (const [index, item] of now.entries()) {
      const was = old[index];
      if (was === undefined || keyOf(was) !== keyOf(item)) return null;
      if (JSON.stringify(was) !== JSON.stringify(item)) changed.push(item);
    }
    return { from: before.seq, seq: after.seq, changed, rest: restOf(after.view) };
  }
}
