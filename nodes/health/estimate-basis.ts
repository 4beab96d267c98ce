// What an estimate is based on, in sentences that an operator reads, Indonesian and English.

import { nameOfCause } from './cause-names.ts';
import type { RepairEstimate } from './messages.ts';
import type { ForecastBasis } from './repair-model.ts';
import { severityOf } from './repair-prior.ts';

export interface BasisFacts {
  readonly forecast: ForecastBasis;
  /** As people call it. */
  readonly machine: string;
  readonly cause: string;
  /** Nobody said what is wrong; the cause is the component's usual one. */
  readonly causeAssumed: boolean;
  readonly shift: string | null;
  readonly healthIndex: number | null;
  /** Real figures of the shift; null: not known. */
  readonly production: number | null;
  readonly defects: number | null;
  /** Share of past repairs inside P10 to P90. */
  readonly coverage: number | null;
  /** How far those were off on average, minutes. */
  readonly meanError: number | null;
  readonly judged: number;
}

interface Sentence {
  readonly id: string;
  readonly en: string;
}

export function basisOf(facts: BasisFacts): RepairEstimate['basis'] {
  const sentences = [
    historySentence(facts),
    ...(facts.causeAssumed ? [assumedSentence(facts.cause)] : []),
    shiftSentence(facts.shift),
    productionSentence(facts.production, facts.defects),
    accuracySentence(facts),
  ];
  return {
    kind: facts.forecast.kind,
    stops: facts.forecast.stops,
    level: facts.forecast.level,
    shift: facts.shift,
    health_index: facts.healthIndex,
    production: facts.production,
    defects: facts.defects,
    id: sentences.map((sentence) => sentence.id),
    'en-US': sentences.map((sentence) => sentence.en),
  };
}

function historySentence({ forecast, machine, cause }: BasisFacts): Sentence {
  const name = nameOfCause(cause);
  const { kind, known, stops, level } = forecast;
  if (kind === 'prior') {
    const severity = severityOf(cause);
    return {
      id: `Belum ada riwayat perbaikan; memakai tabel keparahan (${name.id}: tingkat ${severity}).`,
      en: `No history of repairs yet; from the severity table (${name['en-US']}: severity ${severity}).`,
    };
  }
  const alike: Readonly<Record<Exclude<ForecastBasis['level'], 'all' | 'none'>, Sentence>> = {
    'cause-machine': {
      id: `${stops} kali ${name.id} di ${machine}`,
      en: `${stops} of ${name['en-US']} on ${machine}`,
    },
    cause: { id: `${stops} kali ${name.id} di semua mesin`, en: `${stops} of ${name['en-US']} on all machines` },
    'group-machine': { id: `${stops} gangguan sejenis di ${machine}`, en: `${stops} of the same kind on ${machine}` },
    machine: { id: `${stops} perbaikan di ${machine}`, en: `${stops} on ${machine}` },
  };
  const mixed =
    kind === 'mixed'
      ? {
          id: ' Riwayat masih sedikit, ditambah tabel keparahan.',
          en: ' History is thin; the severity table helps out.',
        }
      : { id: '', en: '' };
  const most =
    level === 'all' || level === 'none'
      ? { id: ' di semua mesin', en: ' on all machines' }
      : { id: `, terutama ${alike[level].id}`, en: `, above all ${alike[level].en}` };
  return {
    id: `Dari ${known} perbaikan yang selesai${most.id}; yang terbaru lebih berbobot.${mixed.id}`,
    en: `From ${known} finished repairs${most.en}; recent ones count more.${mixed.en}`,
  };
}

function assumedSentence(cause: string): Sentence {
  const name = nameOfCause(cause);
  return {
    id: `Penyebab belum dilaporkan; dianggap ${name.id}.`,
    en: `Nobody has reported a cause; ${name['en-US']} is assumed.`,
  };
}

function shiftSentence(shift: string | null): Sentence {
  return shift === null
    ? { id: 'Shift tidak diketahui.', en: 'The shift is not known.' }
    : { id: `Shift ${shift}.`, en: `Shift ${shift}.` };
}

function productionSentence(production: number | null, defects: number | null): Sentence {
  if (production === null) {
    return {
      id: 'Angka produksi shift ini tidak ada; perkiraan dibuat tanpanya.',
      en: 'There is no production figure of this shift; the estimate does without it.',
    };
  }
  if (production === 0) {
    return {
      id: 'Belum ada produksi pada shift ini; perkiraan dibuat tanpanya.',
      en: 'Nothing was produced in this shift yet; the estimate does without it.',
    };
  }
  const bad = defects ?? 0;
  const share = ((100 * bad) / production).toFixed(1);
  return {
    id: `Produksi shift ini ${production.toLocaleString('id')} pcs, cacat ${bad.toLocaleString('id')} pcs (${share.replace('.', ',')} %).`,
    en: `This shift made ${production.toLocaleString('en-US')} pieces, ${bad.toLocaleString('en-US')} of them defective (${share} %).`,
  };
}

function accuracySentence({ coverage, meanError, judged }: BasisFacts): Sentence {
  if (coverage === null || meanError === null) {
    return {
      id: 'Belum ada perbaikan selesai yang dapat menunjukkan seberapa tepat perkiraan ini.',
      en: 'No finished repair yet that could show how good this estimate is.',
    };
  }
  const percent = Math.round(coverage * 100);
  const error = Math.round(meanError);
  return {
    id: `Dari ${judged} perbaikan terakhir, ${percent} % selesai di dalam kisaran; rata-rata meleset ${error} menit.`,
    en: `Of the last ${judged} repairs, ${percent} % ended inside the range; the mean error was ${error} minutes.`,
  };
}
