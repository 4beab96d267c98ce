// Who is behind a message: vouched for by the server that saw the request, never read from the message itself.
import type { Actor } from '../batch/messages.ts';

/** Mapped by the HTTP request object, so that nothing a client sends can name an actor. */
const actors = new WeakMap<object, Actor>();

/** Remembers who made `request`. Only code that has checked a token, a session or the loopback address calls this. */
export function vouchFor(request: object, actor: Actor): void {
  actors.set(request, actor);
}

/** The verified actor of a message that began at an http-in node; undefined when nobody vouched for it. */
export function actorOf(message: { readonly req?: unknown }): Actor | undefined {
  return typeof message.req === 'object' && message.req !== null ? actors.get(message.req) : undefined;
}
