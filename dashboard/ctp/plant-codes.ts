// The plant's own error codes and categories, read once for the whole page; until then the first data's categories are offered.
import { computed, shallowRef } from 'vue';
import { categories as firstCategories } from './ctp-lists.ts';
import { type PlantCode, plantCodes } from './ctp-routes.ts';

const known = shallowRef<readonly PlantCode[] | null>(null);

const inUse = (kind: PlantCode['kind']) => (known.value ?? []).filter((each) => each.kind === kind && !each.retired);

export const errorCodes = computed(() => inUse('error_code').map(({ code }) => code));
export const categories = computed<readonly string[]>(() => {
  const own = inUse('category').map(({ code }) => code);
  return own.length > 0 ? own : firstCategories;
});

/** The plant's label of a category; undefined for one that the plant doesn't know. */
export function labelOf(category: string): string | undefined {
  return known.value?.find((each) => each.kind === 'category' && each.code === category)?.label;
}

export async function loadPlantCodes(): Promise<void> {
  const answer = await plantCodes();
  if (answer.ok) known.value = answer.body.data;
}
