// Finds which of many make a work impossible that is done for all of them together: by halves, because nearly always it is one.

/** @returns why the work is refused for these alone; undefined where it goes well */
export type Refusal<Item> = (some: readonly Item[]) => Promise<Error | undefined>;

/**
 * The items for which `refusalOf` says why, each with its reason. Empty where the work is refused even for no item at all: then the
 * fault is of none of them. Where only two together are refused, the later one is named. Rejects when `refusalOf` does.
 */
export async function culpritsAmong<Item>(
  items: readonly Item[],
  refusalOf: Refusal<Item>,
): Promise<ReadonlyMap<Item, Error>> {
  if ((await refusalOf([])) !== undefined) return new Map();
  return search(items, refusalOf);
}

async function search<Item>(items: readonly Item[], refusalOf: Refusal<Item>): Promise<ReadonlyMap<Item, Error>> {
  const [first, ...others] = items;
  if (first === undefined) return new Map();
  const refusal = await refusalOf(items);
  if (!refusal) return new Map();
  if (others.length === 0) return new Map([[first, refusal]]);
  const middle = Math.ceil(items.length / 2);
  const found = new Map([
    ...(await search(items.slice(0, middle), refusalOf)),
    ...(await search(items.slice(middle), refusalOf)),
  ]);
  return found.size > 0 ? found : new Map(items.slice(middle).map((item) => [item, refusal]));
}
