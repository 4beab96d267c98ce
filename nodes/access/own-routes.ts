// Routes of flows that change only what belongs to who asks, such as a mark of having read: managers have those too.
import type { Action } from './messages.ts';
import { parametersOf } from './path-pattern.ts';

export interface OwnRoute {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/api/ctp-notifications/{id}/read`. */
  readonly path: string;
  /** Of the kind `own`; the node behind the route asks for it again. */
  readonly action: Action;
}

/** Mapped by method and path. */
const routes = new Map<string, OwnRoute>();

/** A room says so when its module is loaded. */
export function declareOwnRoute(route: OwnRoute): void {
  routes.set(`${route.method} ${route.path}`, route);
}

/** The action that a request to such a route needs; undefined for any other. */
export function actionOfOwnRoute(method: string | undefined, pathname: string): Action | undefined {
  return [...routes.values()].find((route) => route.method === method && parametersOf(route.path, pathname))?.action;
}
