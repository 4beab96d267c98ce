// Writes a Brotli file beside every script of resources/, once at the build: the best compression takes seconds and is not for a request.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const resources = join(dirname(import.meta.dirname), 'resources');

for (const file of globSync('*.js', { cwd: resources })) {
  const script = readFileSync(join(resources, file));
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: script.length };
  writeFileSync(join(resources, `${file}.br`), brotliCompressSync(script, { params }));
}
