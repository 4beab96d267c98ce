// kill -9 of the counting process and of the broker while machines send: every piece is counted once. SHOPFLOOR_INTAKE_KILLS sets another number.
// Suite: first, long. The long form kills a hundred times, with 200,000 messages for each runner.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { linkPackage } from '../../deploy/user-directory.ts';
import { migrateIntakeTables } from '../../nodes/production/intake-migrations.ts';
import type { IntakeSchema } from '../../nodes/production/tables.ts';
import { selfCheck } from '../../nodes/production/tracker-views.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import { figure } from '../support/figures.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { startNodeRed } from '../support/node-red-process.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { runSize } from '../support/run-size.ts';

const packageRoot = dirname(dirname(import.meta.dirname));

/** How often the process is killed; a whole Node-RED takes seconds to come back. */
const killsOf = (short: number): number => Number(process.env.SHOPFLOOR_INTAKE_KILLS ?? runSize({ short, long: 100 }));

const machines = 40;
/** Every fourth machine has no counter: its pieces come as intervals, where a second delivery would be counted twice. */
const isCounter = (machine: number) => machine % 4 !== 0;

interface Life {
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<unknown>;
}

interface Runner {
  readonly name: string;
  readonly engine: 'sqlite' | 'postgres';
  readonly kills: number;
  /** Resolves when it has a session at the broker. */
  readonly start: (broker: Mosquitto, directory: string, database: string) => Promise<Life>;
}

const clientId = 'kill-intake';
const topics = 'kill/+/status';

