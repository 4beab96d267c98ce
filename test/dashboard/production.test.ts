// The pages Production and Health on a running Shopfloor: simulated machines send over the real broker, people see, explain and import.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type NodeRedProcess, startShopfloor } from '../support/node-red-process.ts';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, openChromium, type Person, type Visit, visit } from './support/chromium.ts';
import { inspect } from './support/inspect.ts';

const screenshots = process.env.SHOPFLOOR_SCREENSHOTS;
const admin: Person = { login: 'admin', password: 'plant-admin-2026' };
const dataWithinMs = 60_000;

const header = 'machine,shift,order,start,end,minutes,stop_cause,good_qty,scrap_qty,scrap_kg,scrap_reason';
const stops = [
  'C_FL101,2,621100663151,2024-08-31T15:00:00,2024-08-31T15:20:00,20,FEEDER UNIT TROUBLE MEKANIK,0,0,0.0,',
  'C_FL101,2,621100663151,2024-08-31T16:00:00,2024-08-31T16:45:00,45,FEEDER UNIT TROUBLE MEKANIK,0,0,0.0,',
  'C_FL101,2,621100663151,2024-08-31T15:30:00,2024-08-31T15:00:00,30,FEEDER UNIT TROUBLE MEKANIK,0,0,0.0,',
];

/** What `read` gives as soon as it is `enough`; fails when that takes too long. */
async function until<Value>(read: () => Promise<Value>, enough: (value: Value) => boolean): Promise<Value> {
  const deadline = Date.now() + dataWithinMs;
  for (;;) {
    const value = await read();
    if (enough(value)) return value;
    assert.ok(Date.now() < deadline, `nothing new within ${dataWithinMs} ms: ${JSON.stringify(value)}`);
    await pause(250);
  }
}

describe('the pages Production and Health on a running Shopfloor', function () {
  this.timeout(180_000);
  let home: string;
  let plant: NodeRedProcess;
  let browser: Browser;
  let opened: Visit;
  let page: Page;

  const picture = async (name: string) => {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  };
  const go = async (path: string) => {
    await page.goto(`${plant.url}/dashboard/${path}`);
  };

  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    home = mkdtempSync(join(tmpdir(), 'shopfloor-production-'));
    plant = await startShopfloor({ home, environment: { SHOPFLOOR_ADMIN_PASSWORD: admin.password } });
    browser = await openChromium();
    opened = await visit(browser, plant.url, admin, { path: '/dashboard/production' });
    page = opened.page;
  });
  after(async () => {
    await browser?.close();
    await plant?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  it('show what the machines of the simulator make, and go on without a reload', async () => {
    const machine = page.locator('.sf-machine').first();
    await machine.waitFor({ timeout: dataWithinMs });
    const figures = () => page.locator('.sf-target__made').allTextContents();
    const counted = (all: readonly string[]) => all.some((figure) => /[1-9]/.test(figure));
    const before = await until(figures, counted);
    await until(figures, (all) => all.join() !== before.join());
    await picture('live-production-1024');
    await inspect(page);
  });

  it('show one machine with its states, its OEE and its shifts', async () => {
    await page.locator('.sf-machine').first().click();
    await page.locator('.sf-timeline__piece').first().waitFor();
    await page.locator('.sf-kpi').first().waitFor();
    await page.locator('.sf-charts > .sf-table-frame tbody tr').first().waitFor();
    await picture('live-machine-1024');
    await inspect(page);
  });

  it('show health, and unknown where nothing is known yet', async () => {
    await go('health');
    await page.locator('.sf-machine, .sf-note').first().waitFor({ timeout: dataWithinMs });
    await picture('live-health-1024');
    await inspect(page);
  });

  it('take past stops in, leave out what is known, and name the refused row by its line', async () => {
    await page.getByRole('button', { name: 'Impor riwayat berhenti' }).click();
    const file = { name: 'stops.csv', mimeType: 'text/csv', buffer: Buffer.from([header, ...stops].join('\n')) };
    const results = () => page.locator('.sf-import dd').allTextContents();
    /** Machines that are not registered wait for a person's word. */
    const bring = async (name: string) => {
      await page.locator('input[type=file]').setInputFiles({ ...file, name });
      await page.locator('.sf-import').waitFor({ timeout: dataWithinMs });
      for (const machine of await page.locator('.sf-import__machine input').all()) await machine.check();
      await page.getByRole('button', { name: 'Impor', exact: true }).click();
      await page.getByText('Selesai.').waitFor({ timeout: dataWithinMs });
    };
    await bring('stops.csv');
    assert.deepEqual(await results(), ['3', '2', '0', '0', '1']);
    assert.equal(await page.locator('.sf-import__refused tbody td').first().textContent(), '4');
    await bring('again.csv');
    assert.deepEqual(await results(), ['3', '0', '2', '0', '1']);
    await picture('live-import-1024');
  });

  it('ask no other host for anything and complain of nothing', () => {
    const elsewhere = opened.requested.filter(
      (url) => !url.startsWith(plant.url) && !url.startsWith('data:') && !url.startsWith('blob:'),
    );
    assert.deepEqual([elsewhere, opened.complaints], [[], []]);
  });
});
