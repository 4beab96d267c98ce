// A node whose settings are refused: red in the editor with the setting's name, and everything sent to it is answered with why.
import type { Node } from 'node-red';
import { type CommandInputOptions, type NodeSurface, onCommand, statusText } from './command-input.ts';
import { asError, SettingsRefused, ShopfloorError } from './errors.ts';

/** A node that can say something in the log. */
interface LoggingNode extends NodeSurface {
  warn(message: string): void;
}

/** Config nodes that refused their settings: no canvas shows them, so the nodes that name them say why. */
const refusedNodes = new WeakMap<object, SettingsRefused>();

/**
 * What `read` makes of the settings, or the refusal to answer with. The refusal is shown on the node and logged once.
 * @param level `warn` for a node that a flow holds a dozen times with the same settings
 */
export function settingsOrRefusal<Settings>(
  node: LoggingNode,
  read: () => Settings,
  level: 'error' | 'warn' = 'error',
): Settings | SettingsRefused {
  try {
    return read();
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    const [fault] = refusal.fields;
    node.status({ fill: 'red', shape: 'ring', text: statusText(fault ? `settings: ${fault.field}` : 'settings') });
    node[level](refusal.message);
    refusedNodes.set(node, refusal);
    return refusal;
  }
}

/** Wrong settings are no fault of the sender, so 503; the fields stay, for a client that shows them. */
function refusalOf(thrown: unknown): SettingsRefused {
  const error = asError(thrown);
  const fields = error instanceof ShopfloorError ? error.fields : [];
  return new SettingsRefused(error.message, { fields, cause: error });
}

/**
 * Why the config node that `RED.nodes.getNode` returned does not work; undefined when it did not refuse its settings.
 * @param need what the asking node lacks without it, as a sentence
 */
export function refusalBehind(node: unknown, need: string): SettingsRefused | undefined {
  const refusal = typeof node === 'object' && node !== null ? refusedNodes.get(node) : undefined;
  return refusal && new SettingsRefused(`${need} ${refusal.message}`, { fields: refusal.fields, cause: refusal });
}

/** Every message is answered with the refusal: over HTTP as 503 on the reply output, in a flow by a Catch node. */
export function answerRefused(node: Node, refusal: SettingsRefused, options: CommandInputOptions = {}): void {
  onCommand(node, () => Promise.reject(refusal), options);
}
