// The OpenAPI 3.1 document of every route of the package. A room adds its own in one file (`<room>-api.ts` beside this one, a
// RoomOfApi) and one line in `rooms` below; test/openapi compares it with the flows and the registered routes, both ways.
import { accessApi } from './access-api.ts';
import { batchApi } from './batch-api.ts';
import { ctpApi } from './ctp-api.ts';
import { equipmentApi } from './equipment-api.ts';
import { healthApi } from './health-api.ts';
import { notifyApi } from './notify-api.ts';
import { pathItems, type RoomOfApi } from './operations.ts';
import { pagesApi } from './pages-api.ts';
import { productionApi } from './production-api.ts';
import { always, anything, exactly, listOf, type Schema, text } from './schema-words.ts';

const rooms: readonly RoomOfApi[] = [
  batchApi,
  equipmentApi,
  ctpApi,
  productionApi,
  healthApi,
  notifyApi,
  accessApi,
  pagesApi,
];

/** Every route that is described, as `METHOD /path/{id}`. */
export const describedRoutes: readonly string[] = rooms.flatMap(({ operations }) => Object.keys(operations));

/** Figures and words of a fault's message by name, such as `{most: 100}`. */
const faultValues: Schema = { type: 'object', additionalProperties: { type: ['string', 'number'] } };

/** The envelope of every refusal. */
const refusal = exactly({
  success: always(false),
  error: exactly({
    code: text,
    message: text,
    'fields?': listOf(exactly({ field: text, message: text, 'code?': text, 'values?': faultValues })),
    'current?': anything,
  }),
});

export function apiDocument(): Schema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Shopfloor',
      version: '0.1.0',
      summary: 'Routes of a plant: batches, machine problems, production, health, notifications, accounts.',
      description:
        'Every route needs the session cookie of a person or a bearer token, and the right to do it. Success is `{success: true, ...}`, a refusal `{success: false, error}`. Instants are ISO 8601; one without an offset that comes in is the plant’s wall clock. A `commandId` (or the header `Idempotency-Key`) makes a retry return the first reply.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }, { token: [] }],
    tags: rooms.map(({ tag, description }) => ({ name: tag, description })),
    paths: pathItems(rooms),
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'shopfloor_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: Object.assign({ Refusal: refusal }, ...rooms.map(({ schemas }) => schemas)) as Schema,
    },
  };
}
