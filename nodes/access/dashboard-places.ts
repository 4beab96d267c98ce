// Everything that Dashboard 2.0 has under its path, by exact name: what is not listed here is nothing, whoever asks.
import type { IncomingMessage } from 'node:http';
import { pageIdOf } from './page-filter.ts';
import { requestUrl } from './request-facts.ts';

export type DashboardPlace =
  | { readonly kind: 'file' }
  | { readonly kind: 'setup' }
  /** The last message of a widget, for engineers. */
  | { readonly kind: 'debug' }
  /** A page by its id, empty for the first one; whether there is such a page, and for whom, is the policy's. */
  | { readonly kind: 'page'; readonly page: string }
  | { readonly kind: 'nothing' };

/** Built scripts, styles and fonts, and the icons beside them; `manifest.webmanifest` has a route of its own. */
const files = /^\/(?:assets\/)?[\w-][\w.-]*\.(?:css|eot|html|ico|jpg|js|json|map|png|svg|ttf|webmanifest|woff2?)$/;
const setup = '/_setup';
const debug = /^\/_debug\/(?:datastore|statestore)\/[\w.-]+$/;
const nothing: DashboardPlace = { kind: 'nothing' };

/**
 * Express takes a path in any case of its letters, so `/_DEBUG/...` would reach what `/_debug/...` does; here only the names as
 * they are written are known.
 */
export function placeOf(request: IncomingMessage, dashboardPath: string): DashboardPlace {
  if (request.method !== 'GET' && request.method !== 'HEAD') return nothing;
  const { pathname } = requestUrl(request);
  if (pathname !== dashboardPath && !pathname.startsWith(`${dashboardPath}/`)) return nothing;
  const path = pathname.slice(dashboardPath.length);
  if (path === setup) return { kind: 'setup' };
  if (debug.test(path)) return { kind: 'debug' };
  if (files.test(path)) return { kind: 'file' };
  // The names that begin so are the dashboard's own, present and future.
  return path.startsWith('/_') || path.includes('//') ? nothing : { kind: 'page', page: pageIdOf(path) };
}
