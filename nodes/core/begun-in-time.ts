// A piece of work that stands behind something that is held up is taken back before it has begun: whoever asked knows that nothing was done.

/** Half of what an answer may take: the rest is for the work. */
const patienceMs = 2_000;

/**
 * Runs `work` in its turn. Where the turn has not come after `limitMs` and `refusal` gives a reason, it rejects with that, and the
 * work never begins; without a reason it waits on, and asks again.
 * @param queue runs what it is given when everything before it has ended
 */
export function begunInTime<Result>(
  queue: (turn: () => Promise<void>) => Promise<unknown>,
  work: () => Promise<Result>,
  refusal: () => Error | undefined,
  limitMs: number = patienceMs,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    let isRefused = false;
    const look = setInterval(() => {
      const reason = refusal();
      if (!reason) return;
      isRefused = true;
      clearInterval(look);
      reject(reason);
    }, limitMs);
    look.unref();
    queue(async () => {
      clearInterval(look);
      if (!isRefused) resolve(await work());
    }).catch((error: unknown) => {
      clearInterval(look);
      reject(error);
    });
  });
}
