// The model of the whole history: made once in small pieces, taught what is committed afterwards, with its own errors written down.
import type { Clock } from '../core/clock.ts';
import { calibrationOf } from './repair-answer.ts';
import type { RepairModel } from './repair-model.ts';
import { replay } from './repair-replay.ts';
import type { RepairStore } from './repair-store.ts';
import type { Stop } from './stop-row.ts';

/** What the model has to learn of something that was committed. */
export type Lesson =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'repair'; readonly stop: Stop }
  /** Stops of before are something else now. */
  | { readonly kind: 'history-changed' };

export interface KeptModelParts {
  readonly store: RepairStore;
  readonly clock: Clock;
  /** Lets the event loop serve others. */
  readonly breathe: () => Promise<void>;
}

/** Repairs that the model lives through again when it is made: what is older than that weighs nothing any more. */
const remembered = 1_000;
/** Repairs in one piece of work, some milliseconds. */
const repairsAtOnce = 5;

export class KeptModel {
  readonly #parts: KeptModelParts;
  #model: Promise<RepairModel> | undefined;

  constructor(parts: KeptModelParts) {
    this.#parts = parts;
  }

  ready(): Promise<RepairModel> {
    const model = this.#model ?? this.#build();
    this.#model = model;
    model.catch(() => {
      if (this.#model === model) this.#model = undefined;
    });
    return model;
  }

  /** Makes it anew from the history. */
  async renew(): Promise<void> {
    this.#model = undefined;
    await this.#saveCalibration(await this.ready());
  }

  /** Brings it to what was committed. */
  async learn(lessons: readonly Lesson[]): Promise<void> {
    if (lessons.every(({ kind }) => kind === 'nothing')) return;
    // A model that is not made yet will find everything in the history.
    if (!this.#model || lessons.some(({ kind }) => kind === 'history-changed')) {
      await this.renew();
      return;
    }
    const model = await this.#model;
    for (const lesson of lessons) if (lesson.kind === 'repair') model.learn(lesson.stop);
    await this.#saveCalibration(model);
  }

  async #build(): Promise<RepairModel> {
    const history = replay(await this.#parts.store.history.repairs(remembered));
    for (let steps = 1; ; steps += 1) {
      const next = history.next();
      if (next.done) return next.value;
      if (steps % repairsAtOnce === 0) await this.#parts.breathe();
    }
  }

  async #saveCalibration(model: RepairModel): Promise<void> {
    await this.#parts.store.estimates.saveCalibration({
      ...calibrationOf(model),
      at: this.#parts.clock.now().toISOString(),
    });
  }
}
