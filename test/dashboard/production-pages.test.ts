// The pages Production and Health in Chromium, on a real Node-RED with the real dashboard; what is behind them is a stand-in.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, openChromium, type Person, type Visit, visit } from './support/chromium.ts';
import { inspect } from './support/inspect.ts';
import { machineFlow } from './support/machine-flow.ts';
import {
  card,
  factory,
  hall,
  healthOf,
  openStops,
  quarantine,
  reasons,
  shiftRows,
  trendOf,
} from './support/machines.ts';
import { type DashboardProcess, startDashboard } from './support/node-red-process.ts';

/** Where screenshots go when somebody wants to look at them. */
const screenshots = process.env.SHOPFLOOR_SCREENSHOTS;

const leader: Person = { login: 'sari', password: 'malam-shift-2026' };
const manager: Person = { login: 'made', password: 'siang-shift-2026' };

interface Asked {
  readonly command: string;
  readonly machine?: string;
  readonly id?: number | string;
  readonly code?: string;
  readonly upTo?: number;
  readonly span?: number;
  readonly reason?: string;
  readonly minutes?: number;
  readonly csv?: string;
  readonly actor?: { readonly login: string };
}

const sizes = [
  [768, 1024],
  [1024, 768],
  [390, 844],
  [1280, 800],
] as const;

