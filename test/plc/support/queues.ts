// Builds batches and queues for tests of the PLC room; every value can be overridden.
import { type CentiKg, centiKg } from '../../../nodes/core/mass.ts';
import type { PlcWriteCommand, QueueBatch } from '../../../nodes/plc/messages.ts';

export function kg(kilograms: number): CentiKg {
  return centiKg(Math.round(kilograms * 100));
}

export function batchOf(slot: number, overrides: Partial<QueueBatch> = {}): QueueBatch {
  return {
    slot,
    moName: `WH/MO/${String(slot).padStart(5, '0')}`,
    bomCode: `BOM-${slot}`,
    finishedGoods: `Feed ${slot}`,
    quantityCentiKg: kg(1000),
    consumption: [
      { equipment: 101, massCentiKg: kg(600) },
      { equipment: 107, massCentiKg: kg(350.5) },
      { equipment: 115, massCentiKg: kg(49.5) },
    ],
    ...overrides,
  };
}

export function queueOf(slots: readonly number[], queueId = 'queue-1'): PlcWriteCommand {
  return { command: 'write', queueId, batches: slots.map((slot) => batchOf(slot)) };
}
