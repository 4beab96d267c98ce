// The error that a Catch node would get from a node under test, told apart from what the node logs by itself.
import { on } from 'node:events';

/**
 * The first Error that `done` is given from now on. A node also logs sentences by itself, such as one about its settings at the
 * start, and on a busy machine these come after the message that a test sent.
 */
export async function thrownBy(node: NodeJS.EventEmitter): Promise<Error & { readonly code?: string }> {
  for await (const [call] of on(node, 'call:error') as AsyncIterable<[{ readonly args: readonly unknown[] }]>) {
    const [thrown] = call.args;
    if (thrown instanceof Error) return thrown;
  }
  throw new Error('the node ended without a word');
}
