// A plant whose database can't be written or reached for a while: every route is answered in time, nothing is lost, and it goes on by itself.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { lockFile } from '../support/locked-file.ts';
import { type NodeRedProcess, scriptToken, startShopfloor } from '../support/node-red-process.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { requireTool } from '../support/require-tool.ts';
import { askEveryRoute } from './every-route.ts';

const answerMs = 5_000;
const loginMs = 200;
const backMs = 10_000;
/** How long each fault lasts at least. */
const faultMs = 30_000;
const limitMs = 240_000;
const machine = 'PROBE';

interface Fault {
  readonly name: string;
  /** Brings what the fault needs; resolves with how to start the plant, and with the fault itself. */
  readonly prepare: (context: Mocha.Context) => Promise<Prepared>;
}

interface Prepared {
  readonly home: string;
  readonly databaseUrl?: string;
  /** Resolves once the fault holds; the returned function ends it. */
  readonly begin: () => Promise<() => Promise<void> | void>;
  readonly cleanUp: () => void;
}

const inTemporaryHome = () => mkdtempSync(join(tmpdir(), 'shopfloor-fault-'));
const removed = (home: string) => rmSync(home, { recursive: true, force: true, maxRetries: 5 });

async function onPostgres(context: Mocha.Context, fault: (server: PostgresServer) => () => void): Promise<Prepared> {
  const server = await startPostgres(context);
  const home = inTemporaryHome();
  return {
    home,
    databaseUrl: await server.newDatabase(),
    begin: async () => fault(server),
    cleanUp: () => {
      server.stop();
      removed(home);
    },
  };
}

const faults: readonly Fault[] = [
  {
    name: 'whose file another program has locked',
    prepare: async () => {
      const home = inTemporaryHome();
      return {
        home,
        begin: () => lockFile(join(home, 'shopfloor.sqlite')),
        cleanUp: () => removed(home),
      };
    },
  },
  {
    name: 'whose disk is full',
    prepare: async (context) => {
      const home = inTemporaryHome();
      requireTool(context, 'the right to mount a tmpfs', 'mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', home]);
      const ballast = join(home, 'ballast');
      return {
        home,
        begin: async () => {
          fill(home, ballast);
          return () => rmSync(ballast);
        },
        cleanUp: () => {
          spawnSync('umount', ['-l', home], { stdio: 'ignore' });
          removed(home);
        },
      };
    },
  },
  {
    name: 'whose PostgreSQL stands still',
    prepare: (context) => onPostgres(context, (server) => server.freeze()),
  },
  {
    name: 'whose PostgreSQL is shut down',
    prepare: (context) => onPostgres(context, (server) => server.shutDown()),
  },
];

