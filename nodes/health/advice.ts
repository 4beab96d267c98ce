// What to do at each band, per component, in both languages: urgent below 50, preventive below 70, routine above.
import type { ComponentHealth, HealthBand } from './messages.ts';

type Advice = ComponentHealth['advice'];

/** Urgent advice mapped by a word of the component's name, lower case. */
const urgent: ReadonlyMap<string, { readonly code: string; readonly id: string; readonly 'en-US': string }> = new Map([
  [
    'pre-feeder',
    {
      code: 'urgent-pre-feeder',
      id: 'Segera: periksa meja angkat, stopper, dan penghantar lembaran pada pre-feeder.',
      'en-US': 'Now: check lift table, stops and sheet guides of the pre-feeder.',
    },
  ],
  [
    'feeder',
    {
      code: 'urgent-feeder',
      id: 'Segera: periksa daya hisap, sabuk, dan penyetelan celah feeder.',
      'en-US': 'Now: check suction, belts and gap setting of the feeder.',
    },
  ],
  [
    'print',
    {
      code: 'urgent-printing',
      id: 'Segera: periksa klise, anilox, aliran tinta, dan register unit cetak.',
      'en-US': 'Now: check plates, anilox, ink flow and register of the printing unit.',
    },
  ],
  [
    'slotter',
    {
      code: 'urgent-slotter',
      id: 'Segera: periksa ketajaman dan kelurusan pisau slotter serta poros.',
      'en-US': 'Now: check knives for sharpness and alignment, and the shafts of the slotter.',
    },
  ],
  [
    'stacker',
    {
      code: 'urgent-stacker',
      id: 'Segera: periksa sabuk, sensor, dan pengangkat stacker.',
      'en-US': 'Now: check belts, sensors and lift of the stacker.',
    },
  ],
]);

const unknownAdvice: Advice = {
  code: 'unknown',
  id: 'Kesehatan tidak diketahui: data tidak ada, usang, atau rusak. Periksa sensor dan sambungannya.',
  'en-US': 'Health is unknown: data is missing, stale or bad. Check sensor and connection.',
};

/** Advice for a component in `band`. */
export function adviceFor(component: string, band: HealthBand): Advice {
  switch (band) {
    case 'unknown':
      return unknownAdvice;
    case 'critical':
      return urgentFor(component);
    case 'poor':
      return {
        code: 'preventive',
        id: `Rencanakan perawatan preventif ${component} dalam 24 sampai 48 jam.`,
        'en-US': `Plan preventive maintenance of ${component} within 24 to 48 hours.`,
      };
    default:
      return {
        code: 'routine',
        id: `${component}: lanjutkan perawatan rutin sesuai jadwal.`,
        'en-US': `${component}: go on with routine maintenance as scheduled.`,
      };
  }
}

function urgentFor(component: string): Advice {
  const name = component.toLowerCase();
  for (const [word, advice] of urgent) if (name.includes(word)) return advice;
  return {
    code: 'urgent',
    id: `Segera: hentikan dengan aman dan periksa ${component}.`,
    'en-US': `Now: stop safely and inspect ${component}.`,
  };
}
