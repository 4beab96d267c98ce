// How long a question may wait for the database, so that whoever asked has an answer or a typed refusal within five seconds.
import { StoreError } from './store-error.ts';

/** For a turn, a lock or a connection. */
export const patienceMs = 3_000;
/** For a single change, or the end of a transaction, to reach the disk, the wait for the turn included. */
export const changeMs = 4_000;
/**
 * For any other statement. Jobs of rooms have some that work for a while, which is no fault; that a request is answered meanwhile
 * is the affair of its route, and a server or file that does not answer at all is found out by other means.
 */
export const statementMs = 120_000;
/** For the turn while it is known that nothing goes on: enough for a queue of one's own, too short to pile up behind a lock. */
const shortPatienceMs = 250;

/**
 * How long to wait for a turn. Where one waited in vain, the next ones are refused soon, until something went through: a request
 * that asks for several things is answered in time, and requests don't pile up behind a lock.
 */
export class Patience {
  #isStuck = false;

  get ms(): number {
    return this.#isStuck ? shortPatienceMs : patienceMs;
  }

  wentThrough(): void {
    this.#isStuck = false;
  }

  waitedInVain(): void {
    this.#isStuck = true;
  }
}

/** What `answer` is, or a StoreError `slow` after `limitMs`; what the database still does then is not known. */
export function inTime<Answer>(answer: Promise<Answer>, limitMs: number): Promise<Answer> {
  if (limitMs === Number.POSITIVE_INFINITY) return answer;
  return new Promise<Answer>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new StoreError('slow', `The database has not answered for ${(limitMs / 1000).toFixed(1)} s.`));
    }, limitMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
