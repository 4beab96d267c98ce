// Prepares the Node-RED user directory of `npm start`: this package linked into it, and the shipped flows laid out once.
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface ShippedFlow {
  /** File name without ending: the name of the flow. */
  readonly name: string;
  readonly nodes: readonly { readonly id: string }[];
}

/** What happened to the flow file: an edited one is never touched. */
export type FlowFileOutcome = 'created' | 'kept' | 'updated' | 'edited-kept' | 'empty-kept';

const packageName = '@shopfloor/node-red-dashboard-2-shopfloor';
const dashboardName = '@flowfuse/node-red-dashboard';
const flowFileName = 'flows.json';
const shippedDigestName = '.shipped-flows.sha256';

/** Reads every shipped flow of `folder`; throws when two nodes share an id. */
export function readShippedFlows(folder: string): readonly ShippedFlow[] {
  const flows = globSync('*.json', { cwd: folder })
    .sort(byTabOrder)
    .map((file) => ({
      name: basename(file, '.json'),
      nodes: JSON.parse(readFileSync(join(folder, file), 'utf8')) as ShippedFlow['nodes'],
    }));
  /** Mapped by node id: the flow that has it. */
  const owners = new Map<string, string>();
  for (const { name, nodes } of flows) {
    for (const { id } of nodes) {
      const owner = owners.get(id);
      if (owner !== undefined) throw new Error(`node id "${id}" is in the flows ${owner} and ${name}`);
      owners.set(id, name);
    }
  }
  return flows;
}

/** The tabs of the plant by name, and after them what only a trial needs. */
function byTabOrder(one: string, other: string): number {
  const isTrial = (file: string) => Number(file.includes('simulator'));
  return isTrial(one) - isTrial(other) || one.localeCompare(other);
}

/**
 * Lays `flows` out in `userDirectory`. A flow file that still is what an earlier version shipped is replaced by the new one;
 * a flow file that an engineer has edited stays as it is.
 */
export function prepareFlowFile(userDirectory: string, flows: readonly ShippedFlow[]): FlowFileOutcome {
  if (flows.every(({ nodes }) => nodes.length === 0)) {
    throw new Error('the package has no flows: its folder "examples" is empty. Build it with "npm run build".');
  }
  const flowFile = join(userDirectory, flowFileName);
  const digestFile = join(userDirectory, shippedDigestName);
  const shipped = `${JSON.stringify(
    flows.flatMap((flow) => flow.nodes),
    null,
    4,
  )}\n`;
  const write = (outcome: FlowFileOutcome): FlowFileOutcome => {
    // A start that is killed here leaves the old file or the new one, never half of it.
    writeFileSync(`${flowFile}.next`, shipped);
    renameSync(`${flowFile}.next`, flowFile);
    writeFileSync(digestFile, digest(shipped));
    return outcome;
  };
  if (!existsSync(flowFile)) return write('created');
  const current = readFileSync(flowFile, 'utf8');
  if (current === shipped) return 'kept';
  const lastShipped = existsSync(digestFile) ? readFileSync(digestFile, 'utf8') : '';
  if (digest(current) === lastShipped || (lastShipped === '' && isEmptyFlow(current))) return write('updated');
  return isEmptyFlow(current) ? 'empty-kept' : 'edited-kept';
}

/** Nothing to run; without a digest beside it no start has finished it either. */
function isEmptyFlow(text: string): boolean {
  return /^\s*(\[\s*\])?\s*$/.test(text);
}

/** Makes a Node-RED that is installed elsewhere find Dashboard 2.0 too, as a palette that installs dependencies does. */
export function linkDashboard(userDirectory: string, dashboardRoot: string): void {
  linkInto(userDirectory, dashboardName, dashboardRoot);
}

/** Makes Node-RED find this package in its user directory, as if the palette had installed it. */
export function linkPackage(userDirectory: string, packageRoot: string): void {
  if (!linkInto(userDirectory, packageName, packageRoot)) return;
  const manifest = join(userDirectory, 'package.json');
  if (!existsSync(manifest)) {
    const content = {
      name: 'shopfloor-plant',
      description: 'Node-RED user directory of this plant',
      version: '0.0.1',
      private: true,
      dependencies: { [packageName]: `file:${packageRoot}` },
    };
    writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
  }
}

/** The key that encrypts the flows' credentials: made once, readable by the plant's own user only. */
export function credentialSecret(home: string): string {
  const file = join(home, 'credential-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

/** @returns false when the link was there already */
function linkInto(userDirectory: string, name: string, target: string): boolean {
  const link = join(userDirectory, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) {
    if (existsSync(link) && realpathSync(link) === realpathSync(target)) return false;
    rmSync(link, { recursive: true, force: true });
  }
  symlinkSync(target, link, 'junction');
  return true;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
