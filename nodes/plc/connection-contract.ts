// What the nodes of this room need of a plc-connection node: one shared link, the map it speaks, and its state.
import type { Node, NodeAPI } from 'node-red';
import type { MemoryMap, WordOrder } from './memory-map.ts';
import type { PlcLink } from './plc-link.ts';

/** `waiting`: not connected, the next attempt is scheduled. `detail` is a sentence for people: peer, reason, delay. */
export interface LinkState {
  readonly state: 'connecting' | 'connected' | 'waiting';
  readonly detail: string;
}

/**
 * The config node that owns the connection to one PLC. It refuses at deploy fewer words per request than
 * `memoryMap.blockWords`, because a block that takes two answers may show two moments.
 */
export interface PlcConnectionNode extends Node {
  /** How this PLC is called in snapshots, logs and the ledger. */
  readonly plcName: string;
  readonly link: PlcLink;
  readonly memoryMap: MemoryMap;
  readonly wordOrder: WordOrder;
  /** True: nothing is ever written to this PLC. */
  readonly watchOnly: boolean;
  /** Calls `listener` at once with the present state and again on every change, until the returned function is called. */
  onLinkState(listener: (state: LinkState) => void): () => void;
}

/** The deployed plc-connection with this id; undefined when there is none, or it refused its own settings. */
export function plcConnectionOf(RED: Pick<NodeAPI, 'nodes'>, id: string): PlcConnectionNode | undefined {
  const node: unknown = RED.nodes.getNode(id);
  return isPlcConnection(node) ? node : undefined;
}

function isPlcConnection(node: unknown): node is PlcConnectionNode {
  if (typeof node !== 'object' || node === null) return false;
  const candidate = node as Partial<Record<keyof PlcConnectionNode, unknown>>;
  return (
    typeof candidate.plcName === 'string' &&
    typeof candidate.link === 'object' &&
    candidate.link !== null &&
    typeof candidate.memoryMap === 'object' &&
    candidate.memoryMap !== null &&
    (candidate.wordOrder === 'high-first' || candidate.wordOrder === 'low-first') &&
    typeof candidate.watchOnly === 'boolean' &&
    typeof candidate.onLinkState === 'function'
  );
}
