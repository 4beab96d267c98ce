// The whole product in Chromium: `npm start` with its own flows, a PLC that makes batches and an Odoo that keeps the books.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type NodeRedProcess, startShopfloor } from '../support/node-red-process.ts';
import { requireTool } from '../support/require-tool.ts';
import { type BatchRow, PlantApi } from '../system/api.ts';
import { Plant } from '../system/plant.ts';
import { chromiumPath, openChromium, visit } from './support/chromium.ts';

const admin = { login: 'admin', password: 'plant-admin-2026' };
const screenshots = process.env.SHOPFLOOR_SCREENSHOTS;

describe('the product in Chromium', function () {
  this.timeout(120_000);
  let plant: Plant;
  let running: NodeRedProcess;
  let browser: Browser;
  let page: Page;

  const picture = async (name: string) => {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  };

  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    browser = await openChromium();
    plant = await Plant.start({
      plc: { mill: { secondsPerBatch: 4, scatterPercent: 60 }, seed: 4 },
      environment: { SHOPFLOOR_ADMIN_PASSWORD: admin.password },
    });
    running = await startShopfloor({ home: plant.home, environment: plant.environment });
    const visited = await visit(browser, running.url, admin, { width: 1024, height: 768 });
    page = visited.page;
    await page.locator('.sf-row').first().waitFor();
  });
  after(async () => {
    await browser?.close();
    await running?.kill();
    await plant?.stop();
  });

  it('shows an order from its first kilogram to the person who must decide, and posts it when that one accepts', async () => {
    const { name } = plant.odoo.order(plant.odoo.createOrder({ feed: 0, quantityKg: 1_000 }));
    const row = page.locator('.sf-row', { hasText: name });
    await row.getByText('Berjalan').waitFor({ timeout: 20_000 });
    await picture('product-running');
    await row.getByText('Menunggu keputusan orang').waitFor({ timeout: 30_000 });
    await row.click();
    await page.locator('.sf-detail', { hasText: name }).waitFor();
    await picture('product-decision');
    await page.getByRole('button', { name: 'Terima selisih' }).click();
    await page.locator('textarea').fill('Ditimbang ulang di lantai');
    await page.locator('dialog').getByRole('button', { name: 'Terima selisih' }).click();
    await page.getByText('Diterima: Terima selisih').waitFor();
    const api = new PlantApi(running.url);
    await api.until<readonly BatchRow[], true>('history', (rows) => rows.some(({ mo_id }) => mo_id === name));
    plant.reconcile();

    await page.getByRole('button', { name: 'Riwayat' }).click();
    await page.locator('.sf-past', { hasText: name }).click();
    await page.locator('.sf-trail').getByText('Ditimbang ulang di lantai').waitFor();
    assert.match((await page.locator('.sf-trail').textContent()) ?? '', /oleh admin/i);
    await picture('product-history');
    await page.getByRole('button', { name: 'Sekarang' }).click();
  });

  it('runs a task when a person asks for it', async () => {
    await page.getByRole('button', { name: 'Baca PLC' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Baca PLC' }).click();
    await page.locator('.sf-result').getByText('Baca PLC').waitFor();
  });

  it('tells a person that somebody else was quicker', async () => {
    const { name } = plant.odoo.order(plant.odoo.createOrder({ feed: 0, quantityKg: 800 }));
    const row = page.locator('.sf-row', { hasText: name });
    await row.getByText('Menunggu keputusan orang').waitFor({ timeout: 40_000 });
    await row.click();
    await page.getByRole('button', { name: 'Kirim lagi' }).click();
    const api = new PlantApi(running.url);
    await api.post(`manual/retry-push-odoo/${name}`, { accept: true, reason: 'by the script' });
    await api.until<readonly BatchRow[], true>('history', (rows) => rows.some(({ mo_id }) => mo_id === name));
    await page.locator('dialog').getByRole('button', { name: 'Kirim lagi' }).click();
    await page.locator('.sf-result--fault').waitFor();
    assert.match((await page.locator('.sf-result--fault').textContent()) ?? '', /Ditolak: Kirim lagi/);
  });

  it('makes an account on the page of people, with a password that is shown once', async () => {
    await page.goto(`${running.url}/dashboard/users`);
    await page.getByRole('button', { name: 'Tambah orang' }).click();
    await page.getByLabel('Nama masuk').fill('dewi');
    await page.getByLabel('Nama lengkap').fill('Dewi Lestari');
    await page.getByRole('button', { name: 'Operator', exact: true }).click();
    await page.getByRole('button', { name: 'Produksi' }).click();
    await picture('people-form');
    await page.getByRole('button', { name: 'Simpan' }).click();
    await page.locator('.sf-secret').waitFor();
    assert.match((await page.locator('.sf-secret').textContent()) ?? '', /\S{8,}/);
    await page.locator('dialog').getByRole('button', { name: 'Tutup' }).click();
    await page.locator('.sf-person', { hasText: 'Dewi Lestari' }).getByText('Produksi').waitFor();
    await picture('people');
    await page.getByRole('button', { name: 'Kunci', exact: true }).click();
    await page.locator('dialog').getByRole('button', { name: 'Kunci', exact: true }).click();
    await page.locator('.sf-person', { hasText: 'Dewi Lestari' }).getByText('Dikunci').waitFor();
    await page.getByRole('button', { name: 'Jejak perubahan' }).click();
    await page.locator('.sf-audit', { hasText: 'dewi' }).first().waitFor();
  });
});
