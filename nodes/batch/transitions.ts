// The state table of a batch as data, and the draft that lets a decision change a batch only along it, one event for each step.
import { ShopfloorError } from '../core/errors.ts';
import type { Batch, EndedAs, Push, PushStatus } from './batch.ts';
import type { Actor, BatchState } from './messages.ts';

interface Transition {
  /** null: the batch does not exist yet. */
  readonly from: readonly (BatchState | null)[];
  /** `same`: something worth an event happened, the state stays. */
  readonly to: BatchState | 'same';
}

const live = ['queued', 'written', 'running', 'finished', 'pushing', 'failed', 'quarantined'] as const;
const withFigures = ['queued', 'written', 'running', 'finished', 'failed', 'quarantined'] as const;

/** Every event type and the states it may happen in. Nothing else changes a state. */
export const transitions = {
  staged: { from: [null], to: 'queued' },
  requeued: { from: ['queued'], to: 'same' },
  'handed-over': { from: ['queued'], to: 'written' },
  recovered: { from: ['queued'], to: 'written' },
  started: { from: ['written'], to: 'running' },
  finished: { from: ['running', 'failed', 'quarantined'], to: 'finished' },
  failed: { from: ['written', 'running'], to: 'failed' },
  'consumed-more': { from: ['failed'], to: 'same' },
  resumed: { from: ['failed'], to: 'running' },
  quarantined: { from: ['written', 'running'], to: 'quarantined' },
  'readable-again': { from: ['quarantined'], to: 'running' },
  'push-began': { from: ['finished', 'pushing'], to: 'pushing' },
  'push-verified': { from: ['finished', 'pushing'], to: 'archived' },
  'push-postponed': { from: ['finished', 'pushing'], to: 'finished' },
  'push-held': { from: ['finished', 'pushing'], to: 'finished' },
  watched: { from: ['finished', 'pushing'], to: 'archived' },
  'record-began': { from: withFigures, to: 'same' },
  'record-verified': { from: withFigures, to: 'same' },
  'record-postponed': { from: withFigures, to: 'same' },
  'record-held': { from: withFigures, to: 'same' },
  'cancel-asked': { from: ['queued', 'finished', 'failed', 'quarantined'], to: 'same' },
  'cancel-began': { from: ['queued', 'finished', 'failed', 'quarantined'], to: 'same' },
  'cancel-postponed': { from: ['queued', 'finished', 'failed', 'quarantined'], to: 'same' },
  'cancel-held': { from: ['queued', 'finished', 'failed', 'quarantined'], to: 'same' },
  'cancel-verified': { from: ['queued', 'finished', 'failed', 'quarantined'], to: 'cancelled' },
  weighed: { from: live, to: 'same' },
  'weighing-taken-back': { from: live, to: 'same' },
  'push-withdrawn': { from: live, to: 'same' },
  retried: { from: live, to: 'same' },
  'written-off': { from: ['queued', 'finished', 'failed', 'quarantined'], to: 'cancelled' },
  closed: { from: ['failed'], to: 'finished' },
  reset: { from: ['failed', 'quarantined'], to: 'queued' },
  corrected: { from: ['failed', 'quarantined', 'finished'], to: 'finished' },
  cleared: { from: ['queued'], to: 'cancelled' },
  'set-aside': { from: ['queued'], to: 'failed' },
  'plc-refused': { from: ['queued'], to: 'failed' },
  released: { from: ['queued', 'written', 'running'], to: 'quarantined' },
  superseded: { from: live, to: 'cancelled' },
} as const satisfies Record<string, Transition>;

export type BatchEventType = keyof typeof transitions;

/** An event before the ledger has given it its number. */
export interface NewEvent {
  readonly at: string;
  readonly actor: Actor;
  readonly type: BatchEventType;
  readonly fromState: BatchState | null;
  readonly toState: BatchState;
  readonly slot: number | null;
  readonly version: number;
  readonly reason: string | null;
  /** Figures, raw words, before and after: whatever explains the change. */
  readonly data: unknown;
}

/** A batch before and after one decision, with the events between and the outbox rows that were settled. */
export interface Change {
  readonly before: Batch | null;
  readonly after: Batch;
  readonly events: readonly NewEvent[];
  readonly settled: readonly Push[];
}

