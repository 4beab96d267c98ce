// The page's half of the changes of a list: from the view it holds to the next one.
import type { ListDelta, NumberedList } from '../../nodes/dashboard/messages.ts';

/** The page's half of the shape that nodes/dashboard/list-publisher.ts has. */
export interface LiveShape<View, Item, Rest> {
  readonly items: (view: View) => readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly withItems: (rest: Rest, items: readonly Item[]) => View;
}

/** The view after `delta`, or null when the delta belongs to another view and the whole one is needed. */
export function applyListDelta<View, Item, Rest>(
  current: NumberedList<View>,
  delta: ListDelta<Item, Rest>,
  { items, keyOf, withItems }: LiveShape<View, Item, Rest>,
): NumberedList<View> | null {
  if (delta.from !== current.seq) return null;
  const changed = new Map(delta.changed.map((item) => [keyOf(item), item]));
  const next = items(current.view).map((item) => changed.get(keyOf(item)) ?? item);
  return { seq: delta.seq, view: withItems(delta.rest, next) };
}
