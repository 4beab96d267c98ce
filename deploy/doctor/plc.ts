// Examines every PLC that the flows connect to, with the settings its plc-connection has, over a link that can't write.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../../nodes/core/clock.ts';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { diagnosePlc } from '../../nodes/plc/diagnose.ts';
import { type ConnectionSettings, parseConnectionSettings } from '../../nodes/plc/link/connection-settings.ts';
import { openLink } from '../../nodes/plc/link/open-link.ts';
import { formatPlcUrl } from '../../nodes/plc/link/plc-url.ts';
import { type NodeProperties, nodesOfType, substituted, type Variables, variableReference } from './deployed-nodes.ts';
import type { OutsideSystem } from './examination.ts';

/** Twenty blocks over a serial line of 9600 baud take 5 s; the rest is for a PLC that answers slowly. */
const deadlineMs = 30_000;

/** What `npm start` connects to when the flows hold no connection of their own. */
const defaultConnection: NodeProperties = {
  url: variableReference('PLC_URL'),
  wordOrder: variableReference('PLC_WORD_ORDER'),
};

/** @param variables the environment, defaults filled in */
export function plcSystems(
  nodes: readonly NodeProperties[],
  variables: Variables,
  userDirectory: string,
): readonly OutsideSystem[] {
  const deployed = nodesOfType(nodes, 'plc-connection');
  const connections = deployed.length > 0 ? deployed : [defaultConnection];
  return connections.map((connection) => {
    const given = typeof connection.name === 'string' ? connection.name.trim() : '';
    const name = given === '' ? 'PLC' : `PLC (${given})`;
    if (connection.url === defaultConnection.url && variables.PLC_URL === undefined) {
      return { name, standIn: 'npm start brings a simulated PLC. Set PLC_URL to examine yours.' };
    }
    return plcSystem(name, substituted(connection, variables), userDirectory);
  });
}

function plcSystem(name: string, properties: NodeProperties, userDirectory: string): OutsideSystem {
  const settings = readSettings(properties, userDirectory);
  if (settings instanceof InvalidInput) {
    const found = settings.fields.map(({ field, message }) => `${field}: ${message}`).join('\n');
    const advice = 'Put it right in the plc-connection node, or in the variable that it names.';
    return {
      name,
      location: String(properties.url),
      deadlineMs,
      examine: () => Promise.resolve([{ check: 'settings', verdict: 'fails', found, advice }]),
    };
  }
  return {
    name,
    location: formatPlcUrl(settings.endpoint),
    deadlineMs,
    examine: (signal) => examinePlc(settings, signal),
  };
}

function readSettings(properties: NodeProperties, userDirectory: string): ConnectionSettings | InvalidInput {
  try {
    return parseConnectionSettings(properties, {
      readFile: (path) => readFileSync(resolve(userDirectory, path), 'utf8'),
      watchOnly: true,
    });
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

async function examinePlc(settings: ConnectionSettings, signal: AbortSignal): Promise<Diagnosis[]> {
  let decide: () => void = () => {};
  const decided = new Promise<void>((resolve) => {
    decide = resolve;
  });
  const link = openLink(settings, systemClock, ({ phase }) => {
    if (phase !== 'connecting') decide();
  });
  signal.addEventListener('abort', () => void link.close());
  try {
    link.start();
    await decided;
    return await diagnosePlc({ link, map: settings.memoryMap, wordOrder: settings.wordOrder });
  } finally {
    await link.close();
  }
}
