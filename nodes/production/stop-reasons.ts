// Why a machine stands: the first list of reasons, from what the original plant's machines report, and which of them are planned.
import type { MachineState, StopReason } from './messages.ts';

function reason(code: string, id: string, english: string, planned = false): StopReason {
  return { code, label: { id, 'en-US': english }, planned };
}

/** In the order of the picker; a plant adds its own and changes these. */
export const firstStopReasons: readonly StopReason[] = [
  reason('ELECTRICAL_FAILURE', 'Gangguan listrik', 'Electrical failure'),
  reason('MECHANICAL_FAILURE', 'Gangguan mekanik', 'Mechanical failure'),
  reason('SENSOR_MALFUNCTION', 'Sensor rusak', 'Sensor malfunction'),
  reason('SERVO_DRIVER_ERROR', 'Gangguan servo', 'Servo driver error'),
  reason('SYSTEM_ERROR', 'Gangguan sistem', 'System error'),
  reason('COMMUNICATION_FAULT', 'Gangguan komunikasi', 'Communication fault'),
  reason('EMERGENCY_STOP', 'Tombol darurat', 'Emergency stop'),
  reason('SAFETY_INTERLOCK', 'Pengaman terbuka', 'Safety interlock'),
  reason('OPERATOR_STOP', 'Dihentikan operator', 'Stopped by the operator'),
  reason('QUALITY_ISSUE_STOP', 'Masalah mutu', 'Quality issue'),
  reason('MATERIAL_SHORTAGE', 'Bahan habis', 'Material shortage'),
  reason('WAITING_MATERIAL', 'Menunggu bahan', 'Waiting for material'),
  reason('WAITING_INSTRUCTIONS', 'Menunggu instruksi', 'Waiting for instructions'),
  reason('SETUP', 'Setel mesin', 'Setup'),
  reason('CHANGEOVER', 'Ganti pesanan', 'Changeover'),
  reason('NO_ORDERS', 'Tidak ada pesanan', 'No orders', true),
  reason('OPERATOR_BREAK', 'Istirahat', 'Break', true),
  reason('SHIFT_CHANGE', 'Pergantian shift', 'Shift change', true),
  reason('SCHEDULED_MAINTENANCE', 'Perawatan terjadwal', 'Scheduled maintenance', true),
  reason('PREVENTIVE_CLEANING', 'Pembersihan rutin', 'Preventive cleaning', true),
  reason('LUBRICATION_SERVICE', 'Pelumasan', 'Lubrication', true),
  reason('BLADE_REPLACEMENT', 'Ganti pisau', 'Blade replacement', true),
  reason('CALIBRATION_REQUIRED', 'Kalibrasi', 'Calibration', true),
];

/** Stands still, as far as anybody knows: neither running nor silent. */
export function isStop(state: MachineState): boolean {
  return state !== 'running' && state !== 'offline';
}

/** Reasons mapped by code: the first list, with a plant's own and its changes over it. */
export class StopReasons {
  readonly #reasons: ReadonlyMap<string, StopReason>;

  constructor(own: readonly StopReason[] = []) {
    this.#reasons = new Map([...firstStopReasons, ...own].map((item) => [item.code, item]));
  }

  get all(): readonly StopReason[] {
    return [...this.#reasons.values()];
  }

  get(code: string): StopReason | undefined {
    return this.#reasons.get(code);
  }

  /** The code that a machine's own words name, in any letter case; null for words of its own. */
  codeOf(words: string | null): string | null {
    const code =
      words
        ?.trim()
        .toUpperCase()
        .replaceAll(/[\s-]+/g, '_') ?? '';
    return this.#reasons.has(code) ? code : null;
  }

  isPlanned(code: string | null): boolean {
    return code !== null && this.#reasons.get(code)?.planned === true;
  }
}
