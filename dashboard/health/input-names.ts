// Inputs of the index by the names that people use; one of the plant's own keeps its name.
import type { TextKey } from '../catalogues/index.ts';
import { hasText, text } from '../common/language.ts';

export function inputName(name: string): string {
  const key = `input.${name}`;
  return hasText(key) ? text(key as TextKey) : name.replaceAll('_', ' ');
}
