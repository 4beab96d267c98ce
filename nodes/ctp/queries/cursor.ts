// The opaque cursor of a list: where the next page begins, for which filter, and the total the first page found.
import { createHash } from 'node:crypto';
import { InvalidInput } from '../../core/errors.ts';
import type { ListFilter } from './filter.ts';

export interface Cursor {
  /** Rows of the next page lie below this place. */
  readonly below: number;
  /** A counted total travels along, so that a search isn't counted again for each page. */
  readonly total: number;
  readonly totalExact: boolean;
}

const version = 1;

export function cursorText(cursor: Cursor, filter: ListFilter): string {
  const fields = [version, cursor.below, cursor.total, cursor.totalExact ? 1 : 0, filterPrint(filter)];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** Throws InvalidInput for a text that no reply carried, or that belongs to another filter. */
export function readCursor(text: unknown, filter: ListFilter): Cursor {
  const fields = parsed(text);
  if (!fields) throw refused('is not a cursor of this list');
  const [below, total, exact, print] = fields;
  if (print !== filterPrint(filter)) throw refused('belongs to another filter; ask for the first page again');
  return { below, total, totalExact: exact === 1 };
}

function refused(message: string): InvalidInput {
  return new InvalidInput([{ field: 'cursor', message }], 'The filter');
}

function parsed(text: unknown): readonly [number, number, number, string] | undefined {
  if (typeof text !== 'string' || text.length > 200 || !/^[\w-]+$/.test(text)) return undefined;
  try {
    const fields: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(fields) || fields.length !== 5 || fields[0] !== version) return undefined;
    const [, below, total, exact, print] = fields as readonly unknown[];
    if (!isCount(below) || !isCount(total) || (exact !== 0 && exact !== 1) || typeof print !== 'string')
      return undefined;
    return [below, total, exact, print];
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function filterPrint({ machines, facets, fromMs, toMs, search }: ListFilter): string {
  const said = JSON.stringify([machines ?? null, facets, fromMs ?? null, toMs ?? null, search ?? null]);
  return createHash('sha256').update(said).digest('base64url').slice(0, 8);
}
