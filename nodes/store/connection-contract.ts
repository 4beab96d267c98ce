// What other nodes may ask of a shopfloor-store config node.
import type { Node } from 'node-red';
import type { Store } from './store.ts';

export interface StoreNode extends Node {
  /** The open store; rejects with a StoreError while it can't be opened, and the next call tries again. */
  ready(): Promise<Store>;
}

/** Narrows what `RED.nodes.getNode` returned to a store node; undefined when it is missing or of another type. */
export function storeNodeOf(node: unknown): StoreNode | undefined {
  return typeof node === 'object' && node !== null && 'ready' in node && typeof node.ready === 'function'
    ? (node as StoreNode)
    : undefined;
}
