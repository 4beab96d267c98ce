// Empties the build's output, so that a renamed or deleted file is not packed.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);

for (const folder of ['dist', 'examples']) rmSync(join(root, folder), { recursive: true, force: true });
