// What one plausible block says about the batch it belongs to, and the ledger's own doubts about it.
import { type CentiKg, centiKg, formatKg, zeroMass } from '../core/mass.ts';
import type { PlcBatch } from '../plc/messages.ts';
import type { Batch, Component } from './batch.ts';

/** Why the ledger does not take a block that the memory map found plausible; empty when it takes it. */
export function doubtsAbout(batch: Batch, block: PlcBatch): string[] {
  const read = massByEquipment(block);
  const doubts: string[] = [];
  for (const component of batch.components) {
    const mass = read.get(component.equipment);
    if (mass === undefined) {
      if (component.planned) doubts.push(`equipment ${component.equipment}: the memory map does not read it`);
    } else if (component.actualCentiKg !== null && mass < component.actualCentiKg) {
      doubts.push(
        `equipment ${component.equipment}: ${formatKg(mass)} kg is less than the ${formatKg(component.actualCentiKg)} kg read before`,
      );
    }
  }
  return doubts;
}

/** The figures of a block as fields of the batch; only `lastReadAt` differs when nothing changed. */
export function figuresOf(batch: Batch, block: PlcBatch, at: string): Partial<Batch> {
  const components = componentsOf(batch, block);
  const same =
    batch.finishedCentiKg === block.finishedWeightCentiKg &&
    components.length === batch.components.length &&
    components.every((component, index) => component.actualCentiKg === batch.components[index]?.actualCentiKg);
  if (same) return { lastReadAt: at };
  return { lastReadAt: at, lastChangedAt: at, components, finishedCentiKg: block.finishedWeightCentiKg };
}

/** True once the PLC shows any mass for this attempt. */
export function showsConsumption(batch: Batch): boolean {
  return (batch.finishedCentiKg ?? 0) > 0 || batch.components.some((component) => (component.actualCentiKg ?? 0) > 0);
}

/** True when the PLC has taken more for this attempt than the ledger knows of. */
export function showsMore(batch: Batch, block: PlcBatch): boolean {
  const known = new Map(batch.components.map(({ equipment, actualCentiKg }) => [equipment, actualCentiKg ?? 0]));
  return block.consumption.some(({ equipment, massCentiKg }) => massCentiKg > (known.get(equipment) ?? 0));
}

/** Known components with their reading, and equipment that gave something without being planned. */
function componentsOf(batch: Batch, block: PlcBatch): readonly Component[] {
  const read = massByEquipment(block);
  const known = batch.components.map((component) => ({
    ...component,
    actualCentiKg: read.get(component.equipment) ?? component.actualCentiKg,
  }));
  const planned = new Set(known.map((component) => component.equipment));
  const unplanned = [...read]
    .filter(([equipment, mass]) => mass > 0 && !planned.has(equipment))
    .map(([equipment, mass]) => ({
      equipment,
      planned: null,
      name: '',
      targetCentiKg: zeroMass,
      actualCentiKg: mass,
      carriedCentiKg: zeroMass,
    }));
  return [...known, ...unplanned].sort((a, b) => a.equipment - b.equipment);
}

function massByEquipment(block: PlcBatch): Map<number, CentiKg> {
  return new Map(block.consumption.map(({ equipment, massCentiKg }) => [equipment, centiKg(massCentiKg)]));
}

/** The figures of this attempt, for the data of an event. */
export function figuresForEvent(batch: Batch): object {
  return {
    consumptionCentiKg: Object.fromEntries(
      batch.components.map(({ equipment, actualCentiKg }) => [equipment, actualCentiKg]),
    ),
    finishedCentiKg: batch.finishedCentiKg,
  };
}
