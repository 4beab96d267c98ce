import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Aedes } from 'aedes';
import { sql } from 'kysely';
import { variableReference } from '../../deploy/doctor/deployed-nodes.ts';
import type { OutsideSystem } from '../../deploy/doctor/examination.ts';
import { makeRound } from '../../deploy/doctor/round.ts';
import { secretFilter } from '../../deploy/doctor/secrets.ts';
import { outsideSystems } from '../../deploy/doctor/systems.ts';
import { parseEnvironment } from '../../deploy/environment.ts';
import { batchMigrations } from '../../nodes/batch/migrations.ts';
import { systemClock } from '../../nodes/core/clock.ts';
import { encodeBatch } from '../../nodes/plc/block-codec.ts';
import { originalMemoryMap as map, type WordOrder } from '../../nodes/plc/memory-map.ts';
import type { WordStore } from '../../nodes/plc/simulator/modbus-answer.ts';
import { ModbusServer } from '../../nodes/plc/simulator/modbus-server.ts';
import { PlcMemory } from '../../nodes/plc/simulator/plc-memory.ts';
import { openStore } from '../../nodes/store/open-store.ts';
import type { Store } from '../../nodes/store/store.ts';
import { batchOf } from '../plc/support/queues.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { freePort } from '../support/node-red-process.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

