// What our widgets take for granted of Dashboard 2.0, looked up in the installed release: an upgrade that breaks it fails here.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = dirname(createRequire(import.meta.url).resolve('@flowfuse/node-red-dashboard/package.json'));
const base = readFileSync(join(folder, 'nodes', 'config', 'ui_base.js'), 'utf8');
const group = readFileSync(join(folder, 'nodes', 'config', 'ui_group.js'), 'utf8');
const page = globSync('dist/assets/index-*.js', { cwd: folder })
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n');
const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

describe('Dashboard 2.0, as far as we rely on it', () => {
  it('is held to the minor release that was tried', () => {
    const installed = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    assert.equal(manifest.dependencies['@flowfuse/node-red-dashboard'], '~1.31.0');
    assert.match(installed.version, /^1\.31\./);
  });

  it('lets a widget send to pages and keep its last message', () => {
    assert.match(base, /node\.emit = emit/);
    assert.match(base, /node\.stores = \{\s*data: datastore,/);
    assert.match(base, /function emit \(event, msg, wNode, exclude\)/);
    assert.match(group, /node\.register = function \(widgetNode, widgetConfig, widgetEvents\)/);
    assert.match(group, /node\.getBase = function/);
  });

  it('sends to one page when the message names its socket and the type accepts client data', () => {
    assert.match(base, /n\.acceptsClientConfig\?\.includes\(wNode\.type\)/);
    assert.match(base, /msg\._client\?\.socketId === conn\.id/);
    const flow = JSON.parse(readFileSync(join(root, 'flows', 'plant.json'), 'utf8')) as readonly {
      type: string;
      acceptsClientConfig?: readonly string[];
    }[];
    assert.ok(flow.find(({ type }) => type === 'ui-base')?.acceptsClientConfig?.includes('ui-batch-board'));
  });

  it("calls every plugin's onSend before a widget's own", () => {
    const onSend = base.slice(base.indexOf('async function onSend'), base.indexOf('async function onLoad'));
    const plugin = onSend.indexOf('plugin.hooks.onSend(conn, id, msg)');
    const credentials = onSend.indexOf('addConnectionCredentials');
    const own = onSend.indexOf('widgetEvents.onSend');
    assert.ok(plugin > 0 && credentials > plugin && own > credentials);
  });

  it('answers widget-load with what was kept, and sends news as msg-input', () => {
    assert.match(base, /socket\.on\('widget-load', onLoad/);
    assert.match(base, /conn\.emit\('widget-load:' \+ id, msg, state\)/);
    assert.match(base, /socket\.on\('widget-send', onSend/);
    for (const event of ['widget-load:', 'msg-input:']) assert.ok(page.includes(`"${event}"+`), event);
  });

  it('gives widgets Vue, the socket, the tracker and a place in the app bar', () => {
    const offered = ['window.Vue=Vue', 'provide("$socket"', 'provide("$dataTracker"', 'httpAdminRoot}/resources/${'];
    for (const words of [...offered, 'id:"app-bar-title"', 'id:"app-bar-actions"'])
      assert.ok(page.includes(words), words);
  });

  it('gives up after some minutes by loading itself anew with reloadTime, which our bar prevents while offline', () => {
    for (const words of ['set("reloadTime"', 'Too many retries']) assert.ok(page.includes(words), words);
  });
});
