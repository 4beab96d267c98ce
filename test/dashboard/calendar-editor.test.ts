// The dialog of the shift calendar in Node-RED's own editor: every list has its own room, and what is typed is previewed and kept.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, openChromium } from './support/chromium.ts';
import { type DashboardProcess, startDashboard } from './support/node-red-process.ts';

const shifts = ['1', '2', '3'].map((name, index) => ({
  name,
  start: ['06:00', '14:00', '22:00'][index],
  end: ['14:00', '22:00', '06:00'][index],
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  breaks: [],
}));
const flow = [
  { id: 'tab', type: 'tab', label: 'plant' },
  {
    id: 'calendar',
    type: 'shift-calendar',
    name: 'shifts',
    version: 1,
    timeZone: 'Asia/Jakarta',
    groups: [{ name: 'all', machines: [], shifts }],
    holidays: [{ date: '2027-01-01' }],
    overrides: [{ kind: 'extra', date: '2027-01-03', shift: '1', start: '07:00', end: '12:00' }],
  },
];
const lists = ['groups', 'holidays', 'overrides', 'preview'] as const;

describe('the dialog of the shift calendar in the editor', function () {
  this.timeout(90_000);
  let plant: DashboardProcess;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  before(async function () {
    requireTool(this, 'Chromium', chromiumPath, ['--version']);
    plant = await startDashboard(flow, { guarded: false });
    browser = await openChromium();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.on('pageerror', (fault) => faults.push(fault.message));
    await page.goto(`${plant.url}/`);
    // The node's own definition, once the editor has read it and the flow.
    await page.waitForFunction(
      "window.RED && RED.nodes && RED.nodes.node('calendar') && RED.nodes.getType('shift-calendar')",
    );
    await page.evaluate("RED.editor.editConfig('', 'shift-calendar', 'calendar')");
    await page.locator('#shift-calendar-preview', { hasText: '06:00' }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await plant?.stop();
  });

  it('gives every list its own room, one below the other', async () => {
    const boxes: { top: number; bottom: number }[] = [];
    for (const list of lists) {
      const box = await page.locator(`#shift-calendar-${list}`).boundingBox();
      assert.ok(box && box.height > 0, `${list} is there`);
      boxes.push({ top: box.y, bottom: box.y + box.height });
    }
    for (const [index, box] of boxes.entries()) {
      const next = boxes[index + 1];
      assert.ok(
        !next || box.bottom <= next.top,
        `${lists[index]} ends at ${box.bottom}, the next begins at ${next?.top}`,
      );
    }
    assert.deepEqual(faults, []);
  });

  it('previews what is typed, and names what is wrong with it', async () => {
    const start = page.locator('#shift-calendar-groups [data-field="start"]').first();
    await start.fill('06:30');
    await page.locator('#shift-calendar-preview', { hasText: '06:30' }).waitFor();
    await start.fill('05:30');
    await page.locator('#shift-calendar-preview', { hasText: 'lies inside shift 3' }).waitFor();
    await start.fill('06:15');
    await page.locator('#shift-calendar-preview', { hasText: '06:15' }).waitFor();
  });

  it('keeps all of it with Update', async () => {
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#shift-calendar-preview').waitFor({ state: 'detached' });
    const kept = await page.evaluate("JSON.stringify(RED.nodes.node('calendar').groups)");
    assert.equal(JSON.parse(String(kept))[0].shifts[0].start, '06:15');
    assert.deepEqual(
      (JSON.parse(String(kept))[0].shifts as readonly { name: string }[]).map(({ name }) => name),
      ['1', '2', '3'],
    );
  });
});