describe('the doctor', () => {
  let home: string;
  /** Undone in reverse order after each test. */
  let cleanups: (() => unknown)[];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'shopfloor-doctor-'));
    cleanups = [() => rmSync(home, { recursive: true, force: true })];
  });
  afterEach(async () => {
    for (const undo of cleanups.reverse()) await undo();
  });

  /** A visit to what `variables` configure; `text` is what it prints. */
  async function visit(variables: Readonly<Record<string, string>> = {}): Promise<{ healthy: boolean; text: string }> {
    const environment = parseEnvironment({ SHOPFLOOR_HOME: home, ...variables }, home);
    let text = '';
    const healthy = await makeRound(outsideSystems(environment, variables, join(home, 'no-flows')), {
      clock: systemClock,
      write: (more) => {
        text += more;
      },
      hideSecrets: secretFilter(environment),
    });
    return { healthy, text };
  }

  /** Listens on a free port of the loopback interface until the test is over. */
  async function listening(server: Server): Promise<number> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  describe('where nothing is configured', () => {
    it('names the stand-ins, finds nothing wrong and creates nothing', async () => {
      const { healthy, text } = await visit();
      assert.match(text, /^PLC: not configured\n {2}npm start brings a simulated PLC/m);
      assert.match(text, /^MQTT broker: not configured$/m);
      assert.match(text, /works +file +not there yet; the first start makes it/);
      assert.equal(healthy, true);
      assert.deepEqual(readdirSync(home), []);
    });
  });

  describe('at a PLC', () => {
    /** A PLC that shows one batch from D6000 on, and everything that was ever written to it. */
    async function plcWithBatch(order: WordOrder = 'high-first', offset = 0) {
      const memory = new PlcMemory(new Uint16Array(10_000));
      memory.write(map.guardAddress + offset, Uint16Array.of(1));
      memory.write(6000 + offset, encodeBatch(map, order, batchOf(1)));
      const writes: number[] = [];
      const store: WordStore = {
        read: (address, count) => memory.read(address, count),
        write: (address, words) => {
          writes.push(address);
          return memory.write(address, words);
        },
      };
      const server = new ModbusServer(store);
      cleanups.push(() => server.stop());
      return { url: `modbus-tcp://127.0.0.1:${await server.start()}?unit=1`, memory, writes, server };
    }

    it('shows the guard word and one block decoded, and leaves its memory and its line alone', async () => {
      const plc = await plcWithBatch();
      const before = plc.memory.words.slice();
      const { healthy, text } = await visit({ PLC_URL: plc.url });
      assert.ok(text.includes(`PLC: ${plc.url}\n`), text);
      assert.match(text, /works +PLC reachable/);
      assert.match(text, /works +guard word D7076/);
      assert.match(text, /WH\/MO\/00001/);
      assert.equal(healthy, true);
      assert.deepEqual(plc.memory.words, before);
      assert.deepEqual(plc.writes, []);
      // The server learns a moment later that the line is free again; without that the test runs out of time.
      while (plc.server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    });

    it('says which word order makes sense of what it sees', async () => {
      const plc = await plcWithBatch('low-first');
      const wrong = await visit({ PLC_URL: plc.url, PLC_WORD_ORDER: 'high-first' });
      assert.match(wrong.text, /set its word order to low-first/);
      assert.equal(wrong.healthy, false);
      const right = await visit({ PLC_URL: plc.url, PLC_WORD_ORDER: 'low-first' });
      assert.equal(right.healthy, true, right.text);
    });

    it('uses the settings that its connection was given in the editor', async () => {
      const plc = await plcWithBatch('high-first', 100);
      deploy({ name: 'north line', url: variableReference('PLC_URL'), addressOffset: '100' });
      const { healthy, text } = await visit({ PLC_URL: plc.url });
      assert.match(text, /^PLC \(north line\): modbus-tcp/m);
      assert.equal(healthy, true, text);
    });

    it('examines every PLC that the flows connect to, and takes a variable that nobody set for the stand-in', async () => {
      const plc = await plcWithBatch();
      deploy({ name: 'north', url: variableReference('PLC_URL') }, { name: 'south', url: plc.url });
      const { healthy, text } = await visit();
      assert.match(text, /^PLC \(north\): not configured$/m);
      assert.match(text, /^PLC \(south\): modbus-tcp/m);
      assert.equal(healthy, true, text);
    });

    it('names the setting that a connection can not work with', async () => {
      deploy({ name: 'north', url: 'modbus-tcp://127.0.0.1:1?unit=1', wordsPerRequest: '10' });
      const { healthy, text } = await visit();
      assert.match(text, /fails +settings +wordsPerRequest: 10 is less than the 77 words of a block/);
      assert.equal(healthy, false);
    });

    it('says when nobody is there', async () => {
      const { healthy, text } = await visit({ PLC_URL: `modbus-tcp://127.0.0.1:${await freePort()}?unit=1` });
      assert.match(text, /fails +PLC reachable +No connection to the PLC: connect ECONNREFUSED/);
      assert.match(text, /-> Check address, port, unit number and cable/);
      assert.equal(healthy, false);
    });

    /** The flow file of this plant, with these plc-connection nodes. */
    function deploy(...connections: readonly object[]): void {
      mkdirSync(join(home, 'node-red'));
      const nodes = connections.map((connection, index) => ({
        id: `c${index}`,
        type: 'plc-connection',
        ...connection,
      }));
      writeFileSync(join(home, 'node-red', 'flows.json'), JSON.stringify(nodes));
    }
  });

  it('says when the flow file can not be read, and goes on with the rest', async () => {
    mkdirSync(join(home, 'node-red'));
    writeFileSync(join(home, 'node-red', 'flows.json'), '[{');
    const { healthy, text } = await visit();
    assert.match(text, /fails +flows\.json/);
    assert.match(text, /^Database: /m);
    assert.equal(healthy, false);
  });

  describe('at a broker', () => {
    async function broker(password?: string): Promise<{ port: number; clients: string[] }> {
      const aedes = await Aedes.createBroker();
      const clients: string[] = [];
      aedes.on('client', ({ id }) => clients.push(id));
      aedes.authenticate = (_client, _user, given, done) =>
        done(null, password === undefined || given?.toString() === password);
      cleanups.push(() => new Promise<void>((resolve) => aedes.close(() => resolve())));
      return { port: await listening(createServer(aedes.handle)), clients };
    }

    it('is let in and leaves again', async () => {
      const { port, clients } = await broker('right');
      const { healthy, text } = await visit({ MQTT_URL: `mqtt://plant:right@127.0.0.1:${port}` });
      assert.match(text, /works +connection +accepted after \d+ ms, and ended again/);
      assert.equal(healthy, true);
      assert.equal(clients.length, 1);
    });

    it('says that user or password is wrong', async () => {
      const { port } = await broker('right');
      const { healthy, text } = await visit({ MQTT_URL: `mqtt://plant:mistaken@127.0.0.1:${port}` });
      assert.match(text, /fails +connection +Connection refused/);
      assert.match(text, /-> Check user and password in MQTT_URL/);
      assert.equal(healthy, false);
    });

    it('says when something else answers there', async () => {
      const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
      const { healthy, text } = await visit({ MQTT_URL: `mqtt://127.0.0.1:${port}` });
      assert.match(text, /fails +connection/);
      assert.equal(healthy, false);
    });
  });

  describe('at a SQLite database', () => {
    const file = (): string => join(home, 'plant.sqlite');
    const visitDatabase = () => visit({ DATABASE_URL: `sqlite:${file()}` });
    async function migratedStore(): Promise<Store> {
      const store = await openStore(`sqlite:${file()}`);
      cleanups.push(() => store.close());
      await store.migrate('batch', batchMigrations('sqlite'));
      return store;
    }
    /** Names and contents of everything in the folder. */
    const folderState = () =>
      readdirSync(home).map((name) => [name, readFileSync(join(home, name)).toString('base64')]);

    it('tells its version and that its tables are up to date, and leaves every byte as it is', async () => {
      await (await migratedStore()).close();
      const before = folderState();
      const { healthy, text } = await visitDatabase();
      assert.match(text, /works +file +SQLite 3\.\d+\.\d+, [\d.]+ MiB/);
      assert.match(text, /works +tables of batch +up to date/);
      assert.equal(healthy, true);
      assert.deepEqual(folderState(), before);
    });

    it('looks at it while the plant runs, with what was committed a moment ago', async () => {
      const store = await migratedStore();
      await sql`delete from batch_migration where name <> '0001-ledger'`.execute(store.db());
      const { healthy, text } = await visitDatabase();
      assert.match(text, /doubtful +tables of batch +0002-\S+ still to come/);
      assert.equal(healthy, true);
      const { rows } = await sql<{ name: string }>`select name from batch_migration`.execute(store.db());
      assert.deepEqual(
        rows.map(({ name }) => name),
        ['0001-ledger'],
      );
    });

    it('refuses tables of a newer version', async () => {
      const store = await migratedStore();
      await sql`insert into batch_migration (name, timestamp) values ('9999-later', '2030')`.execute(store.db());
      const { healthy, text } = await visitDatabase();
      assert.match(text, /fails +tables of batch +made by another version, which knows 9999-later/);
      assert.equal(healthy, false);
    });

    it('takes no other file for a database, and leaves it as it is', async () => {
      writeFileSync(file(), 'minutes of a meeting\n'.repeat(100));
      const before = folderState();
      const { healthy, text } = await visitDatabase();
      assert.match(text, /fails +file .*not a database/);
      assert.equal(healthy, false);
      assert.deepEqual(folderState(), before);
    });

    it('says when the folder can not be written', async () => {
      writeFileSync(join(home, 'a-file'), '');
      const { healthy, text } = await visit({ DATABASE_URL: `sqlite:${join(home, 'a-file', 'plant.sqlite')}` });
      assert.match(text, /fails +folder/);
      assert.equal(healthy, false);
    });
  });

  describe('at a PostgreSQL database', () => {
    let server: PostgresServer;
    before(async function () {
      server = await startPostgres(this);
    });
    after(() => server?.stop());

    it('tells version, rights and tables, and makes none', async () => {
      const url = await server.newDatabase();
      const { healthy, text } = await visit({ DATABASE_URL: url });
      assert.match(text, /works +connection +PostgreSQL \d+/);
      assert.match(text, /works +rights +may make tables in schema public/);
      assert.match(text, /works +tables of batch +none yet; the next start makes them/);
      assert.equal(healthy, true);
      const store = await openStore(url);
      cleanups.push(() => store.close());
      assert.deepEqual(await store.db().introspection.getTables(), []);
      await store.migrate('batch', batchMigrations('postgres'));
      assert.match((await visit({ DATABASE_URL: url })).text, /works +tables of batch +up to date/);
    });

    it('says which right is missing and how to give it', async () => {
      const url = new URL(await server.newDatabase());
      const store = await openStore(url.href);
      cleanups.push(() => store.close());
      const user = `reader_${process.pid}`;
      await sql`create role ${sql.ref(user)} login password 'only-reads'`.execute(store.db());
      await sql`revoke create on schema public from public`.execute(store.db());
      cleanups.push(() => sql`drop role ${sql.ref(user)}`.execute(store.db()));
      url.username = user;
      url.password = 'only-reads';
      const { healthy, text } = await visit({ DATABASE_URL: url.href });
      assert.match(text, new RegExp(`-> Let it: GRANT CREATE ON SCHEMA public TO ${user};`));
      assert.equal(healthy, false);
    });

    it('says when nobody is there', async () => {
      const { healthy, text } = await visit({ DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/plant` });
      assert.match(text, /fails +connection +The database does not answer/);
      assert.equal(healthy, false);
    });
  });

  it('never prints a password or a token, whatever a driver says', async () => {
    const port = await freePort();
    const secrets = { odoo: 'odoo-p4ss w%rd', mqtt: 'mqtt-p4ss', sql: 'sql-p4ss', token: 'token-of-24-characters' };
    const { text } = await visit({
      ODOO_URL: `http://127.0.0.1:${port}`,
      ODOO_DB: 'plant',
      ODOO_LOGIN: 'shopfloor',
      ODOO_PASSWORD: secrets.odoo,
      MQTT_URL: `mqtt://plant:${secrets.mqtt}@127.0.0.1:${port}`,
      DATABASE_URL: `postgres://plant:${secrets.sql}@127.0.0.1:${port}/plant`,
      SHOPFLOOR_API_TOKEN: secrets.token,
    });
    for (const secret of Object.values(secrets)) assert.ok(!text.includes(secret), text);
    const environment = parseEnvironment(
      { ODOO_URL: 'http://o', ODOO_DB: 'd', ODOO_LOGIN: 'l', ODOO_PASSWORD: secrets.odoo },
      home,
    );
    const said = `login l with ${secrets.odoo} at http://o/?key=${encodeURIComponent(secrets.odoo)} refused`;
    assert.equal(secretFilter(environment)(said), 'login l with *** at http://o/?key=*** refused');
  });

  describe('among systems of which one is dead', () => {
    const works = { check: 'connection', verdict: 'works', found: 'answers' } as const;
    const system = (name: string, examine: () => Promise<readonly (typeof works)[]>): OutsideSystem => ({
      name,
      location: 'somewhere',
      deadlineMs: 30_000,
      examine,
    });

    it('reports the others at once, and the dead one at its deadline', async () => {
      const clock = new ManualClock();
      const reports: string[] = [];
      const round = makeRound(
        [
          system('dead', () => new Promise(() => {})),
          system('broken', () => Promise.reject(new Error('the driver fell over'))),
          system('alive', () => Promise.resolve([works])),
        ],
        { clock, write: (text) => reports.push(text), hideSecrets: (text) => text },
      );
      while (reports.length < 2) await new Promise((resolve) => setImmediate(resolve));
      assert.match(reports.join(''), /^alive: somewhere\n {2}works +connection +answers$/m);
      assert.match(reports.join(''), /fails +examination +the driver fell over/);
      clock.advance(30_000);
      assert.equal(await round, false);
      assert.match(reports.join(''), /^dead: somewhere\n {2}fails +answers in time +no result within 30 s$/m);
      assert.match(reports.at(-1) ?? '', /To be put right: dead, broken\.$/m);
      assert.equal(clock.pendingTimers, 0);
    });
  });

  describe('as a program', () => {
    const program = join(dirname(dirname(import.meta.dirname)), 'dist', 'deploy', 'doctor.js');
    const run = (environment: Readonly<Record<string, string>>) =>
      spawnSync(process.execPath, [program], {
        env: { SHOPFLOOR_HOME: home, ...environment },
        encoding: 'utf8',
        timeout: 30_000,
      });

    it('ends with 0 where nothing fails', () => {
      const { status, stdout, stderr } = run({});
      assert.equal(status, 0, stderr);
      assert.match(stdout, /0 failed\.\n$/);
    });

    it('ends with 1 where something fails', async () => {
      const { status, stdout } = run({ MQTT_URL: `mqtt://127.0.0.1:${await freePort()}` });
      assert.equal(status, 1);
      assert.match(stdout, /To be put right: MQTT broker\.\n$/);
    });

    it('refuses a wrong variable as the start does', () => {
      const { status, stderr } = run({ PLC_URL: 'http://plc' });
      assert.equal(status, 1);
      assert.match(stderr, /^PLC_URL="http:\/\/plc": must begin with .*Example: /);
    });
  });
});
