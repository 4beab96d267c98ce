// What the plant calls its equipment: names by the code that the PLC reports.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { settingText } from '../core/setting-text.ts';

/** Mapped by code in small letters. */
export type EquipmentNames = ReadonlyMap<string, string>;

const mostNames = 500;
const longestName = 60;
const letters = 'ABCDEFGHIJKLM'.split('');

/** The original plant: thirteen silos 101 to 113 and two liquid tanks, by each way in which its programs write them. */
function usualNames(): Map<string, string> {
  const names = new Map<string, string>();
  const put = (number: number, name: string, ...codes: string[]) => {
    for (const code of [`${number}`, ...codes]) names.set(code, name);
  };
  for (const [index, letter] of letters.entries()) {
    const number = 101 + index;
    put(number, `Silo ${letter}`, `silo${number}`, `silo_${letter.toLowerCase()}`);
  }
  put(114, 'Tank LQ114', 'lq114', 'silo114', 'lq_tetes');
  put(115, 'Tank LQ115', 'lq115', 'silo115', 'lq_fml');
  return names;
}

/** One `code = name` a line on top of the usual names. Throws InvalidInput that names every line at fault. */
export function parseEquipmentNames(value: unknown): EquipmentNames {
  const names = usualNames();
  const faults: FieldFault[] = [];
  const lines = settingText(value).split(/\r?\n/);
  if (lines.length > mostNames) faults.push({ field: 'names', message: `must be at most ${mostNames} lines` });
  for (const [index, line] of lines.slice(0, mostNames).entries()) {
    if (line.trim() === '') continue;
    const match = /^\s*([^=\s][^=]{0,40}?)\s*=\s*(.+?)\s*$/.exec(line);
    const [, code, name] = match ?? [];
    if (code === undefined || name === undefined || name.length > longestName) {
      faults.push({
        field: 'names',
        message: `line ${index + 1} is not CODE = name of at most ${longestName} characters`,
      });
    } else {
      names.set(code.toLowerCase(), name);
    }
  }
  if (faults.length > 0) throw new InvalidInput(faults, 'The names of the equipment');
  return names;
}

/** The name of a code; the code itself where nobody named it. */
export function equipmentName(names: EquipmentNames, code: string): string {
  return names.get(code.toLowerCase()) ?? code;
}
