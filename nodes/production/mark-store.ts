// Marks of machines in rows of their own: written with the fold that changed them, read when a late reading asks for what it stands between.
import { type Kysely, sql, type Transaction } from 'kysely';
import type { StoreEngine } from '../store/store.ts';
import type { CountedMark } from './counted-marks.ts';
import { type CounterLevel, isNear } from './counter-steps.ts';
import { jsonRows } from './json-rows.ts';
import type { LiveMachine } from './live-machine.ts';
import { unpackMarks } from './mark-rows.ts';
import type { MachineReading } from './messages.ts';
import type { IntakeSchema } from './tables.ts';

/** A day more than messages may wait in a broker by the intake's own default. */
export const marksKeptMs = 8 * 24 * 60 * 60 * 1000;

interface ChangedMarks {
  readonly live: LiveMachine;
  readonly era: number;
  readonly marks: readonly (readonly [startMs: number, body: string])[];
}

export async function foldMarks(
  transaction: Transaction<IntakeSchema>,
  engine: StoreEngine,
  machines: readonly ChangedMarks[],
): Promise<void> {
  const rows = machines.flatMap(({ live, era, marks }) =>
    marks.map(([startMs, body]) => [live.machine, era, startMs, body]),
  );
  if (rows.length === 0) return;
  await sql`insert into production_mark (machine, era, start_ms, body)
    select cast(value ->> 0 as text), cast(value ->> 1 as integer), cast(value ->> 2 as bigint), cast(value ->> 3 as text)
    from ${jsonRows(engine, rows)} where true
    on conflict (machine, era, start_ms) do update set body = excluded.body`.execute(transaction);
}

/** From when on the marks of a machine are needed to judge `reading`; undefined where they are in memory. */
export function neededFromMs(live: LiveMachine, reading: MachineReading): number | undefined {
  const { line } = live;
  const [oldest] = line.marks;
  if (line.isWhole || !oldest || reading.retained) return undefined;
  const { production, defects, lastSourceMs } = live.state;
  const { sourceMs, clockTrusted } = reading;
  const isOlder = clockTrusted && sourceMs <= oldest.shown.atMs;
  const hasFallen = production.valleys.length > 0 || defects.valleys.length > 0;
  if (!isOlder && !hasFallen) return undefined;
  const isLate = clockTrusted && lastSourceMs !== null && sourceMs < lastSourceMs;
  // A fall that is open is judged anew with every late reading, and taken back from its beginning.
  const falls = [
    ...fallsOf(production, reading.cumulativeProduction, isLate),
    ...fallsOf(defects, reading.cumulativeDefects, isLate),
  ];
  const fromMs = Math.min(...falls, isOlder ? sourceMs : Number.POSITIVE_INFINITY);
  return fromMs <= oldest.shown.atMs ? fromMs : undefined;
}

/** Beginnings of the falls that a message may end. */
function fallsOf({ valleys }: CounterLevel, shown: number | null, isLate: boolean): number[] {
  return valleys
    .filter(({ value }) => isLate || (shown !== null && isNear(shown, value)))
    .map(({ sinceMs }) => sinceMs);
}

/** Reads the marks of `live` from the last row before `fromMs` up to those in memory. */
export async function loadMarks(db: Kysely<IntakeSchema>, live: LiveMachine, fromMs: number): Promise<void> {
  const { line, machine } = live;
  const known = line.marks[0]?.chunk.startMs ?? null;
  const ofLine = db.selectFrom('production_mark').where('machine', '=', machine).where('era', '=', line.era);
  const { before } = await ofLine
    .select((row) => row.fn.max('start_ms').as('before'))
    .where('start_ms', '<', fromMs)
    .executeTakeFirstOrThrow();
  let rows = ofLine.select(['start_ms', 'body']).where('start_ms', '>=', before ?? 0);
  if (known !== null) rows = rows.where('start_ms', '<', known);
  const found = await rows.orderBy('start_ms').execute();
  let older: CountedMark[] = [];
  for (const { start_ms: startMs, body } of found) {
    const marks = unpackMarks(body, { startMs });
    // What lies behind a damaged row is all that is known.
    older = marks ? [...older, ...marks] : [];
  }
  line.prepend(older, before === null);
}
