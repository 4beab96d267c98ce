// Finds the settings that an engineer gave to nodes in the editor, which the environment does not hold.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedVariable } from '../../nodes/core/setting-text.ts';

export type NodeProperties = Readonly<Record<string, unknown>>;
export type Variables = Readonly<Record<string, string | undefined>>;

/** Every node that would run: those of the user directory's flow file, before the first start those of the shipped flows. */
export function readDeployedNodes(userDirectory: string, shippedFlows: string): readonly NodeProperties[] {
  const ownFlows = join(userDirectory, 'flows.json');
  const files = existsSync(ownFlows) ? [ownFlows] : globSync(join(shippedFlows, '*.json')).sort();
  return files.flatMap((file) => {
    const nodes: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(nodes) ? nodes.filter(isProperties) : [];
  });
}

/** Nodes of one type; one that is disabled in the editor does not run. */
export function nodesOfType(nodes: readonly NodeProperties[], type: string): readonly NodeProperties[] {
  return nodes.filter((node) => node.type === type && node.d !== true);
}

export { variableReference } from '../../nodes/core/setting-text.ts';

/** Replaces values that are `${NAME}` as a whole, as Node-RED does; a name that is not set stays as it is. */
export function substituted(node: NodeProperties, variables: Variables): NodeProperties {
  return Object.fromEntries(
    Object.entries(node).map(([property, value]) => [property, substitutedValue(value, variables)]),
  );
}

function substitutedValue(value: unknown, variables: Variables): unknown {
  const name = namedVariable(value);
  return name === undefined ? value : (variables[name] ?? value);
}

function isProperties(value: unknown): value is NodeProperties {
  return typeof value === 'object' && value !== null;
}
