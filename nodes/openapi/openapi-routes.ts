// The route that hands out the description of all routes, to everybody who is logged in.

import { roles } from '../access/messages.ts';
import { declareActions } from '../access/policy.ts';
import type { Route } from '../access/router.ts';
import { apiDocument } from './document.ts';

declareActions({ 'api.read': { kind: 'read', granted: roles } });

export function openApiRoutes(): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/openapi.json',
      action: 'api.read',
      handle: async () => ({ statusCode: 200, payload: apiDocument() }),
    },
  ];
}
