// The clock of pages where `npm run test:long` moves that of the machine: Chromium itself takes minutes for a page under libfaketime.
import type { Browser } from 'playwright-core';

/** Milliseconds by which FAKETIME (`+SECONDS` or `-SECONDS`) moves the clock of this process; 0 where it does not. */
export function clockOffsetMs(environment: NodeJS.ProcessEnv = process.env): number {
  return environment.LD_PRELOAD === undefined ? 0 : Number(environment.FAKETIME ?? 0) * 1000;
}

/** Every page that `browser` opens from now on reads a clock that is `offsetMs` away from the machine's. */
export function movePageClocks(browser: Browser, offsetMs: number): void {
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await open(options);
    await context.addInitScript((offset: number) => {
      const True = Date;
      const now = (): number => True.now() + offset;
      globalThis.Date = new Proxy(True, {
        apply: () => new True(now()).toString(),
        construct: (target, values: unknown[], made) =>
          Reflect.construct(target, values.length === 0 ? [now()] : values, made) as object,
        get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
      });
    }, offsetMs);
    return context;
  };
}
