// Numbers that a run of tests shows beside passed and failed, such as how many processes it killed.
import { recordVariable, writeEntry } from '../suite/record.ts';

/** `npm test` sums the values of one name over all files; a file that is run by hand prints its own. */
export function figure(name: string, value: number): void {
  const file = process.env[recordVariable];
  if (file === undefined) process.stdout.write(`      ${name}: ${value}\n`);
  else writeEntry(file, { kind: 'figure', name, value });
}
