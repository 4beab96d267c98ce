// Config node shopfloor-store: one database for all nodes of the package, SQLite unless a PostgreSQL address is given.

import { join } from 'node:path';
import type { NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../core/clock.ts';
import { ClockSteadiness } from '../core/clock-steadiness.ts';
import { asError } from '../core/errors.ts';
import { settingText } from '../core/setting-text.ts';
import type { StoreNode } from './connection-contract.ts';
import { forgetMemories } from './memories.ts';
import { openStore } from './open-store.ts';
import { isSameDatabase } from './same-database.ts';
import type { Store } from './store.ts';

/** Memories grow by what people do: an hour more of it is nothing. */
const forgetEveryMs = 60 * 60 * 1000;

interface StoreProperties extends NodeDef {
  /** `sqlite:PATH`, `postgres://...`, or empty for the database of the accounts, without accounts a SQLite file in the user directory. */
  url?: string;
}

export default function (RED: NodeAPI): void {
  function ShopfloorStore(this: StoreNode, config: StoreProperties) {
    RED.nodes.createNode(this, config);
    const accounts = accountsDatabase(RED.settings);
    const url =
      settingText(config.url) || accounts || `sqlite:${join(RED.settings.userDir ?? '.', 'shopfloor.sqlite')}`;
    let opening: Promise<Store> | undefined;
    let closed = false;
    const open = async (): Promise<Store> => {
      const store = await openStore(url, { onError: (error) => this.warn(error.message) });
      this.log(RED._('shopfloor-store.log.opened', { location: store.location }));
      return store;
    };
    this.ready = () => {
      if (closed) return Promise.reject(new Error(RED._('shopfloor-store.error.closed')));
      opening ??= open();
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    };
    this.ready().then(
      (store) => {
        if (accounts === undefined || isSameDatabase(url, accounts)) return;
        // Said, not refused: what was stored there stays within reach until somebody has decided where it belongs.
        this.status({ fill: 'red', shape: 'ring', text: RED._('shopfloor-store.status.elsewhere') });
        this.error(RED._('shopfloor-store.error.elsewhere', { location: store.location }));
      },
      (error: unknown) => this.error(asError(error).message),
    );
    /** Asks for nothing while the database can't be opened: whoever needs it says so. */
    const forget = async () => {
      const store = await opening?.catch(() => undefined);
      if (store && !closed && steadiness.isSteady) await forgetMemories(store, systemClock.now().getTime());
    };
    const steadiness = new ClockSteadiness(systemClock);
    let forgetting = Promise.resolve();
    const timer = setInterval(() => {
      forgetting = forget().catch((error: unknown) => this.warn(asError(error).message));
    }, forgetEveryMs);
    timer.unref();
    this.on('close', (done: (error?: Error) => void) => {
      closed = true;
      clearInterval(timer);
      forgetting
        .then(() => opening)
        .then((store) => store?.close())
        .then(
          () => done(),
          () => done(),
        );
    });
  }
  RED.nodes.registerType('shopfloor-store', ShopfloorStore);
}

/** `databaseUrl` of the helper in settings.js; undefined without it. */
function accountsDatabase(settings: object): string | undefined {
  const shopfloorStore = 'shopfloorStore' in settings ? settings.shopfloorStore : undefined;
  const hasUrl = typeof shopfloorStore === 'object' && shopfloorStore !== null && 'databaseUrl' in shopfloorStore;
  return (hasUrl && settingText(shopfloorStore.databaseUrl)) || undefined;
}
