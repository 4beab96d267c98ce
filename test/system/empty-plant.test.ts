// The first minute of a plant: no machine, no order, no problem yet, and every question has an answer, on both engines.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { apiDocument } from '../../nodes/openapi/document.ts';
import { assertDescribed } from '../openapi/validator.ts';
import { type NodeRedProcess, scriptToken, startShopfloor } from '../support/node-red-process.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

interface Described {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: { readonly type?: unknown; readonly format?: string; readonly enum?: readonly unknown[] };
  }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

/** Every question of the document: the path with a name or a number where one belongs, and what it must be asked with. */
function questions(): { readonly operation: string; readonly path: string; readonly described: Described }[] {
  const { paths } = apiDocument() as { paths: Readonly<Record<string, Readonly<Record<string, Described>>>> };
  return Object.entries(paths).flatMap(([path, methods]) => {
    const described = methods.get;
    if (!described || !path.startsWith('/api/')) return [];
    const inPath = path.replaceAll(/\{[^}]+\}/g, '1');
    const query = (described.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && parameter.required === true)
      .map(({ name, schema }) => `${name}=${encodeURIComponent(askedValue(schema))}`)
      .join('&');
    return [{ operation: `GET ${path}`, path: query === '' ? inPath : `${inPath}?${query}`, described }];
  });
}

function askedValue(schema: { readonly type?: unknown; readonly format?: string; readonly enum?: readonly unknown[] }) {
  if (schema.enum) return String(schema.enum[0]);
  if (schema.format === 'date-time') return '2026-01-05T00:00:00Z';
  if (schema.format === 'date') return '2026-01-05';
  return schema.type === 'integer' || schema.type === 'number' ? '1' : 'pump';
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`an empty plant on ${engine}`, function () {
    this.timeout(120_000);
    const home = mkdtempSync(join(tmpdir(), 'shopfloor-empty-'));
    let database: PostgresServer | undefined;
    let broker: Aedes;
    let server: Server;
    let running: NodeRedProcess;
    before(async function () {
      if (engine === 'postgres') database = await startPostgres(this);
      broker = await Aedes.createBroker();
      server = createServer(broker.handle);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const subscribed = new Promise((resolve) => broker.once('subscribe', resolve));
      const url = await database?.newDatabase();
      running = await startShopfloor({
        home,
        environment: {
          MQTT_URL: `mqtt://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
          ENABLE_AUTO_SYNC: 'false',
          ...(url && { DATABASE_URL: url }),
        },
      });
      await subscribed;
    });
    after(async function () {
      this.timeout(60_000);
      await running?.stop();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      server.close();
      database?.stop();
      rmSync(home, { recursive: true, force: true });
    });

    it('answers every question of the document as it is described', async () => {
      const faults: string[] = [];
      let asked = 0;
      for (const { operation, path, described } of questions()) {
        const reply = await fetch(`${running.url}${path}`, {
          headers: { authorization: `Bearer ${scriptToken}` },
        });
        asked += 1;
        const body = await reply.text();
        const isJson = /json/.test(reply.headers.get('content-type') ?? '');
        if (reply.status >= 500 || !(String(reply.status) in described.responses)) {
          faults.push(`${operation} (${path}): ${reply.status} ${body.slice(0, 300)}`);
        } else if (isJson && described.responses[reply.status]?.content?.['application/json'] !== undefined) {
          try {
            assertDescribed(operation, reply.status, JSON.parse(body));
          } catch (error) {
            faults.push(String(error));
          }
        }
      }
      assert.deepEqual(faults, []);
      assert.ok(asked >= 40, `${asked} questions`);
      assert.doesNotMatch(running.log(), /syntax error/);
    });
  });
}
