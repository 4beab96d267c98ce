// What lies under the dashboard's path: compared with what the installed Dashboard 2.0 serves there.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { placeOf } from '../../nodes/access/dashboard-places.ts';

const at = (url: string, method = 'GET') => placeOf({ url, method, headers: {} } as IncomingMessage, '/dashboard');

describe('a place under the path of the dashboard', () => {
  it('is a file where the installed dashboard has one', () => {
    const dist = join(import.meta.dirname, '../../node_modules/@flowfuse/node-red-dashboard/dist');
    const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.length > 10);
    for (const file of files) {
      const path = `/dashboard/${join(file.parentPath, file.name).slice(dist.length + 1)}`;
      assert.equal(at(path).kind, 'file', path);
    }
    assert.equal(at('/dashboard/manifest.webmanifest').kind, 'file');
  });

  for (const [url, kind] of [
    ['/dashboard', 'page'],
    ['/dashboard/', 'page'],
    ['/dashboard/batches?line=1', 'page'],
    ['/dashboard/a/b', 'page'],
    ['/dashboard/_setup', 'setup'],
    ['/dashboard/_debug/datastore/4f.2a', 'debug'],
    ['/dashboard/_debug/statestore/4f', 'debug'],
    ['/dashboard/_DEBUG/datastore/4f', 'nothing'],
    ['/DASHBOARD/_debug/datastore/4f', 'nothing'],
    ['/dashboard/_Debug/dataStore/4f', 'nothing'],
    ['/dashboard/_debug/datastore/4f/', 'nothing'],
    ['/dashboard//_debug/datastore/4f', 'nothing'],
    ['/dashboard/_debug', 'nothing'],
    ['/dashboard/_SETUP', 'nothing'],
    ['/dashboard/_anything-of-tomorrow', 'nothing'],
    ['/dashboards', 'nothing'],
    ['/', 'nothing'],
  ] as const) {
    it(`is ${kind} at ${url}`, () => assert.equal(at(url).kind, kind));
  }

  it('is nothing for what does not read', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', undefined]) {
      assert.equal(
        placeOf({ url: '/dashboard', method, headers: {} } as IncomingMessage, '/dashboard').kind,
        'nothing',
      );
    }
  });
});
