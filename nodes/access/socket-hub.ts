// Every open dashboard page by session, so that an ended session ends its pages and a push reaches its people.
import type { SessionEnded, UserIdentity } from './messages.ts';

/** One guarded socket. */
export interface OpenPage {
  readonly socketId: string;
  readonly sessionId: string;
  readonly user: UserIdentity;
  /** Sends an event of this package, past the page filter; nothing after `end`. */
  push(event: string, payload: unknown): void;
  /** Says why and disconnects. */
  end(reason: SessionEnded['reason']): void;
}

export class SocketHub {
  /** Mapped by session id. */
  readonly #pages = new Map<string, Set<OpenPage>>();
  readonly #listeners = new Set<(page: OpenPage) => void>();

  add(page: OpenPage): void {
    const pages = this.#pages.get(page.sessionId) ?? new Set();
    this.#pages.set(page.sessionId, pages.add(page));
    for (const listener of this.#listeners) listener(page);
  }

  remove(page: OpenPage): void {
    const pages = this.#pages.get(page.sessionId);
    pages?.delete(page);
    if (pages?.size === 0) this.#pages.delete(page.sessionId);
  }

  endSessions(sessionIds: Iterable<string>, reason: SessionEnded['reason']): void {
    for (const id of sessionIds) {
      for (const page of [...(this.#pages.get(id) ?? [])]) page.end(reason);
      this.#pages.delete(id);
    }
  }

  /** Told of each page that opens, and when a page asks for its numbers again; returns the function that stops it. */
  onPage(listener: (page: OpenPage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A page wants what `onPage` listeners push. */
  ask(page: OpenPage): void {
    for (const listener of this.#listeners) listener(page);
  }

  sessionIds(): readonly string[] {
    return [...this.#pages.keys()];
  }

  pages(): readonly OpenPage[] {
    return [...this.#pages.values()].flatMap((pages) => [...pages]);
  }
}
