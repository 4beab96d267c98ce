// Copies what tsc leaves behind (editor HTML, catalogues, icons, data) into dist, and the shipped flows into examples.
import { cpSync, globSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);

for (const file of globSync('nodes/**/*.{html,json,svg,png,br,txt}', { cwd: root })) {
  const target = join(root, 'dist', file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, file), target);
}

mkdirSync(join(root, 'examples'), { recursive: true });
for (const file of globSync('flows/*.json', { cwd: root })) {
  cpSync(join(root, file), join(root, file.replace(/^flows/, 'examples')));
}
