// Type check of the Vue widgets: vue-tsc drives the JavaScript API of TypeScript 5, which TypeScript 7 does not have.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const vueTsc = require('vue-tsc') as { run(tscPath: string): void };

process.argv.splice(2, process.argv.length, '-p', join(dirname(import.meta.dirname), 'dashboard', 'tsconfig.json'));
vueTsc.run(require.resolve('typescript-5/lib/tsc'));
