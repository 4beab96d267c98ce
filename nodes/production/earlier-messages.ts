// What a machine counted before anybody registered it: its messages of the quarantine lie before its baseline, which moves back to them.
import { setImmediate } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import { asError } from '../core/errors.ts';
import type { PlantTime } from '../core/plant-time.ts';
import { type CounterLimits, hasIncrement, judgeCounter, noCounterState } from './counter-rules.ts';
import type { CumulativeCounter } from './cumulative-counter.ts';
import type { NewProductionEvent } from './intake-contract.ts';
import { LiveMachine } from './live-machine.ts';
import type { MachineReading } from './messages.ts';
import { parsedAgain, type QuarantinedRow } from './quarantined-message.ts';
import { isRefused } from './reading-parser.ts';
import { saysState } from './state-recorder.ts';
import type { IntakeSchema, MachineTable } from './tables.ts';
import type { TrackerSettings } from './tracker-settings.ts';
import type { TrackerStore } from './tracker-store.ts';

export interface EarlierParts {
  readonly counter: CumulativeCounter;
  readonly store: TrackerStore;
  readonly settings: TrackerSettings;
  readonly plant: PlantTime;
  readonly nowMs: number;
}

interface Pieces {
  readonly production: number;
  readonly defects: number;
}

const nothing: Pieces = { production: 0, defects: 0 };

/** Messages that are read in one go: some milliseconds. */
const atOnce = 250;

/**
 * Books what the counter of `machine` went up by from its earliest waiting message of before its baseline up to that, each piece in
 * the shift of its own message. The baseline is an event, and the earlier one is recorded with the counts: so each counts once,
 * whatever ends the process. The messages stay as they are; judged again they are late and add nothing.
 */
export async function bookEarlier(
  parts: EarlierParts,
  transaction: Transaction<IntakeSchema>,
  machine: string,
): Promise<Pieces> {
  const { settings, store, nowMs } = parts;
  const known = await transaction
    .selectFrom('production_machine')
    .selectAll()
    .where('id', '=', machine)
    .where('active', '=', 1)
    .executeTakeFirst();
  const baseline = settings.countFirst ? undefined : await firstBaseline(transaction, machine);
  if (!known || !baseline) return nothing;
  const earlier = await earlierReadings(parts, transaction, machine, baseline.sourceMs);
  const [first] = earlier;
  if (!first) return nothing;
  const { live, events } = judged(parts, known, [...earlier, { ...first, ...baseline, order: null, sequence: null }]);
  const { production, defects } = live;
  const booked = await store.bookSlices(transaction, machine, live.takeSlices(), nowMs, settings.graceMs);
  await store.recordEvents(transaction, [...events, ...booked.events]);
  return { production, defects };
}

type Baseline = Pick<MachineReading, 'cumulativeProduction' | 'cumulativeDefects' | 'sourceMs'>;

/** The first message that counted; undefined where none did yet, or where it said less than a counter. */
async function firstBaseline(transaction: Transaction<IntakeSchema>, machine: string): Promise<Baseline | undefined> {
  const row = await transaction
    .selectFrom('production_event')
    .select(['at', 'detail'])
    .where('machine', '=', machine)
    .where('type', '=', 'baseline')
    .orderBy('at')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { production, defects } = detailOf(row.detail);
  if (typeof production !== 'number') return undefined;
  const cumulativeDefects = typeof defects === 'number' ? defects : null;
  return { cumulativeProduction: production, cumulativeDefects, sourceMs: Date.parse(row.at) };
}

function detailOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    throw new Error('The event of a baseline is damaged.', { cause: asError(thrown) });
  }
}

/** With a counter and a clock of their own, from before `beforeMs`, the earliest first. */
async function earlierReadings(
  { plant }: EarlierParts,
  transaction: Transaction<IntakeSchema>,
  machine: string,
  beforeMs: number,
): Promise<readonly MachineReading[]> {
  const rows: readonly QuarantinedRow[] = await transaction
    .selectFrom('production_quarantine')
    .selectAll()
    .where('status', '=', sql.lit('waiting'))
    .where('machine', '=', machine)
    .where('code', '=', 'unknown-machine')
    .where('raw_cut', '=', 0)
    .orderBy('id')
    .execute();
  const readings: MachineReading[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % atOnce === atOnce - 1) await setImmediate();
    const parsed = parsedAgain(row, plant);
    if (isRefused(parsed) || parsed.cumulativeProduction === null || hasIncrement(parsed)) continue;
    if (parsed.clockTrusted && parsed.sourceMs < beforeMs) readings.push(parsed);
  }
  return readings.sort((one, other) => one.sourceMs - other.sourceMs);
}

/** By the same rules as ever, beginning with nothing known. */
function judged({ counter, settings }: EarlierParts, machine: MachineTable, readings: readonly MachineReading[]) {
  const limits: CounterLimits = {
    modulus: machine.counter_modulus,
    maxPerHour: machine.max_per_hour ?? settings.maxPerHour,
    gapMs: settings.gapMs,
    countFirst: false,
    countAfterReset: settings.countAfterReset,
  };
  const live = new LiveMachine({
    machine: machine.id,
    epoch: 0,
    limits,
    state: noCounterState,
    arrivedMs: null,
    order: '',
    production: 0,
    defects: 0,
    messages: 0,
    duplicates: 0,
    late: 0,
    heardMs: null,
    silentUntilMs: null,
  });
  const shiftAt = (atMs: number) => counter.shiftAt(machine.id, atMs);
  const events: NewProductionEvent[] = [];
  for (const reading of readings) {
    const judgement = judgeCounter(reading, live.state, limits);
    if (judgement.kind !== 'counted') continue;
    if (saysState(reading)) live.hear(reading.sourceMs, reading.state === 'offline', settings.silenceMs);
    const isUnheard = live.wasSilentSince(live.state.lastSourceMs);
    live.state = judgement.state;
    if (reading.order !== null) live.order = reading.order;
    live.book(reading.sourceMs, judgement.production, judgement.defects, isUnheard, shiftAt);
    const at = new Date(reading.sourceMs).toISOString();
    for (const { type, detail } of judgement.notes)
      events.push({ machine: machine.id, at, type, actor: 'tracker', reason: null, detail });
  }
  return { live, events };
}
