// The pages as people meet them: Debian's Chromium against a real Node-RED with the real dashboard and accounts.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, openChromium, type Person, type Visit, visit } from './support/chromium.ts';
import { inspect } from './support/inspect.ts';
import { ago, batch, busyLine, components, lineWith, type MillLine } from './support/mill.ts';
import { adminPassword, type DashboardProcess, startDashboard } from './support/node-red-process.ts';
import { standInFlow } from './support/stand-in-flow.ts';

/** Where screenshots go when somebody wants to look at them. */
const screenshots = process.env.SHOPFLOOR_SCREENSHOTS;

const leader: Person = { login: 'sari', password: 'malam-shift-2026' };
const reader: Person = { login: 'budi', password: 'pagi-shift-2026' };
const admin: Person = { login: 'admin', password: adminPassword };

/** What the ledger would answer at `now`. */
function answersAt(now: Date) {
  const past = Array.from({ length: 31 }, (_, index) =>
    batch(now, {
      order: `WH/MO/0003${String(index).padStart(2, '0')}`,
      slot: null,
      state: index === 3 ? 'cancelled' : 'archived',
      endedAs: index === 3 ? 'cancelled' : index === 6 ? 'failed' : 'completed',
      endedAt: ago(now, 30 + 55 * index),
      finishedKg: index === 3 ? null : 2500 - index * 0.4,
      components: components([1250, 620, 380, 150, 100], [1249.6, index === 4 ? 741 : 621.2, 379.4, 150.3, 99.8]),
    }),
  );
  const trail = [
    ['staged', null, 'queued', 260, null],
    ['written', 'queued', 'written', 250, null],
    ['running', 'written', 'running', 220, null],
    ['finished', 'running', 'finished', 90, null],
    ['accepted', 'finished', 'pushing', 85, 'Timbangan silo B dikalibrasi pagi ini'],
    ['archived', 'pushing', 'archived', 84, null],
  ].map(([type, fromState, toState, minutes, reason], index) => ({
    seq: index + 1,
    at: ago(now, Number(minutes)),
    actor: reason ? 'Sari Wulandari' : 'clock',
    type,
    fromState,
    toState,
    reason,
  }));
  return {
    history: { data: past },
    get: { mo_id: past[0]?.mo_id, batches: [{ ...past[0], events: trail }] },
    retry: { state: 'finished' },
    run: { started: true },
  };
}

