// Who is behind a message and what that one may do: vouched for by the server, never read from the message itself.
import type { Actor } from '../batch/messages.ts';
import { ShopfloorError } from '../core/errors.ts';
import type { Action } from './messages.ts';
import { can, needsPassword, type Resource, type Subject } from './policy.ts';

/** Somebody whom the server has recognised. `may` reads the rights from the store anew each time it is asked. */
export interface Voucher {
  readonly actor: Actor;
  readonly may: (action: Action, resource?: Resource) => Promise<boolean>;
  /** The rights as they are now, for many questions at once; undefined when there are none any more. */
  readonly rights?: () => Promise<Subject | undefined>;
}

/** The part of a message that says where it began. */
export interface MessageOrigin {
  /** Express request of an http-in node. */
  readonly req?: unknown;
  /** Present when it began at a dashboard widget. */
  readonly _client?: unknown;
}

/** Mapped by the HTTP request object, so that nothing a client sends can name an actor. */
const vouchers = new WeakMap<object, Voucher>();
const nobody = async () => false;

/** Remembers who made `request`. Only code that has checked a token or a session calls this. */
export function vouchFor(
  request: object,
  actor: Actor,
  may: Voucher['may'] = nobody,
  rights?: Voucher['rights'],
): void {
  vouchers.set(request, { actor, may, ...(rights && { rights }) });
}

/** Recognises what the dashboard guard wrote into `msg._client`; undefined for anything else. */
export type ClientRecogniser = (client: object) => Voucher | undefined;
let recogniseClient: ClientRecogniser = () => undefined;

export function setClientRecogniser(recogniser: ClientRecogniser): void {
  recogniseClient = recogniser;
}

/** The voucher of a message that began at an http-in node or a widget; undefined when nobody vouched for it. */
export function voucherOf(message: MessageOrigin): Voucher | undefined {
  if (isObject(message.req)) return vouchers.get(message.req);
  return isObject(message._client) ? recogniseClient(message._client) : undefined;
}

/** The verified actor of a message; undefined when nobody vouched for it, or when it began in a flow. */
export function actorOf(message: MessageOrigin): Actor | undefined {
  return voucherOf(message)?.actor;
}

/** Whether a message came from outside (HTTP, dashboard) rather than from the flow's own clock or wiring. */
export function cameFromOutside(message: MessageOrigin): boolean {
  return message.req !== undefined || message._client !== undefined;
}

/**
 * What every command node asks before it obeys. A message from HTTP or the dashboard needs a voucher (401) that may do `action`
 * (403). A message that began in the flow itself is the engineer's own wiring and passes; its actor is undefined.
 */
export async function authorise(
  message: MessageOrigin,
  action: Action,
  resource: Resource = {},
): Promise<Actor | undefined> {
  if (!cameFromOutside(message)) return undefined;
  const voucher = voucherOf(message);
  if (!voucher) {
    throw new ShopfloorError('unauthorized', 401, 'Nobody vouched for this message.', {
      hint: 'Log in or send an API token; settings.ts must use shopfloorAccess.',
    });
  }
  if (await voucher.may(action, resource)) return voucher.actor;
  tellRefusal(voucher.actor, action, message);
  throw await refusalOf(voucher, action, resource);
}

/**
 * Before anything else of a command is looked at: nobody learns what a command would have to look like that they may not give.
 * @param actions of the commands that there are; a command that is none of them needs `fallback`
 */
export async function authoriseNamed(
  message: MessageOrigin & { readonly payload?: unknown },
  actions: Readonly<Record<string, Action>>,
  fallback: Action,
): Promise<void> {
  const { payload } = message;
  const name = isObject(payload) && 'command' in payload ? payload.command : undefined;
  const isKnown = typeof name === 'string' && Object.hasOwn(actions, name);
  await authorise(message, (isKnown ? actions[name] : undefined) ?? fallback);
}

/** Told of each command that somebody was refused. */
export type RefusalListener = (actor: Actor, action: Action, message: MessageOrigin) => void;
let tellRefusal: RefusalListener = () => {};

export function setRefusalListener(listener: RefusalListener): void {
  tellRefusal = listener;
}

/** Why somebody may not do `action`: the password is missing, or the right. */
export async function refusalOf(voucher: Voucher, action: Action, resource: Resource = {}): Promise<ShopfloorError> {
  const subject = await voucher.rights?.();
  return subject && needsPassword(subject, action, resource)
    ? passwordNeeded(voucher.actor.name)
    : new ShopfloorError('forbidden', 403, `${voucher.actor.name} may not do this (${action}).`, {
        hint: 'Ask an administrator for the role or token scope.',
      });
}

export function passwordNeeded(name: string): ShopfloorError {
  return new ShopfloorError(
    'password-needed',
    403,
    `${name} has to give the password first: a PIN or badge is not enough.`,
    {
      hint: 'Send it to POST /api/access/step-up, then repeat the command.',
    },
  );
}

/** Those of `resources` that who is behind a message may do `action` to; all of them for a message that began in the flow itself. */
export async function allowedOf<Of extends Resource>(
  message: MessageOrigin,
  action: Action,
  resources: readonly Of[],
): Promise<readonly Of[]> {
  if (!cameFromOutside(message)) return resources;
  const voucher = voucherOf(message);
  if (!voucher) return [];
  if (voucher.rights) {
    const subject = await voucher.rights();
    return subject ? resources.filter((resource) => can(subject, action, resource)) : [];
  }
  const answers = await Promise.all(resources.map((resource) => voucher.may(action, resource)));
  return resources.filter((_, index) => answers[index]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
