// What accounts rely on in Dashboard 2.0 and its documentation does not promise: event names, hooks, and how it sends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from './support/browser.ts';
import { adminPassword, apiToken, type Plant, startPlant } from './support/plant.ts';
import { plantFlows } from './support/plant-flows.ts';

const root = join(import.meta.dirname, '..', '..');
const bearer = { authorization: `Bearer ${apiToken}` };
const dashboard = join(root, 'node_modules', '@flowfuse', 'node-red-dashboard');
const base = readFileSync(join(dashboard, 'nodes', 'config', 'ui_base.js'), 'utf8');

describe('Dashboard 2.0 as accounts know it', function () {
  this.timeout(60_000);

  it('is held to the releases that were looked at', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    assert.match(dependencies['@flowfuse/node-red-dashboard'] ?? '', /^~1\.31\.\d+$/);
  });

  it('calls these hooks of a plugin and no others', () => {
    const hooks = new Set([...base.matchAll(/plugin\.hooks\.(\w+)\(/g)].map(([, hook = '']) => hook));
    assert.deepEqual([...hooks].sort(), [
      'onAction',
      'onChange',
      'onInput',
      'onIsValidConnection',
      'onLoad',
      'onSend',
      'onSetup',
    ]);
  });

  it('listens to these events of a page and no others', () => {
    const events = new Set([...base.matchAll(/socket\.on\('([^']+)'/g)].map(([, event = '']) => event));
    assert.deepEqual([...events].sort(), [
      'disconnect',
      'widget-action',
      'widget-change',
      'widget-load',
      'widget-send',
    ]);
  });

  it('sends through the emit of single sockets only', () => {
    assert.doesNotMatch(base, /ioServer\.(emit|to|in|of|sockets|local|volatile)\b/);
    assert.doesNotMatch(base, /\.broadcast\b/);
  });

  describe('running', () => {
    let plant: Plant;
    const browsers: Browser[] = [];
    const open = async () => {
      const browser = new Browser(plant.url);
      browsers.push(browser);
      await browser.logIn('admin', adminPassword);
      return browser.openSocket();
    };

    before(async () => {
      const flows = plantFlows.map((node) =>
        'type' in node && node.type === 'ui-base' ? { ...node, includeClientData: false } : node,
      );
      plant = await startPlant({ flows });
    });
    after(async () => {
      for (const browser of browsers) browser.close();
      await plant.stop();
    });

    it('sends what it sends under the names that the filter knows', async () => {
      const page = await open();
      const live = page.next('msg-input:text-batches');
      await new Browser(plant.url).json('POST', '/feed', { n: 1 }, bearer);
      assert.deepEqual((await live).length, 1);
      const loaded = page.next('widget-load:text-batches');
      page.socket.emit('widget-load', 'text-batches');
      await loaded;
      const names = new Set(page.received.map(({ event }) => event.replace(/:.*/, ':')));
      for (const name of names) {
        assert.ok(['ui-config', 'msg-input:', 'widget-load:', 'widget-sync:', 'shopfloor:'].includes(name), name);
      }
    });

    it('names the client to the flow even where ui-base is told to leave it out', async () => {
      const page = await open();
      for (const [event, message] of [
        ['widget-action', { payload: 'press' }],
        ['widget-action', 'press'],
        ['widget-send', { payload: 'press' }],
        ['widget-change', 'press'],
      ] as const) {
        const probeComing = plant.nextProbe();
        page.socket.emit(event, 'button-batches', message);
        const probe = await probeComing;
        assert.equal(probe.client?.user?.login, 'admin', event);
      }
    });

    it('hears no raw event where messages would not name their client', async () => {
      const page = await open();
      const before = plant.probed.length;
      page.socket.emit('ui-event', 'all', { topic: '$pageview' });
      const probeComing = plant.nextProbe();
      page.socket.emit('widget-action', 'button-batches', { payload: 'after' });
      const probe = await probeComing;
      assert.equal(probe.probe, 'probe-batches');
      assert.equal(
        plant.probed.slice(before).some((found) => found.probe === 'probe-events'),
        false,
      );
    });
  });
});
