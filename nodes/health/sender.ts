// Who sent a message that began inside a flow: whom an earlier node of the flow names, or the flow itself.
import type { Actor } from '../core/actor.ts';
import type { WireMessage } from '../core/command-input.ts';

export function senderOf(message: WireMessage): Actor {
  const { actor } = message;
  const named = typeof actor === 'object' && actor !== null && 'name' in actor && typeof actor.name === 'string';
  return { name: named && actor.name !== '' ? String(actor.name).slice(0, 100) : 'flow', via: 'flow' };
}
