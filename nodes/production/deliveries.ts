// Deliveries that wait for a commit: machine-status-in opens one for a wake-up, whoever commits settles it.

type Settled = (ok: boolean) => void;

/** Mapped by delivery id; one for the process, because the two nodes only share messages. */
const waiting = new Map<string, Settled>();
let lastId = 0;

/** Opens a delivery; `settled` is called once, by `settleDelivery`. */
export function openDelivery(settled: Settled): string {
  lastId += 1;
  const id = `d${lastId}`;
  waiting.set(id, settled);
  return id;
}

/**
 * Tells whoever waits that a delivery is committed (`ok`) or never will be. The first word counts; an id that nobody waits
 * for (settled already, or its node is gone) is ignored.
 */
export function settleDelivery(id: string | null, ok: boolean): void {
  if (id === null) return;
  const settled = waiting.get(id);
  waiting.delete(id);
  settled?.(ok);
}

/** Forgets a delivery that nobody waits for any more. */
export function abandonDelivery(id: string): void {
  waiting.delete(id);
}
