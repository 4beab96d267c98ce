// Recognises a token of Node-RED's editor, which only Node-RED itself knows.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Whether a request carries such a token. Where it doesn't, the request has been answered when this resolves. */
export type IsEditor = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Middleware of `RED.auth.needsPermission`: goes on, or answers 401. */
export type NeedsPermission = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Closed until Node-RED has started as far as its plugins. */
export class EditorDoor {
  #needsPermission: NeedsPermission = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1' });
    response.end();
  };

  open(needsPermission: NeedsPermission): void {
    this.#needsPermission = needsPermission;
  }

  isEditor(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    return new Promise((resolve) => {
      response.once('close', () => resolve(false));
      this.#needsPermission(request, response, () => resolve(true));
    });
  }
}
