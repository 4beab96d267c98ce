// How a request with files gets in: only to a route that some room declared for it, or to one that the plant's settings name.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShopfloorError } from '../core/errors.ts';
import type { Voucher } from './actor.ts';

export interface UploadSender {
  readonly name: string;
  readonly may: Voucher['may'];
}

/** Reads the body of a request that carries files, or rejects with a refusal. */
export interface UploadDoor {
  /** @param path of the request, without its query */
  take(request: IncomingMessage, response: ServerResponse, path: string, sender: UploadSender): Promise<void>;
}

/**
 * A route of the plant's own flows that takes files with the box "accept file uploads" of its http-in node. Node-RED holds
 * such files in memory and looks at nothing, so they are taken only as far as settings.ts says.
 */
export interface OwnUpload {
  /** Path of the http-in node. */
  readonly path: string;
  /** Of the whole request. */
  readonly mostBytes: number;
}

/** Where no folder for files is set up. */
export const closedDoor: UploadDoor = {
  take: async (request, _response, path) => {
    throw new ShopfloorError('unexpected-upload', 415, `No files are expected at ${request.method} ${path}.`, {
      hint: 'Name the route under `uploads` of shopfloorAccess in settings.ts if it is one of your own.',
    });
  },
};

export function carriesFiles(request: Pick<IncomingMessage, 'headers'>): boolean {
  return /^\s*multipart\//i.test(request.headers['content-type'] ?? '');
}

/** Whether `request` goes to one of the plant's own routes; throws when it is larger than that route takes, or does not say. */
export function isOwnUpload(
  uploads: readonly OwnUpload[],
  request: Pick<IncomingMessage, 'headers'>,
  path: string,
): boolean {
  const own = uploads.find((upload) => upload.path === path);
  if (!own) return false;
  const length = request.headers['content-length'];
  if (length === undefined || request.headers['transfer-encoding'] !== undefined) {
    throw new ShopfloorError('length-needed', 400, 'An upload to this route has to say its length.');
  }
  if (Number(length) > own.mostBytes) {
    throw new ShopfloorError('file-too-large', 413, `The upload is larger than ${own.mostBytes} bytes.`);
  }
  return true;
}

/** As for Node-RED's own parsers of forms and of the editor. */
const rawBytes = 5 * 1024 * 1024;

/**
 * Node-RED reads a body of any other type whole into memory, however long it is. So such a body has to say its length, and the
 * length has to be small.
 */
export function refuseUnboundedBody(request: Pick<IncomingMessage, 'headers'>): void {
  if (/^application\/(\w+\+)?json\b/i.test(request.headers['content-type'] ?? '')) return;
  if (request.headers['transfer-encoding'] !== undefined) {
    throw new ShopfloorError('length-needed', 400, 'A body that is no JSON has to say its length.');
  }
  if (Number(request.headers['content-length'] ?? 0) > rawBytes) {
    throw new ShopfloorError('too-large', 413, `The body is larger than ${rawBytes} bytes.`, {
      hint: 'Name the route under `uploads` of shopfloorAccess in settings.ts if it is one of your own.',
    });
  }
}