/** Until the disk takes no more byte, also in what is allocated already. */
function fill(folder: string, ballast: string): void {
  const { bsize } = statfsSync(folder);
  try {
    for (;;) writeFileSync(ballast, Buffer.alloc(bsize), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

for (const { name, prepare } of faults) {
  describe(`a plant ${name}`, function () {
    this.timeout(limitMs);
    let prepared: Prepared | undefined;
    let running: NodeRedProcess | undefined;
    let publisher: MqttClient | undefined;
    let endFault: (() => Promise<void> | void) | undefined;
    let sent = 0;
    afterEach(async () => {
      await endFault?.();
      await publisher?.endAsync(true);
      await running?.kill();
      prepared?.cleanUp();
    });

    const plant = (): NodeRedProcess => {
      assert.ok(running);
      return running;
    };
    const call = async (path: string, body?: object) => {
      const response = await fetch(`${plant().url}/api/production/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${scriptToken}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as { data?: { totals?: Total[] } } };
    };
    /** One piece more; resolves when the broker has it. */
    const makeOne = async () => {
      sent += 1;
      const message = {
        machine_id: machine,
        machine_status: 'Running',
        interval_production: 1,
        interval_defects: 0,
        message_id: `piece-${sent}`,
        timestamp: new Date().toISOString(),
      };
      await publisher?.publishAsync(`shopfloor/machines/${machine}/status`, JSON.stringify(message), { qos: 1 });
    };
    const counted = async (): Promise<number | undefined> => {
      const { status, body } = await call('totals');
      return status === 200 ? (body.data?.totals?.find((row) => row.machine === machine)?.messages ?? 0) : undefined;
    };
    const everythingCounted = async (withinMs: number) => {
      const until = performance.now() + withinMs;
      for (;;) {
        const now = await counted();
        if (now === sent) return;
        assert.ok(performance.now() < until, `${now} of ${sent} after ${withinMs} ms\n${plant().log().slice(-4_000)}`);
        await wait(50);
      }
    };

    const archived = async (): Promise<number> => {
      const response = await fetch(`${plant().url}/api/admin/history?limit=1`, {
        headers: { authorization: `Bearer ${scriptToken}` },
      });
      return ((await response.json()) as { total: number }).total;
    };
    /** PLC, Odoo and everything between them carry another order to its end. */
    const ordersGoOn = async () => {
      const before = await archived();
      const until = performance.now() + 60_000;
      while ((await archived()) === before) {
        assert.ok(performance.now() < until, plant().log().slice(-4_000));
        await wait(200);
      }
    };

    it('answers every route in time, loses nothing and comes back by itself', async function () {
      const ready = await prepare(this);
      // A server that is started sets a limit for itself.
      this.timeout(limitMs);
      prepared = ready;
      running = await startShopfloor({
        home: ready.home,
        environment: ready.databaseUrl === undefined ? {} : { DATABASE_URL: ready.databaseUrl },
      });
      publisher = await connectAsync(/ MQTT +(mqtt:\S+)/.exec(running.log())?.[1] ?? '');
      // A plant that has just started may still make its tables.
      while ((await call('machines', { id: machine, name: 'Probe' })).status !== 200) await wait(200);
      await makeOne();
      await everythingCounted(30_000);
      // Warm, and with every room's tables made: the same questions are asked again during the fault.
      await askEveryRoute(plant().url);

      endFault = await ready.begin();
      const endsMs = performance.now() + faultMs;
      const pieces = (async () => {
        while (performance.now() < endsMs) {
          await makeOne();
          await wait(250);
        }
      })();
      const logins: number[] = [];
      const looking = (async () => {
        while (performance.now() < endsMs) {
          const beganMs = performance.now();
          const page = await fetch(`${plant().url}/login`);
          assert.deepEqual([page.status, (await page.text()).includes('<form')], [200, true]);
          logins.push(performance.now() - beganMs);
          await wait(100);
        }
      })();
      const answers = await askEveryRoute(plant().url);
      await Promise.all([pieces, looking]);
      const late = answers.filter(({ code }) => code === 'no-answer-in-time');
      const slowest = [...answers].sort((one, other) => other.ms - one.ms).slice(0, 5);
      process.stdout.write(
        `      ${answers.length} routes, slowest ${Math.round(slowest[0]?.ms ?? 0)} ms; /login p95 ${Math.round(p95(logins))} ms of ${logins.length}; late: ${late.map(({ operation }) => operation).join(', ') || 'none'}\n`,
      );
      assert.ok(
        slowest.every(({ ms }) => ms < answerMs),
        JSON.stringify(slowest),
      );
      const faulty = answers.filter(({ status, code }) => status === 500 || (status === 503 && code === 'internal'));
      assert.deepEqual(faulty, []);
      assert.ok(
        answers.some(({ status, code }) => status === 503 && code?.startsWith('store-')),
        'the fault was met',
      );
      assert.ok(p95(logins) < loginMs, `${p95(logins)} ms`);

      await endFault();
      endFault = undefined;
      await everythingCounted(backMs);
      assert.equal((await call('machines', { id: machine, name: 'Probe again' })).status, 200);
      const after = await askEveryRoute(plant().url);
      await ordersGoOn();
      assert.deepEqual(
        after.filter(({ status }) => status >= 500),
        [],
      );
    });
  });
}

interface Total {
  readonly machine: string;
  readonly messages: number;
}

function p95(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.ceil(values.length * 0.95) - 1] ?? 0;
}
