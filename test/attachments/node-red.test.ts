// Requests with files in a real Node-RED: the door stands before its own parsers, and opens only where settings or rooms say.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../access/support/browser.ts';
import { adminPassword, apiToken, type Plant, startPlant } from '../access/support/plant.ts';
import { png } from './support/pictures.ts';
import { form } from './support/upload-server.ts';

const route = (id: string, url: string, more: object = {}) => [
  { id, type: 'http in', z: 'tab', url, method: 'post', wires: [[`${id}-probe`, `${id}-reply`]], ...more },
  { id: `${id}-probe`, type: 'test-probe', z: 'tab', wires: [] },
  { id: `${id}-reply`, type: 'http response', z: 'tab', statusCode: '200', wires: [] },
];
const flows = [
  { id: 'tab', type: 'tab', label: 'test' },
  ...route('declared', '/declared/:owner', { upload: true }),
  ...route('own', '/scans', { upload: true }),
  ...route('other', '/other', { upload: true }),
  ...route('open', '/open', { upload: true }),
];

describe('files sent to a plant', function () {
  this.timeout(60_000);
  let plant: Plant;
  const bearer = { authorization: `Bearer ${apiToken}` };
  const files = () =>
    form([
      ['note', 'x'],
      ['photos', png(), 'a.png'],
    ]);
  const post = async (path: string, body: FormData, headers: Record<string, string> = bearer) => {
    const response = await fetch(`${plant.url}${path}`, { method: 'POST', body, headers });
    const text = await response.text();
    return { status: response.status, text, code: /"code":"([\w-]+)"/.exec(text)?.[1] };
  };
  const kept = () => {
    const folder = join(plant.directory, 'files');
    return existsSync(folder)
      ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      : [];
  };

  before(async () => {
    plant = await startPlant({
      flows,
      access: `{
        attachments: { folder: new URL('files', import.meta.url).pathname, reserveBytes: 0 },
        uploads: [{ path: '/scans', mostBytes: 10000 }],
        publicPaths: ['/open'],
      }`,
      settings: `
        import { declareUpload } from ${JSON.stringify(join(import.meta.dirname, '../../nodes/attachments/upload-rules.ts'))};
        declareUpload({ method: 'POST', path: '/declared/{owner}', action: 'batch.retry' });
      `,
    });
  });
  after(() => plant?.stop());

  it('reach the flow of a declared route as fields, and never the memory of its own parser', async () => {
    const probed = plant.nextProbe();
    const { status, text } = await post('/declared/7', files());
    assert.equal(status, 200, text);
    assert.deepEqual((await probed).payload, { note: 'x' });
    // Node-RED's parser would take a web page as readily as a photo.
    const page = await post('/declared/7', form([['photos', Buffer.from('<html>'), 'a.png']]));
    assert.deepEqual([page.status, page.code], [415, 'unknown-file-type']);
  });

  it('do not come whole into memory as a body of another type either', async () => {
    const send = (path: string, body: RequestInit['body'], more: object = {}) =>
      fetch(`${plant.url}${path}`, {
        method: 'POST',
        body: body ?? null,
        headers: { ...bearer, 'content-type': 'application/octet-stream' },
        ...more,
      });
    const six = new Uint8Array(6 * 1024 * 1024);
    assert.equal((await send('/other', six)).status, 413);
    assert.equal((await send('/other', six.subarray(0, 5_000))).status, 200);
    assert.equal((await send('/scans', six.subarray(0, 10_001))).status, 413);
    assert.equal((await send('/other', new Blob([six]).stream(), { duplex: 'half' })).status, 400);
  });

  it('are gone when the flow has answered without keeping them', async () => {
    await post('/declared/7', files());
    // Node-RED removes them after its answer; a file that stays ends this test by its time.
    while (kept().length > 0) await new Promise((done) => setTimeout(done, 10));
  });

  it('are refused with 415 where no room expects them, also on routes that need no login', async () => {
    for (const path of ['/other', '/open', '/OTHER', '/other/', '/declared/7/more']) {
      const { status, code } = await post(path, files());
      assert.ok((status === 415 && code === 'unexpected-upload') || status === 404, `${path}: ${status}`);
    }
    assert.equal((await post('/open', files(), {})).status, 415);
  });

  it('reach a route of the plant itself as far as its settings allow', async () => {
    const probed = plant.nextProbe();
    assert.equal((await post('/scans', files())).status, 200);
    assert.deepEqual((await probed).payload, { note: 'x' });
    const large = form([['photos', Buffer.alloc(20_000), 'a.png']]);
    assert.deepEqual(
      [(await post('/scans', large)).status, (await post('/scans', large)).code],
      [413, 'file-too-large'],
    );
  });

  it('are read from nobody without a login, a right, or from a page of another origin', async () => {
    assert.equal((await post('/declared/7', files(), {})).status, 401);
    const browser = new Browser(plant.url);
    await browser.logIn('admin', adminPassword);
    const { cookie } = browser;
    assert.match(cookie, /shopfloor_session=/);
    assert.equal((await post('/declared/7', files(), { cookie, origin: plant.url })).status, 200);
    assert.equal((await post('/declared/7', files(), { cookie, origin: 'http://evil.example' })).status, 403);
    assert.equal((await post('/declared/7', files(), { cookie })).status, 403);
    const reader = await fetch(`${plant.url}/api/access/tokens`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'reader', scopes: ['batch.read'] }),
    });
    const { token } = (await reader.json()) as { readonly token: string };
    assert.deepEqual((await post('/declared/7', files(), { authorization: `Bearer ${token}` })).code, 'forbidden');
  });
});
