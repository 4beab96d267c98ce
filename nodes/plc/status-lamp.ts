// A node status that changes at most once a second, so that a fast poll does not flood the editor.
import type { Clock } from '../core/clock.ts';
import { type NodeSurface, statusText } from '../core/command-input.ts';

export interface Lamp {
  readonly fill: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape: 'ring' | 'dot';
  readonly text: string;
}

const quietMs = 1000;

export class StatusLamp {
  readonly #node: Pick<NodeSurface, 'status'>;
  readonly #clock: Clock;
  #shown: Lamp | undefined;
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
    if (isSameLight && (shown.text === lamp.text || nowMs - this.#shownAtMs < quietMs)) return;
    this.#shown = lamp;
    this.#shownAtMs = nowMs;
    this.#node.status({ ...lamp, text: statusText(lamp.text) });
  }

  /** Forgets what is shown because somebody else changed it. */
  forget(): void {
    this.#shown = undefined;
  }
}
