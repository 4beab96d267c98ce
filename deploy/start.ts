// `npm start`: checks the environment, brings stand-ins for what is not configured, and runs Node-RED with the shipped flows.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { keepHomePrivate } from '../nodes/access/private-home.ts';
import { startEmbeddedBroker } from './embedded-broker.ts';
import { type Environment, EnvironmentFault, parseEnvironment } from './environment.ts';
import { freePort } from './free-port.ts';
import {
  credentialSecret,
  type FlowFileOutcome,
  linkDashboard,
  linkPackage,
  prepareFlowFile,
  readShippedFlows,
} from './user-directory.ts';

/** Compiled, this file is dist/deploy/start.js. */
const packageRoot = dirname(dirname(import.meta.dirname));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function stop(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function checkNodeVersion(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return;
  stop(
    `Node.js ${process.versions.node} is too old: Shopfloor needs 22.13 or newer (node:sqlite). 'npm install' brings one; start with 'npm start'.`,
  );
}

function readEnvironment(): Environment {
  try {
    return parseEnvironment(process.env, process.cwd());
  } catch (error) {
    if (error instanceof EnvironmentFault) return stop(error.message);
    throw error;
  }
}

/** Address of the PLC: the configured one, or the stand-in's on a free port. */
async function plcVariables(environment: Environment): Promise<Record<string, string>> {
  if (environment.plcUrl) return { PLC_URL: environment.plcUrl, PLC_SIMULATOR_PORT: '' };
  const port = await freePort();
  return { PLC_URL: `modbus-tcp://127.0.0.1:${port}?unit=1`, PLC_SIMULATOR_PORT: String(port) };
}

/** Address of the broker: the configured one, or the embedded one with simulated machines that send to it. */
async function brokerVariables(environment: Environment): Promise<Record<string, string>> {
  if (environment.mqttUrl) return { MQTT_URL: environment.mqttUrl, SENSOR_SIMULATOR_URL: '' };
  const url = (await startEmbeddedBroker()) ?? '';
  return { MQTT_URL: url, SENSOR_SIMULATOR_URL: url };
}

async function odooVariables(environment: Environment): Promise<Record<string, string>> {
  if (environment.odoo) {
    const { url, database, login, password } = environment.odoo;
    return { ODOO_URL: url, ODOO_DB: database, ODOO_LOGIN: login, ODOO_PASSWORD: password, ODOO_SIMULATOR_PORT: '' };
  }
  const port = await freePort();
  return {
    ODOO_URL: `http://127.0.0.1:${port}`,
    ODOO_DB: 'plant',
    ODOO_LOGIN: 'shopfloor',
    ODOO_PASSWORD: 'shopfloor',
    ODOO_SIMULATOR_PORT: String(port),
  };
}

/** What the flows read as `${NAME}`: every variable present, defaults filled in. */
async function flowVariables(environment: Environment): Promise<Record<string, string>> {
  return {
    ...(await plcVariables(environment)),
    ...(await odooVariables(environment)),
    PORT: String(environment.port),
    SHOPFLOOR_HOME: environment.home,
    DATABASE_URL: environment.databaseUrl,
    PLC_WORD_ORDER: environment.plcWordOrder,
    ...(await brokerVariables(environment)),
    ENABLE_AUTO_SYNC: String(environment.enableAutoSync),
    SYNC_INTERVAL_MINUTES: String(environment.syncIntervalMinutes),
    SYNC_BATCH_LIMIT: String(environment.syncBatchLimit),
    PLC_READ_INTERVAL_SECONDS: String(environment.plcReadIntervalSeconds),
    PROCESS_INTERVAL_SECONDS: String(environment.processIntervalSeconds),
    MONITOR_INTERVAL_SECONDS: String(environment.monitorIntervalSeconds),
    SHOPFLOOR_WATCH_ONLY: String(environment.watchOnly),
    SHOPFLOOR_EDITOR: environment.editor ? 'on' : 'off',
    TZ_PLANT: environment.plantTimeZone,
  };
}

/** Hides the password of a URL. */
function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.password) parsed.password = '***';
  return parsed.href;
}

function announce(environment: Environment, variables: Readonly<Record<string, string>>): void {
  const standIn = (real: unknown) => (real ? '' : '  (stand-in)');
  say(`Shopfloor on http://localhost:${environment.port}/`);
  say(`  database  ${withoutPassword(environment.databaseUrl)}`);
  say(`  PLC       ${variables.PLC_URL}${standIn(environment.plcUrl)}`);
  say(`  Odoo      ${variables.ODOO_URL}${standIn(environment.odoo)}`);
  say(`  MQTT      ${withoutPassword(variables.MQTT_URL ?? '')}${standIn(environment.mqttUrl)}`);
  if (environment.trialIntervals) {
    say(
      '  PLC and Odoo are stand-ins: the four tasks run every few seconds, so that an order is seen through within a minute.',
    );
  }
  if (environment.watchOnly) say('  Watch only: nothing is written to the PLC or to Odoo.');
  say(`  Dashboard http://localhost:${environment.port}/dashboard, editor http://localhost:${environment.port}/`);
}

function shippedFlows(userDirectory: string): FlowFileOutcome {
  try {
    return prepareFlowFile(userDirectory, readShippedFlows(join(packageRoot, 'examples')));
  } catch (error) {
    return stop(`No flows: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function main(): Promise<void> {
  checkNodeVersion();
  const environment = readEnvironment();
  // Before anything is written there: settings.ts does the same for whoever starts Node-RED without this.
  keepHomePrivate(environment.home, environment.databaseUrl);
  const userDirectory = join(environment.home, 'node-red');
  mkdirSync(userDirectory, { recursive: true });
  linkPackage(userDirectory, packageRoot);
  const { resolve } = createRequire(join(packageRoot, 'package.json'));
  linkDashboard(userDirectory, dirname(resolve('@flowfuse/node-red-dashboard/package.json')));
  const flowFile = shippedFlows(userDirectory);
  const variables = await flowVariables(environment);
  Object.assign(process.env, variables);
  process.env.SHOPFLOOR_CREDENTIAL_SECRET ??= credentialSecret(environment.home);
  // Express shows stack traces to clients unless it is told that this is not a workshop.
  process.env.NODE_ENV ??= 'production';
  announce(environment, variables);
  if (flowFile === 'empty-kept')
    say(
      '  Flows     none: flows.json of this home is empty, so nothing will run; the shipped ones are under Import > Examples',
    );
  if (flowFile === 'edited-kept')
    say('  Flows     your edited flows are used; the shipped ones are under Import > Examples');

  // Another Node-RED can be named, so that both supported releases run the same start.
  const nodeRedFolder =
    process.env.SHOPFLOOR_NODE_RED ?? dirname(createRequire(import.meta.url).resolve('node-red/package.json'));
  process.argv.splice(2, process.argv.length, '--settings', join(packageRoot, 'dist', 'settings.js'));
  await import(pathToFileURL(join(nodeRedFolder, 'red.js')).href);
}

await main();
