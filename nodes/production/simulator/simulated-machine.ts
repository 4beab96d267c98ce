// One simulated machine: runs, stops for the original plant's reasons, and counts by the original simulator's formulas.
import { plantTimeOf } from '../../core/plant-time.ts';
import type { MachineState } from '../messages.ts';

/** Reasons that the original's machine gives, by the state it stops in. */
export const stopReasonsByState = {
  error: ['ELECTRICAL_FAILURE', 'SENSOR_MALFUNCTION', 'SYSTEM_ERROR', 'COMMUNICATION_FAULT', 'SERVO_DRIVER_ERROR'],
  maintenance: [
    'SCHEDULED_MAINTENANCE',
    'PREVENTIVE_CLEANING',
    'LUBRICATION_SERVICE',
    'BLADE_REPLACEMENT',
    'CALIBRATION_REQUIRED',
  ],
  stopped: ['EMERGENCY_STOP', 'OPERATOR_STOP', 'SAFETY_INTERLOCK', 'MATERIAL_SHORTAGE', 'QUALITY_ISSUE_STOP'],
  idle: ['WAITING_MATERIAL', 'OPERATOR_BREAK', 'SHIFT_CHANGE', 'WAITING_INSTRUCTIONS', 'NO_ORDERS'],
} as const satisfies Partial<Record<MachineState, readonly string[]>>;

export type StopState = keyof typeof stopReasonsByState;
export const stopStates = Object.keys(stopReasonsByState) as readonly StopState[];
/** Of all stops: Error 40 %, Maintenance 30 %, Stopped 20 %, Idle 10 %. */
const stopShares: readonly (readonly [StopState, number])[] = [
  ['error', 0.4],
  ['maintenance', 0.7],
  ['stopped', 0.9],
  ['idle', 1],
];

export interface MachineModel {
  readonly machine: string;
  /** Percent. */
  readonly availability: number;
  readonly performance: number;
  readonly quality: number;
  /** Pieces of one interval at full speed: 100 in the original. */
  readonly piecesPerInterval: number;
  readonly intervalMs: number;
  /** Mean length of a stop; the original draws every message anew. */
  readonly meanStopMs: number;
  /** The counter's modulus, such as 65536; 0: none. */
  readonly modulus: number;
  readonly startCounter: number;
  readonly timeZone: string;
}

/** The original's payload, as it goes over the wire. */
export interface StatusPayload {
  readonly machine_id: string;
  readonly machine_status: string;
  readonly performance_rate: number;
  readonly quality_rate: number;
  readonly availability_rate: number;
  readonly cumulative_production: number;
  readonly cumulative_defects: number;
  readonly interval_production: number;
  readonly interval_defects: number;
  /** ISO 8601 in the plant's zone, without offset. */
  readonly timestamp: string;
  readonly simulator_version: string;
  readonly error_message?: string;
  readonly failure_reason?: string;
  readonly is_critical?: boolean;
}

/** Pieces truly made. */
export interface MadePieces {
  readonly production: number;
  readonly defects: number;
}

export class SimulatedMachine {
  readonly model: MachineModel;
  readonly #random: () => number;
  #production: number;
  #defects: number;
  #stop: { readonly state: StopState; readonly reason: string; untilMs: number } | undefined;
  #made: MadePieces = { production: 0, defects: 0 };

  constructor(model: MachineModel, random: () => number) {
    this.model = model;
    this.#random = random;
    this.#production = model.startCounter;
    this.#defects = 0;
  }

  /** Since the simulator began. */
  get made(): MadePieces {
    return this.#made;
  }

  get state(): StopState | 'running' {
    return this.#stop?.state ?? 'running';
  }

  /** Further than 30 intervals at full speed: a reset now can be told from the counting before. */
  get hasCountedFar(): boolean {
    const { piecesPerInterval } = this.model;
    return this.#production >= 30 * piecesPerInterval && this.#defects >= Math.min(20, piecesPerInterval / 2);
  }

