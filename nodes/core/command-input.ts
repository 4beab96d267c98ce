// The one way a node of this package takes a message: run the handler, show a status, settle `done` exactly once.
import type { Node, NodeMessage } from 'node-red';
import { asError, SettingsRefused, ShopfloorError } from './errors.ts';
import { errorReply } from './http-envelope.ts';

/** The part of a node that a handler needs; a plain object stands in for it in tests. */
export interface NodeSurface {
  status(status: { fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey'; shape?: 'ring' | 'dot'; text?: string }): void;
  error(message: string, msg?: NodeMessage): void;
}

/** A message on the wire: payload and topic by name, everything else passes through untouched. */
export interface WireMessage extends NodeMessage {
  /** Express request and response, present when the message began at an http-in node. */
  req?: unknown;
  res?: unknown;
  statusCode?: number;
  [property: string]: unknown;
}

export type Send = (messages: WireMessage | Array<WireMessage | WireMessage[] | null>) => void;

/** A status text must not exceed 20 characters (editor convention). */
export function statusText(text: string): string {
  return text.length <= 20 ? text : `${text.slice(0, 19)}…`;
}

export interface CommandInputOptions {
  /** Status while the handler runs; none for handlers that show their own. */
  readonly busyText?: string;
  /** Output (0 is the first) on which an HTTP refusal is answered. */
  readonly replyOutput?: number;
}

/**
 * Attaches `handle` to the node's input. A thrown error sets a red status and goes to `done(error)` so that a Catch
 * node sees it. A refusal (a ShopfloorError below 500) of a message that came over HTTP is an answer, not a fault: it is
 * sent on the reply output with its status code and envelope. An unexpected error over HTTP is answered with 500 and also
 * goes to `done(error)`, with the id that the reply carries.
 */
export function onCommand(
  node: Node,
  handle: (message: WireMessage, send: Send) => Promise<void>,
  options: CommandInputOptions = {},
): void {
  node.on('input', (msg, send, done) => {
    const message: WireMessage = msg as WireMessage;
    const sendMessages: Send = (messages) => send(messages as NodeMessage);
    if (options.busyText) node.status({ fill: 'blue', shape: 'dot', text: statusText(options.busyText) });
    handle(message, sendMessages).then(
      () => done(),
      (thrown: unknown) => {
        const error = asError(thrown);
        if (message.res !== undefined) {
          const reply = errorReply(error);
          message.statusCode = reply.statusCode;
          message.payload = reply.payload;
          sendMessages([...Array<null>(options.replyOutput ?? 0).fill(null), message]);
          if (reply.errorId === undefined) {
            done();
            return;
          }
          error.message = `[${reply.errorId}] ${error.message}`;
        }
        const code = error instanceof ShopfloorError ? error.code : 'error';
        // Wrong settings are on the node already, by name.
        if (!(error instanceof SettingsRefused)) node.status({ fill: 'red', shape: 'ring', text: statusText(code) });
        done(error);
      },
    );
  });
}
