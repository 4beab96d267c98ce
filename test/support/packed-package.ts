// The package as it is published: packed by npm from the build that `npm test` has just made.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const packageRoot = dirname(dirname(import.meta.dirname));

/** Packs into `folder` and returns the tarball's path; needs a finished build. */
export function packPackage(folder: string): string {
  if (!existsSync(join(packageRoot, 'dist'))) throw new Error('dist is missing: run npm run build first');
  const file = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  return join(folder, file.trim());
}