/** What every decision needs besides the ledger: the instant, who acts, and fresh ids. */
export interface DecisionContext {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly actor: Actor;
  readonly newId: () => string;
}

/** A command does not fit the batch's state; carries the state so that the caller can decide again. */
export class StateConflict extends ShopfloorError {
  constructor(message: string, batch: Batch, hint?: string) {
    super('state-conflict', 409, message, {
      ...(hint !== undefined && { hint }),
      current: { id: batch.id, order: batch.orderName, state: batch.state, version: batch.version },
    });
  }
}

/** True when `type` may happen to a batch in `state`. */
export function allows(type: BatchEventType, state: BatchState | null): boolean {
  const allowed: readonly (BatchState | null)[] = transitions[type].from;
  return allowed.includes(state);
}

export interface EventNote {
  readonly reason?: string | null;
  readonly data?: unknown;
}

/** One batch while a decision is being made; `change()` hands over the result. */
export class BatchDraft {
  readonly #context: DecisionContext;
  readonly #before: Batch | null;
  #now: Batch;
  readonly #events: NewEvent[] = [];
  readonly #settled: Push[] = [];

  constructor(context: DecisionContext, batch: Batch, isNew = false) {
    this.#context = context;
    this.#before = isNew ? null : batch;
    this.#now = batch;
  }

  get batch(): Batch {
    return this.#now;
  }

  /** Changes that are no event of their own: readings, counters. */
  patch(fields: Partial<Batch>): void {
    this.#now = { ...this.#now, ...fields };
  }

  /** Lets `type` happen. Throws StateConflict when the table does not allow it. */
  event(type: BatchEventType, fields: Partial<Batch> = {}, note: EventNote = {}): void {
    const fromState = this.#before === null && this.#events.length === 0 ? null : this.#now.state;
    if (!allows(type, fromState)) {
      throw new StateConflict(`${this.#now.orderName} is ${this.#now.state}; "${type}" does not fit that.`, this.#now);
    }
    const { at, actor } = this.#context;
    const to: BatchState | 'same' = transitions[type].to;
    const toState = to === 'same' ? this.#now.state : to;
    this.patch({
      ...fields,
      state: toState,
      stateSince: toState === fromState ? this.#now.stateSince : at,
      version: this.#now.version + 1,
    });
    const { slot, version } = this.#now;
    const { reason = null, data = null } = note;
    this.#events.push({ at, actor, type, fromState, toState, slot, version, reason, data });
  }

  /** Lets the batch's life end with `type`. */
  end(type: BatchEventType, endedAs: EndedAs, note: EventNote = {}): void {
    const fields = { endedAt: this.#context.at, endedAs, offeredAt: null };
    this.event(type, note.reason ? { ...fields, notes: note.reason } : fields, note);
  }

  /** Takes the open outbox row out as `status`; nothing when there is none. */
  settlePush(status: PushStatus): void {
    const { push } = this.#now;
    if (!push) return;
    this.#settled.push({ ...push, status, settledAt: this.#context.at });
    this.patch({ push: null });
  }

  patchPush(fields: Partial<Push>): void {
    if (this.#now.push) this.patch({ push: { ...this.#now.push, ...fields } });
  }

  /** The whole change; undefined when nothing happened. */
  change(): Change | undefined {
    if (this.#now === this.#before) return undefined;
    const before = this.#before;
    const countsAsVersion = this.#events.length === 0 && before !== null && !differsOnlyInReading(before, this.#now);
    const after = countsAsVersion ? { ...this.#now, version: this.#now.version + 1 } : this.#now;
    return { before, after, events: this.#events, settled: this.#settled };
  }
}

/** True when nothing changed but the instant of the last reading. */
export function differsOnlyInReading(before: Batch, after: Batch): boolean {
  return (Object.keys(after) as (keyof Batch)[]).every((key) => key === 'lastReadAt' || before[key] === after[key]);
}

/** The changes of several drafts, in order, without those that changed nothing. */
export function changesOf(drafts: Iterable<BatchDraft>): Change[] {
  return [...drafts].map((draft) => draft.change()).filter((change) => change !== undefined);
}
