// The notify room of one process: opens its tables beside the accounts, pushes counts to open pages, and reads old ones itself.
import type { InstalledAccess } from '../access/current-access.ts';
import { socketEvents } from '../access/messages.ts';
import type { OpenPage } from '../access/socket-hub.ts';
import type { NotifyCommand } from './messages.ts';
import { Notifications, type Stored } from './notifications.ts';
import { notifyMigrations } from './schema.ts';

/** How often old ones are looked for; a day late would do, an hour costs nothing. */
const readOldEveryMs = 60 * 60 * 1000;

/** The part of the installed access that the room needs. */
type Plant = Omit<InstalledAccess, 'connections' | 'editorDoor'>;

export class NotifyRoom {
  readonly #installed: Plant;
  #opening: Promise<Notifications> | undefined;
  #cancelTimer: (() => void) | undefined;
  #running = false;

  constructor(installed: Plant) {
    this.#installed = installed;
  }

  /** Rejects while the store can't be opened; the next call tries again. */
  notifications(): Promise<Notifications> {
    this.#opening ??= this.#open();
    this.#opening.catch(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async add(command: NotifyCommand, channels: readonly string[]): Promise<Stored> {
    const notifications = await this.notifications();
    const stored = await notifications.add(command, channels);
    await this.pushTo(new Set(stored.userIds));
    return stored;
  }

  /** Pushes the present count to every open page of these users. */
  async pushTo(userIds: ReadonlySet<string>): Promise<void> {
    const pages = this.#installed.hub.pages().filter((page) => userIds.has(page.user.id));
    const notifications = await this.notifications();
    /** Mapped by user id: a person may have several pages open. */
    const counts = new Map<string, ReturnType<Notifications['unread']>>();
    for (const page of pages) {
      const count = counts.get(page.user.id) ?? notifications.unread(page.user.id);
      counts.set(page.user.id, count);
      page.push(socketEvents.notifications, await count);
    }
  }

  /** Starts serving pages and the clock. @param onError told of what nobody waits for */
  start(onError: (error: unknown) => void): void {
    this.#installed.hub.onPage((page: OpenPage) => {
      this.notifications()
        .then(async (notifications) => page.push(socketEvents.notifications, await notifications.unread(page.user.id)))
        .catch(onError);
    });
    this.#running = true;
    this.#readOldLater(0, onError);
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer?.();
  }

  #readOldLater(delayMs: number, onError: (error: unknown) => void): void {
    this.#cancelTimer = this.#installed.access.clock.after(delayMs, () => {
      this.readOld()
        .catch(onError)
        .finally(() => {
          if (this.#running) this.#readOldLater(readOldEveryMs, onError);
        });
    });
  }

  /** @returns how many were read by themselves */
  async readOld(): Promise<number> {
    const read = await (await this.notifications()).readOld();
    if (read > 0) await this.pushTo(new Set(this.#installed.hub.pages().map((page) => page.user.id)));
    return read;
  }

  async #open(): Promise<Notifications> {
    const { access } = this.#installed;
    const { store } = await access.ready();
    await store.migrate('notify', notifyMigrations(store.engine));
    return new Notifications(store, access.clock);
  }
}

let room: { readonly installed: Plant; readonly notify: NotifyRoom } | undefined;

/** The one room that belongs to the installed accounts. */
export function notifyRoom(installed: Plant): NotifyRoom {
  if (room?.installed !== installed) room = { installed, notify: new NotifyRoom(installed) };
  return room.notify;
}
