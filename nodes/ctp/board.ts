// The board: a card for each machine, and the newest problems. It is what the page Log CTP and the wall screen show.
import { ShopfloorError } from '../core/errors.ts';
import type { LogParts } from './log-parts.ts';
import type { CtpBoard, CtpCard } from './messages.ts';
import type { OpenOnCard } from './open-problems.ts';
import type { MachineRow } from './problem.ts';
import type { MachineScope } from './queries/filter.ts';
import { iso } from './views.ts';

const recentProblems = 10;
/** A card has room for a few; `open_problems` says how many there are. */
const openOnCard = 20;

type BoardParts = Pick<LogParts, 'readings' | 'queries' | 'settings'>;

/** @param rows machines that are in use, within `scope` */
export async function boardOf(
  { readings, queries, settings }: BoardParts,
  rows: readonly MachineRow[],
  scope: MachineScope,
  nowMs: number,
): Promise<CtpBoard> {
  const ids = rows.map(({ id }) => id);
  const [downtime, machines, open, recent] = await Promise.all([
    downtimeSeconds(queries, settings, nowMs),
    readings.machines(rows),
    readings.worstOpen(ids, openOnCard),
    queries.list({ limit: recentProblems }, scope),
  ]);
  const cards = machines.map(
    (machine): CtpCard => ({
      machine,
      downtime_today_s: downtime && (downtime.today.get(machine.id) ?? 0),
      downtime_month_s: downtime && (downtime.month.get(machine.id) ?? 0),
      open: open.filter(({ machine_id }) => machine_id === machine.id).map(shownOnCard),
    }),
  );
  return { at: iso(nowMs), cards, recent: recent.data };
}

interface Downtime {
  /** Seconds, mapped by machine. */
  readonly today: ReadonlyMap<number, number>;
  readonly month: ReadonlyMap<number, number>;
}

/** Null with a shift calendar that has a wrong setting: what was planned is unknown, and what stands is shown all the same. */
async function downtimeSeconds(
  queries: BoardParts['queries'],
  { plant }: BoardParts['settings'],
  nowMs: number,
): Promise<Downtime | null> {
  const { year, month, day } = plant.wallTime(nowMs);
  const midnightMs = plant.boundaryMs({ year, month, day });
  try {
    const monthMs = plant.boundaryMs({ year, month, day: 1 });
    const [earlier, today] = await queries.downtimeMs([monthMs, midnightMs, nowMs]);
    const ofMonth = (id: number) => (earlier?.get(id) ?? 0) + (today?.get(id) ?? 0);
    const ids = [...new Set([...(earlier?.keys() ?? []), ...(today?.keys() ?? [])])];
    return {
      today: new Map(ids.map((id) => [id, seconds(today?.get(id) ?? 0)])),
      month: new Map(ids.map((id) => [id, seconds(ofMonth(id))])),
    };
  } catch (error) {
    if (error instanceof ShopfloorError && error.code === 'settings-wrong') return null;
    throw error;
  }
}

function shownOnCard(problem: OpenOnCard): CtpCard['open'][number] {
  return {
    id: problem.id,
    severity: problem.severity,
    error_code: problem.error_code,
    problem_description: problem.problem_description,
    start_time: iso(problem.start_ms),
    response_time: problem.response_ms === null ? null : iso(problem.response_ms),
    technician_name: problem.technician_name,
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
