// A node status that changes at most once a second, so that a fast poll does not flood the editor.
import type { Clock } from '../core/clock.ts';
import { type NodeSurface, statusText } from '../core/command-input.ts';

export interface Lamp {
  readonly fill: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape: 'ring' | 'dot';
  /** A function is called only when its text will be shown. */
  readonly text: string | (() => string);
}

const quietMs = 1000;

export class StatusLamp {
  readonly #node: Pick<NodeSurface, 'status'>;
  readonly #clock: Clock;
  #shown: (Lamp & { readonly text: string }) | undefined;
  #shownAtMs = 0;

  constructor(node: Pick<NodeSurface, 'status'>, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
  }

  /** Shows a change of colour at once; a change of text alone waits for its second and is dropped before. */
  show(lamp: Lamp): void {
    const nowMs = this.#clock.monotonicMs();
    const shown = this.#shown;
    const isSameLight = shown !== undefined && shown.fill === lamp.fill && shown.shape === lamp.shape;
    if (isSameLight && nowMs - this.#shownAtMs < quietMs) return;
    const text = typeof lamp.text === 'function' ? lamp.text() : lamp.text;
    if (isSameLight && shown.text === text) return;
    this.#shown = { ...lamp, text };
    this.#shownAtMs = nowMs;
    this.#node.status({ ...lamp, text: statusText(text) });
  }

  /** Forgets what is shown because somebody else changed it. */
  forget(): void {
    this.#shown = undefined;
  }
}
