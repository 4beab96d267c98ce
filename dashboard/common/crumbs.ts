// Where the open page stands among its neighbours; the bar shows it instead of the page's plain name.
import { onUnmounted, readonly, ref, watchEffect } from 'vue';

export interface Crumb {
  readonly name: string;
  /** Address of that page, and the way there without loading anew; absent for the section and for the page itself. */
  readonly href?: string;
  readonly go?: () => void;
}

const trail = ref<readonly Crumb[]>([]);
export const crumbs = readonly(trail);

/** The last crumb is the open page. Empty while it is not known. */
export function useCrumbs(current: () => readonly Crumb[]): void {
  let mine: readonly Crumb[] = [];
  watchEffect(() => {
    mine = current();
    trail.value = mine;
  });
  // The next page may have set its own before this one leaves.
  onUnmounted(() => {
    if (trail.value.at(-1)?.name === mine.at(-1)?.name) trail.value = [];
  });
}
