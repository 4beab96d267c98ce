// Everything outside that a plant's environment names, ready to be examined.
import { join } from 'node:path';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { asError } from '../../nodes/core/errors.ts';
import type { Environment } from '../environment.ts';
import { brokerSystem } from './broker.ts';
import { databaseSystem } from './database.ts';
import { type NodeProperties, readDeployedNodes, type Variables } from './deployed-nodes.ts';
import type { OutsideSystem } from './examination.ts';
import { homeSystem } from './home.ts';
import { odooSystems } from './odoo.ts';
import { plcSystems } from './plc.ts';

/**
 * @param variables the process's own: flows may name variables that `npm start` does not know
 * @param shippedFlows folder of the flows that the package brings
 */
export function outsideSystems(
  environment: Environment,
  variables: Variables,
  shippedFlows: string,
): readonly OutsideSystem[] {
  const userDirectory = join(environment.home, 'node-red');
  const known = {
    ...variables,
    PLC_URL: environment.plcUrl,
    PLC_WORD_ORDER: environment.plcWordOrder,
    ODOO_URL: environment.odoo?.url,
  };
  const nodes = deployedNodes(userDirectory, shippedFlows);
  return [
    ...(nodes instanceof Error
      ? [unreadableFlows(userDirectory, nodes)]
      : [...plcSystems(nodes, known, userDirectory), ...odooSystems(nodes, known)]),
    brokerSystem(environment.mqttUrl),
    databaseSystem(environment.databaseUrl),
    homeSystem(environment.home, environment.databaseUrl),
  ];
}

function deployedNodes(userDirectory: string, shippedFlows: string): readonly NodeProperties[] | Error {
  try {
    return readDeployedNodes(userDirectory, shippedFlows);
  } catch (error) {
    return asError(error);
  }
}

/** Without the flows nobody knows which PLC, which Odoo and which settings are meant. */
function unreadableFlows(userDirectory: string, error: Error): OutsideSystem {
  const advice = 'Restore flows.json from a backup, or move it away to begin again with the shipped flows.';
  const diagnosis: Diagnosis = { check: 'flows.json', verdict: 'fails', found: error.message, advice };
  return { name: 'Flows', location: userDirectory, deadlineMs: 1_000, examine: () => Promise.resolve([diagnosis]) };
}
