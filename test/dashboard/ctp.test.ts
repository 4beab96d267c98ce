// The story of a problem in Chromium, on a running Shopfloor: reported with a photo, seen elsewhere, told, completed, exported.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type NodeRedProcess, startShopfloor } from '../support/node-red-process.ts';
import { requireTool } from '../support/require-tool.ts';
import { CtpApi } from '../system/ctp-api.ts';
import { chromiumPath, openChromium, type Person, type Visit, visit } from './support/chromium.ts';
import { inspect } from './support/inspect.ts';

const screenshots = process.env.SHOPFLOOR_SCREENSHOTS;

const admin: Person = { login: 'admin', password: 'plant-admin-2026' };
const rina: Person = { login: 'rina', password: 'pelat-cetak-2026' };
const dewi: Person = { login: 'dewi', password: 'pelat-cetak-2027' };
const sari: Person = { login: 'sari', password: 'malam-shift-2026' };
const wall: Person = { login: 'wall', password: 'layar-dinding-2026' };

describe('Log CTP in Chromium', function () {
  this.timeout(120_000);
  let home: string;
  let plant: NodeRedProcess;
  let api: CtpApi;
  let browser: Browser;
  const visits: Visit[] = [];

  const picture = async (page: Page, name: string) => {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  };
  const open = async (person: Person, path: string, size = {}): Promise<Visit> => {
    const opened = await visit(browser, plant.url, person, { path: `/dashboard/${path}`, ...size });
    visits.push(opened);
    return opened;
  };
  const machinePage = async (person: Person, machine: string, size = {}): Promise<Visit> => {
    const opened = await open(person, `ctp-machine?machine=${machine}`, size);
    await opened.page.locator('.sf-machine-head').waitFor();
    return opened;
  };
  /** Both steps of the form, up to the button that sends. */
  const fillReport = async (page: Page, words: string, photo = false) => {
    await page.getByRole('button', { name: 'Lapor masalah' }).click();
    await page.getByRole('button', { name: 'Berhenti' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Laser' }).click();
    await page.getByLabel('Apa yang terjadi?').fill(words);
    await page.getByRole('button', { name: 'Lanjut' }).click();
    await page.getByLabel('Kode lain').fill(`E-${words.length}`);
    if (photo) {
      await page
        .locator('input[type=file][multiple]')
        .first()
        .setInputFiles({
          name: 'laser head.png',
          mimeType: 'image/png',
          buffer: await page.locator('.sf-report').screenshot(),
        });
      await page.locator('.sf-picked img').waitFor();
    }
  };
  const send = (page: Page) => page.getByRole('button', { name: 'Kirim laporan' }).click();

  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    home = mkdtempSync(join(tmpdir(), 'shopfloor-ctp-'));
    plant = await startShopfloor({
      home,
      environment: { SHOPFLOOR_ADMIN_PASSWORD: admin.password, ENABLE_AUTO_SYNC: 'false' },
    });
    api = new CtpApi(plant.url);
    for (const [person, name, role, machines] of [
      [rina, 'Rina Hartati', 'ctp', ['suprasetter', 'platesetter']],
      [dewi, 'Dewi Lestari', 'ctp', ['trendsetter']],
      [sari, 'Sari Wulandari', 'supervisor', []],
      [wall, 'Layar dinding', 'display', []],
    ] as const) {
      await api.ok('POST', '/api/access/users', { ...person, name, roles: [role], machines, language: 'id' });
    }
    browser = await openChromium();
  });
  afterEach(async () => {
    for (const { context } of visits.splice(0)) await context.close();
  });
  after(async () => {
    await browser?.close();
    await plant?.kill();
    if (home) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('carries a problem from the report with a photo to its end, and everybody sees it', async () => {
    const [{ page: log }, { page: bell }, { page, requested, complaints }] = [
      await open(sari, 'ctp'),
      await machinePage(admin, 'suprasetter'),
      await machinePage(rina, 'platesetter'),
    ];
    const card = log.locator('.sf-machine', { hasText: 'CTP 2 Platesetter' });
    await card.getByText('Aktif').waitFor();

    await fillReport(page, 'Fokus laser hilang sesudah sepuluh pelat', true);
    await picture(page, 'ctp-report-details');
    await send(page);
    await page.getByText(/Masalah no\. \d+ tercatat/).waitFor();
    await card.getByText('Berhenti').waitFor({ timeout: 5_000 });
    await card.getByText('Fokus laser hilang').waitFor();
    await picture(log, 'ctp-log-stopped');

    const toast = bell.locator('.sf-toast__card');
    await toast.getByText('Masalah baru').waitFor({ timeout: 10_000 });
    assert.equal(await toast.count(), 1);
    await picture(bell, 'ctp-toast');
    await bell.getByRole('button', { name: /^Pemberitahuan, 1/ }).click();
    await bell.locator('.sf-notices li').first().waitFor();
    assert.equal(await bell.locator('.sf-notices li', { hasText: 'Masalah baru' }).count(), 1);

    const row = page.locator('.sf-problem', { hasText: 'Fokus laser hilang' });
    await row.click();
    await page.locator('.sf-case__clock').last().waitFor();
    await page.locator('.sf-photos img').waitFor();
    await picture(page, 'ctp-problem');
    await page.locator('.sf-photos button').first().click();
    await page.locator('.sf-viewer__stage img').waitFor();
    await picture(page, 'ctp-photo');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Selesaikan' }).click();
    await page.getByLabel('Apa yang membantu?').fill('Lensa dibersihkan dan fokus dikalibrasi');
    await page.getByRole('button', { name: 'Tambah suku cadang' }).click();
    await page.getByPlaceholder('Nama suku cadang').fill('Filter lensa');
    await picture(page, 'ctp-complete');
    await page.locator('dialog').getByRole('button', { name: 'Selesaikan' }).click();
    await page.locator('.sf-case').getByText('Lensa dibersihkan dan fokus dikalibrasi').first().waitFor();
    await page.locator('.sf-story').getByText('Diselesaikan').waitFor();
    assert.match((await page.locator('.sf-case__clock').last().textContent()) ?? '', /\d+ (dtk|mnt)/);
    await card.getByText('Aktif').waitFor({ timeout: 5_000 });
    await toast.getByText('Masalah selesai').waitFor({ timeout: 10_000 });

    await page.keyboard.press('Escape');
    await page.locator('.sf-case').waitFor({ state: 'detached' });
    const download = page.waitForEvent('download');
    await page.locator('.sf-export').getByText('CSV').click();
    const csv = await (await download).createReadStream();
    let text = '';
    for await (const chunk of csv) text += String(chunk);
    assert.match(text, /Fokus laser hilang sesudah sepuluh pelat,Lensa dibersihkan/);

    const bellRows = await api.bell(admin);
    const types = bellRows.filter(({ body }) => /laser|Lensa/i.test(body ?? '')).map(({ type }) => type);
    assert.deepEqual(types, ['ctp_problem_resolved', 'ctp_problem_new']);
    assert.deepEqual(
      requested.filter((url) => !url.startsWith(plant.url) && !/^(data|blob):/.test(url)),
      [],
    );
    assert.deepEqual(complaints, []);
  });

  it('proposes what helped before while somebody types', async () => {
    const { page } = await machinePage(rina, 'platesetter');
    await page.getByRole('button', { name: 'Lapor masalah' }).click();
    await page.getByLabel('Apa yang terjadi?').fill('fokus laser');
    await page.locator('.sf-similar').getByText('Lensa dibersihkan dan fokus dikalibrasi').waitFor({ timeout: 10_000 });
    await picture(page, 'ctp-similar');
  });

  it('keeps a report on the tablet while the connection is away, over a reload, and sends it once', async () => {
    const { page, context } = await machinePage(rina, 'suprasetter');
    await fillReport(page, 'Pelat macet di pemuat', true);
    await context.setOffline(true);
    await send(page);
    await page.locator('.sf-waiting').getByText('Pelat macet di pemuat').waitFor();
    await picture(page, 'ctp-waiting');
    const before = await api.problems('Pelat macet');
    assert.equal(before.length, 0);
    await context.setOffline(false);
    await page.reload();
    await page.locator('.sf-machine-head').waitFor();
    await page.locator('.sf-problem', { hasText: 'Pelat macet di pemuat' }).waitFor({ timeout: 30_000 });
    await page.locator('.sf-waiting').waitFor({ state: 'detached' });
    const sent = await api.problems('Pelat macet');
    assert.deepEqual([sent.length, sent[0]?.created_by, sent[0]?.photos.length], [1, 'rina', 1]);
    await api.complete(sent[0]?.id ?? 0);
  });

  it('never sends what another person typed on the same tablet', async () => {
    const { page, context } = await machinePage(rina, 'suprasetter');
    await fillReport(page, 'Hanya Rina yang mengirim ini');
    await context.setOffline(true);
    await send(page);
    await page.locator('.sf-waiting').waitFor();
    await context.clearCookies();
    await context.setOffline(false);
    await page.goto(`${plant.url}/dashboard/ctp-machine?machine=trendsetter`);
    await page.fill('#login', dewi.login);
    await page.fill('#password', dewi.password);
    await page.click('button[type=submit]');
    await page.getByText('1 laporan orang lain menunggu di tablet ini', { exact: false }).waitFor();
    assert.equal((await page.locator('.sf-waiting').textContent())?.includes('Hanya Rina'), false);
    assert.equal((await api.problems('Hanya Rina')).length, 0);
    await context.clearCookies();
    await page.goto(`${plant.url}/dashboard/ctp-machine?machine=suprasetter`);
    await page.fill('#login', rina.login);
    await page.fill('#password', rina.password);
    await page.click('button[type=submit]');
    await page.locator('.sf-problem', { hasText: 'Hanya Rina yang mengirim ini' }).waitFor({ timeout: 30_000 });
    const sent = await api.problems('Hanya Rina');
    assert.deepEqual([sent.length, sent[0]?.created_by], [1, 'rina']);
    await api.complete(sent[0]?.id ?? 0);
  });

  it('shows a refused report that waited, and sends it again when it was mended', async () => {
    const { page, context } = await machinePage(rina, 'suprasetter');
    await fillReport(page, 'Rol karet aus');
    await context.setOffline(true);
    await send(page);
    await page.locator('.sf-waiting').waitFor();
    const first = await api.report({ machine_nickname: 'suprasetter', problem_description: 'x', error_code: 'E-13' });
    await context.setOffline(false);
    await page.locator('.sf-waiting').getByText('Sudah ada masalah sejenis').waitFor({ timeout: 40_000 });
    await picture(page, 'ctp-refused');
    await page.getByRole('button', { name: 'Perbaiki dan kirim lagi' }).click();
    await page.getByRole('button', { name: 'Lanjut' }).click();
    await page.getByLabel('Kode lain').fill('E-14');
    await send(page);
    await page.getByText(/Masalah no\. \d+ tercatat/).waitFor();
    await page.locator('.sf-waiting').waitFor({ state: 'detached' });
    const [sent, ...more] = await api.problems('Rol karet aus');
    assert.deepEqual([sent?.error_code, more.length], ['E-14', 0]);
    for (const id of [first.id, sent?.id ?? 0]) await api.complete(id);
  });

  it('lets one of two people win, and shows the other what it is now', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Dua orang menyunting' });
    const path = `ctp-machine?machine=platesetter&problem=${id}`;
    const [{ page: first }, { page: second }] = [await open(sari, path), await open(admin, path)];
    for (const page of [first, second]) await page.getByRole('button', { name: 'Perbaiki data' }).click();
    await first.getByLabel('Masalah', { exact: true }).fill('Dua orang menyunting, Sari lebih cepat');
    await first.getByRole('button', { name: 'Simpan' }).click();
    await first.locator('.sf-case__head').getByText('Sari lebih cepat').waitFor();
    await second.getByLabel('Kode galat').fill('E-99');
    await second.getByRole('button', { name: 'Simpan' }).click();
    await second.locator('.sf-newer').getByText('Sari lebih cepat').waitFor();
    await picture(second, 'ctp-newer');
    await second.getByRole('button', { name: 'Simpan' }).click();
    await second.locator('.sf-case__head').getByText('E-99').waitFor();
    const now = await api.problem(id);
    assert.deepEqual([now.problem_description, now.error_code], ['Dua orang menyunting, Sari lebih cepat', 'E-99']);
    await api.complete(id);
  });

  it('shows people of the department their own machines, and a wall screen all of them and no control', async () => {
    const { page: own } = await open(dewi, 'ctp');
    await own.locator('.sf-machine').first().waitFor();
    assert.deepEqual(await own.locator('.sf-machine__name').allTextContents(), ['CTP 3 Trendsetter']);
    await own.goto(`${plant.url}/dashboard/ctp-machine?machine=platesetter`);
    await own.getByText('Mesin ini tidak dikenal, atau bukan mesin Anda.').waitFor();
    const { page } = await open(wall, 'andon');
    await page.locator('.sf-lamp').first().waitFor();
    assert.equal(await page.locator('.sf-lamp').count(), 3);
    assert.equal(await page.locator('.sf-andon button, .sf-andon a, .sf-andon input').count(), 0);
  });

  it('says on the wall that nothing is known when news stay away', async () => {
    const { page, context } = await open(wall, 'andon', { width: 1920, height: 1080 });
    await page.locator('.sf-lamp').first().waitFor();
    await context.setOffline(true);
    await page.locator('.sf-andon__old').waitFor({ timeout: 60_000 });
    await picture(page, 'andon-old');
    await context.setOffline(false);
    await page.locator('.sf-andon__old').waitFor({ state: 'detached', timeout: 40_000 });
  });

  it('leads along the breadcrumb without loading anew, and a reload stays on the machine', async () => {
    const { page } = await open(sari, 'ctp');
    await page.locator('.sf-machine', { hasText: 'CTP 3 Trendsetter' }).click();
    await page.locator('h1', { hasText: 'CTP 3 Trendsetter' }).waitFor();
    await page.reload();
    await page.locator('h1', { hasText: 'CTP 3 Trendsetter' }).waitFor();
    assert.match((await page.locator('.sf-crumbs').textContent()) ?? '', /Produksi CTP.*Log CTP.*CTP 3 Trendsetter/);
    await page.locator('.sf-crumbs').getByRole('link', { name: 'Log CTP' }).click();
    await page.locator('.sf-machines').waitFor();
  });

  it('sets a status by hand with its reason', async () => {
    const { page } = await machinePage(sari, 'trendsetter');
    await page.getByRole('button', { name: 'Atur status' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Pembersihan' }).click();
    await page.getByLabel('Alasan').fill('Pembersihan mingguan');
    await picture(page, 'ctp-status');
    await page.locator('dialog').getByRole('button', { name: 'Atur status' }).click();
    await page.locator('.sf-machine-head').getByText('diatur sari: Pembersihan mingguan').waitFor();
    await api.ok('PUT', '/api/ctp-machines/3/status', { status: 'active', reason: 'done' });
  });

  for (const [width, height] of [
    [1024, 768],
    [768, 1024],
    [390, 844],
    [1280, 800],
  ] as const) {
    it(`fits ${width} x ${height}: nothing is cut, targets suit gloves, axe has nothing to say`, async () => {
      const { id } = await api.report({
        machine_nickname: 'platesetter',
        problem_description: `Tampilan pada layar ${width}`,
        error_code: `W-${width}`,
      });
      const { page } = await open(sari, 'ctp', { width, height });
      await page.locator('.sf-machine--alarm').waitFor();
      await page.locator('.sf-charts').waitFor();
      await picture(page, `ctp-log-${width}`);
      await inspect(page);
      await page.locator('.sf-machine--alarm').click();
      await page.locator('.sf-problem').first().waitFor();
      await picture(page, `ctp-machine-${width}`);
      await inspect(page);
      await page.locator('.sf-problem', { hasText: `layar ${width}` }).click();
      await page.locator('.sf-story li').first().waitFor();
      await picture(page, `ctp-problem-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Selesaikan' }).click();
      await picture(page, `ctp-complete-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Tidak, kembali' }).click();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Lapor masalah' }).click();
      await page.getByLabel('Apa yang terjadi?').waitFor();
      await picture(page, `ctp-report-${width}`);
      await inspect(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Statistik' }).click();
      await page.locator('.sf-kpi').first().waitFor();
      await picture(page, `ctp-statistics-${width}`);
      await inspect(page);
      await page.goto(`${plant.url}/dashboard/andon`);
      await page.locator('.sf-lamp').first().waitFor();
      await picture(page, `andon-${width}`);
      await inspect(page);
      await api.complete(id);
    });
  }

  for (const [width, height] of [
    [1920, 1080],
    [1080, 1920],
  ] as const) {
    it(`fills a wall screen of ${width} x ${height} without scrolling, in letters that reach ten metres`, async () => {
      const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Di layar dinding' });
      const { page } = await open(wall, 'andon', { width, height });
      await page.locator('.sf-lamp--alarm').waitFor();
      await picture(page, `andon-${width}`);
      const { scrolls, state, name } = await page.evaluate(() => ({
        scrolls: document.documentElement.scrollHeight - window.innerHeight,
        state: Number.parseFloat(getComputedStyle(document.querySelector('.sf-lamp__state') ?? document.body).fontSize),
        name: Number.parseFloat(getComputedStyle(document.querySelector('.sf-lamp h2') ?? document.body).fontSize),
      }));
      assert.ok(scrolls <= 0, `scrolls by ${scrolls} px`);
      // Letters of a 55" screen at this resolution need about 25 mm to be read from ten metres: 40 px.
      assert.ok(state >= 60 && name >= 40, `${state} px and ${name} px`);
      await api.complete(id);
    });
  }
});
