import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OutsideSystem } from '../../../deploy/doctor/examination.ts';
import { makeRound } from '../../../deploy/doctor/round.ts';
import { secretFilter } from '../../../deploy/doctor/secrets.ts';
import { parseEnvironment } from '../../../deploy/environment.ts';
import { freePort } from '../../../deploy/free-port.ts';
import { machineClock } from '../../support/machine-clock.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Plant } from './support/visit.ts';

describe('the doctor', () => {
  const plant = new Plant();

  describe('where nothing is configured', () => {
    it('names the stand-ins, finds nothing wrong and creates nothing', async () => {
      const { healthy, text } = await plant.visit();
      assert.match(text, /^PLC: not configured\n {2}npm start brings a simulated PLC/m);
      assert.match(text, /^Odoo: not configured$/m);
      assert.match(text, /^MQTT broker: not configured$/m);
      assert.match(text, /works +file +not there yet; the first start makes it/);
      assert.equal(healthy, true);
      assert.deepEqual(readdirSync(plant.home), []);
    });
  });

  it('says when the flow file can not be read, and goes on with the rest', async () => {
    plant.deploy('[{');
    const { healthy, text } = await plant.visit();
    assert.match(text, /fails +flows\.json/);
    assert.match(text, /^Database: /m);
    assert.equal(healthy, false);
  });

  it('never prints a password or a token, whatever a driver says', async () => {
    const port = await freePort();
    const secrets = { odoo: 'odoo-p4ss w%rd', mqtt: 'mqtt-p4ss', sql: 'sql-p4ss', token: 'token-of-24-characters' };
    const { text } = await plant.visit({
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
      plant.home,
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

  describe('as a program', function () {
    this.timeout(40_000);
    const program = join(dirname(dirname(dirname(import.meta.dirname))), 'dist', 'deploy', 'doctor.js');
    const run = (environment: Readonly<Record<string, string>>) =>
      spawnSync(process.execPath, [program], {
        env: { ...machineClock(), SHOPFLOOR_HOME: plant.home, ...environment },
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
