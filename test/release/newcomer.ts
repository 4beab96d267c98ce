// `node test/release/newcomer.ts [node-red-4|node-red-5]`: a newcomer installs the tarball, follows README, and has the first order archived within five minutes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarball, Newcomer } from '../support/newcomer.ts';
import { firstLeg, type NodeRedLeg, secondLeg } from '../support/node-red-process.ts';
import { packPackage } from '../support/packed-package.ts';
import { Plant } from '../system/plant.ts';

/** From the tarball to the first archived order, the installation by npm included. */
const limitMs = 5 * 60_000;

const legs: Readonly<Record<string, NodeRedLeg>> = { 'node-red-5': firstLeg, 'node-red-4': secondLeg };

/** The newcomer's own PLC and Odoo run beside Node-RED, in this process; resolves to the seconds by step. */
async function arrive(leg: NodeRedLeg, folder: string, tarball: string): Promise<Readonly<Record<string, number>>> {
  const plant = await Plant.start({ plc: { mill: { secondsPerBatch: 2 } } });
  for (let order = 0; order < 3; order += 1) plant.odoo.generateOrder();
  const steps: Record<string, number> = {};
  const startedAt = performance.now();
  const done = (step: string) => {
    steps[step] = Math.round((performance.now() - startedAt) / 100) / 10;
  };
  let newcomer: Newcomer | undefined;
  try {
    installTarball(leg, tarball, folder);
    done('installed');
    newcomer = await Newcomer.arrive(leg, folder);
    done('logged in');
    await newcomer.importExamples('plant', 'dashboard', 'plc-odoo-scheduler');
    newcomer.type({
      'line 1 PLC': { url: plant.environment.PLC_URL },
      Odoo: {
        url: plant.environment.ODOO_URL,
        database: plant.environment.ODOO_DB,
        login: plant.environment.ODOO_LOGIN,
        credentials: { password: plant.environment.ODOO_PASSWORD },
      },
    });
    await newcomer.deploy();
    done('deployed');
    const first = await newcomer.firstArchived(limitMs - (performance.now() - startedAt));
    done('first order archived');
    assert.match(JSON.stringify(first), /WH\/MO\//);
    assert.ok(performance.now() - startedAt < limitMs, `${leg.name} took ${JSON.stringify(steps)}`);
    return steps;
  } finally {
    await newcomer?.leave();
    await plant.stop();
  }
}

const [only] = process.argv.slice(2);
const chosen = only === undefined ? Object.values(legs) : [legs[only]];
const folder = mkdtempSync(join(tmpdir(), 'shopfloor-newcomer-'));
try {
  const tarball = packPackage(folder);
  for (const [index, leg] of chosen.entries()) {
    if (!leg) throw new Error(`${only} is none of ${Object.keys(legs).join(', ')}`);
    const steps = await arrive(leg, join(folder, String(index)), tarball);
    const told = Object.entries(steps).map(([step, seconds]) => `${step} after ${seconds} s`);
    process.stdout.write(`newcomer on ${leg.name}: ${told.join(', ')}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