  /** Both counters to zero, as after a restart of the machine's controller. */
  resetCounters(): void {
    this.#production = 0;
    this.#defects = 0;
  }

  stopFor(nowMs: number, durationMs: number, state: StopState, reason?: string): void {
    const reasons = stopReasonsByState[state];
    const drawn = reasons[Math.floor(this.#random() * reasons.length)] ?? reasons[0];
    this.#stop = { state, reason: reason ?? drawn, untilMs: nowMs + durationMs };
  }

  run(): void {
    this.#stop = undefined;
  }

  /** One interval passes; the message that the machine then sends. */
  tick(nowMs: number): StatusPayload {
    this.#changeState(nowMs);
    const stop = this.#stop;
    const { performance, quality, availability } = this.model;
    const rates = stop
      ? { performance: 0, quality: 0, availability: 0 }
      : {
          performance: this.#around(performance, 5),
          quality: this.#around(quality, 2),
          availability: this.#around(availability, 5),
        };
    const interval = stop ? { production: 0, defects: 0 } : this.#produce(rates.performance, rates.quality);
    this.#made = {
      production: this.#made.production + interval.production,
      defects: this.#made.defects + interval.defects,
    };
    this.#production = this.#wrapped(this.#production + interval.production);
    this.#defects = this.#wrapped(this.#defects + interval.defects);
    return {
      machine_id: this.model.machine,
      machine_status: stop ? `${stop.state.charAt(0).toUpperCase()}${stop.state.slice(1)}` : 'Running',
      performance_rate: rates.performance,
      quality_rate: rates.quality,
      availability_rate: rates.availability,
      cumulative_production: this.#production,
      cumulative_defects: this.#defects,
      interval_production: interval.production,
      interval_defects: interval.defects,
      timestamp: this.#wallText(nowMs),
      simulator_version: '2.1',
      ...(stop && {
        error_message: `${stop.reason.toLowerCase().replaceAll('_', ' ')}`,
        failure_reason: stop.reason,
        is_critical: stop.state === 'error',
      }),
    };
  }

  /** Down for the share of time that the availability says, in stops of the mean length. */
  #changeState(nowMs: number): void {
    if (this.#stop) {
      if (nowMs >= this.#stop.untilMs) this.#stop = undefined;
      return;
    }
    const { availability, intervalMs, meanStopMs } = this.model;
    const down = 1 - availability / 100;
    const stopMs = Math.max(intervalMs, meanStopMs);
    const chance = availability <= 0 ? 1 : (down / (1 - down)) * (intervalMs / stopMs);
    if (this.#random() >= chance) return;
    const drawn = this.#random();
    const state = stopShares.find(([, share]) => drawn < share)?.[0] ?? 'idle';
    this.stopFor(nowMs, -Math.log(1 - this.#random()) * stopMs, state);
  }

  #produce(performance: number, quality: number): MadePieces {
    const planned = Math.floor((this.model.piecesPerInterval * performance) / 100);
    const production = Math.max(0, Math.floor(planned * (0.9 + 0.2 * this.#random())));
    const scattered = Math.floor((production * (100 - quality)) / 100);
    const extra = this.#random() < 0.3 ? 1 + Math.floor(this.#random() * 3) : 0;
    return { production, defects: Math.min(production, scattered + extra) };
  }

  /** Two decimals, 0 to 100. */
  #around(mean: number, scatter: number): number {
    const value = mean + (this.#random() * 2 - 1) * scatter;
    return Math.round(Math.min(100, Math.max(0, value)) * 100) / 100;
  }

  #wrapped(counter: number): number {
    return this.model.modulus > 0 ? counter % this.model.modulus : counter;
  }

  #wallText(nowMs: number): string {
    return new Date(nowMs + plantTimeOf(this.model.timeZone).offsetMs(nowMs)).toISOString().slice(0, -1);
  }
}
