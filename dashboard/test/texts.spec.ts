import { describe, expect, it } from 'vitest';
import { readKg } from '../board/read-kg.ts';
import { catalogues } from '../catalogues/index.ts';

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the catalogues', () => {
  const { id, ...others } = catalogues;
  it.each(Object.entries(others))('%s has exactly the keys of the Indonesian one', (_language, catalogue) => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(id).sort());
  });

  it.each(Object.entries(others))('%s fills in the same values', (_language, catalogue) => {
    for (const [key, text] of Object.entries(catalogue)) {
      expect([key, placeholders(text)]).toEqual([key, placeholders(id[key as keyof typeof id])]);
    }
  });

  it('leaves no text empty', () => {
    for (const catalogue of Object.values(catalogues)) {
      expect(Object.values(catalogue).filter((text) => text.trim() === '')).toEqual([]);
    }
  });
});

describe('kilograms as people type them', () => {
  it.each([
    ['620,5', 620.5],
    ['620.5', 620.5],
    ['1250', 1250],
    ['1.250,50', 1250.5],
    ['1,250.50', 1250.5],
    ['12.500.000', 12_500_000],
    [' 99,80 ', 99.8],
    ['0', 0],
  ])('%s is %d', (typed, mass) => expect(readKg(typed)).toBe(mass));

  it.each(['', '1.250', '1,250', '-3', '1,2,3', '12kg', '1e3', '0.295', 'NaN'])('"%s" is asked for again', (typed) =>
    expect(readKg(typed)).toBeNull(),
  );
});
