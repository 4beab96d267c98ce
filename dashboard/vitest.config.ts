// Component tests of the widgets, in a browser of paper.
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue()],
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.spec.ts'],
    restoreMocks: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
