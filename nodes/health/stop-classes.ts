// What kind of stop a cause is: a repair, a jam, setting, waiting or a planned stop; keywords first, a plant's own list above them.

/**
 * `repair`: something broke and was mended, what the estimate is about. `minor`: cleared or adjusted by the operator. `setting`: set-up,
 * cleaning and adjustment that making the product takes. `waiting`: for material, people, energy or an order. `planned`: nobody meant to work.
 */
export const stopClasses = ['repair', 'minor', 'setting', 'waiting', 'planned', 'other'] as const;
export type StopClass = (typeof stopClasses)[number];

/** Words of Indonesian and English plants mapped to a class; the first line with a word in the cause wins. */
const keywords: readonly (readonly [StopClass, readonly string[]])[] = [
  [
    'planned',
    [
      'TIDAK ADA SHIFT',
      'NO SHIFT',
      'LIBUR',
      'HOLIDAY',
      'SCHEDULED',
      'TERJADWAL',
      'PREVENTIVE',
      'PREVENTIF',
      'OVERHAUL',
      'SHUT DOWN',
      'SHUTDOWN',
      'SHOLAT',
      'SALAT',
      'ISTIRAHAT',
      'BREAK TIME',
      'BRIEFING',
      'MEETING',
      'RAPAT',
      'TRAINING',
      'OFF TIME',
      'BREAK ',
      'SHIFT CHANGE',
    ],
  ],
  ['minor', ['RINGAN', 'MINOR', 'BY OPERATOR', 'NYANGKUT', 'MACET', 'JAM ', 'JAMMED', 'PENUH', 'BANJIR']],
  [
    'waiting',
    [
      'TUNGGU',
      'WAITING',
      'CARI ',
      'HABIS',
      'PADAM',
      'POWER OUTAGE',
      'BLACKOUT',
      'NO ORDER',
      'OUTSIDE FACTOR',
      'APPROVAL',
      'SHORTAGE',
    ],
  ],
  [
    'repair',
    [
      'TROUBLE',
      'REPAIR',
      'BREAKDOWN',
      'FAILURE',
      'MALFUNCTION',
      'ERROR',
      'RUSAK',
      'KERUSAKAN',
      'PERBAIKAN',
      'PECAH',
      'PATAH',
      'BOCOR',
      'PUTUS',
      'BROKEN',
      'CRACK',
      'FAULT',
      'MEKANIK',
      'ELEKTRIK',
    ],
  ],
  [
    'setting',
    [
      'SETTING',
      'SETUP',
      'SET UP',
      'CHANGEOVER',
      'REPLACEMENT',
      'GANTI',
      'PASANG',
      'MOUNTING',
      'ADJUST',
      'LAP ',
      'BERSIH',
      'CLEAN',
      'BUANG',
      'PROOF',
      'CALIBRAT',
      'KALIBRASI',
      'LUBRICAT',
      'PELUMASAN',
    ],
  ],
];

/** Class of a cause by keywords; `other` when none is in it. */
export function classByKeyword(cause: string): StopClass {
  const text = `${cause
    .toUpperCase()
    .replace(/[_/>().-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()} `;
  for (const [stopClass, words] of keywords) if (words.some((word) => text.includes(word))) return stopClass;
  return 'other';
}

/** One name for one cause, however it was typed. */
export function causeName(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toUpperCase();
}

/** Causes that are alike: a word each, in the order in which they are looked for. */
const groups: readonly (readonly [string, readonly string[]])[] = [
  ['electrical', ['ELEKTRI', 'ELECTRI', 'SENSOR', 'SERVO', 'COMMUNICATION', 'SYSTEM ERROR', 'LISTRIK', 'ELEC']],
  [
    'mechanical',
    ['MEKANI', 'MECHANI', 'MECH', 'BEARING', 'SABUK', 'BELT', 'JAM', 'MACET', 'PATAH', 'PECAH', 'MISALIGN'],
  ],
  ['printing', ['PRINT', 'CETAK', 'TINTA', 'INK', 'KLISE', 'ANILOX', 'GHOST']],
  ['feeder', ['FEEDER', 'VACUUM', 'CONVEY']],
  ['quality', ['QUALITY', 'DEFECT', 'LARI', 'MIRING', 'KUALITAS']],
];

/** The group of a cause; `general` when no word tells. */
export function causeGroup(cause: string): string {
  const text = causeName(cause).replace(/_/g, ' ');
  return groups.find(([, words]) => words.some((word) => text.includes(word)))?.[0] ?? 'general';
}
