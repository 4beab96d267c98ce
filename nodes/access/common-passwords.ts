// The passwords that many people use and every attacker tries first, of eight characters and more.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { InvalidInput } from '../core/errors.ts';

export const commonPasswordFault = 'is one that many people use';

/** Packed by tools/pack-common-passwords.ts from the list of @zxcvbn-ts/language-common, whose licence lies beside it. */
const packed = join(import.meta.dirname, 'common-passwords.br');

let list: ReadonlySet<string> | undefined;

/** In any case of its letters. Unpacks the list when it is asked for the first time, which takes some milliseconds. */
export function isCommonPassword(password: string): boolean {
  list ??= new Set(brotliDecompressSync(readFileSync(packed)).toString('utf8').split('\n'));
  return list.has(password.normalize('NFKC').toLowerCase());
}

/** Throws InvalidInput for a password that many people use. */
export function refuseCommonPassword(password: string): void {
  if (!isCommonPassword(password)) return;
  throw new InvalidInput(
    [{ field: 'password', message: commonPasswordFault, code: 'common-password' }],
    'The password',
  );
}
