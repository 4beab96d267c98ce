// Whether two store addresses mean one database, however their passwords, users or relative paths are written.
import { resolve } from 'node:path';
import { parseStoreUrl } from './store-url.ts';

/** Throws a StoreError for an address that is none. */
export function isSameDatabase(one: string, other: string): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf(url: string): string {
  const address = parseStoreUrl(url);
  if (address.engine === 'sqlite') return `sqlite:${resolve(address.path)}`;
  const { hostname, port, pathname } = new URL(address.url);
  return `postgres:${hostname.toLowerCase()}:${port || '5432'}${decodeURIComponent(pathname)}`;
}
