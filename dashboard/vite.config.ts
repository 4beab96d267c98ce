// Builds every widget into one script that the dashboard loads once; Vue is the dashboard's own.
import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue()],
  resolve: {
    alias: [{ find: /^.*\/i18n\/langZH\.js$/, replacement: join(import.meta.dirname, 'charts/no-words.ts') }],
  },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: '../resources',
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'main.ts', formats: ['iife'], name: 'shopfloorWidgets', fileName: () => 'shopfloor-widgets.js' },
    rollupOptions: { external: ['vue'], output: { globals: { vue: 'Vue' } } },
    reportCompressedSize: false,
  },
});
