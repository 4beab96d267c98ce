// Secrets as this room makes and keeps them: random tokens, digests, and scrypt hashes that carry their own parameters.
import {
  createHash,
  createHmac,
  randomBytes,
  randomInt,
  type ScryptOptions,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { ShopfloorError } from '../core/errors.ts';

export interface ScryptCost {
  /** log2 of scrypt's N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB for each hash, three passes: OWASP's setting for small machines (Password Storage Cheat Sheet). */
export const defaultCost: ScryptCost = { logN: 15, r: 8, p: 3 };

const hashBytes = 32;

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
  readonly #cost: ScryptCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Verified when there is no such user, so that the time of an answer tells nothing. */
  readonly #decoy: Promise<string>;

  constructor(cost: ScryptCost = defaultCost) {
    this.#cost = cost;
    this.#decoy = this.hash(randomToken());
    // Whoever awaits it sees the error; until then it must not end the process.
    this.#decoy.catch(() => {});
  }

  /** `scrypt$logN$r$p$salt$hash`. */
  async hash(secret: string): Promise<string> {
    const salt = randomBytes(16);
    const { logN, r, p } = this.#cost;
    const hash = await this.#derive(secret, salt, this.#cost);
    return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  /** A hash that is the same for the same secret and salt, to look a badge up by; as slow as a password's. */
  async lookupHash(secret: string, salt: Buffer): Promise<string> {
    return (await this.#derive(secret, salt, this.#cost)).toString('base64url');
  }

  /** @param stored undefined when there is nobody to compare with: takes as long and is false */
  async verify(secret: string, stored: string | undefined): Promise<boolean> {
    const [, logN, r, p, salt = '', hash = ''] = (stored ?? (await this.#decoy)).split('$');
    const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
    const derived = await this.#derive(secret, Buffer.from(salt, 'base64url'), cost);
    const expected = Buffer.from(hash, 'base64url');
    return derived.length === expected.length && timingSafeEqual(derived, expected) && stored !== undefined;
  }

  /** Whether `stored` was made with other parameters than those of today. */
  isOutdated(stored: string): boolean {
    const { logN, r, p } = this.#cost;
    return !stored.startsWith(`scrypt$${logN}$${r}$${p}$`);
  }

  async #derive(secret: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
    await this.#enter();
    try {
      const options: ScryptOptions = { N: 2 ** cost.logN, r: cost.r, p: cost.p, maxmem: 256 * 2 ** cost.logN * cost.r };
      return await new Promise<Buffer>((resolve, reject) => {
        scrypt(secret.normalize('NFKC'), salt, hashBytes, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#waiting.length >= 50) {
      throw new ShopfloorError('too-many-logins', 429, 'Too many people log in at once.', { hint: 'Try again.' });
    }
    if (this.#running >= 2) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}
