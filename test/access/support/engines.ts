// Both store engines for a suite, and accounts with cheap hashes and a clock that stands still.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access, type AccessConfiguration } from '../../../nodes/access/access.ts';
import type { UserRow } from '../../../nodes/access/messages.ts';
import { openStore } from '../../../nodes/store/open-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';

export const engines = ['sqlite', 'postgres'] as const;

/** Hashes in a millisecond: what is tested is the rule, not the cost. */
export const cheap = { logN: 4, r: 1, p: 1 };
export const adminPassword = 'first-password';
export const system = { actor: 'test', address: null };

export interface World {
  readonly access: Access;
  readonly clock: ManualClock;
  readonly url: string;
  readonly announced: string[];
  /** Another process on the same database. */
  readonly another: (more?: Partial<AccessConfiguration>) => Access;
  readonly addUser: (login: string, more?: Readonly<Record<string, unknown>>) => Promise<UserRow>;
}

/** Calls `tests` once for each engine, with a new database for each test. */
export function onEachEngine(title: string, tests: (world: () => World) => void): void {
  for (const engine of engines) {
    describe(`${title} on ${engine}`, () => {
      let server: PostgresServer | undefined;
      let world: World | undefined;
      let directory: string;
      const opened: Access[] = [];

      before(async function () {
        if (engine === 'postgres') server = await startPostgres(this);
      });
      after(() => server?.stop());
      beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), 'shopfloor-access-'));
        const url = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'plant.sqlite')}`;
        const clock = new ManualClock();
        const announced: string[] = [];
        const another = (more: Partial<AccessConfiguration> = {}) => {
          const access = new Access({
            openStore: () => openStore(url),
            clock,
            cost: cheap,
            announce: (text) => announced.push(text),
            ...more,
          });
          opened.push(access);
          return access;
        };
        const access = another({ adminPassword });
        world = {
          access,
          clock,
          url,
          announced,
          another,
          addUser: async (login, more = {}) => {
            const { users } = await access.ready();
            const input = { login, name: login, roles: ['supervisor'], password: `secret of ${login}`, ...more };
            return (await users.create(input, system)).row;
          },
        };
      });
      afterEach(async () => {
        await Promise.all(opened.splice(0).map((access) => access.close()));
        rmSync(directory, { recursive: true, force: true });
      });
      tests(() => {
        if (!world) throw new Error('the world is built before each test');
        return world;
      });
    });
  }
}
