// Engines that ran to failure, through the real index and alarm: how many alarms each gave, and how long before its end.
import { AlarmDesk } from '../../../nodes/health/alarm-desk.ts';
import { type InputState, readIndex } from '../../../nodes/health/health-index.ts';
import type { IndexModel } from '../../../nodes/health/index-model.ts';
import {
  defaultTrigger,
  newTriggerState,
  type TriggerInput,
  type TriggerSettings,
} from '../../../nodes/health/trigger.ts';
import { Deviation } from './deviation.ts';

/** One flight. */
export interface Cycle {
  /** Where the engine worked: altitude and throttle; what its sensors show depends on that more than on its wear. */
  readonly point: string;
  readonly sensors: readonly number[];
}

export interface Engine {
  readonly unit: string;
  readonly cycles: readonly Cycle[];
}

export interface EngineResult {
  readonly unit: string;
  readonly life: number;
  /** Cycle of each alarm. */
  readonly alarms: readonly number[];
}

export interface EngineConfiguration {
  readonly baselineCycles: number;
  /** EWMA share of a new cycle. */
  readonly alpha: number;
  readonly threshold: number;
  readonly hysteresis: number;
  readonly onSamples: number;
  /** Mean deviation, in standard deviations, at which nothing of the health is left. */
  readonly failedAt: number;
  /** Which of the sensors are used; undefined: all that vary. */
  readonly sensors?: (index: number) => boolean;
}

/**
 * The index falls below the default threshold of 40 at two standard deviations, the warning limit of control charts: smoothed and averaged
 * over sensors, that far is far. The action limit of three is one of the perturbations.
 */
export const genericEngines: EngineConfiguration = {
  baselineCycles: 25,
  alpha: 0.2,
  threshold: defaultTrigger.threshold,
  hysteresis: 10,
  onSamples: 3,
  failedAt: 2 / 0.6,
};

const cycleMs = 3_600_000;

/**
 * The format of C-MAPSS, separated by spaces: unit, cycle, altitude in 1,000 ft, Mach number, throttle resolver angle, then sensors. FD001 and
 * FD003 fly at one point, FD002 and FD004 at six.
 */
export function parseEngines(text: string): Engine[] {
  const engines = new Map<string, Cycle[]>();
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/);
    if (cells.length < 6) continue;
    const [unit = '', , altitude, , throttle, ...sensors] = cells;
    const point = `${Math.round(Number(altitude))}/${Math.round(Number(throttle))}`;
    const cycles = engines.get(unit) ?? [];
    cycles.push({ point, sensors: sensors.map(Number) });
    engines.set(unit, cycles);
  }
  return [...engines].map(([unit, cycles]) => ({ unit, cycles }));
}

export function runEngine(engine: Engine, configuration: EngineConfiguration): EngineResult {
  const { baselineCycles, alpha, threshold, hysteresis, onSamples, failedAt } = configuration;
  const settings: TriggerSettings = {
    ...defaultTrigger,
    threshold,
    hysteresis,
    smoothingMs: alpha >= 1 ? 0 : cycleMs / -Math.log(1 - alpha),
    onDelayMs: 0,
    onSamples,
    offDelayMs: 0,
    offSamples: onSamples,
    coolDownMs: 0,
  };
  const model: IndexModel = {
    rpnWeight: 0,
    rpnCeiling: 1000,
    staleAfterMs: 2 * cycleMs,
    inputs: [
      {
        name: 'deviation',
        weight: 1,
        worstOf: false,
        required: true,
        scale: { kind: 'range', healthy: 0, failed: failedAt },
      },
    ],
  };
  const deviation = new Deviation(engine.cycles.slice(0, baselineCycles), configuration.sensors);
  const desk = new AlarmDesk(settings, { alarms: 0, windowMs: 0 }, () => 'alarm');
  const alarms: number[] = [];
  let state = newTriggerState;
  const give = (input: TriggerInput, cycle: number) => {
    const nowMs = cycle * cycleMs;
    const facts = { machine: engine.unit, component: 'engine', before: state, input, others: [], annunciatedMs: [] };
    const outcome = desk.take({ ...facts, nowMs, actor: 'bench', reason: null });
    state = outcome.state;
    return outcome.transition;
  };
  engine.cycles.forEach((flown, index) => {
    const cycle = index + 1;
    if (cycle <= baselineCycles) return;
    const value = deviation.of(flown);
    if (value === undefined) return;
    const input: InputState = { value, quality: 'good', planned: false, atMs: cycle * cycleMs };
    const reading = readIndex(model, 1, 1, () => input, cycle * cycleMs);
    if (reading.kind !== 'value') throw new Error(`${engine.unit}: ${reading.kind} at cycle ${cycle}`);
    if (give({ kind: 'sample', index: reading.index }, cycle)?.state === 'unacknowledged') alarms.push(cycle);
    // Somebody always acknowledges at once: a latch must not hide that an alarm came and went.
    if (state.alarm && !state.alarm.acknowledged) give({ kind: 'acknowledge' }, cycle);
  });
  return { unit: engine.unit, life: engine.cycles.length, alarms };
}

export interface EngineFigures {
  readonly engines: number;
  readonly alarmsPerEngine: number;
  readonly notOne: number;
  readonly early: number;
  readonly missed: number;
  readonly medianLead: number;
  readonly p10Lead: number;
}

export function figuresOf(results: readonly EngineResult[]): EngineFigures {
  const leads = results.flatMap(({ life, alarms }) => (alarms[0] === undefined ? [] : [life - alarms[0]]));
  return {
    engines: results.length,
    alarmsPerEngine: results.reduce((sum, { alarms }) => sum + alarms.length, 0) / results.length,
    notOne: results.filter(({ alarms }) => alarms.length !== 1).length,
    early: results.filter(({ life, alarms }) => (alarms[0] ?? life) < life / 2).length,
    missed: results.filter(({ alarms }) => alarms.length === 0).length,
    medianLead: quantileOf(leads, 0.5),
    p10Lead: quantileOf(leads, 0.1),
  };
}

export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
