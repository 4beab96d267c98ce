// `npm run bench -- <name> [options]`: runs one benchmark of this folder and prints ratios measured in one run.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';

/** As sysexits.h has it for a fault of the program: nothing was measured, whereas 1 is a target that was missed. */
const couldNotMeasure = 70;

const [name, ...args] = process.argv.slice(2);
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(couldNotMeasure);
});
const names = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.ts'))
  .filter((candidate) => candidate !== 'run')
  .sort();

if (!name || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- <${names.join('|')}> [options]\n`);
  process.exitCode = 2;
} else {
  const bench: { run(args: readonly string[]): Promise<void> } = await import(join(import.meta.dirname, `${name}.ts`));
  await bench.run(args);
}
