// Stand-ins of this process that are still starting (a simulated PLC, a simulated Odoo), so that the first tasks find them.
import type { Clock } from './clock.ts';

const starting = new Set<Promise<void>>();

/** A stand-in that can't start has said so itself; whoever waits goes on. */
export function standInStarts(start: Promise<unknown>): void {
  const settled: Promise<void> = start.then(
    () => {},
    () => {},
  );
  starting.add(settled);
  void settled.then(() => starting.delete(settled));
}

/** One listens within milliseconds; one that takes longer has a fault of its own. */
const withinMs = 10_000;

/** Resolves when every stand-in listens or has given up, and at the latest after ten seconds. */
export async function standInsReady(clock: Clock): Promise<void> {
  if (starting.size === 0) return;
  let cancel = () => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(withinMs, resolve);
  });
  await Promise.race([Promise.all(starting), late]);
  cancel();
}
