// Builds every widget into one script that the dashboard loads once, and the library of the charts into a second one that follows.
import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';
import * as vueExports from 'vue';

/** Vue is the dashboard's own: a second one would know nothing of its components. */
function dashboardVue(): Plugin {
  const resolved = '\0dashboard-vue';
  const names = Object.keys(vueExports).filter((name) => /^\w+$/.test(name) && name !== 'default');
  return {
    name: 'dashboard-vue',
    enforce: 'pre',
    resolveId: (id) => (id === 'vue' ? { id: resolved, moduleSideEffects: false } : null),
    load: (id) =>
      id === resolved
        ? names.map((name) => `export const ${name} = /* @__PURE__ */ (() => window.Vue.${name})();`).join('\n')
        : null,
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [dashboardVue(), vue()],
  resolve: {
    alias: [
      { find: /^.*\/i18n\/langZH\.js$/, replacement: join(import.meta.dirname, 'charts/no-words.ts') },
      {
        find: /^.*\/(?:theme\/dark|loading\/default|preprocessor\/backwardCompat)\.js$/,
        replacement: join(import.meta.dirname, 'charts/left-out.ts'),
      },
    ],
  },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: '../resources',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    // A library, so that nothing is wrapped around what is fetched later; minified all the same.
    lib: { entry: 'main.ts', formats: ['es'], fileName: () => 'shopfloor-widgets.js' },
    rolldownOptions: {
      output: {
        minify: true,
        // The name changes with the content, so that no browser puts an old library beside new widgets.
        chunkFileNames: 'shopfloor-[name]-[hash].js',
      },
    },
  },
});
