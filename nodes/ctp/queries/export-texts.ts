// Words of an exported log in the two languages of the plant.
import type { ProblemStatus, Severity, TechnicianType } from '../messages.ts';

export type ExportLanguage = 'id' | 'en-US';

export interface ExportTexts {
  readonly title: string;
  readonly columns: {
    readonly id: string;
    readonly machine: string;
    readonly start: string;
    readonly code: string;
    readonly category: string;
    readonly severity: string;
    readonly problem: string;
    readonly solution: string;
    readonly technician: string;
    readonly technicianName: string;
    readonly vendor: string;
    readonly response: string;
    readonly end: string;
    readonly status: string;
    readonly downtime: string;
    readonly parts: string;
    readonly photos: string;
    readonly documents: string;
    readonly reporter: string;
  };
  readonly status: Readonly<Record<ProblemStatus, string>>;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly technician: Readonly<Record<TechnicianType, string>>;
  readonly category: Readonly<Record<string, string>>;
  /** Unit behind a number of hours. */
  readonly hours: string;
  readonly made: string;
  readonly cut: string;
  readonly none: string;
}

const indonesian: ExportTexts = {
  title: 'Log CTP',
  columns: {
    id: 'No.',
    machine: 'Mesin',
    start: 'Mulai',
    code: 'Kode',
    category: 'Kategori',
    severity: 'Tingkat',
    problem: 'Masalah',
    solution: 'Solusi',
    technician: 'Teknisi',
    technicianName: 'Nama teknisi',
    vendor: 'Vendor',
    response: 'Teknisi datang',
    end: 'Selesai',
    status: 'Status',
    downtime: 'Downtime',
    parts: 'Suku cadang',
    photos: 'Foto',
    documents: 'Dokumen',
    reporter: 'Pelapor',
  },
  status: { ongoing: 'Berjalan', completed: 'Selesai', reopened: 'Dibuka lagi', void: 'Dibatalkan' },
  severity: { stop: 'Berhenti', slow: 'Lambat', minor: 'Ringan' },
  technician: { lokal: 'Lokal', vendor: 'Vendor', none: 'Tanpa teknisi' },
  category: {
    mechanical: 'Mekanik',
    electrical: 'Listrik',
    laser: 'Laser',
    processor: 'Processor',
    software: 'Perangkat lunak',
    material: 'Material',
    cleaning: 'Pembersihan',
    utility: 'Utilitas',
    other: 'Lainnya',
  },
  hours: 'jam',
  made: 'Dibuat',
  cut: 'Hanya {shown} baris pertama yang ditampilkan. Persempit filter, atau ekspor CSV atau XLSX untuk semuanya.',
  none: 'Tidak ada masalah yang cocok.',
};

const english: ExportTexts = {
  title: 'CTP log',
  columns: {
    id: 'No.',
    machine: 'Machine',
    start: 'Start',
    code: 'Code',
    category: 'Category',
    severity: 'Severity',
    problem: 'Problem',
    solution: 'Solution',
    technician: 'Technician',
    technicianName: 'Technician name',
    vendor: 'Vendor',
    response: 'Technician arrived',
    end: 'End',
    status: 'Status',
    downtime: 'Downtime',
    parts: 'Spare parts',
    photos: 'Photos',
    documents: 'Documents',
    reporter: 'Reported by',
  },
  status: { ongoing: 'Ongoing', completed: 'Completed', reopened: 'Reopened', void: 'Void' },
  severity: { stop: 'Stop', slow: 'Slow', minor: 'Minor' },
  technician: { lokal: 'Local', vendor: 'Vendor', none: 'None' },
  category: {
    mechanical: 'Mechanical',
    electrical: 'Electrical',
    laser: 'Laser',
    processor: 'Processor',
    software: 'Software',
    material: 'Material',
    cleaning: 'Cleaning',
    utility: 'Utility',
    other: 'Other',
  },
  hours: 'hours',
  made: 'Made',
  cut: 'Only the first {shown} rows are shown. Narrow the filter, or export CSV or XLSX for all of them.',
  none: 'No problem matches.',
};

/** Indonesian for `id` and whatever isn't English. */
export function exportTexts(language: string | undefined): {
  readonly language: ExportLanguage;
  readonly texts: ExportTexts;
} {
  return language !== undefined && /^en\b/i.test(language)
    ? { language: 'en-US', texts: english }
    : { language: 'id', texts: indonesian };
}
