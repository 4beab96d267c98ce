// Debian's Chromium under a test: a page that logs in, records what it asks for, and can be looked at.
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { clockOffsetMs, movePageClocks } from './moved-page-clock.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const chromiumPath = executablePath;

export async function openChromium(): Promise<Browser> {
  const { LD_PRELOAD: _library, ...environment } = process.env;
  const browser = await chromium.launch({
    executablePath,
    env: environment,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const offsetMs = clockOffsetMs();
  if (offsetMs !== 0) movePageClocks(browser, offsetMs);
  return browser;
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Every address that the page asked for. */
  readonly requested: readonly string[];
  /** What the page complained about: errors in the console and thrown ones. */
  readonly complaints: readonly string[];
}

export interface Person {
  readonly login: string;
  readonly password: string;
}

/** Logs in as people do, and waits for the page they wanted. */
export async function visit(
  browser: Browser,
  url: string,
  person: Person,
  { width = 1024, height = 768, path = '/dashboard/batches', touch = false } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'id-ID',
    timezoneId: 'Asia/Jakarta',
    hasTouch: touch,
  });
  const page = await context.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${url}${path}`);
  await page.fill('#login', person.login);
  await page.fill('#password', person.password);
  await page.click('button[type=submit]');
  await page.waitForURL(`${url}${path}`);
  return { context, page, requested, complaints };
}
