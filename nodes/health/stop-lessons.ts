// What events of production teach about stops: each that ends is recorded, one that is named later is named, and the model has a lesson of both.
import type { ProductionEvent } from '../production/messages.ts';
import type { Lesson } from './kept-model.ts';
import { classOfStop, type OpenStop, plannedState, type StopChange, stopChange } from './machine-stops.ts';
import type { RepairStore } from './repair-store.ts';
import type { StopClass } from './stop-classes.ts';
import { machineSource } from './stop-history.ts';
import type { Stop } from './stop-row.ts';

const nothing: Lesson = { kind: 'nothing' };

/** @param records of a transaction; @param at when it is taken, ISO 8601 */
export async function lessonOfEvent(event: ProductionEvent, records: RepairStore, at: string): Promise<Lesson> {
  const { machine } = event;
  const { lasting, history, causes, estimates } = records;
  const open = await lasting.openStop(machine);
  const change = stopChange(event, open);
  switch (change.kind) {
    case 'none':
      return nothing;
    case 'open':
      await lasting.saveOpenStop(change.stop, open?.shift ?? (await estimates.window(machine))?.shift ?? '');
      return nothing;
    case 'forget':
      await lasting.forgetOpenStop(machine);
      return nothing;
    case 'name':
      return nameStop(machine, change, open, records);
    case 'close': {
      await lasting.forgetOpenStop(machine);
      const { cause, startMs } = change.stop;
      if (await history.knowsStop(machine, startMs)) return nothing;
      const minutes = Math.round((change.endMs - startMs) / 600) / 100;
      const stop = { machine, shift: open?.shift ?? '', order: '', cause, startMs, endMs: change.endMs, minutes };
      const stopClass = classOfStop(change.stop, await causes.own());
      return lessonOfStop(stop, { class: stopClass, source: machineSource, at }, records);
    }
  }
}

/** Records a stop that is over; one that is known already teaches nothing. @param about `estimate`: id of the one that was about it */
export async function lessonOfStop(
  stop: Stop,
  about: {
    readonly class: StopClass;
    readonly source: string;
    readonly at: string;
    readonly estimate?: string | undefined;
  },
  { history, estimates }: RepairStore,
): Promise<Lesson> {
  const causes = new Map([[stop.cause, about.class]]);
  const { added } = await history.addStops([stop], causes, about.source, about.at);
  if (added.length === 0 || about.class !== 'repair') return nothing;
  await estimates.settleEstimate(stop, about.estimate);
  return { kind: 'repair', stop };
}

async function nameStop(
  machine: string,
  named: StopChange & { readonly kind: 'name' },
  open: (OpenStop & { readonly shift: string }) | undefined,
  { lasting, history, causes }: RepairStore,
): Promise<Lesson> {
  const { startMs, cause, planned } = named;
  if (open?.startMs === startMs) {
    await lasting.saveOpenStop({ ...open, cause, ...(planned && { state: plannedState }) }, open.shift);
    return nothing;
  }
  const stopClass = planned ? 'planned' : classOfStop({ cause, state: 'error' }, await causes.own());
  return (await history.renameStop(machine, startMs, cause, stopClass)) ? { kind: 'history-changed' } : nothing;
}
