// What every page must hold: nothing is cut, targets suit gloves, and axe finds no fault but the shell's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The dashboard's menu has empty tooltips; its other faults (a button without a name, no heading) are mended by our bar. */
const shellFault = { rule: 'aria-tooltip-name', target: /^#v-tooltip-/ };

/** Nothing reaches beyond the screen, every control of ours is at least 48 px, and axe finds no fault but the shell's. */
export async function inspect(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
  const small = await page.evaluate(() =>
    Array.from(
      document.querySelectorAll<HTMLElement>('.sf button, .sf a, .sf input, .sf-dialog button, .sf-dialog input'),
    )
      .filter((element) => element.checkVisibility())
      .map((element) => ({ name: element.className || element.tagName, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 47.5 || box.height < 47.5)
      .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
  );
  assert.deepEqual(small, []);
  await page.evaluate(axeSource);
  const faults = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => ({ id, target: target.join(' '), failureSummary })),
    );
  });
  assert.deepEqual(
    faults.filter(({ id, target }) => !(id === shellFault.rule && shellFault.target.test(target))),
    [],
  );
}
