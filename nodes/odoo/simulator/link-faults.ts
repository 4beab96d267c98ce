// Faults that a test or an engineer orders from the simulated Odoo, each for the next matching calls.

export type LinkFault = {
  /** Only calls of this method (`button_mark_done`, `write`, `authenticate`, ...); absent: every call. */
  readonly method?: string;
  /** How many calls it hits; 1 unless told. */
  readonly times?: number;
} & (
  | { readonly kind: 'cut-before' | 'cut-after-commit' }
  /** The call runs at once and the reply comes late. */
  | { readonly kind: 'late-reply'; readonly delayMs: number }
  /** The server retries inside and commits late, whether or not anybody still listens. */
  | { readonly kind: 'late-commit'; readonly delayMs: number }
  /** A proxy's error page instead of Odoo, before anything ran. */
  | { readonly kind: 'html-page'; readonly status?: number }
  | { readonly kind: 'garbage'; readonly bytes?: Uint8Array }
  | { readonly kind: 'serialization-failure' | 'too-many-connections' }
  /** The commit happens and the reply is the None fault. */
  | { readonly kind: 'none-fault' }
  /** An add-on's dialog that no client knows; nothing is posted. */
  | { readonly kind: 'unknown-wizard' }
  /** An add-on that overrides the method and forgets the context, so that Odoo asks what was answered already. */
  | { readonly kind: 'context-lost' }
  /** A refusal of an add-on, in the user's language. */
  | { readonly kind: 'refusal'; readonly message: string }
);

export const linkFaultKinds: readonly LinkFault['kind'][] = [
  'cut-before',
  'cut-after-commit',
  'late-reply',
  'late-commit',
  'html-page',
  'garbage',
  'serialization-failure',
  'too-many-connections',
  'none-fault',
  'unknown-wizard',
  'context-lost',
  'refusal',
];

export class LinkFaults {
  readonly #pending: Array<{ readonly fault: LinkFault; left: number }> = [];

  add(fault: LinkFault): void {
    this.#pending.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending.length = 0;
  }

  /** The fault that hits this call, counted down. */
  take(method: string): LinkFault | undefined {
    const index = this.#pending.findIndex(({ fault }) => fault.method === undefined || fault.method === method);
    const entry = this.#pending[index];
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#pending.splice(index, 1);
    return entry.fault;
  }
}
