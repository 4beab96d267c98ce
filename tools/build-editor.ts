// Builds the editor's half of the node kit into resources/, from where each dialog loads it as a classic script.
import { dirname, join } from 'node:path';
import { build } from 'vite';

const root = dirname(import.meta.dirname);

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    outDir: 'resources',
    // The widgets are there already.
    emptyOutDir: false,
    target: 'es2022',
    lib: {
      entry: join('nodes', 'core', 'editor-kit.ts'),
      formats: ['iife'],
      name: 'shopfloorEditorKit',
      fileName: () => 'shopfloor-editor.js',
    },
  },
});
