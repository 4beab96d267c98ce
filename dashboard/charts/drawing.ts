// Fetches what draws the charts: a file of its own, because it is two thirds of everything and a page is of use without pictures.
type Drawing = typeof import('./echarts.ts');

let fetched: Promise<Drawing> | undefined;

/** Undefined where it can't be fetched; asked again, it is tried again. */
export async function drawing(): Promise<Drawing | undefined> {
  fetched ??= import('./echarts.ts');
  try {
    return await fetched;
  } catch {
    fetched = undefined;
    return undefined;
  }
}
