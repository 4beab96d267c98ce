// A message that is not counted, as the quarantine keeps it: with its reason and its text, or all that is known of it.
import type { MachineReading, RefusedReading } from './messages.ts';

/** A message with what is to be kept of it. */
export interface Refused extends RefusedReading {
  /** Row of the quarantine that was replayed, where one was. */
  readonly replayOf: number | null;
  /** Its text is kept however long it is: there is no other copy of it. */
  readonly isWhole?: true;
}

/** Code of what is kept back because the tables refuse its machine's content. */
export const setAsideCode = 'set-aside';

/** A refused message that any table takes, whatever is wrong with it: instants that are none become that of the refusal. */
export function harmless(refused: Refused, nowMs: number): Refused {
  const { clock: _clock, arrivedMs, source, machine, raw, ...rest } = refused;
  return {
    ...rest,
    source: String(source),
    machine: typeof machine === 'string' ? machine : null,
    raw: String(raw),
    arrivedMs: Number.isSafeInteger(arrivedMs) ? arrivedMs : nowMs,
  };
}

/** A reading as the quarantine keeps it. */
export function refusalOf(reading: MachineReading, code: string, message: string): RefusedReading {
  const { machine, arrivedMs, sourceMs, clockTrusted } = reading;
  return {
    clock: { sourceMs, clockTrusted },
    source: machine,
    code,
    message,
    raw: reading.raw === '' ? payloadOf(reading) : reading.raw,
    arrivedMs,
    machine,
  };
}

/** The message again, for a reading whose text did not outlive a crash. */
function payloadOf(reading: MachineReading): string {
  return JSON.stringify({
    machine_id: reading.machine,
    machine_status: reading.state,
    performance_rate: reading.performanceRate,
    quality_rate: reading.qualityRate,
    availability_rate: reading.availabilityRate,
    cumulative_production: reading.cumulativeProduction,
    cumulative_defects: reading.cumulativeDefects,
    interval_production: reading.intervalProduction,
    interval_defects: reading.intervalDefects,
    pulses: reading.pulses,
    timestamp:
      reading.clockTrusted && Number.isFinite(reading.sourceMs) ? new Date(reading.sourceMs).toISOString() : null,
    sequence: reading.sequence,
    message_id: reading.messageId,
    order: reading.order,
    error_message: reading.errorMessage,
    failure_reason: reading.failureReason,
    is_critical: reading.isCritical,
  });
}
