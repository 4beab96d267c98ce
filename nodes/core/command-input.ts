// The one way a node of this package takes a message: run the handler, show a status, settle `done` exactly once.
import type { Node, NodeMessage } from 'node-red';
import { answerInTime, answerNow, FlowsRestarted, responseBehind } from './answer-deadline.ts';
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
 * goes to `done(error)`, with the id that the reply carries. A request is answered in time, also when a deploy takes the node
 * away meanwhile: then here, because the flow that would carry the answer is gone.
 */
export function onCommand(
  node: Node,
  handle: (message: WireMessage, send: Send) => Promise<void>,
  options: CommandInputOptions = {},
): void {
  let isClosed = false;
  node.on('close', () => {
    isClosed = true;
  });
  node.on('input', (msg, send, done) => {
    const message: WireMessage = msg as WireMessage;
    const response = responseBehind(message.res);
    if (response) answerInTime(response);
    const sendMessages: Send = (messages) => {
      send(messages as NodeMessage);
      if (isClosed) answerLeftBehind(messages);
    };
    if (options.busyText) node.status({ fill: 'blue', shape: 'dot', text: statusText(options.busyText) });
    handle(message, sendMessages).then(
      () => done(),
      (thrown: unknown) => {
        // What it needed was closed under its hands.
        const error = isClosed && !(thrown instanceof ShopfloorError) ? new FlowsRestarted() : asError(thrown);
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

/** What a node that is gone sends reaches no other node: replies are given here, and what was only on its way is refused. */
function answerLeftBehind(messages: WireMessage | Array<WireMessage | WireMessage[] | null>): void {
  for (const message of Array.isArray(messages) ? messages.flat() : [messages]) {
    const response = message && responseBehind(message.res);
    if (!response) continue;
    const { statusCode, payload } = message;
    const isJson = typeof payload === 'object' && payload !== null && !ArrayBuffer.isView(payload);
    const isReply = statusCode !== undefined && isJson;
    answerNow(response, isReply ? { statusCode, payload } : errorReply(new FlowsRestarted()));
  }
}
