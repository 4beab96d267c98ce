// How a secret that can be guessed becomes a hash that is slow to guess: Argon2id where this Node.js has it, scrypt elsewhere.
import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import { ShopfloorError } from '../core/errors.ts';

export interface ScryptCost {
  /** log2 of scrypt's N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

export interface Argon2Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

export type SecretCost = ScryptCost | Argon2Cost;

/** What Node.js brings; `argon2` since 24.7. */
export interface HashingRuntime {
  readonly argon2?: typeof crypto.argon2;
}

/** 32 MiB for each hash, three passes: OWASP's setting for small machines (Password Storage Cheat Sheet). */
export const defaultCost: ScryptCost = { logN: 15, r: 8, p: 3 };

/**
 * OWASP names Argon2id first, scrypt for where it is missing. Of its equal settings this one has the most memory, 46 MiB, which is
 * what an attacker's hardware has least of; it takes 60 ms of a core, `defaultCost` 240 ms.
 */
export const argon2Cost: Argon2Cost = { memoryKiB: 47_104, passes: 1, lanes: 1 };

/** What new passwords and PINs are hashed with. */
export function passwordCost({ argon2 }: HashingRuntime = crypto): SecretCost {
  return argon2 ? argon2Cost : defaultCost;
}

/** `scrypt$logN$r$p` or `argon2id$memoryKiB$passes$lanes`: the beginning of a stored hash. */
export function costText(cost: SecretCost): string {
  const numbers =
    'logN' in cost ? ['scrypt', cost.logN, cost.r, cost.p] : ['argon2id', cost.memoryKiB, cost.passes, cost.lanes];
  return numbers.join('$');
}

/** The cost that a stored hash begins with. */
export function costOf(stored: string): SecretCost {
  const [algorithm, ...numbers] = stored.split('$');
  const [first = 0, second = 0, third = 0] = numbers.slice(0, 3).map(Number);
  return algorithm === 'argon2id'
    ? { memoryKiB: first, passes: second, lanes: third }
    : { logN: first, r: second, p: third };
}

/** 32 bytes, off the event loop. Rejects for Argon2id on a Node.js that does not have it: nobody's password is wrong then. */
export async function derive(
  secret: string,
  salt: Buffer,
  cost: SecretCost,
  { argon2 }: HashingRuntime = crypto,
): Promise<Buffer> {
  // The same letters, however a keyboard composes them.
  const message = secret.normalize('NFKC');
  if ('logN' in cost) {
    const { logN, r, p } = cost;
    const options = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r };
    return promisify<string, Buffer, number, crypto.ScryptOptions, Buffer>(crypto.scrypt)(
      message,
      salt,
      hashBytes,
      options,
    );
  }
  if (!argon2) {
    throw new ShopfloorError('needs-newer-node', 503, 'This password is kept as Argon2id, which needs Node.js 24.7.', {
      hint: 'Run Shopfloor with Node.js 24.7 or newer again.',
    });
  }
  const { memoryKiB: memory, passes, lanes: parallelism } = cost;
  const parameters = { message, nonce: salt, parallelism, tagLength: hashBytes, memory, passes };
  return promisify(argon2)('argon2id', parameters);
}

const hashBytes = 32;
