// Numbers of a stop list: which mark its decimals have, as far as a text shows it, and their value by that mark.

export type DecimalMark = 'comma' | 'point';

const plain = /^\d+$/;
const oneMark = /^(\d+)([.,])(\d+)$/;
const grouped = /^\d{1,3}(?:([.,' \u00a0])\d{3})+(?:([.,])(\d+))?$/;

/**
 * The decimal mark that a number shows: `both` where one mark may be of thousands or of decimals (`1.250`), `any` where it has none or
 * no matter, undefined for a text that is no number.
 */
export function markShownBy(text: string): DecimalMark | 'both' | 'any' | undefined {
  if (plain.test(text)) return 'any';
  const [, whole = '', mark, fraction = ''] = oneMark.exec(text) ?? [];
  if (mark !== undefined) {
    // Thousands come in threes, and never after a leading zero or more than three digits.
    const mayBeThousands = fraction.length === 3 && whole.length <= 3 && !whole.startsWith('0');
    return mayBeThousands ? 'both' : named(mark);
  }
  const [, group, decimal] = grouped.exec(text) ?? [];
  if (group === undefined) return undefined;
  if (decimal !== undefined) return decimal === group ? undefined : named(decimal);
  if (group === '.') return 'comma';
  return group === ',' ? 'point' : 'any';
}

/** NaN for a text that is no number by this mark. */
export function numberBy(text: string, mark: DecimalMark): number {
  const shown = markShownBy(text);
  if (shown === undefined || (shown !== 'any' && shown !== 'both' && shown !== mark)) return Number.NaN;
  const [thousands, decimal] = mark === 'comma' ? [/[.' \u00a0]/g, ','] : [/[,' \u00a0]/g, '.'];
  return Number(text.replace(thousands, '').replace(decimal, '.'));
}

function named(mark: string): DecimalMark {
  return mark === ',' ? 'comma' : 'point';
}
