// What the original system said a repair takes before anything is known of the plant: minutes by FMEA severity, times multipliers.
import { causeGroup, causeName } from './stop-classes.ts';

/** Minutes mapped by severity 1 to 10. */
const minutesBySeverity = [15, 30, 60, 90, 120, 180, 240, 360, 480, 720] as const;
const defaultSeverity = 5;
const leastMinutes = 10;
const mostMinutes = 960;

/** Severities by words in the cause, the highest first. */
const severityWords: readonly (readonly [number, readonly string[]])[] = [
  [10, ['EXPLOSION', 'FIRE', 'SAFETY', 'KEBAKARAN', 'LEDAKAN']],
  [9, ['PECAH', 'CRACK', 'BROKEN', 'PATAH']],
  [8, ['ELEKTRI', 'ELECTRI', 'MEKANI', 'MECHANI', 'SENSOR ERROR', 'SENSOR MALFUNCTION', 'MECH', 'ELEC']],
  [7, ['PRINT', 'QUALITY', 'DEFECT', 'LARI', 'MIRING']],
  [6, ['FEEDER', 'VACUUM', 'CONVEY']],
  [5, ['ADJUST', 'SETTING', 'CLEAN', 'BERSIH']],
  [4, ['MINOR', 'RINGAN']],
  [3, ['SETUP', 'CHANGEOVER', 'MOUNTING', 'GANTI']],
  [2, ['BREAK TIME', 'SCHEDULED', 'ISTIRAHAT']],
  [1, ['MEETING', 'BRIEFING']],
];

/** In the order in which they are tried; what fits none counts 1.0. */
const groupMultipliers: readonly (readonly [string, number])[] = [
  ['printing', 1.4],
  ['mechanical', 1.6],
  ['electrical', 1.5],
  ['feeder', 1.3],
  ['quality', 1.2],
];

const shiftMultipliers: ReadonlyMap<string, number> = new Map([
  ['1', 1.0],
  ['2', 1.1],
  ['3', 1.3],
]);
const unknownShift = 1.2;

/** FMEA severity of a cause, 1 to 10. */
export function severityOf(cause: string): number {
  const text = causeName(cause).replace(/_/g, ' ');
  return severityWords.find(([, words]) => words.some((word) => text.includes(word)))?.[0] ?? defaultSeverity;
}

/** Expected minutes, 10 to 960. @param healthIndex null: not known, and then it changes nothing */
export function priorMinutes(cause: string, shift: string | null, healthIndex: number | null): number {
  const base = minutesBySeverity[severityOf(cause) - 1] ?? 0;
  const multiplier = groupMultipliers.find(([group]) => group === priorGroup(cause))?.[1] ?? 1;
  const ofShift = shiftMultipliers.get(shift ?? '') ?? unknownShift;
  return Math.min(mostMinutes, Math.max(leastMinutes, base * multiplier * ofShift * healthMultiplier(healthIndex)));
}

/** Printing comes before the kind of fault: a mechanical fault of the printing unit counts as printing, as in the original. */
function priorGroup(cause: string): string {
  const text = causeName(cause);
  return text.includes('PRINT') || text.includes('CETAK') ? 'printing' : causeGroup(cause);
}

function healthMultiplier(healthIndex: number | null): number {
  if (healthIndex === null) return 1;
  if (healthIndex >= 80) return 0.7;
  if (healthIndex >= 60) return 1;
  if (healthIndex >= 40) return 1.3;
  return healthIndex >= 20 ? 1.8 : 2.5;
}

/** A cause for a component of which nobody said what is wrong, as the original named them. */
export function causeOfComponent(component: string | null): string {
  switch (component?.toLowerCase()) {
    case 'pre-feeder':
      return 'FEEDER_JAM_MECH';
    case 'feeder':
      return 'FEEDER_JAM_ELEC';
    case 'printing':
      return 'PRINT_GHOSTING';
    case 'slotter':
      return 'SLOTTER_MISALIGNMENT';
    default:
      return 'GENERAL_BREAKDOWN';
  }
}
