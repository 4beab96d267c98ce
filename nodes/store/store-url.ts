// Reads DATABASE_URL: which engine, where, and how to show it without its password.
import { StoreError } from './store-error.ts';

export type StoreAddress =
  | { readonly engine: 'sqlite'; readonly path: string; readonly shown: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly shown: string };

const example = 'Examples: sqlite:/var/lib/shopfloor/shopfloor.sqlite or postgres://user:password@host:5432/shopfloor.';

/** `sqlite:PATH` or `postgres://...`; throws a StoreError that never repeats a password. */
export function parseStoreUrl(url: string): StoreAddress {
  const trimmed = url.trim();
  if (trimmed.startsWith('sqlite:')) {
    const path = trimmed.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (path === '') throw new StoreError('invalid-url', 'DATABASE_URL names no file.', { hint: example });
    return { engine: 'sqlite', path, shown: `sqlite:${path}` };
  }
  if (/^postgres(ql)?:\/\//.test(trimmed)) {
    if (!URL.canParse(trimmed)) {
      throw new StoreError('invalid-url', 'DATABASE_URL is not a valid postgres:// address.', { hint: example });
    }
    return { engine: 'postgres', url: trimmed, shown: maskedUrl(trimmed) };
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(trimmed)?.[0];
  throw new StoreError('invalid-url', `DATABASE_URL begins with ${scheme ?? 'no scheme'}.`, { hint: example });
}

/** The address with its password, also one in the query, replaced. */
function maskedUrl(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***');
  return shown.toString();
}