const smallProcess: Runner['start'] = async (broker, _directory, database) => {
  const child = fork(new URL('./intake-child.ts', import.meta.url), [broker.url, database, clientId], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return { kill: () => killed(child) };
};

const runners: readonly Runner[] = [
  {
    name: 'a small process of the same parts, on SQLite,',
    engine: 'sqlite',
    kills: killsOf(10),
    start: smallProcess,
  },
  {
    // Its commits leave the process alone while they run: other messages arrive in the middle of each.
    name: 'a small process of the same parts, on PostgreSQL,',
    engine: 'postgres',
    kills: killsOf(10),
    start: smallProcess,
  },
  {
    name: 'Node-RED',
    engine: 'sqlite',
    kills: killsOf(4),
    start: async (broker, directory, database) => {
      const userDirectory = join(directory, 'node-red');
      mkdirSync(userDirectory, { recursive: true });
      linkPackage(userDirectory, packageRoot);
      writeFileSync(join(userDirectory, 'flows.json'), JSON.stringify(intakeFlow(broker.url, database)));
      const nodeRed = await startNodeRed({ userDirectory });
      await nodeRed.logged(/\[machine-status-in:.*connected/i);
      return nodeRed;
    },
  },
];

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function intakeFlow(url: string, database: string): readonly object[] {
  return [
    { id: 'tab', type: 'tab', label: 'intake' },
    { id: 'store', type: 'shopfloor-store', url: database },
    { id: 'calendar', type: 'shift-calendar', timeZone: 'Asia/Jakarta' },
    { id: 'in', type: 'machine-status-in', z: 'tab', url, clientId, topics, wires: [['tracker'], []] },
    {
      id: 'tracker',
      type: 'cumulative-tracker',
      z: 'tab',
      store: 'store',
      calendar: 'calendar',
      unknownMachine: 'accept',
      maxPerHour: '0',
      countFirst: true,
      wires: [[], [], []],
    },
  ];
}

for (const { name, engine, kills, start: startLife } of runners) {
  /** One of the broker for five of the counting process. */
  const brokerKills = Math.round(kills / 5);
  const messages = kills * 2_000;

  describe(`kill -9 of ${name} ${kills} times and of the broker ${brokerKills} times in ${messages} messages`, function () {
    this.timeout(120_000 + kills * 30_000);
    let broker: Mosquitto;
    let server: PostgresServer | undefined;
    let directory: string;
    let running: Life | undefined;
    before(async function () {
      broker = await startMosquitto(this);
      if (engine === 'postgres') server = await startPostgres(this);
      directory = mkdtempSync(join(tmpdir(), 'shopfloor-intake-kill-'));
    });
    after(async () => {
      await running?.kill();
      await broker?.stop();
      server?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('counts every piece that a machine was told is taken, once', async () => {
      const database = (await server?.newDatabase()) ?? `sqlite:${join(directory, 'a.sqlite')}`;
      const start = () => startLife(broker, directory, database);
      running = await start();
      // The session must exist before the first message, or the broker keeps nothing for it.
      await subscribed(broker.url);
      const plant = new SendingPlant(broker.url);
      const perLife = Math.floor(messages / kills);
      let killedBrokers = 0;
      for (let kill = 0; kill < kills; kill += 1) {
        const sending = plant.send(perLife);
        await wait(30 + Math.random() * 300);
        await running.kill();
        if (killedBrokers < brokerKills && kill % 5 === 2) {
          killedBrokers += 1;
          // A broker keeps over a power cut what it has saved: machines wait meanwhile, as they wait for its PUBACK.
          await sending;
          await broker.saveAndKill();
          await broker.start();
        }
        running = await start();
        await sending;
      }
      await plant.end();

      const store = await openStore(database);
      try {
        // On a busy machine no life may have lasted long enough for the tables; whoever reads them asks for them first.
        await migrateIntakeTables(store);
        const sums = () =>
          store
            .db<IntakeSchema>()
            .selectFrom('production_counter')
            .select(['machine', 'total_production', 'messages'])
            .execute();
        const deadline = Date.now() + 60_000;
        const sum = async () => (await sums()).reduce((total, row) => total + row.total_production, 0);
        while ((await sum()) < plant.pieces && Date.now() < deadline) await wait(200);
        await wait(1_000);
        const counted = new Map((await sums()).map((row) => [row.machine, row.total_production]));
        assert.deepEqual(
          [...plant.made].filter(([machine, pieces]) => counted.get(machine) !== pieces),
          [],
        );
        assert.deepEqual(await selfCheck(store), { holds: true, differences: [] });
        const { refused } = await store
          .db<IntakeSchema>()
          .selectFrom('production_quarantine')
          .select((select) => select.fn.countAll<number>().as('refused'))
          .executeTakeFirstOrThrow();
        assert.equal(refused, 0);
        figure('kills', kills);
        figure('kills of the broker', killedBrokers);
        figure('messages sent while killing', plant.sent);
        figure('pieces sent while killing, and counted', plant.pieces);
      } finally {
        await store.close();
      }
    });
  });
}

/** No matching subscribers: what a broker of MQTT 5 says in its PUBACK (3.4.2.1 of the standard). */
const nobodyListens = 0x10;

/** Resolves when the broker has somebody to give the machines' messages to: told by one of a machine that makes nothing. */
async function subscribed(url: string): Promise<void> {
  const client = await connectAsync(url, { protocolVersion: 5 });
  let reason: number | undefined = nobodyListens;
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'puback') reason = packet.reasonCode;
  });
  const message = JSON.stringify({ machine_id: 'idle', machine_status: 'Idle', cumulative_production: 0 });
  while (reason === nobodyListens) {
    await client.publishAsync('kill/idle/status', message, { qos: 1 });
    await wait(20);
  }
  await client.endAsync();
}

/** Machines that keep a message until the broker has taken it, and send it again after the broker was away. */
class SendingPlant {
  /** Pieces made, mapped by machine. */
  readonly made = new Map<string, number>();
  sent = 0;
  readonly #url: string;
  #client: MqttClient | undefined;
  #atMs = Date.now() - 3_600_000;

  constructor(url: string) {
    this.#url = url;
  }

  get pieces(): number {
    return [...this.made.values()].reduce((sum, pieces) => sum + pieces, 0);
  }

  /** Resolves when the broker has taken so many more messages. */
  async send(count: number): Promise<void> {
    this.#client ??= await connectAsync(this.#url, { clientId: 'kill-plant', clean: false, reconnectPeriod: 50 });
    const atATime = 100;
    for (let from = 0; from < count; from += atATime) {
      const publishing: Promise<unknown>[] = [];
      for (let n = from; n < Math.min(count, from + atATime); n += 1) publishing.push(this.#publish(this.#client));
      await Promise.all(publishing);
      // About five thousand a second, so that a life of half a second meets many commits.
      await wait(20);
    }
  }

  async end(): Promise<void> {
    await this.#client?.endAsync();
  }

  #publish(client: MqttClient): Promise<unknown> {
    const number = this.sent % machines;
    const machine = `K${number}`;
    const pieces = 1 + (this.sent % 5);
    const total = (this.made.get(machine) ?? 0) + pieces;
    this.made.set(machine, total);
    this.sent += 1;
    this.#atMs += 1;
    const message = {
      machine_id: machine,
      machine_status: 'Running',
      ...(isCounter(number) ? { cumulative_production: total } : { interval_production: pieces }),
      timestamp: new Date(this.#atMs).toISOString(),
    };
    return client.publishAsync(`kill/${machine}/status`, JSON.stringify(message), { qos: 1 });
  }
}
