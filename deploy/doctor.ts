// `npm run doctor`: examines the configured PLC, Odoo, broker and database, says what to do, and changes nothing.
import { dirname, join } from 'node:path';
import { systemClock } from '../nodes/core/clock.ts';
import { makeRound } from './doctor/round.ts';
import { secretFilter } from './doctor/secrets.ts';
import { outsideSystems } from './doctor/systems.ts';
import { type Environment, EnvironmentFault, parseEnvironment } from './environment.ts';

/** Compiled, this file is dist/deploy/doctor.js. */
const packageRoot = dirname(dirname(import.meta.dirname));

function readEnvironment(): Environment | undefined {
  try {
    return parseEnvironment(process.env, process.cwd());
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const environment = readEnvironment();
  if (!environment) return 1;
  const systems = outsideSystems(environment, process.env, join(packageRoot, 'examples'));
  // The timers of a deadline do not keep a process alive; a system that never answers must not end it early.
  const awake = setInterval(() => {}, 60_000);
  const isHealthy = await makeRound(systems, {
    clock: systemClock,
    write: (text) => process.stdout.write(text),
    hideSecrets: secretFilter(environment, process.env.ODOO_PASSWORD),
  });
  clearInterval(awake);
  return isHealthy ? 0 : 1;
}

const exitCode = await main();
// Not by itself: a driver that was given up at its deadline may hold a socket for minutes.
process.stdout.write('', () => process.exit(exitCode));
