// The words that may be written, whatever a caller asks for.
import type { WordRange } from '../memory-map.ts';
import { describeRange } from '../read-plan.ts';

export class WritableArea {
  /** By rising address, ranges that touch joined. */
  readonly #ranges: readonly WordRange[];

  constructor(ranges: readonly WordRange[]) {
    this.#ranges = joined(ranges);
  }

  /** True when every word of the range may be written. */
  holds({ address, count }: WordRange): boolean {
    return this.#ranges.some((range) => range.address <= address && address + count <= range.address + range.count);
  }

  /** `only D6076, D6176, D7000-D7076 and 12 more`, for messages. */
  describe(): string {
    if (this.#ranges.length === 0) return 'nothing';
    const shown = this.#ranges.slice(0, 3).map(describeRange).join(', ');
    return `only ${shown}${this.#ranges.length > 3 ? ` and ${this.#ranges.length - 3} more` : ''}`;
  }
}

function joined(ranges: readonly WordRange[]): readonly WordRange[] {
  const result: WordRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.address - b.address)) {
    const last = result.at(-1);
    if (last && range.address <= last.address + last.count) {
      const count = Math.max(last.count, range.address + range.count - last.address);
      result[result.length - 1] = { address: last.address, count };
    } else {
      result.push(range);
    }
  }
  return result;
}
