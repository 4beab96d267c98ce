// What can be chosen in the forms of a problem, as tiles.
import type { Severity } from '../../nodes/ctp/messages.ts';
import { text } from '../common/language.ts';
import type { Tone } from '../common/state-words.ts';
import { severities as severityList } from './ctp-lists.ts';
import { severityWords } from './ctp-words.ts';
import { categories } from './plant-codes.ts';
import { categoryName } from './problem-fields.ts';

interface Tile<Value extends string> {
  readonly value: Value;
  readonly icon: string;
  readonly label: string;
  readonly tone?: Tone;
}

/** Mapped by category of the first data; a plant's own category has the icon of `other`. */
const categoryIcons: Readonly<Record<string, string>> = {
  mechanical: 'cog-outline',
  electrical: 'flash-outline',
  laser: 'laser-pointer',
  processor: 'water-outline',
  software: 'laptop',
  material: 'layers-outline',
  cleaning: 'spray-bottle',
  utility: 'air-conditioner',
  other: 'dots-horizontal',
};

export function severityChoices(): readonly Tile<Severity>[] {
  return severityList.map((value) => ({
    value,
    icon: severityWords[value].icon,
    label: text(severityWords[value].key),
    tone: severityWords[value].tone,
  }));
}

/** @param kept a category of the problem that is not in the list any more stays choosable */
export function categoryChoices(kept: string | null = null): readonly Tile<string>[] {
  const all = kept === null || categories.value.includes(kept) ? categories.value : [...categories.value, kept];
  return all.map((value) => ({
    value,
    icon: categoryIcons[value] ?? 'dots-horizontal',
    label: categoryName(value),
  }));
}
