// Measures how long a question takes and how long it keeps the event loop from turning.
export interface Measured {
  readonly p50: number;
  readonly p95: number;
  /** Longest stretch of this thread's own work between two turns of the event loop, in ms; waiting for a core doesn't count. */
  readonly stall: number;
}

export async function measure(ask: () => Promise<unknown>, times: number): Promise<Measured> {
  for (let round = 0; round < 3; round += 1) await ask();
  const taken: number[] = [];
  const watch = watchLoop();
  for (let round = 0; round < times; round += 1) {
    const begin = performance.now();
    await ask();
    taken.push(performance.now() - begin);
  }
  const stall = watch.stop();
  taken.sort((left, right) => left - right);
  const at = (share: number) => taken[Math.min(taken.length - 1, Math.floor(share * taken.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), stall };
}

/** CPU time of this thread in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function watchLoop(): { stop(): number } {
  let longest = 0;
  let last = cpuMs();
  let running = true;
  const look = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(look);
  };
  setImmediate(look);
  return {
    stop: () => {
      running = false;
      look();
      return longest;
    },
  };
}
