// Secrets as this room makes and keeps them: random tokens, digests, and slow hashes that carry their own parameters.
import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { ShopfloorError } from '../core/errors.ts';
import {
  costOf,
  costText,
  defaultCost,
  derive,
  passwordCost,
  type ScryptCost,
  type SecretCost,
} from './secret-derivation.ts';

/** Of libuv's four threads one is left for files; two keep a small machine from swapping. */
const mostAtOnce = Math.max(2, Math.min(3, availableParallelism()));
const mostWaiting = 50;

/** 256 random bits, for cookies and tokens. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Four groups of four letters and digits that nobody confuses, for a password that is read aloud once. */
export function readablePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

/** What the store keeps of a random token: a fast digest is enough for 256 random bits. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Keyed digest of `text`. */
export function signatureOf(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

/** Compares digests, so that neither content nor length leaks through timing. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Hashes passwords off the event loop, a few at a time, so that a burst of logins neither fills the memory nor starves the rest. */
export class SecretHasher {
  readonly #cost: SecretCost;
  readonly #badgeCost: ScryptCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Verified when there is no such user, so that the time of an answer tells nothing. */
  readonly #decoy: Promise<string>;

  constructor(cost: SecretCost = passwordCost()) {
    this.#cost = cost;
    // Always scrypt: a badge is looked up by its hash, so all of them have to be made alike.
    this.#badgeCost = 'logN' in cost ? cost : defaultCost;
    this.#decoy = this.hash(randomToken());
    // Whoever awaits it sees the error; until then it must not end the process.
    this.#decoy.catch(() => {});
  }

  /** `scrypt$logN$r$p$salt$hash` or `argon2id$memoryKiB$passes$lanes$salt$hash`. */
  hash(secret: string): Promise<string> {
    return this.#inTurn(() => this.#made(secret));
  }

  /** A hash that is the same for the same secret and salt, to look a badge up by. */
  async lookupHash(secret: string, salt: Buffer): Promise<string> {
    return (await this.#inTurn(() => derive(secret, salt, this.#badgeCost))).toString('base64url');
  }

  /** @param stored undefined when there is nobody to compare with: takes as long and is false */
  async verify(secret: string, stored: string | undefined): Promise<boolean> {
    const kept = stored ?? (await this.#decoy);
    return this.#inTurn(async () => (await isSame(secret, kept)) && stored !== undefined);
  }

  /**
   * As `verify`; of a right secret also its hash as it is made today, where `stored` was made otherwise. Both in one turn: in a
   * crowd nobody waits in the queue twice.
   */
  async check(
    secret: string,
    stored: string | undefined,
  ): Promise<{ readonly isRight: boolean; readonly renewed?: string }> {
    if (stored === undefined || !this.isOutdated(stored)) return { isRight: await this.verify(secret, stored) };
    return this.#inTurn(async () =>
      (await isSame(secret, stored)) ? { isRight: true, renewed: await this.#made(secret) } : { isRight: false },
    );
  }

  /** Whether `stored` was made with another algorithm or other parameters than those of today. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(`${costText(this.#cost)}$`);
  }

  async #made(secret: string): Promise<string> {
    const salt = randomBytes(16);
    const hash = await derive(secret, salt, this.#cost);
    return [costText(this.#cost), salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** First come, first served. */
  async #enter(): Promise<void> {
    if (this.#waiting.length >= mostWaiting) {
      throw new ShopfloorError('too-many-logins', 429, 'Too many people log in at once.', { hint: 'Try again.' });
    }
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}

async function isSame(secret: string, kept: string): Promise<boolean> {
  const [salt = '', hash = ''] = kept.split('$').slice(4);
  const derived = await derive(secret, Buffer.from(salt, 'base64url'), costOf(kept));
  const expected = Buffer.from(hash, 'base64url');
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}
