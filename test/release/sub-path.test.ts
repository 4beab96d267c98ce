import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Browser } from '../access/support/browser.ts';
import { chromiumPath } from '../dashboard/support/chromium.ts';
import { installBuilt, Newcomer } from '../support/newcomer.ts';
import { type ReverseProxy, startNginx } from '../support/nginx.ts';
import { firstLeg } from '../support/node-red-process.ts';
import { requireTool } from '../support/require-tool.ts';

const root = join(import.meta.dirname, '..', '..');

describe('a plant under /plant/ behind nginx', () => {
  let folder: string;
  let newcomer: Newcomer;
  let proxy: ReverseProxy;

  before(async function () {
    this.timeout(120_000);
    requireTool(this, 'nginx', 'nginx', ['-v']);
    folder = mkdtempSync(join(tmpdir(), 'shopfloor-sub-path-'));
    installBuilt(folder);
    const settings = readFileSync(join(root, 'deploy', 'palette', 'settings.js'), 'utf8');
    const under = settings
      .replace('...access,', "...access,\n  httpRoot: '/plant',")
      .replace("// trustedProxies: ['127.0.0.1'],", "trustedProxies: ['127.0.0.1'],");
    assert.notEqual(under, settings);
    writeFileSync(join(folder, 'settings.js'), under);
    newcomer = await Newcomer.arrive(firstLeg, folder, '/plant');
    await newcomer.importExamples('plant', 'dashboard', 'plc-odoo-scheduler', 'ctp-log');
    await newcomer.deploy();
    proxy = await startNginx('/plant/', newcomer.nodeRed.port);
  });
  after(async function () {
    this.timeout(40_000);
    await proxy?.stop();
    await newcomer?.leave();
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('leads whoever is not logged in to the login page and from there to the page that was wanted', async () => {
    const stranger = new Browser(proxy.url);
    const sent = await stranger.look('/plant/dashboard/batches');
    assert.equal(sent.status, 303);
    const location = sent.headers.get('location') ?? '';
    assert.match(location, /^\/plant\/login\?next=/);
    const page = await (await stranger.look(location)).text();
    assert.match(page, /<form method="post" action="\/plant\/login">/);
    const login = await stranger.submit(location, { login: 'admin', password: newcomer.password });
    assert.equal(login.status, 303);
    assert.equal(login.headers.get('location'), '/plant/dashboard/batches');
    assert.equal((await stranger.look('/plant/dashboard/batches')).status, 200);
    const setup = (await (await stranger.fetch('/plant/dashboard/_setup')).json()) as {
      shopfloor: { loginPath: string };
    };
    assert.equal(setup.shopfloor.loginPath, '/plant/login');
    const logOut = await stranger.submit('/plant/logout', {});
    assert.equal(logOut.headers.get('location'), '/plant/login');
  });

  it('answers every kind of route: own, of the flows, the document of all', async () => {
    const browser = new Browser(proxy.url);
    const login = await browser.submit('/plant/login', { login: 'admin', password: newcomer.password });
    assert.equal(login.status, 303);
    for (const path of [
      '/api/access/me',
      '/api/notifications',
      '/api/openapi.json',
      '/api/admin/batch-status',
      '/api/ctp-machines',
    ]) {
      assert.equal((await browser.fetch(`/plant${path}`)).status, 200, path);
    }
    const changed = await browser.json('PUT', '/plant/api/access/me', { language: 'en-US' });
    assert.equal(changed.status, 200);
  });

  it('shows its pages in a browser: scripts, socket and requests all find their way', async function () {
    this.timeout(90_000);
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    const chrome = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
    try {
      const page = await chrome.newPage();
      const lost: string[] = [];
      page.on('response', (response) => {
        // The icon of the tab has a fixed address in Dashboard 2.0's own page.
        if (response.status() >= 400 && !response.url().endsWith('/dashboard/favicon.svg'))
          lost.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(`${proxy.url}/plant/dashboard/batches`);
      await page.fill('input[name=login]', 'admin');
      await page.fill('input[name=password]', newcomer.password);
      await Promise.all([page.waitForURL('**/plant/dashboard/batches'), page.click('button[type=submit]')]);
      await page.waitForSelector('.sf-board');
      await page.goto(`${proxy.url}/plant/dashboard/ctp`);
      await page.waitForSelector('.sf-page, .sf-machine, main');
      assert.deepEqual(lost, []);
    } finally {
      await chrome.close();
    }
  });

  it('never leads away: what looks like a path of another server leads home', async () => {
    const browser = new Browser(proxy.url);
    for (const next of ['//evil.example', '/plant//evil.example', 'https://evil.example']) {
      const page = await (await browser.look(`/plant/login?next=${encodeURIComponent(next)}`)).text();
      assert.doesNotMatch(page, /evil/);
    }
  });
});
