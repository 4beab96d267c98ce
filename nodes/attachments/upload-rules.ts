// Which routes may receive files, who may send them, and how much: declared by the rooms that own the routes.
import type { Action } from '../access/messages.ts';

export interface UploadLimits {
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Files of one request, without their thumbnails. */
  readonly files: number;
  /** Fields of one request that are no files. */
  readonly fields: number;
  /** Bytes of one such field. */
  readonly fieldBytes: number;
}

/** The figures: 16 MB each, five at a time; a problem has some twenty fields, and a description of 64 KiB is a book. */
export const defaultUploadLimits: UploadLimits = {
  fileBytes: 16 * 1024 * 1024,
  files: 5,
  fields: 60,
  fieldBytes: 64 * 1024,
};

/** A small picture that the browser made of a photo: 320 px wide, some 20 KiB. */
export const thumbnailLimits = { bytes: 256 * 1024, side: 640 } as const;

export interface UploadRule {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  /** Such as `/api/ctp-problem-logs/{id}/photos`; a part in braces stands for any one part. */
  readonly path: string;
  /** Asked of the policy before a byte is read; the command asks again, with the machine it is about. */
  readonly action: Action;
  readonly limits?: Partial<UploadLimits>;
}

/** Mapped by method and path. */
const rules = new Map<string, UploadRule>();

/** Lets a route receive files; a room says so when its module is loaded. The same declaration again is fine. */
export function declareUpload(rule: UploadRule): void {
  const key = `${rule.method} ${rule.path}`;
  const known = rules.get(key);
  if (known && JSON.stringify(known) !== JSON.stringify(rule)) {
    throw new Error(`Uploads to "${key}" are declared twice, differently`);
  }
  rules.set(key, rule);
}

/** The rule of a request; undefined when no room expects files there. */
export function uploadRuleOf(method: string | undefined, pathname: string): UploadRule | undefined {
  return [...rules.values()].find((rule) => rule.method === method && matchesPath(rule.path, pathname));
}

/** Whether `pathname` is meant by `pattern`; a slash at its end makes no difference, as in Express. */
export function matchesPath(pattern: string, pathname: string): boolean {
  const wanted = pattern.split('/');
  const given = pathname.replace(/\/$/, '').split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (/^\{\w+\}$/.test(part) ? given[index] !== '' : part === given[index]))
  );
}
