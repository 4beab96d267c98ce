// Packs the library's list of common passwords into the file that the access room reads; run it after an update of the library.
import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const root = dirname(import.meta.dirname);
const { resolve } = createRequire(import.meta.url);

interface Library {
  readonly dictionary: { readonly 'passwords-common': readonly string[] };
}

/** A shorter one is refused for its length. */
const shortest = 8;

/** What many people use, by the library (MIT), most frequent first and in lower case, one a line. */
export function commonPasswords(): string {
  const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as Library;
  return dictionary['passwords-common'].filter((password) => password.length >= shortest).join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const library = dirname(dirname(resolve('@zxcvbn-ts/language-common')));
  writeFileSync(join(root, 'nodes', 'access', 'common-passwords.br'), brotliCompressSync(commonPasswords()));
  copyFileSync(join(library, 'LICENSE.txt'), join(root, 'nodes', 'access', 'common-passwords.LICENSE.txt'));
}
