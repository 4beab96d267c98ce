// Answers an HTTP request that its flow leaves without an answer: after a few seconds, or at once when a deploy takes its nodes away.
import { ShopfloorError } from './errors.ts';
import { errorReply, type HttpReply } from './http-envelope.ts';

/** The promise is five seconds; one of them is for a machine that is busy, and for the way to the client. */
export const answerWithinMs = 4_000;

/** The part of node:http's ServerResponse that an answer needs. */
export interface OpenResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
  once(event: 'close', listener: () => void): unknown;
}

export class NoAnswerInTime extends ShopfloorError {
  constructor() {
    super('no-answer-in-time', 503, 'This took too long.', {
      hint: 'Whether it was done is not known: look first, or send it again with the same commandId.',
    });
  }
}

/** What was under way when the flows were deployed. */
export class FlowsRestarted extends ShopfloorError {
  constructor() {
    super('flows-restarted', 503, 'The flows were started anew while this was under way.', {
      hint: 'Whether it was done is not known: look first, or send it again with the same commandId.',
    });
  }
}

/** Pieces of work under way for whose length answers wait. */
let answersWait = 0;
const longWorkLookMs = 200;

/** Does `work` before anything is answered: migrations, the one thing that a request may wait for longer than the promise says. */
export async function beforeAnswers<Result>(work: () => Promise<Result>): Promise<Result> {
  answersWait += 1;
  try {
    return await work();
  } finally {
    answersWait -= 1;
  }
}

/** Ends what runs out of time; of each response that waits. */
const deadlines = new WeakMap<OpenResponse, () => void>();

/** Answers with 503 when nobody has begun to answer after `limitMs`. The first deadline of a response holds. */
export function answerInTime(response: OpenResponse, limitMs: number = answerWithinMs): void {
  if (deadlines.has(response) || response.headersSent) return;
  let timer: NodeJS.Timeout;
  const begin = (ms: number) => {
    timer = setTimeout(() => {
      if (answersWait > 0) begin(longWorkLookMs);
      else answerNow(response, errorReply(new NoAnswerInTime()));
    }, ms);
    timer.unref();
  };
  begin(limitMs);
  const end = () => clearTimeout(timer);
  deadlines.set(response, end);
  response.once('close', end);
}

/** The part of node:http's IncomingMessage that says whether there is more to come. */
export interface OpenRequest {
  readonly complete: boolean;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  once(event: 'end', listener: () => void): unknown;
}

/** The same from when the request has been read: how long a client takes to send it is its own affair. */
export function answerInTimeOnceRead(request: OpenRequest, response: OpenResponse): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  const isRead = request.complete || (length === '0' && encoding === undefined);
  if (isRead) answerInTime(response);
  else request.once('end', () => answerInTime(response));
}

/** Lets a response take as long as it needs: for a long job, named by whoever calls this. */
export function answerWhenDone(response: OpenResponse): void {
  deadlines.get(response)?.();
  deadlines.set(response, () => {});
}

/** Answers unless somebody has begun to; whatever the flow still sends goes nowhere. */
export function answerNow(response: OpenResponse, reply: HttpReply): void {
  if (response.headersSent || response.writableEnded) return;
  response.statusCode = reply.statusCode;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.end(JSON.stringify(reply.payload));
  const nothing = () => response;
  Object.assign(response, {
    setHeader: nothing,
    appendHeader: nothing,
    removeHeader: nothing,
    writeHead: nothing,
    flushHeaders: nothing,
    write: () => true,
    end: nothing,
  });
}

/** The response behind `msg.res` of an http-in node; undefined where a message has none. */
export function responseBehind(res: unknown): OpenResponse | undefined {
  const raw = typeof res === 'object' && res !== null && '_res' in res ? res._res : res;
  return typeof raw === 'object' && raw !== null && 'setHeader' in raw && 'end' in raw && 'once' in raw
    ? (raw as OpenResponse)
    : undefined;
}
