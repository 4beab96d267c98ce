// The page Equipment as one view: failures and manual weighings come from two nodes, each by itself, and the page shows both.
import type { WeighingView } from '../batch/messages.ts';
import type { Clock } from '../core/clock.ts';
import { InvalidInput } from '../core/errors.ts';
import type { EquipmentFailure } from '../equipment/messages.ts';
import type { EquipmentView } from './equipment-messages.ts';
import type { ListShape } from './list-publisher.ts';
import { isObject, unwrapAnswer } from './page-answer.ts';

export const equipmentShape: ListShape<EquipmentView, EquipmentFailure, Omit<EquipmentView, 'failures'>> = {
  items: (view) => view.failures,
  keyOf: ({ id }) => String(id),
  restOf: ({ failures: _failures, ...rest }) => rest,
};

/** Keeps the newest of both parts. */
export class EquipmentParts {
  readonly #clock: Clock;
  #failures: readonly EquipmentFailure[] = [];
  #weighings: readonly WeighingView[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The answer of equipment-failures to `view`, or of mo-batch to `weighings`. Throws InvalidInput. */
  take(payload: unknown): EquipmentView {
    const part = unwrapAnswer(payload);
    if (isObject(part) && isListOf<EquipmentFailure>(part.failures, ['equipment_name', 'read_at'])) {
      this.#failures = part.failures;
    } else if (isObject(part) && isListOf<WeighingView>(part.data, ['mo_id', 'status', 'read_at'])) {
      this.#weighings = part.data;
    } else {
      const message = 'must be the answer of equipment-failures to `view`, or of mo-batch to `weighings`';
      throw new InvalidInput([{ field: 'payload', message }]);
    }
    return { at: this.#clock.now().toISOString(), failures: this.#failures, weighings: this.#weighings };
  }
}

function isListOf<Item>(value: unknown, texts: readonly string[]): value is readonly Item[] {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => isObject(item) && texts.every((field) => typeof item[field] === 'string'))
  );
}
