// What begins once every node of a deploy exists: one listener for all nodes, or Node-RED would warn of the eleventh.

interface Events {
  once(event: 'flows:started', listener: () => void): unknown;
}

/** Mapped by the runtime's own emitter; empty while nothing waits. */
const waiting = new WeakMap<Events, Set<() => void>>();

/** Calls `act` once when the flows have started; the returned function takes that back. */
export function onFlowsStarted(events: Events, act: () => void): () => void {
  const acts = waiting.get(events) ?? new Set();
  waiting.set(events, acts);
  if (acts.size === 0) {
    events.once('flows:started', () => {
      const due = [...acts];
      acts.clear();
      for (const one of due) one();
    });
  }
  acts.add(act);
  return () => {
    acts.delete(act);
  };
}
