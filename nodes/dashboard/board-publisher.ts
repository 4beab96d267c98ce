// Keeps the newest view of every line and says at most twice a second what the tablets should be told.
import type { Clock } from '../core/clock.ts';
import { boardDelta } from './board-delta.ts';
import type { BatchBoardDelta, BatchBoardView, BoardLine } from './messages.ts';

/** Two updates a second for each card are more than an eye follows and what a weak tablet can draw. */
export const publishIntervalMs = 500;

/** The whole view with the number that deltas refer to. */
export interface NumberedView {
  readonly seq: number;
  readonly view: BatchBoardView;
}

export type Publication = { readonly whole: NumberedView; readonly delta: BatchBoardDelta | null };

export class BoardPublisher {
  readonly #clock: Clock;
  readonly #publish: (publication: Publication) => void;
  readonly #staleAfterSeconds: number;
  /** Mapped by name of the line. */
  #lines = new Map<string, BoardLine>();
  #published: NumberedView | undefined;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, staleAfterSeconds: number, publish: (publication: Publication) => void) {
    this.#clock = clock;
    this.#staleAfterSeconds = staleAfterSeconds;
    this.#publish = publish;
  }

  /** Takes the newest state of one line; other lines keep theirs. */
  updateLine(line: BoardLine): void {
    this.#lines.set(line.line, line);
    this.#schedule();
  }

  /** Takes a whole view made elsewhere. */
  replace(lines: readonly BoardLine[]): void {
    this.#lines = new Map(lines.map((line) => [line.line, line]));
    this.#schedule();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #schedule(): void {
    if (this.#cancelTimer) return;
    const waitMs = this.#lastAtMs + publishIntervalMs - this.#clock.monotonicMs();
    if (waitMs <= 0) {
      this.#publishNow();
      return;
    }
    this.#cancelTimer = this.#clock.after(waitMs, () => {
      this.#cancelTimer = undefined;
      this.#publishNow();
    });
  }

  #publishNow(): void {
    this.#lastAtMs = this.#clock.monotonicMs();
    const seq = (this.#published?.seq ?? 0) + 1;
    const view: BatchBoardView = {
      at: this.#clock.now().toISOString(),
      staleAfterSeconds: this.#staleAfterSeconds,
      lines: [...this.#lines.values()].sort((a, b) => a.line.localeCompare(b.line)),
    };
    const before = this.#published;
    this.#published = { seq, view };
    this.#publish({
      whole: this.#published,
      delta: before ? boardDelta(before.view, view, before.seq, seq) : null,
    });
  }
}
