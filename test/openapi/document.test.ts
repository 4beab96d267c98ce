// The description of all routes: valid OpenAPI 3.1, and complete in both directions against the shipped flows and the package's routes.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { accessRoutes } from '../../nodes/access/access-routes.ts';
import { notifyRoutes } from '../../nodes/notify/notify-routes.ts';
import { apiDocument } from '../../nodes/openapi/document.ts';
import { openApiRoutes } from '../../nodes/openapi/openapi-routes.ts';
import { pathItems } from '../../nodes/openapi/operations.ts';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const root = join(import.meta.dirname, '..', '..');
const document = JSON.parse(JSON.stringify(apiDocument())) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  readonly tags: readonly { readonly name: string }[];
};

/** Flows whose room is still writing its description: none of its routes may be missing once its flow has left this list. */
const awaited: ReadonlySet<string> = new Set();

const described = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
);

/** Every http-in of a flow, its Express pattern written as OpenAPI does. */
function routesOf(file: string): readonly string[] {
  const nodes = JSON.parse(readFileSync(join(root, file), 'utf8')) as readonly {
    readonly type: string;
    readonly method?: string;
    readonly url?: string;
  }[];
  return nodes
    .filter(({ type }) => type === 'http in')
    .map(({ method = '', url = '' }) => `${method.toUpperCase()} ${url.replace(/:(\w+)(\([^)]*\))?/g, '{$1}')}`);
}

const files = globSync('flows/*.json', { cwd: root });
const isAwaited = (file: string) => awaited.has(basename(file, '.json'));
const flowRoutes = files.filter((file) => !isAwaited(file)).flatMap(routesOf);
const awaitedRoutes = files.filter(isAwaited).flatMap(routesOf);
const nothing = {} as never;
const ownRoutes = [...accessRoutes({ access: nothing } as never), ...notifyRoutes(nothing), ...openApiRoutes()].map(
  ({ method, path }) => `${method} ${path}`,
);
/** The plain pages are matched by hand in nodes/access/page-routes.ts. */
const pages = [
  ...readFileSync(join(root, 'nodes/access/page-routes.ts'), 'utf8').matchAll(/'((?:GET|POST) \/\w+)':/g),
].map(([, route = '']) => route);

const byName = (one: string, other: string) => one.localeCompare(other);

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.deepEqual([valid, errors], [true, undefined]);
  });

  it('describes every route that runs', () => {
    assert.ok(flowRoutes.length > 40 && ownRoutes.length > 20 && pages.length === 6);
    const missing = [...flowRoutes, ...ownRoutes, ...pages].filter((route) => !described.includes(route));
    assert.deepEqual(missing, []);
  });

  it('describes no route that does not run', () => {
    const running = new Set([...flowRoutes, ...awaitedRoutes, ...ownRoutes, ...pages]);
    assert.deepEqual(
      described.filter((route) => !running.has(route)),
      [],
    );
  });

  it('gives every operation its own name, a known tag and its refusals', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { operationId, tags: own, responses } of operations) {
      assert.ok(
        own.every((tag) => tags.has(tag)),
        operationId,
      );
      assert.ok('500' in responses, operationId);
    }
  });

  it('refers only to schemas that it has, and has none that nobody refers to', () => {
    const refers = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name = '']) => name,
    );
    assert.deepEqual([...new Set(refers)].sort(byName), Object.keys(document.components.schemas).sort(byName));
  });

  it('refuses a route that is written twice, or that is no method and path', () => {
    const room = (operations: object) =>
      ({ tag: 't', description: '', schemas: {}, operations }) as Parameters<typeof pathItems>[0][number];
    const operation = { summary: 's', reply: {} };
    assert.throws(() => pathItems([room({ 'GET /a': operation }), room({ 'GET /a': operation })]), /twice/);
    assert.throws(() => pathItems([room({ 'FETCH /a': operation })]), /no method and path/);
  });
});
