// Measures how long a question takes and how long it keeps the event loop from turning.
export interface Measured {
  readonly p50: number;
  readonly p95: number;
  /** Longest stretch of this thread's own work between two turns of the event loop, in ms; waiting for a core doesn't count. */
  readonly stall: number;
  readonly taken: readonly number[];
  /** 95th percentile of the work of all threads of this process, in ms: of SQLite the whole answer, of PostgreSQL not the server's part. */
  readonly work: number;
  readonly worked: readonly number[];
  /** Rows of the answers; undefined where they are no page of rows. */
  readonly rows: number | undefined;
}

/**
 * Asks each of `asks` in turn, `times` rounds long, so that whatever else the machine does meets all of them alike; one result
 * for each.
 * @param asks resolve with the number of their rows where the answer is a page
 */
export async function measureInTurn(
  asks: readonly (() => Promise<unknown>)[],
  times: number,
): Promise<readonly Measured[]> {
  for (const ask of asks) for (let round = 0; round < 3; round += 1) await ask();
  const results = asks.map((ask) => ({
    ask,
    taken: [] as number[],
    worked: [] as number[],
    stall: 0,
    rows: undefined as number | undefined,
  }));
  for (let round = 0; round < times; round += 1) {
    for (const result of results) {
      const watch = watchLoop();
      const begin = performance.now();
      const before = process.cpuUsage();
      const answer = await result.ask();
      result.taken.push(performance.now() - begin);
      const { user, system } = process.cpuUsage(before);
      result.worked.push((user + system) / 1_000);
      result.stall = Math.max(result.stall, watch.stop());
      if (typeof answer === 'number') result.rows = answer;
    }
  }
  return results.map(({ taken, worked, stall, rows }) => ({
    ...shares(taken),
    work: shares(worked).p95,
    stall,
    taken,
    worked,
    rows,
  }));
}

/** Median and 95th percentile. */
export function shares(taken: readonly number[]): { readonly p50: number; readonly p95: number } {
  const sorted = [...taken].sort((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

/** CPU time of this thread in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Looks every millisecond, so that the watching itself takes next to nothing from the watched. */
function watchLoop(): { stop(): number } {
  let longest = 0;
  let last = cpuMs();
  const look = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const ticker = setInterval(look, 1);
  return {
    stop: () => {
      clearInterval(ticker);
      look();
      return longest;
    },
  };
}
