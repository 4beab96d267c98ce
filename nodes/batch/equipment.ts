// The original plant's silos and tanks: codes of the memory map and the tags that reports and routes use.

/** Tag of each equipment code, in the order of the memory map. */
export const equipmentTags: ReadonlyMap<number, string> = new Map([
  ...'abcdefghijklm'.split('').map((letter, index) => [101 + index, `silo_${letter}`] as const),
  [114, 'lq114'],
  [115, 'lq115'],
]);

/** The equipment that a code (`101`, `silo101`, `lq114`) or tag (`silo_a`) names; undefined for anything else. */
export function equipmentOf(name: string): number | undefined {
  const normal = name.trim().toLowerCase();
  for (const [equipment, tag] of equipmentTags) {
    if (normal === tag || normal === String(equipment) || normal === `silo${equipment}`) return equipment;
  }
  return undefined;
}

/** The tag of a code; codes outside the original map go by their number. */
export function tagOf(equipment: number): string {
  return equipmentTags.get(equipment) ?? `equipment_${equipment}`;
}
