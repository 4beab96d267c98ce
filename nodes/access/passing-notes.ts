// Notes that a request makes in passing, such as when somebody was last seen: worth a moment, and never the request itself.

/** Longer than a commit on a slow disk, shorter than people notice. */
const patienceMs = 100;
/** After a note that failed or is late, the next request of the same subject does without for so long. */
const againMs = 5_000;
/** Subjects whose notes are late; beyond it the oldest is forgotten, and tries again sooner. */
const mostLate = 1_000;

export class PassingNotes {
  /** When the next try is worth making, by the process' own clock, mapped by subject. */
  readonly #late = new Map<string, number>();

  /** Makes the note, or goes on without it where the database has no time for it; the next request makes it then. */
  async make(subject: string, write: () => Promise<unknown>): Promise<void> {
    const notBefore = this.#late.get(subject);
    if (notBefore !== undefined && performance.now() < notBefore) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'late');
    });
    const written = write().then(
      () => 'written' as const,
      () => 'late' as const,
    );
    const outcome = await Promise.race([written, late]);
    clearTimeout(timer);
    this.#late.delete(subject);
    if (outcome === 'written') return;
    this.#late.set(subject, performance.now() + againMs);
    if (this.#late.size > mostLate) this.#late.delete(this.#late.keys().next().value ?? '');
  }
}
