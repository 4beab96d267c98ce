// One order's life as the ledger holds it: the batch, what each silo gave to it, and what Odoo still has to be told.
import { type CentiKg, centiKg, sumMass, zeroMass } from '../core/mass.ts';
import type {
  Deviation,
  LaterReason,
  MassUnit,
  OdooCancelCommand,
  OdooPushCommand,
  PersonCode,
} from '../odoo/messages.ts';
import type { BatchState } from './messages.ts';

/** What one silo or tank gives to one batch. */
export interface Component {
  readonly equipment: number;
  /** Null for equipment that the order has no component for: the PLC consumed from it all the same. */
  readonly planned: { readonly moveId: number; readonly productId: number; readonly unit: MassUnit } | null;
  readonly name: string;
  readonly targetCentiKg: CentiKg;
  /** What the PLC delivered in this attempt; null until the first plausible reading. */
  readonly actualCentiKg: CentiKg | null;
  /** What earlier attempts delivered, and what was weighed by hand. */
  readonly carriedCentiKg: CentiKg;
}

/** `push` posts and closes, `record` posts what a failed batch consumed and leaves the order open, `cancel` cancels it. */
export type PushKind = 'push' | 'record' | 'cancel';

/** waiting, pushing and held are open; a row leaves the outbox as verified, or as watched or withdrawn with an event. */
export type PushStatus = 'waiting' | 'pushing' | 'held' | 'verified' | 'watched' | 'withdrawn';

/** One outbox row: written in the transaction that made it necessary. */
export interface Push {
  readonly id: string;
  readonly batchId: string;
  readonly kind: PushKind;
  readonly status: PushStatus;
  /** The whole command, fixed when the row was written. */
  readonly payload: OdooPushCommand | OdooCancelCommand;
  readonly attempts: number;
  readonly nextAttemptAt: string;
  readonly createdAt: string;
  readonly lastError: string | null;
  /** Why the last try has to be repeated; null before the first and where nothing is known. */
  readonly waitReason: LaterReason | null;
  /** Why a person must decide. */
  readonly hold: {
    readonly code: PersonCode;
    readonly message: string;
    readonly deviations: readonly Deviation[];
  } | null;
  readonly acceptedBy: string | null;
  readonly settledAt: string | null;
}

export type EndedAs = 'completed' | 'failed' | 'cancelled' | 'watched';

export interface Batch {
  readonly id: string;
  readonly line: string;
  readonly orderId: number;
  readonly orderName: string;
  /** Name for the PLC as Odoo's room made it; later attempts derive theirs from it. */
  readonly plcOrderName: string;
  /** Name of this attempt in PLC memory, unlike that of every earlier attempt. */
  readonly plcName: string;
  readonly plcBomCode: string;
  readonly plcFinishedGoods: string;
  readonly attempt: number;
  readonly slot: number | null;
  readonly queueId: string | null;
  /** Since when the hand-over of the queue is under way without a known outcome; the PLC may have it. */
  readonly offeredAt: string | null;
  readonly state: BatchState;
  readonly stateSince: string;
  readonly productId: number;
  readonly productName: string;
  readonly bomCode: string;
  readonly unit: MassUnit;
  readonly scheduledStart: string | null;
  readonly plannedCentiKg: CentiKg;
  /** Finished goods of this attempt; null until the first plausible reading. */
  readonly finishedCentiKg: CentiKg | null;
  readonly carriedFinishedCentiKg: CentiKg;
  readonly lastReadAt: string | null;
  readonly lastChangedAt: string | null;
  /** Consecutive readings with a flag that must hold before it counts: failed, or finished with nothing consumed. */
  readonly flagCycles: number;
  readonly implausibleCycles: number;
  readonly watchOnly: boolean;
  /** True when a person closes a failed batch with what it made. */
  readonly closesFailure: boolean;
  /** True when a person gave up following it: no reading brings it back by itself. */
  readonly released: boolean;
  readonly version: number;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly endedAs: EndedAs | null;
  readonly notes: string | null;
  readonly components: readonly Component[];
  /** The open outbox row; at most one. */
  readonly push: Push | null;
  /** Every figure that a try to post this batch may have left in Odoo. */
  readonly recorded: readonly RecordedFigure[];
}

export interface RecordedFigure {
  readonly equipment: number;
  readonly actualCentiKg: CentiKg;
}

/** Written or running: the batch holds its PLC slot, and its line waits for it. */
export function isInPlc(batch: Batch): boolean {
  return batch.state === 'written' || batch.state === 'running';
}

/** All attempts together; null while nothing is known. */
export function totalConsumption(component: Component): CentiKg | null {
  if (component.actualCentiKg === null) return component.carriedCentiKg > 0 ? component.carriedCentiKg : null;
  return centiKg(component.carriedCentiKg + component.actualCentiKg);
}

/** Finished goods of all attempts; null while nothing is known. */
export function totalFinished(batch: Batch): CentiKg | null {
  if (batch.finishedCentiKg === null) return batch.carriedFinishedCentiKg > 0 ? batch.carriedFinishedCentiKg : null;
  return centiKg(batch.carriedFinishedCentiKg + batch.finishedCentiKg);
}

/** What is known to have left the silos for this batch, all attempts together. */
export function consumedMass(batch: Batch): CentiKg {
  return sumMass(batch.components.map((component) => totalConsumption(component) ?? zeroMass));
}
