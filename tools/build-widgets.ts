// Builds the dashboard's widgets into resources/, where Node-RED serves them and the dashboard looks for them.
import { dirname, join } from 'node:path';
import { build } from 'vite';

const root = dirname(import.meta.dirname);

const keepsOld = process.argv.includes('--keep');

await build({
  configFile: join(root, 'dashboard', 'vite.config.ts'),
  logLevel: 'warn',
  // Open pages of a running instance may still fetch a part by its old name.
  build: { emptyOutDir: !keepsOld },
});