describe('the pages Production and Health in Chromium', function () {
  this.timeout(90_000);
  let plant: DashboardProcess;
  let browser: Browser;
  const visits: Visit[] = [];

  const now = () => new Date();
  const feedMachines = (view = factory(now())) => plant.send('POST', '/test/view/production', view);
  const feedHealth = (view = healthOf(now())) => plant.send('POST', '/test/view/health', view);
  const answers = (more: object = {}) =>
    plant.send('POST', '/test/answers', {
      reasons,
      shifts: shiftRows(now()),
      stops: openStops(now()),
      reason: {
        id: 108,
        start: now().toISOString(),
        end: null,
        state: 'error',
        planned: false,
        reason: 'X',
        reason_by: 'S',
      },
      quarantine: quarantine(now()),
      replay: { status: 'replayed' },
      dismiss: { status: 'dismissed' },
      'replay-all': { replayed: 27, refused: 2, left: 0, last: 4710 },
      'dismiss-all': { dismissed: 29 },
      machine: {},
      trend: trendOf(now(), 'C_FL102', 'Feeder'),
      acknowledge: { done: true },
      shelve: { done: true },
      ...more,
    });
  const asked = () => plant.get<Asked[]>('/test/commands');
  const last = async (command: string) => (await asked()).filter((each) => each.command === command).at(-1);
  const open = async (path: string, person = leader, size: { width?: number; height?: number } = {}) => {
    const opened = await visit(browser, plant.url, person, { ...size, path: `/dashboard/${path}` });
    visits.push(opened);
    await opened.page.waitForSelector('.sf-machine, .sf-machine-head');
    return opened;
  };
  const picture = async (page: Page, name: string, fullPage = true) => {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    // A picture of the whole page resizes it, which opens the dashboard's menu on a wide one.
    const whole = fullPage && (page.viewportSize()?.width ?? 0) < 1000;
    await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: whole });
  };
  const dark = async (page: Page) => {
    await page.getByRole('button', { name: /^Akun/ }).click();
    await page.getByRole('switch', { name: /Mode gelap/ }).click();
    await page.keyboard.press('Escape');
  };

  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    plant = await startDashboard(machineFlow());
    browser = await openChromium();
    const person = { departments: [], machines: [], language: 'id' };
    await plant.send('POST', '/api/access/users', {
      ...person,
      ...leader,
      name: 'Sari Wulandari',
      roles: ['supervisor'],
    });
    await plant.send('POST', '/api/access/users', { ...person, ...manager, name: 'Made Wirawan', roles: ['manager'] });
  });
  beforeEach(async () => {
    await answers();
    await feedMachines();
    await feedHealth();
  });
  afterEach(async () => {
    for (const { context } of visits.splice(0)) await context.close();
  });
  after(async () => {
    await browser?.close();
    await plant?.stop();
  });

  it('show every machine with its state in words, without another host and without a complaint', async () => {
    const { page, requested, complaints } = await open('production');
    assert.equal(await page.locator('.sf-machine').count(), 8);
    await page.locator('.sf-machine', { hasText: 'Flexo 2' }).getByText('Gangguan').waitFor();
    await page
      .locator('.sf-machine', { hasText: 'Flexo 4' })
      .getByText(/Kabar terakhir 2[67] mnt yang lalu/)
      .waitFor();
    await page.locator('.sf-machine', { hasText: 'Flexo 1' }).click();
    await page.locator('.sf-chart canvas').first().waitFor();
    assert.deepEqual(
      requested.filter((url) => !url.startsWith(plant.url) && !url.startsWith('data:') && !url.startsWith('blob:')),
      [],
    );
    assert.deepEqual(complaints, []);
  });

  it('show a change within two seconds, without a reload, and only what changed is drawn anew', async () => {
    const { page } = await open('production');
    const view = factory(now());
    const [first, ...others] = view.cards;
    const further = card(now(), { shift: first?.shift ? { ...first.shift, production: 11_777 } : null });
    await feedMachines({ ...view, at: now().toISOString(), cards: [further, ...others] });
    await page.locator('.sf-machine', { hasText: 'Flexo 1' }).getByText('11.777').waitFor({ timeout: 2000 });
  });

  it('give a stop its reason in two taps, with the person who tapped', async () => {
    const { page } = await open('production');
    await page.locator('.sf-machine', { hasText: 'Flexo 2' }).click();
    await page.getByRole('button', { name: 'Isi alasan' }).click();
    await page.getByRole('button', { name: 'Bahan habis' }).click();
    await page.getByText('Flexo 2: Bahan habis dicatat').waitFor();
    const given = await last('reason');
    assert.deepEqual(
      [given?.machine, given?.span, given?.reason, given?.actor?.login],
      ['C_FL102', 108, 'MATERIAL_SHORTAGE', 'sari'],
    );
  });

  it('work off the stops that nobody has explained, and say why one was refused', async () => {
    await answers({ reason: { refuse: { code: 'conflict', message: 'somebody was quicker' } } });
    const { page } = await open('production');
    await page.getByRole('button', { name: 'Alasan yang belum diisi' }).click();
    await page.getByRole('button', { name: /Baler/ }).click();
    await page.getByRole('button', { name: 'Gangguan mekanik' }).click();
    await page.locator('.sf-fault').waitFor();
    assert.match((await page.locator('.sf-fault').textContent()) ?? '', /sudah berubah/);
    await answers();
    await page.getByRole('button', { name: 'Gangguan mekanik' }).click();
    await page.getByText('Baler: Gangguan mekanik dicatat').waitFor();
  });

  it('judge a message of the quarantine again, and discard another with a reason', async () => {
    const { page } = await open('production');
    await page.getByRole('button', { name: 'Pesan ditolak (31)' }).click();
    const dialog = page.locator('dialog').first();
    await dialog.getByText('Hitungan melonjak terlalu jauh').waitFor();
    await dialog.getByRole('button', { name: 'Nilai lagi', exact: true }).first().click();
    await dialog.getByText('Pesan #4712 diterima').waitFor();
    await dialog.getByRole('button', { name: 'Buang pesan' }).last().click();
    await page.locator('dialog textarea').fill('uji coba pengirim');
    await page.locator('dialog').last().getByRole('button', { name: 'Buang pesan' }).click();
    await dialog.getByText('Pesan #4711 dibuang').waitFor();
    const [replayed, dismissed] = [await last('replay'), await last('dismiss')];
    assert.deepEqual([replayed?.id, replayed?.actor?.login], [4712, 'sari']);
    assert.deepEqual([dismissed?.id, dismissed?.reason, dismissed?.actor?.login], [4711, 'uji coba pengirim', 'sari']);
  });

  it('judge all messages of a machine again, and discard them with one reason', async () => {
    const { page } = await open('production');
    await page.getByRole('button', { name: 'Pesan ditolak (31)' }).click();
    const dialog = page.locator('dialog').first();
    await dialog.getByRole('button', { name: 'Nilai lagi semua' }).click();
    await dialog.getByText('Diterima: 27. Ditolak lagi: 2.').waitFor();
    const judged = await last('replay-all');
    assert.deepEqual([judged?.machine, judged?.code, judged?.upTo], ['C_XX900', 'unknown-machine', 4710]);
    await dialog.getByRole('button', { name: 'Buang semua' }).click();
    await page.getByText('29 pesan dari C_XX900 tidak akan dihitung.').waitFor();
    await page.locator('dialog textarea').fill('mesin uji coba');
    await page.locator('dialog').last().getByRole('button', { name: 'Buang semua' }).click();
    await dialog.getByText('Pesan-pesan itu dibuang').waitFor();
    const dismissed = await last('dismiss-all');
    assert.deepEqual([dismissed?.machine, dismissed?.upTo, dismissed?.reason], ['C_XX900', 4710, 'mesin uji coba']);
  });

  it('register the machine of messages that nobody expected, and count them', async () => {
    const { page } = await open('production');
    await page.getByRole('button', { name: 'Pesan ditolak (31)' }).click();
    const dialog = page.locator('dialog').first();
    await dialog.getByRole('button', { name: 'Daftarkan dan hitung' }).click();
    await dialog.getByText('Diterima: 27. Ditolak lagi: 2.').waitFor();
    const registered = await last('machine');
    assert.deepEqual([registered?.id, registered?.actor?.login], ['C_XX900', 'sari']);
  });

  it('offer no reason and no decision to somebody who may only look', async () => {
    const { page } = await open('production', manager);
    await page.locator('.sf-machine', { hasText: 'Flexo 2' }).click();
    await page.locator('.sf-machine-head').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Isi alasan' }).count(), 0);
    await page.goto(`${plant.url}/dashboard/health`);
    await page.locator('.sf-health-alarm').first().waitFor();
    assert.equal(await page.locator('.sf-health-alarm__acts button').count(), 0);
  });

  it('stay quick and whole with a hundred machines', async () => {
    await feedMachines(hall(now(), 100));
    const { page } = await open('production', leader, { width: 1280, height: 800 });
    assert.equal(await page.locator('.sf-machine').count(), 100);
    await picture(page, 'hall-1280', false);
    await page.getByRole('button', { name: /^Berhenti/ }).click();
    assert.ok((await page.locator('.sf-machine').count()) < 40);
    await inspect(page);
  });

  it('read a figure out of a chart, and the same figures from its table', async () => {
    const { page } = await open('production?machine=C_FL101');
    const chart = page.locator('.sf-chart', { hasText: 'Jumlah per jam shift ini' });
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.locator('canvas').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await chart.locator('.sf-chart__readout', { hasText: /Jumlah 2\.\d{3}/ }).waitFor();
    await chart.getByText('Tampilkan sebagai tabel').click();
    assert.equal(await chart.locator('tbody tr').count(), 6);
  });

  it('acknowledge and shelve an alarm, with the reason and the person', async () => {
    const { page } = await open('health');
    const alarm = page.locator('.sf-health-alarm').first();
    assert.match((await alarm.textContent()) ?? '', /Feeder.*Belum diterima/s);
    await alarm.getByRole('button', { name: 'Terima alarm' }).click();
    await page.getByText('Alarm Feeder di Flexo 2 diterima').waitFor();
    await alarm.getByRole('button', { name: 'Tunda alarm' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByRole('button', { name: 'Tunda alarm' }).click();
    await dialog.getByText('Alasan harus diisi').waitFor();
    await dialog.locator('textarea').fill('Bearing baru datang jam dua');
    await dialog.getByRole('button', { name: '8 jam 00 mnt' }).click();
    await dialog.getByRole('button', { name: 'Tunda alarm' }).click();
    await page.getByText('Alarm Feeder di Flexo 2 ditunda').waitFor();
    const shelved = await last('shelve');
    assert.deepEqual(
      [shelved?.machine, shelved?.minutes, shelved?.reason, shelved?.actor?.login],
      ['C_FL102', 480, 'Bearing baru datang jam dua', 'sari'],
    );
  });

  it('show what is unknown as unknown', async () => {
    const { page } = await open('health');
    const unknown = page.locator('.sf-machine', { hasText: 'Flexo 4' });
    assert.match((await unknown.textContent()) ?? '', /–.*Tidak diketahui.*Tidak dapat dipercaya: OEE/s);
  });

  it('bring past stops in: asked what the file leaves open, with the refused rows by their line, and taken back', async () => {
    const row = { line: 2, machine: 'C_FL101', cause: 'JAM', minutes: 30 };
    await answers({
      'import-preview': {
        encoding: 'windows-1252',
        separator: ';',
        skipped: ['Laporan jalur 1'],
        columns: ['machine', 'shift', 'order', 'start', 'end', 'minutes', 'stop_cause'],
        rows: 3,
        stops: 2,
        refused: 1,
        date_order: { order: 'dmy', why: 'unclear' },
        decimal: { mark: 'comma', why: 'shown' },
        readings: [
          {
            date_order: 'dmy',
            decimal: 'comma',
            rows: [{ ...row, start: '2026-11-02T01:05:00Z', end: '2026-11-02T01:35:00Z' }],
          },
          {
            date_order: 'mdy',
            decimal: 'comma',
            rows: [{ ...row, start: '2026-02-11T01:05:00Z', end: '2026-02-11T01:35:00Z' }],
          },
        ],
        new_machines: [{ machine: 'C_FL109', stops: 1 }],
      },
      import: {
        id: 'i1',
        status: 'done',
        rows: 3,
        imported: 1,
        duplicates: 0,
        production: 1,
        refused: 1,
        refusals: [
          {
            line: 3,
            reason: 'end: must be after start',
            faults: [{ field: 'end', code: 'before-start' }],
            raw: 'C_FL101,1,x,2026-01-02,2026-01-01,1,JAM',
          },
        ],
        error: null,
        file_fault: null,
      },
    });
    const { page } = await open('health', leader);
    await page.getByRole('button', { name: 'Impor riwayat berhenti' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'stops.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('machine,shift,order,start,end,minutes,stop_cause\na\nb\nc\n'),
    });
    await page.getByText('Mana yang lebih dulu pada tanggalnya?').waitFor();
    await page.getByText('2 Nov 2026').first().waitFor();
    assert.equal(await page.getByRole('radio', { name: 'Hari' }).isChecked(), true);
    const start = page.getByRole('button', { name: 'Impor', exact: true });
    assert.equal(await start.isDisabled(), true, 'a machine that is not registered waits for a person');
    await page.getByLabel('C_FL109').check();
    await picture(page, 'import-asked-1024', false);
    await inspect(page);
    await start.click();
    await page.getByText('Selesai: harus sesudah mulai').waitFor();
    const sent = (await last('import')) as { csv?: string; date_order?: string; new_machine?: string } | undefined;
    assert.match(sent?.csv ?? '', /^machine,shift/);
    assert.deepEqual([sent?.date_order, sent?.new_machine], ['dmy', 'C_FL109']);
    await page.getByRole('button', { name: 'Batalkan impor' }).waitFor();
    await picture(page, 'import-1024', false);
    await inspect(page);
  });

  for (const [width, height] of sizes) {
    it(`fit ${width} x ${height}: nothing is cut, targets suit gloves, axe has nothing to say`, async () => {
      const { page } = await open('production', leader, { width, height });
      await picture(page, `production-${width}`);
      await inspect(page);
      await page.locator('.sf-machine', { hasText: 'Flexo 2' }).click();
      await page.locator('.sf-chart canvas').nth(2).waitFor();
      await picture(page, `machine-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Isi alasan' }).click();
      await page.getByRole('button', { name: 'Bahan habis' }).waitFor();
      await picture(page, `reason-${width}`, false);
      await inspect(page);
      await page.keyboard.press('Escape');
      await dark(page);
      await picture(page, `machine-dark-${width}`);
      await inspect(page);
      await page.goto(`${plant.url}/dashboard/production`);
      await page.locator('.sf-machine').first().waitFor();
      await picture(page, `production-dark-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Alasan yang belum diisi' }).click();
      await page.getByRole('button', { name: /Baler/ }).waitFor();
      await picture(page, `queue-${width}`, false);
      await inspect(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Pesan ditolak/ }).click();
      await page.getByText('Isi pesan').first().click();
      await picture(page, `quarantine-${width}`, false);
      await inspect(page);
    });

    it(`show health at ${width} x ${height} with nothing cut and nothing for axe`, async () => {
      const { page } = await open('health', leader, { width, height });
      await picture(page, `health-${width}`);
      await inspect(page);
      await page.locator('.sf-health-alarm__what').first().click();
      await page.locator('.sf-chart canvas').waitFor();
      await picture(page, `component-${width}`);
      await inspect(page);
      await page.getByRole('button', { name: 'Tunda alarm' }).click();
      await page.locator('textarea').waitFor();
      await picture(page, `shelve-${width}`, false);
      await inspect(page);
      await page.keyboard.press('Escape');
      await dark(page);
      await picture(page, `component-dark-${width}`);
      await inspect(page);
    });
  }

  it('say so when the connection is lost, and grey what is old', async () => {
    const { page } = await open('production');
    await page.context().setOffline(true);
    await page.locator('.sf-banner').waitFor({ timeout: 45_000 });
    await page.locator('.sf-page--old').waitFor();
    await picture(page, 'production-lost-1024', false);
    await page.context().setOffline(false);
    await page.locator('.sf-banner').waitFor({ state: 'detached', timeout: 30_000 });
  }).timeout(120_000);
});