describe('the pages in Chromium', function () {
  this.timeout(60_000);
  let plant: DashboardProcess;
  let browser: Browser;
  const visits: Visit[] = [];

  const feed = (line: MillLine) => plant.send('POST', '/test/board', line);
  const asked = () => plant.get<{ command: string; order?: string; actor?: { login: string } }[]>('/test/commands');
  const open = async (person: Person, size = {}): Promise<Visit> => {
    const opened = await visit(browser, plant.url, person, size);
    visits.push(opened);
    await opened.page.waitForSelector('.sf-row');
    return opened;
  };
  const picture = async (page: Page, name: string) => {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  };
  const row = (page: Page, slot: number) => page.locator('.sf-row').nth(slot - 1);

  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    plant = await startDashboard(standInFlow());
    browser = await openChromium();
    const person = { departments: [], machines: [], language: 'id' };
    await plant.send('POST', '/api/access/users', {
      ...person,
      ...leader,
      name: 'Sari Wulandari',
      roles: ['supervisor'],
    });
    await plant.send('POST', '/api/access/users', {
      ...person,
      ...reader,
      name: 'Budi Santoso',
      roles: ['operator'],
      departments: ['production'],
    });
    await plant.send('POST', '/test/answers', answersAt(new Date()));
  });
  // A line grows old in a quarter of an hour, which all of these tests together may take on a busy machine.
  beforeEach(() => feed(busyLine(new Date())));
  afterEach(async () => {
    for (const { context } of visits.splice(0)) await context.close();
  });
  after(async () => {
    await browser?.close();
    await plant?.stop();
  });

  it('lead through the login to the board, without another host and without a complaint', async () => {
    const { page, requested, complaints } = await open(leader);
    assert.equal(await page.locator('.sf-row').count(), 11);
    assert.equal(await page.locator('h1').textContent(), 'Batch');
    assert.deepEqual(
      requested.filter((url) => !url.startsWith(plant.url) && !url.startsWith('data:') && !url.startsWith('blob:')),
      [],
    );
    assert.deepEqual(complaints, []);
  });

  it('show a change within a second, without a reload', async () => {
    const { page } = await open(leader);
    assert.match((await row(page, 4).textContent()) ?? '', /1\.554/);
    const now = new Date();
    const line = busyLine(now);
    const further = batch(now, {
      slot: 4,
      components: components([1250, 620, 380, 150, 100], [900, 620.5, 121, 0, null]),
    });
    const slots = line.monitor.slots.map((slot) => (slot.slot === 4 ? { slot: 4, batch: further } : slot));
    await feed({ ...line, monitor: { ...line.monitor, slots } });
    await page.getByText('1.642', { exact: false }).first().waitFor({ timeout: 1500 });
    await feed(line);
  });

  it('carry a retry with its person to the ledger and tell the answer', async () => {
    const { page } = await open(leader);
    await row(page, 1).click();
    await page.getByRole('button', { name: 'Kirim lagi' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Kirim lagi' }).click();
    await page.getByText('Diterima: Kirim lagi').waitFor();
    const command = (await asked()).find(({ command: name }) => name === 'retry');
    assert.deepEqual([command?.order, command?.actor?.login], ['WH/MO/00038', 'sari']);
  });

  it('offer nothing to a person who may only look', async () => {
    const { page } = await open(reader);
    await row(page, 2).click();
    await page.locator('.sf-detail').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Terima selisih' }).count(), 0);
    assert.equal(await page.locator('.sf-tasks').count(), 0);
  });

  it('speak the language that a person chooses, and remember it with the account', async () => {
    const { page, context } = await open(admin);
    await page.getByRole('button', { name: /^Akun/ }).click();
    const stored = page.waitForResponse((response) => response.url().endsWith('/api/access/me'));
    await page.getByRole('button', { name: 'English' }).click();
    await stored;
    await page.getByText('Needs attention').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en-US');
    assert.match((await row(page, 3).textContent()) ?? '', /Failed/);
    await context.clearCookies();
    const again = await open(admin);
    await again.page.getByText('Needs attention').waitFor();
    await again.page.getByRole('button', { name: /^Account/ }).click();
    await again.page.getByRole('button', { name: 'Bahasa Indonesia' }).click();
    await again.page.getByText('Perlu perhatian').waitFor();
  });

  it('go to the login when the session is ended elsewhere, and leave no figure on the screen', async () => {
    const { page } = await open(reader);
    const users = await plant.get<{ data: { id: string; login: string }[] }>('/api/access/users');
    const id = users.data.find(({ login }) => login === reader.login)?.id;
    await plant.send('POST', `/api/access/users/${id}/end-sessions`, {});
    await page.waitForURL(/\/login/);
    assert.equal(await page.locator('.sf-row').count(), 0);
    await page.goBack().catch(() => undefined);
    await page.waitForURL(/\/login/);
    assert.equal(await page.locator('.sf-row').count(), 0);
  });

  it('end with a logout', async () => {
    const { page } = await open(leader);
    await page.getByRole('button', { name: /^Akun/ }).click();
    await page.getByRole('button', { name: 'Keluar', exact: true }).click();
    await page.waitForURL(/\/login/);
    await page.goto(`${plant.url}/dashboard/batches`);
    assert.match(page.url(), /\/login/);
  });

  it('search and page the history, and tell the story of an order', async () => {
    const { page } = await open(leader);
    await page.getByRole('button', { name: 'Riwayat' }).click();
    await page.locator('.sf-past').first().waitFor();
    assert.match((await page.locator('.sf-pager').textContent()) ?? '', /1–12 dari 31/);
    await page.getByRole('button', { name: 'Halaman berikutnya' }).click();
    await page.getByText('13–24 dari 31').waitFor();
    await page.getByRole('searchbox').fill('000304');
    await page.getByText('1–1 dari 1').waitFor();
    await page.locator('.sf-past').first().click();
    await page.getByText('Timbangan silo B dikalibrasi pagi ini').waitFor();
  });

  it('keep kiosk mode for the next start and let people out of it', async () => {
    const { page } = await open(leader);
    await page.getByRole('button', { name: /^Akun/ }).click();
    await page.getByRole('button', { name: 'Mode kios' }).click();
    await page.locator('.v-app-bar').waitFor({ state: 'hidden' });
    await page.reload();
    await page.waitForSelector('.sf-row');
    assert.equal(await page.locator('.v-app-bar').isVisible(), false);
    await page.getByRole('button', { name: 'Keluar dari mode kios' }).click();
    await page.locator('.v-app-bar').waitFor({ state: 'visible' });
  });

  for (const [width, height] of [
    [768, 1024],
    [1024, 768],
    [390, 844],
    [1280, 800],
  ] as const) {
    it(`fit ${width} x ${height}: nothing is cut, targets suit gloves, axe has nothing to say`, async () => {
      const { page } = await open(leader, { width, height });
      await picture(page, `batches-${width}`);
      await inspect(page);
      await row(page, 2).click();
      await page.locator('.sf-detail').waitFor();
      await picture(page, `batch-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Terima selisih' }).click();
      await page.locator('textarea').waitFor();
      await picture(page, `confirm-${width}`);
      await inspect(page);
      await page.keyboard.press('Escape');
      if (width < 1000) await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Riwayat' }).click();
      await page.locator('.sf-past').first().waitFor();
      await picture(page, `history-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: /^Akun/ }).click();
      await page.getByRole('switch', { name: /Mode gelap/ }).click();
      await picture(page, `menu-dark-${width}`);
      await inspect(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Sekarang' }).click();
      await page.locator('.sf-row').first().waitFor();
      await picture(page, `batches-dark-${width}`);
      await inspect(page);
    });
  }

  for (const [width, height] of [
    [1024, 768],
    [390, 844],
  ] as const) {
    it(`list people at ${width} x ${height} with nothing cut and nothing for axe`, async () => {
      const opened = await visit(browser, plant.url, admin, { width, height, path: '/dashboard/users' });
      visits.push(opened);
      const { page } = opened;
      await page.getByText('Sari Wulandari').click();
      await page.getByRole('button', { name: 'Akhiri sesi' }).waitFor();
      await picture(page, `people-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Ubah', exact: true }).click();
      await page.getByLabel('Nama lengkap').waitFor();
      await picture(page, `person-${width}`);
      await inspect(page);
    });
  }

  it('show a stale line and a lost connection for what they are', async () => {
    const { page } = await open(leader);
    const now = new Date();
    await feed(lineWith([batch(now, { lastReadAt: ago(now, 40.3) })]));
    await page.getByText('Data lama, 40 mnt').waitFor();
    await feed(busyLine(new Date()));
    await page.context().setOffline(true);
    await page.locator('.sf-banner').waitFor({ timeout: 45_000 });
    await picture(page, 'lost-1024');
    assert.match((await page.locator('.sf-banner').textContent()) ?? '', /Sambungan terputus/);
    await page.context().setOffline(false);
    await page.locator('.sf-banner').waitFor({ state: 'detached', timeout: 30_000 });
  }).timeout(120_000);
});
