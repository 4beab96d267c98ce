// A machine of the register as commands, views and routes name it.
import type { MachineTable } from './tables.ts';

/** Null: unknown. */
export interface RegisteredMachine {
  readonly id: string;
  readonly name: string;
  /** The counter returns to 0 when it would reach this; null: it never rolls over. */
  readonly counterModulus: number | null;
  /** Null: the tracker's own limit. */
  readonly maxPerHour: number | null;
  readonly idealPerHour: number | null;
  readonly shiftTarget: number | null;
  readonly active: boolean;
}

/** Of which nothing is known but its name. */
export function newMachine(id: string): RegisteredMachine {
  return {
    id,
    name: id,
    counterModulus: null,
    maxPerHour: null,
    idealPerHour: null,
    shiftTarget: null,
    active: true,
  };
}

export function registeredMachine(row: MachineTable): RegisteredMachine {
  return {
    id: row.id,
    name: row.name,
    counterModulus: row.counter_modulus,
    maxPerHour: row.max_per_hour,
    idealPerHour: row.ideal_per_hour,
    shiftTarget: row.shift_target,
    active: row.active === 1,
  };
}
