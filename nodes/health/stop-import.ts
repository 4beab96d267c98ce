// Brings a file of past stops into the history: in small pieces, with a progress, and with a reason for every row that is refused.
import type { Clock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import type { CsvRow } from './csv-rows.ts';
import { keptRefusals, sourceOf } from './import-records.ts';
import type { FileFault, ImportProgress, ImportReport, RefusedRow } from './messages.ts';
import type { RepairStore } from './repair-store.ts';
import { rowFaultText, UnreadableFile } from './row-faults.ts';
import type { Stop } from './stop-row.ts';
import { OpenedFile, type ReadingParts, type StopFile } from './stops/opened-file.ts';

export interface ImportParts extends Omit<ReadingParts, 'nowMs'> {
  readonly store: RepairStore;
  readonly clock: Clock;
  readonly onProgress: (progress: ImportProgress) => void;
}

export interface ImportFile extends StopFile {
  readonly name: string;
  readonly actor: string;
  /** Machines that are taken although the plant has not registered them. */
  readonly newMachines: readonly string[];
}

/** Rows in one transaction: some 3 ms of SQLite. */
const rowsAtOnce = 100;
const progressEveryMs = 200;
const rawLength = 500;
const shownRefusals = 50;

/** Judges a file before a row is taken. Throws UnreadableFile. */
export function openStops(file: StopFile, parts: Omit<ImportParts, 'store' | 'onProgress'>): Promise<OpenedFile> {
  return OpenedFile.open(file, { ...parts, nowMs: parts.clock.now().getTime() });
}

/**
 * Reads the whole file and answers with the report, also of a file that can't be read. Rejects with a refusal where something has
 * to be asked first (`date-order-unclear`, `decimal-unclear`, `machines-unknown`), and then nothing is recorded.
 */
export async function importStops(file: ImportFile, parts: ImportParts): Promise<ImportReport> {
  const startedAt = parts.clock.now().toISOString();
  const opened = await openStops(file, parts).catch((thrown: unknown) => {
    if (thrown instanceof UnreadableFile) return thrown;
    throw thrown;
  });
  if (opened instanceof OpenedFile) {
    opened.refuseUnclear();
    await opened.refuseNewMachines(file.newMachines);
  }
  const id = await parts.store.imports.begin(file.name, file.actor, startedAt);
  const tally = new Tally(id, file, startedAt, opened instanceof OpenedFile ? opened.length : 0);
  try {
    if (opened instanceof UnreadableFile) throw opened;
    await readAll(opened, parts, tally);
    tally.overlapping = await parts.store.history.overlapping(sourceOf(id));
    tally.status = 'done';
  } catch (thrown) {
    tally.status = 'failed';
    tally.error = asError(thrown).message;
    tally.fileFault = thrown instanceof UnreadableFile ? thrown.fault : null;
  }
  const report = tally.report();
  await parts.store.imports.save(report);
  parts.onProgress(tally.progress());
  return report;
}

async function readAll(file: OpenedFile, parts: ImportParts, tally: Tally): Promise<void> {
  const reader = file.reader();
  const causes = await parts.store.causes.own();
  let toldMs = parts.clock.monotonicMs();
  let stops: Stop[] = [];
  let refusals: RefusedRow[] = [];
  const commit = async () => {
    const at = parts.clock.now().toISOString();
    const { added, duplicates } = await parts.store.history.addStops(stops, causes, sourceOf(tally.id), at);
    await parts.store.imports.addStops(tally.id, stops);
    await parts.store.imports.addRefusals(tally.id, refusals);
    tally.count(added, duplicates);
    stops = [];
    refusals = [];
    if (parts.clock.monotonicMs() - toldMs >= progressEveryMs) {
      toldMs = parts.clock.monotonicMs();
      parts.onProgress(tally.progress());
    }
    await parts.breathe();
  };
  parts.onProgress(tally.progress());
  let pending = 0;
  for (const row of file.layout.rows()) {
    tally.rows += 1;
    tally.position = row.position;
    const reading = reader.read(row.cells);
    if (reading.kind === 'stop') stops.push(reading.stop);
    else if (reading.kind === 'production') tally.production += 1;
    else {
      const { faults } = reading;
      const refusal = { line: row.line, reason: faults.map(rowFaultText).join('; '), faults, raw: rawOf(row) };
      if (tally.refuse(refusal)) refusals.push(refusal);
    }
    pending += 1;
    if (pending >= rowsAtOnce) {
      pending = 0;
      await commit();
    }
  }
  await commit();
}

class Tally {
  readonly id: string;
  readonly #file: ImportFile;
  readonly #startedAt: string;
  readonly #length: number;
  readonly #classes: Record<string, number> = {};
  readonly #refusals: RefusedRow[] = [];
  rows = 0;
  production = 0;
  position = 0;
  overlapping = 0;
  status: ImportReport['status'] = 'running';
  error: string | null = null;
  fileFault: FileFault | null = null;
  #imported = 0;
  #duplicates = 0;
  #refused = 0;

  /** @param length characters of the file */
  constructor(id: string, file: ImportFile, startedAt: string, length: number) {
    this.id = id;
    this.#file = file;
    this.#startedAt = startedAt;
    this.#length = length;
  }

  count(added: readonly { readonly class: string }[], duplicates: number): void {
    this.#imported += added.length;
    this.#duplicates += duplicates;
    for (const stop of added) this.#classes[stop.class] = (this.#classes[stop.class] ?? 0) + 1;
  }

  /** @returns whether the row itself is kept, and not only counted */
  refuse(refusal: RefusedRow): boolean {
    this.#refused += 1;
    if (this.#refusals.length < shownRefusals) this.#refusals.push(refusal);
    return this.#refused <= keptRefusals;
  }

  progress(): ImportProgress {
    const share =
      this.status === 'done' || this.#length === 0 ? 100 : Math.min(99, (100 * this.position) / this.#length);
    return {
      id: this.id,
      name: this.#file.name,
      status: this.status,
      percent: Math.round(share),
      rows: this.rows,
      imported: this.#imported,
      duplicates: this.#duplicates,
      production: this.production,
      refused: this.#refused,
    };
  }

  report(): ImportReport {
    return {
      ...this.progress(),
      started_at: this.#startedAt,
      actor: this.#file.actor,
      overlapping: this.overlapping,
      classes: { ...this.#classes },
      refusals: [...this.#refusals],
      undone_at: null,
      undone_by: null,
      error: this.error,
      file_fault: this.fileFault,
    };
  }
}

function rawOf({ cells }: CsvRow): string {
  return cells.join(' | ').slice(0, rawLength);
}
