// Why an upload is refused: one code for each reason, so that a page can say it in the reader's language.
import { type RefusalStatus, ShopfloorError } from '../core/errors.ts';

const statuses = {
  /** No room expects files on this route. */
  'unexpected-upload': 415,
  /** Neither a photo nor a document that is taken, by its content. */
  'unknown-file-type': 415,
  'file-too-large': 413,
  'too-many-files': 413,
  'too-many-fields': 413,
  'field-too-large': 413,
  /** More pixels or a longer side than is taken. */
  'picture-too-large': 413,
  /** An archive that would unpack to more than is taken. */
  'archive-too-large': 413,
  /** Truncated, malformed, or something hides behind it. */
  'damaged-file': 400,
  /** Programs, macros, paths that lead out of a folder, encryption that prevents looking. */
  'dangerous-file': 400,
  'malformed-upload': 400,
  /** The sender went away or said another length than it sent. */
  'upload-cut': 400,
  'upload-too-slow': 400,
  /** This person's other uploads have to end first. */
  'too-many-uploads': 429,
  'uploads-busy': 503,
  'disk-full': 503,
  'upload-folder': 503,
  /** The request that brought it has ended without keeping it. */
  'upload-gone': 409,
  'no-such-file': 404,
} as const satisfies Readonly<Record<string, RefusalStatus>>;

export type UploadFault = keyof typeof statuses;

export class UploadRefused extends ShopfloorError {
  readonly fault: UploadFault;

  /** @param message ends without a full stop where `field` is given, as it becomes the field's own message */
  constructor(
    fault: UploadFault,
    message: string,
    options: { readonly field?: string; readonly cause?: unknown } = {},
  ) {
    const { field, cause } = options;
    super(fault, statuses[fault], field === undefined ? message : `${field}: ${message}.`, {
      cause,
      ...(field !== undefined && { fields: [{ field, message }] }),
    });
    this.fault = fault;
  }
}

/** A file whose content is refused; whoever knows the field it came in adds it. */
export class FileRefused extends Error {
  readonly fault: UploadFault;

  constructor(fault: UploadFault, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'FileRefused';
    this.fault = fault;
  }
}

export function damaged(message: string, cause?: unknown): FileRefused {
  return new FileRefused('damaged-file', message, { cause });
}

export function dangerous(message: string): FileRefused {
  return new FileRefused('dangerous-file', message);
}
