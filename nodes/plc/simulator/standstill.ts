// The line's standstill: begins and ends on demand or by itself, and eats production time while it lasts.

export class Standstill {
  #lasts = false;
  #leftMs = 0;
  #requestedMs: number | undefined;
  #endRequested = false;

  get lasts(): boolean {
    return this.#lasts;
  }

  /** Begins with the next scan. */
  begin(durationMs: number): void {
    this.#requestedMs = durationMs;
  }

  /** Ends with the next scan. */
  end(): void {
    this.#endRequested = true;
  }

  /** Passes `elapsedMs`: what of it is left for production, and whether the line stopped or moved again. */
  pass(elapsedMs: number): { readonly leftMs: number; readonly event?: 'stalled' | 'resumed' } {
    const endRequested = this.#endRequested;
    this.#endRequested = false;
    if (this.#requestedMs !== undefined) {
      const isNew = !this.#lasts;
      this.#leftMs = this.#requestedMs;
      this.#requestedMs = undefined;
      this.#lasts = true;
      return isNew ? { leftMs: 0, event: 'stalled' } : { leftMs: 0 };
    }
    if (!this.#lasts) return { leftMs: elapsedMs };
    const stoodMs = Math.min(elapsedMs, this.#leftMs);
    this.#leftMs -= stoodMs;
    if (!endRequested && this.#leftMs > 0) return { leftMs: 0 };
    this.#lasts = false;
    return { leftMs: endRequested ? elapsedMs : elapsedMs - stoodMs, event: 'resumed' };
  }
}
