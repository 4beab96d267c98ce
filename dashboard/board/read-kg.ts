// Reads kilograms as people type them in either language: `1.250,5`, `1250.5`, `1,250.50`.

/** Kilograms with at most two decimals, or null when the text is not unmistakably a mass. */
export function readKg(typed: string): number | null {
  const compact = typed.trim().replace(/\s/g, '');
  // A lone separator followed by exactly three digits may be thousands or decimals: nobody guesses about masses.
  if (/^\d{1,3}[.,]\d{3}$/.test(compact)) return null;
  const match =
    /^(\d+)(?:[.,](\d{1,2}))?$/.exec(compact) ??
    /^(\d{1,3}(?:\.\d{3})+)(?:,(\d{1,2}))?$/.exec(compact) ??
    /^(\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?$/.exec(compact);
  if (!match) return null;
  return Number(`${(match[1] ?? '').replace(/[.,]/g, '')}.${match[2] ?? '0'}`);
}
