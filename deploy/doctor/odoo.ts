// Examines every Odoo that the flows connect to, with the order rules that its nodes have; reads orders, changes none.
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { connectOdoo } from '../../nodes/odoo/connect.ts';
import { type OdooConnectionSettings, parseOdooConnection } from '../../nodes/odoo/connection-settings.ts';
import { diagnoseOdoo } from '../../nodes/odoo/diagnose.ts';
import { parseSyncSettings, type SyncSettings } from '../../nodes/odoo/sync-settings.ts';
import { type NodeProperties, nodesOfType, substituted, type Variables, variableReference } from './deployed-nodes.ts';
import type { OutsideSystem } from './examination.ts';

/** Some ten calls, of which a slow server may take seconds for each. */
const deadlineMs = 60_000;

/** What `npm start` connects to when the flows hold no connection of their own. */
const defaultConnection: NodeProperties = {
  url: variableReference('ODOO_URL'),
  database: variableReference('ODOO_DB'),
  login: variableReference('ODOO_LOGIN'),
};

/** @param variables the environment; a password that only the editor knows can't be read, `ODOO_PASSWORD` is used */
export function odooSystems(nodes: readonly NodeProperties[], variables: Variables): readonly OutsideSystem[] {
  const deployed = nodesOfType(nodes, 'odoo-connection');
  const connections = deployed.length > 0 ? deployed : [defaultConnection];
  return connections.map((connection) => {
    const given = typeof connection.name === 'string' ? connection.name.trim() : '';
    const name = given === '' || given === 'Odoo' ? 'Odoo' : `Odoo (${given})`;
    if (connection.url === defaultConnection.url && variables.ODOO_URL === undefined) {
      const needed = 'ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_PASSWORD';
      return { name, standIn: `npm start brings a simulated Odoo. Set ${needed} to examine yours.` };
    }
    const users = nodesOfType(nodes, 'odoo-mo-sync').filter((node) => node.connection === connection.id);
    return odooSystem(name, substituted(connection, variables), substituted(users[0] ?? {}, variables), variables);
  });
}

function odooSystem(
  name: string,
  connection: NodeProperties,
  orderRules: NodeProperties,
  variables: Variables,
): OutsideSystem {
  const location = String(connection.url);
  try {
    const settings = parseOdooConnection(connection, undefined, variables);
    const rules = parseSyncSettings(orderRules);
    return { name, location, deadlineMs, examine: (signal) => examineOdoo(settings, rules, signal) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const diagnosis = settingsFault(error);
    return { name, location, deadlineMs, examine: () => Promise.resolve([diagnosis]) };
  }
}

function settingsFault({ fields }: InvalidInput): Diagnosis {
  const check = 'settings';
  const [only] = fields;
  if (fields.length === 1 && only?.field === 'password') {
    const found = 'a password that the editor keeps is encrypted, and ODOO_PASSWORD is not set';
    return { check, verdict: 'doubtful', found, advice: 'Set ODOO_PASSWORD while the doctor runs.' };
  }
  const found = fields.map(({ field, message }) => `${field}: ${message}`).join('\n');
  const advice = 'Put it right in the odoo-connection or odoo-mo-sync node, or in the variable that it names.';
  return { check, verdict: 'fails', found, advice };
}

async function examineOdoo(
  settings: OdooConnectionSettings,
  rules: SyncSettings,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const client = connectOdoo(settings);
  signal.addEventListener('abort', () => client.close());
  try {
    const { database, login } = settings;
    return await diagnoseOdoo({ session: () => client.session(), settings: rules, database, login });
  } finally {
    client.close();
  }
}
