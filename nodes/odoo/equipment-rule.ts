// Which silo or tank holds a product: a three-digit code in its internal reference, else in its name, or a table.
import { InvalidInput } from '../core/errors.ts';

export interface EquipmentRule {
  readonly firstCode: number;
  readonly lastCode: number;
  /** Finds candidates; the first group, or the whole match, is the code. */
  readonly pattern: RegExp;
  /** Wins over the pattern. Mapped by internal reference or full product name. */
  readonly mapping: ReadonlyMap<string, number>;
}

/** Exactly three digits with no digit beside them, so that article number 21015 is no silo 101. */
const defaultPattern = /(?<!\d)(\d{3})(?!\d)/g;

export const defaultEquipmentRule: EquipmentRule = {
  firstCode: 101,
  lastCode: 115,
  pattern: defaultPattern,
  mapping: new Map(),
};

export type EquipmentFinding =
  | { readonly equipment: number }
  | {
      readonly equipment: null;
      readonly code: 'no-equipment' | 'ambiguous-equipment';
      readonly found: readonly number[];
    };

/** The equipment of a product. A code in the internal reference wins; two different ones in one text are refused. */
export function equipmentOf(
  rule: EquipmentRule,
  product: { readonly reference: string | null; readonly name: string },
): EquipmentFinding {
  const mapped = rule.mapping.get(product.reference ?? '') ?? rule.mapping.get(product.name);
  if (mapped !== undefined) return { equipment: mapped };
  for (const text of [product.reference ?? '', product.name]) {
    const found = [...new Set([...text.matchAll(rule.pattern)].map((match) => Number(match[1] ?? match[0])))].filter(
      (code) => code >= rule.firstCode && code <= rule.lastCode,
    );
    const [equipment, second] = found;
    if (second !== undefined) return { equipment: null, code: 'ambiguous-equipment', found };
    if (equipment !== undefined) return { equipment };
  }
  return { equipment: null, code: 'no-equipment', found: [] };
}

export interface EquipmentRuleProperties {
  /** A regular expression; empty for the default. */
  readonly equipmentPattern?: string | undefined;
  /** Lines `reference or name = code`; empty for none. */
  readonly equipmentMapping?: string | undefined;
}

/** Reads the settings of the editor; throws InvalidInput for a wrong pattern, line or code. */
export function parseEquipmentRule(properties: EquipmentRuleProperties): EquipmentRule {
  const { firstCode, lastCode } = defaultEquipmentRule;
  const mapping = new Map<string, number>();
  for (const [index, line] of (properties.equipmentMapping ?? '').split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, name = '', code = ''] = /^(.*\S)\s*=\s*(\d{3})\s*$/.exec(line) ?? [];
    const equipment = Number(code);
    if (name.trim() === '' || equipment < firstCode || equipment > lastCode) {
      const message = `line ${index + 1} must be "reference or name = ${firstCode}..${lastCode}"`;
      throw new InvalidInput([{ field: 'equipmentMapping', message }], 'The equipment rule');
    }
    mapping.set(name.trim(), equipment);
  }
  return { firstCode, lastCode, pattern: patternOf(properties.equipmentPattern?.trim() ?? ''), mapping };
}

function patternOf(text: string): RegExp {
  if (text === '') return defaultPattern;
  try {
    return new RegExp(text, 'gu');
  } catch (cause) {
    const message = `is no regular expression (${String(cause)})`;
    throw new InvalidInput([{ field: 'equipmentPattern', message }], 'The equipment rule');
  }
}
