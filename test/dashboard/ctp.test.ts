// The story of a problem in Chromium, on a running Shopfloor: reported with a photo, seen elsewhere, told, completed, exported.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { png } from '../attachments/support/pictures.ts';
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
const joko: Person = { login: 'joko', password: 'obeng-kunci-2026' };
const eva: Person = { login: 'eva', password: 'plate-room-2026' };
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
    await page.locator('dialog').getByRole('button', { name: 'Berhenti' }).click();
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
      [joko, 'Joko Santoso', 'maintenance', []],
    ] as const) {
      await api.ok('POST', '/api/access/users', { ...person, name, roles: [role], machines, language: 'id' });
    }
    const english = { ...eva, name: 'Eva Brown', roles: ['supervisor'], machines: [], language: 'en-US' };
    await api.ok('POST', '/api/access/users', english);
    browser = await openChromium();
  });
  afterEach(async function () {
    for (const { context } of visits.splice(0)) await context.close();
    // One failure must not be told eleven times.
    if (this.currentTest?.state === 'failed') await api.completeAll();
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

  it('sends what waits from any page, once, and counts it in the bar until then', async () => {
    const { page, context } = await machinePage(rina, 'suprasetter');
    await fillReport(page, 'Dikirim dari halaman lain');
    await context.setOffline(true);
    await send(page);
    await page.locator('.sf-waiting').waitFor();
    await page.locator('.sf-crumbs').getByRole('link', { name: 'Log CTP' }).click();
    await page.locator('.sf-machines').waitFor();
    await page.locator('.sf-waiting').getByText('Dikirim dari halaman lain').waitFor();
    const badge = page.getByRole('link', { name: '1 laporan menunggu' });
    await badge.waitFor();
    await picture(page, 'ctp-log-waiting');
    await context.setOffline(false);
    await badge.waitFor({ state: 'detached', timeout: 40_000 });
    await page.locator('.sf-waiting').waitFor({ state: 'detached' });
    const sent = await api.problems('Dikirim dari halaman');
    assert.deepEqual([sent.length, sent[0]?.created_by], [1, 'rina']);
    await api.complete(sent[0]?.id ?? 0);
  });

  it('leads from a refused report on Log CTP to its form', async () => {
    const { page, context } = await machinePage(rina, 'platesetter');
    await fillReport(page, 'Ditolak lalu diperbaiki');
    await context.setOffline(true);
    await send(page);
    await page.locator('.sf-waiting').waitFor();
    const first = await api.report({ machine_nickname: 'platesetter', problem_description: 'y', error_code: 'E-23' });
    await page.locator('.sf-crumbs').getByRole('link', { name: 'Log CTP' }).click();
    await context.setOffline(false);
    await page.getByRole('link', { name: '1 laporan ditolak' }).waitFor({ timeout: 40_000 });
    await page.getByRole('button', { name: 'Perbaiki dan kirim lagi' }).click();
    await page.locator('.sf-report').getByText('CTP 2 Platesetter').waitFor();
    await page.getByRole('button', { name: 'Lanjut' }).click();
    await page.getByLabel('Kode lain').fill('E-24');
    await send(page);
    await page.getByText(/Masalah no\. \d+ tercatat/).waitFor();
    await page.locator('.sf-waiting-badge').waitFor({ state: 'detached' });
    const sent = await api.problems('Ditolak lalu diperbaiki');
    assert.deepEqual([sent.length, sent[0]?.error_code], [1, 'E-24']);
    for (const id of [first.id, sent[0]?.id ?? 0]) await api.complete(id);
  });

  it('tells each notice in one toast and once in the bell, with two tabs and after a lost connection', async () => {
    const one = await open(admin, 'ctp');
    await one.page.locator('.sf-machines').waitFor();
    await one.page.getByRole('button', { name: /^Pemberitahuan/ }).click();
    await one.page.locator('.sf-notices, .sf-pop .sf-note').first().waitFor();
    const readAll = one.page.getByRole('button', { name: 'Tandai semua dibaca' });
    if (await readAll.isVisible()) await readAll.click();
    const second = await one.context.newPage();
    await second.goto(`${plant.url}/dashboard/andon`);
    await second.locator('.sf-lamp').first().waitFor();
    const tabs = [one.page, second];
    for (const page of tabs) {
      await page.getByRole('button', { name: 'Pemberitahuan', exact: true }).waitFor();
      await page.evaluate(() => {
        // The bar is built anew when the connection returns: a card that stays over that is one toast.
        const told = new Set<string>();
        Object.assign(window, { told });
        new MutationObserver(() => {
          const card = document.querySelector('.sf-toast__card .sf-notice__text');
          const title = card?.firstElementChild?.textContent;
          if (title) told.add(title);
        }).observe(document.body, { childList: true, subtree: true, characterData: true });
      });
    }
    /** What each tab has told so far; every tab has decided when a transaction behind its own has ended. */
    const told = async (): Promise<readonly string[]> => {
      const all: string[] = [];
      for (const page of tabs) {
        const mine = await page.evaluate(async () => {
          await new Promise<void>((resolve, reject) => {
            const request = indexedDB.open('shopfloor-told', 1);
            request.onerror = () => reject(request.error);
            request.onsuccess = () => {
              const transaction = request.result.transaction('told', 'readwrite');
              transaction.objectStore('told').count();
              transaction.oncomplete = () => resolve();
            };
          });
          await new Promise((resolve) => setTimeout(resolve));
          return [...(window as unknown as { told: Set<string> }).told];
        });
        all.push(...mine);
      }
      return all;
    };
    const unread = (count: number) =>
      Promise.all(
        tabs.map((page) => page.getByRole('button', { name: `Pemberitahuan, ${count} belum dibaca` }).waitFor()),
      );
    const first = await api.report({ machine_nickname: 'trendsetter', problem_description: 'satu', error_code: 'T-1' });
    await unread(1);
    assert.deepEqual(await told(), [`Masalah baru: CTP 3 Trendsetter · berhenti · T-1`]);
    await one.context.setOffline(true);
    await Promise.all(tabs.map((page) => page.locator('.sf-banner').waitFor({ timeout: 60_000 })));
    const away = await api.report({ machine_nickname: 'trendsetter', problem_description: 'dua', error_code: 'T-2' });
    await one.context.setOffline(false);
    await unread(2);
    assert.deepEqual((await told()).toSorted(), [
      `Masalah baru: CTP 3 Trendsetter · berhenti · T-1`,
      `Masalah baru: CTP 3 Trendsetter · berhenti · T-2`,
    ]);
    const rows = await api.bell(admin);
    for (const code of ['T-1', 'T-2']) assert.equal(rows.filter(({ title }) => title.endsWith(code)).length, 1);
    for (const { id } of [first, away]) await api.complete(id);
  });

  it('shows photos by swipe, key, button and zoom, under fingers', async () => {
    const { id } = await api.report({ machine_nickname: 'trendsetter', problem_description: 'Tiga foto' });
    for (const width of [1600, 1200, 900]) {
      const form = new FormData();
      form.append(
        'problem_photos[]',
        new Blob([new Uint8Array(png({ width, height: 900 }))], { type: 'image/png' }),
        `${width}.png`,
      );
      await api.ok('POST', `/api/ctp-problem-logs/${id}/photos`, form);
    }
    const { page, context } = await open(sari, `ctp-machine?machine=trendsetter&problem=${id}`, { touch: true });
    await page.locator('.sf-photos button').first().tap();
    const stage = page.locator('.sf-viewer__stage');
    await stage.locator('img').waitFor();
    const cdp = await context.newCDPSession(page);
    const box = await stage.boundingBox();
    assert.ok(box);
    const [middleX, middleY] = [box.x + box.width / 2, box.y + box.height / 2];
    const finger = async (fromX: number, toX: number) => {
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
        cdp.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: middleY }] });
      await touch('touchStart', fromX);
      for (let step = 1; step <= 5; step += 1) await touch('touchMove', fromX + ((toX - fromX) * step) / 5);
      await touch('touchEnd');
    };
    const shows = (count: string) => page.locator('.sf-viewer__count').getByText(count, { exact: true }).waitFor();
    await shows('1 / 3');
    await finger(middleX + 150, middleX - 150);
    await shows('2 / 3');
    await finger(middleX - 150, middleX + 150);
    await shows('1 / 3');
    await finger(middleX, middleX - 20);
    await shows('1 / 3');
    await page.keyboard.press('ArrowLeft');
    await shows('3 / 3');
    await page.keyboard.press('ArrowRight');
    await shows('1 / 3');
    await page.getByRole('button', { name: 'Foto berikutnya' }).tap();
    await shows('2 / 3');
    await picture(page, 'ctp-photo-touch');
    await inspect(page);
    const zoomed = page.locator('.sf-viewer__stage--zoomed');
    await page.keyboard.press('+');
    await zoomed.waitFor();
    await finger(middleX + 150, middleX - 150);
    await page.waitForFunction(() => (document.querySelector('.sf-viewer__stage')?.scrollLeft ?? 0) > 20);
    await shows('2 / 3');
    await picture(page, 'ctp-photo-zoomed');
    await page.keyboard.press('-');
    await zoomed.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Perbesar' }).tap();
    await zoomed.waitFor();
    await page.getByRole('button', { name: 'Perkecil' }).tap();
    await zoomed.waitFor({ state: 'detached' });
    await stage.tap();
    await stage.tap();
    await zoomed.waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.sf-viewer').waitFor({ state: 'detached' });
    await page.locator('.sf-case').waitFor();
    await api.complete(id);
  });

  it('offers maintenance and colleagues no button that the server refuses', async () => {
    const { id } = await api.report({
      machine_nickname: 'platesetter',
      problem_description: 'Milik token',
      error_code: 'R-1',
    });
    const form = new FormData();
    form.append(
      'problem_photos[]',
      new Blob([new Uint8Array(png({ width: 30, height: 20 }))], { type: 'image/png' }),
      'a.png',
    );
    await api.ok('POST', `/api/ctp-problem-logs/${id}/photos`, form);
    const path = `ctp-machine?machine=platesetter&problem=${id}`;
    const buttons = async (page: Page) =>
      (await page.locator('.sf-case .sf-tasks__buttons button').allTextContents()).map((words) => words.trim());
    const { page: colleague } = await open(rina, path);
    await colleague.locator('.sf-story li').first().waitFor();
    assert.deepEqual(await buttons(colleague), []);
    const { page } = await open(joko, path);
    await page.locator('.sf-story li').first().waitFor();
    assert.deepEqual(await buttons(page), ['Selesaikan', 'Perbaiki data', 'Tambah foto', 'Tambah dokumen']);
    await page.locator('.sf-photos button').first().click();
    await page.locator('.sf-viewer__stage img').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Sembunyikan' }).count(), 0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Perbaiki data' }).click();
    await page.getByRole('textbox', { name: 'Solusi' }).fill('Kabel dikencangkan');
    assert.equal(await page.getByLabel('Kode galat').count(), 0);
    await picture(page, 'ctp-correct-maintenance');
    await page.getByRole('button', { name: 'Simpan' }).click();
    await page.locator('.sf-case').getByText('Kabel dikencangkan').first().waitFor();
    await api.complete(id);
  });

  it('takes the arrival of the technician with one tap', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Menunggu teknisi' });
    const { page } = await open(sari, `ctp-machine?machine=platesetter&problem=${id}`);
    await page.getByRole('button', { name: 'Teknisi datang' }).click();
    await page.locator('.sf-facts__response_time').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Teknisi datang' }).count(), 0);
    const { response_time, start_time } = await api.problem(id);
    assert.ok(response_time !== null && response_time >= start_time);
    await api.complete(id);
  });

  it('moves a problem to the machine that it belongs to', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Salah mesin' });
    const { page } = await open(sari, `ctp-machine?machine=platesetter&problem=${id}`);
    await page.getByRole('button', { name: 'Perbaiki data' }).click();
    await page.getByRole('combobox', { name: 'Mesin' }).selectOption({ label: 'CTP 1 Suprasetter' });
    await picture(page, 'ctp-move');
    await page.getByRole('button', { name: 'Simpan' }).click();
    await page.getByText('Mesin: CTP 2 Platesetter → CTP 1 Suprasetter').waitFor();
    assert.equal((await api.problem(id)).machine_nickname, 'suprasetter');
    await api.complete(id);
  });

  it('shows who sees only the machine that a moved problem has left that machine, and anybody without a machine the own ones', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Bukan mesin ini' });
    await api.ok('PUT', `/api/ctp-problem-logs/${id}`, { machine_nickname: 'trendsetter' });
    const moved = (await api.bell(rina)).find(
      ({ type, body }) => type === 'ctp_problem_moved' && body === 'Bukan mesin ini',
    );
    const link = moved?.link?.replace('/dashboard/', '') ?? '';
    const { page, complaints } = await open(rina, link);
    await page.getByText('Masalah ini sudah pindah ke mesin lain.').waitFor();
    await page.getByRole('button', { name: 'CTP 2 Platesetter', pressed: true }).waitFor();
    assert.deepEqual(complaints, []);
    const { page: there } = await open(dewi, link);
    await there.locator('.sf-case').getByText('Bukan mesin ini').first().waitFor();

    const { page: lost } = await open(rina, 'ctp-machine?machine=trendsetter');
    await lost.getByText('bukan mesin Anda').waitFor();
    await lost.getByRole('button', { name: 'CTP 1 Suprasetter' }).click();
    await lost.locator('.sf-machine-head').waitFor();
    await api.complete(id);
  });

  it('leaves no form in which something is typed by Escape, which is also the gesture back of a tablet', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Pelat macet' });
    const { page } = await machinePage(sari, 'platesetter');
    await fillReport(page, 'Rol karet licin');
    await page.keyboard.press('Escape');
    const words = page.getByLabel('Apa yang terjadi?');
    assert.equal(await words.inputValue(), 'Rol karet licin');
    await words.press('End');
    // Without a tap between them the browser closes the dialog by itself.
    for (let times = 0; times < 4; times += 1) await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor();
    assert.equal(await words.inputValue(), 'Rol karet licin');
    await page.locator('dialog').getByRole('button', { name: 'Tidak, kembali' }).click();
    await page.locator('dialog').waitFor({ state: 'detached' });

    await page.locator('.sf-problem', { hasText: 'Pelat macet' }).click();
    await page.getByRole('button', { name: 'Selesaikan' }).click();
    const solution = page.getByLabel('Apa yang membantu?');
    await solution.fill('Rol dibersihkan');
    await page.keyboard.press('Escape');
    assert.equal(await solution.inputValue(), 'Rol dibersihkan');
    await page.locator('dialog').getByRole('button', { name: 'Tidak, kembali' }).click();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await api.complete(id);
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

  it('prints a page on which no word is broken', async () => {
    const { page } = await machinePage(sari, 'platesetter', { width: 1040, height: 720 });
    await page.goto(`${plant.url}/export-ctp-logs?format=print&machine_id=2&language=id`);
    await page.locator('tbody tr').first().waitFor();
    await picture(page, 'ctp-print');
    const broken = await page.locator('th, td:not(.free)').evaluateAll((cells) =>
      cells.flatMap((cell) => {
        const text = cell.firstChild;
        if (!text) return [];
        return [...(text.textContent ?? '').matchAll(/[^\s-]+/g)].flatMap(({ 0: word, index }) => {
          const range = document.createRange();
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          return range.getClientRects().length > 1 ? [word] : [];
        });
      }),
    );
    assert.deepEqual(broken, []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
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

  for (const [person, section] of [
    [sari, 'Produksi CTP'],
    [eva, 'CTP Production'],
  ] as const) {
    it(`reads ${section}, Log CTP, machine above each of the three machines`, async () => {
      const { page } = await open(person, 'ctp', { width: 768, height: 1024 });
      const crumbs = () =>
        page
          .locator('.sf-crumbs > :is(a, span, h1):not(.mdi)')
          .evaluateAll((parts) => parts.filter((part) => part.checkVisibility()).map((part) => part.textContent));
      await page.locator('.sf-machines').waitFor();
      assert.deepEqual(await crumbs(), [section, 'Log CTP']);
      for (const name of ['CTP 1 Suprasetter', 'CTP 2 Platesetter', 'CTP 3 Trendsetter']) {
        await page.locator('.sf-machine', { hasText: name }).click();
        await page.locator('h1', { hasText: name }).waitFor();
        assert.deepEqual(await crumbs(), [section, 'Log CTP', name]);
        await page.locator('.sf-crumbs').getByRole('link', { name: 'Log CTP' }).click();
        await page.locator('.sf-machines').waitFor();
      }
    });
  }

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
    await page.getByRole('button', { name: 'Statistik' }).click();
    const newest = page.locator('.sf-story li').first();
    await newest.getByText('Pembersihan mingguan').waitFor();
    assert.match((await newest.textContent()) ?? '', /Pembersihan.*oleh sari/);
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
      const title = page.locator('.sf-crumbs h1');
      assert.ok(
        await title.evaluate(
          (h1) =>
            h1.getBoundingClientRect().right <= (h1.closest('.v-toolbar-title')?.getBoundingClientRect().right ?? 0),
        ),
        'a name that is too long ends in dots, not under the bell',
      );
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

  it('can be read in the dark: axe finds no fault of contrast on any page', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Malam hari' });
    const { page, context } = await open(sari, 'ctp', { width: 1024, height: 768 });
    await context.addInitScript(() => localStorage.setItem('shopfloor.dark', 'on'));
    await page.reload();
    await page.locator('.sf-machine--alarm').waitFor();
    await page.locator('.sf-charts').waitFor();
    assert.equal(await page.locator('html').getAttribute('data-sf-theme'), 'dark');
    await picture(page, 'ctp-log-dark');
    await inspect(page);
    await page.goto(`${plant.url}/dashboard/ctp-machine?machine=platesetter&problem=${id}`);
    await page.locator('.sf-story li').first().waitFor();
    await picture(page, 'ctp-problem-dark');
    await inspect(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Lapor masalah' }).click();
    await page.getByLabel('Apa yang terjadi?').fill('fokus laser');
    await page.locator('.sf-similar').waitFor();
    await inspect(page);
    await page.getByRole('button', { name: 'Tidak, kembali' }).click();
    await page.getByRole('button', { name: 'Statistik' }).click();
    await page.locator('.sf-kpi').first().waitFor();
    await page.locator('.sf-story li').first().waitFor();
    await picture(page, 'ctp-statistics-dark');
    await inspect(page);
    await page.goto(`${plant.url}/dashboard/andon`);
    await page.locator('.sf-lamp--alarm').waitFor();
    await inspect(page);
    await api.complete(id);
  });

  it('makes every control of a touched tablet 56 px high: gloves hit no less', async () => {
    const { id } = await api.report({ machine_nickname: 'platesetter', problem_description: 'Sarung tangan' });
    const { page } = await machinePage(sari, 'platesetter', { width: 1024, height: 768, touch: true });
    await page.locator('.sf-problem').first().waitFor();
    const small = () =>
      page.locator('.sf-ctp :is(button, a, input, textarea)').evaluateAll((controls) =>
        controls
          .filter((control) => control.checkVisibility() && !control.matches('input[type=file]'))
          .map((control) => ({ words: control.textContent?.trim(), height: control.getBoundingClientRect().height }))
          .filter(({ height }) => height < 55.5),
      );
    assert.deepEqual(await small(), []);
    await page.getByRole('button', { name: 'Lapor masalah' }).tap();
    await page.getByLabel('Apa yang terjadi?').fill('Rol macet');
    await page.locator('dialog').getByRole('button', { name: 'Berhenti' }).tap();
    await picture(page, 'ctp-report-touch');
    assert.deepEqual(await small(), []);
    await page.getByRole('button', { name: 'Lanjut' }).tap();
    await page.getByLabel('Kode lain').waitFor();
    assert.deepEqual(await small(), []);
    await page.locator('dialog').getByRole('button', { name: 'Kembali', exact: true }).tap();
    await page.locator('dialog').getByRole('button', { name: 'Tidak, kembali' }).tap();
    await page.locator('.sf-problem', { hasText: 'Sarung tangan' }).tap();
    await page.locator('.sf-story li').first().waitFor();
    assert.deepEqual(await small(), []);
    await page.getByRole('button', { name: 'Selesaikan' }).tap();
    await page.getByLabel('Apa yang membantu?').waitFor();
    assert.deepEqual(await small(), []);
    await inspect(page);
    await api.complete(id);
  });

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

  it('shows state and clock of a machine whose name is long and has no blank, and scrolls nothing sideways', async () => {
    const named = { name: `CTP${'X'.repeat(90)}`, nickname: 'long-name', kind: 'ctp' };
    const { body } = await api.call<{ id: number; version: number }>('POST', '/api/ctp-machines', named);
    const { page } = await open(wall, 'andon', { width: 390, height: 844 });
    const lamp = page.locator('.sf-lamp', { hasText: 'CTPXX' });
    await lamp.waitFor();
    await picture(page, 'andon-long-name');
    for (const part of ['h2', '.sf-lamp__state', '.sf-lamp__clock']) {
      const [outer, inner] = [await lamp.boundingBox(), await lamp.locator(part).boundingBox()];
      assert.ok(outer && inner && inner.width > 0, part);
      assert.ok(inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width, part);
      assert.ok(inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height, part);
    }
    const machine = (await machinePage(sari, 'suprasetter', { width: 390, height: 844 })).page;
    await machine.locator('.sf-machine-tabs', { hasText: 'CTPXX' }).waitFor();
    assert.ok(await machine.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    const { id, version } = body.data;
    assert.equal((await api.call('PUT', `/api/ctp-machines/${id}`, { version, retired: true })).status, 200);
  });
});
