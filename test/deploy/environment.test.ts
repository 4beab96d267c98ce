import assert from 'node:assert/strict';
import { parseEnvironment } from '../../deploy/environment.ts';

const parse = (variables: Record<string, string>) => parseEnvironment(variables, '/plant');

describe('the environment of npm start', () => {
  it('needs nothing: stand-ins, SQLite in the home, and intervals of a trial', () => {
    const environment = parse({});
    assert.equal(environment.port, 1880);
    assert.equal(environment.databaseUrl, 'sqlite:/plant/.shopfloor/shopfloor.sqlite');
    assert.equal(environment.plcUrl, undefined);
    assert.equal(environment.odoo, undefined);
    assert.equal(environment.plantTimeZone, 'Asia/Jakarta');
    assert.equal(environment.trialIntervals, true);
    assert.ok(environment.plcReadIntervalSeconds <= 5);
  });

  it("has the plant's intervals as soon as one part is real", () => {
    const environment = parse({ PLC_URL: 'modbus-tcp://10.0.0.5:502?unit=1' });
    assert.equal(environment.syncIntervalMinutes, 60);
    assert.equal(environment.plcReadIntervalSeconds, 300);
    assert.equal(environment.processIntervalSeconds, 180);
    assert.equal(environment.monitorIntervalSeconds, 600);
  });

  const faults: ReadonlyArray<readonly [Record<string, string>, RegExp]> = [
    [{ PORT: 'eighty' }, /^PORT="eighty": must be a whole number from 1 to 65535\. Example: PORT=1880$/],
    [{ PORT: '0' }, /^PORT="0"/],
    [
      { SYNC_BATCH_LIMIT: '11' },
      /^SYNC_BATCH_LIMIT="11": must be a whole number from 1 to 10\. Example: SYNC_BATCH_LIMIT=10$/,
    ],
    [{ SYNC_BATCH_LIMIT: '2.5' }, /^SYNC_BATCH_LIMIT/],
    [{ SYNC_INTERVAL_MINUTES: '-1' }, /^SYNC_INTERVAL_MINUTES="-1"/],
    [{ PLC_READ_INTERVAL_SECONDS: '5m' }, /^PLC_READ_INTERVAL_SECONDS="5m"/],
    [{ PROCESS_INTERVAL_SECONDS: 'x' }, /^PROCESS_INTERVAL_SECONDS/],
    [{ MONITOR_INTERVAL_SECONDS: '0' }, /^MONITOR_INTERVAL_SECONDS/],
    [{ ENABLE_AUTO_SYNC: 'maybe' }, /^ENABLE_AUTO_SYNC="maybe": must be true or false/],
    [{ SHOPFLOOR_WATCH_ONLY: '2' }, /^SHOPFLOOR_WATCH_ONLY="2"/],
    [{ PLC_URL: '192.168.1.2' }, /^PLC_URL="192\.168\.1\.2": is not a URL\. Example: PLC_URL=modbus-tcp:/],
    [{ PLC_URL: 'http://plc' }, /^PLC_URL="http:\/\/plc": must begin with modbus-tcp: or modbus-rtu: or fins:/],
    [{ PLC_WORD_ORDER: 'big' }, /^PLC_WORD_ORDER="big": must be one of high-first, low-first/],
    [{ ODOO_URL: 'odoo' }, /^ODOO_URL="odoo": is not a URL/],
    [{ ODOO_URL: 'http://odoo' }, /^ODOO_DB: is missing, and ODOO_URL is set\. Example: ODOO_DB=plant$/],
    [{ ODOO_URL: 'http://odoo', ODOO_DB: 'd', ODOO_LOGIN: 'l' }, /^ODOO_PASSWORD: is missing/],
    [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL="\*\*\*": must begin with sqlite: or postgres:/],
    [{ MQTT_URL: 'tcp://x' }, /^MQTT_URL="\*\*\*": must begin with mqtt: or mqtts:/],
    [{ SHOPFLOOR_API_TOKEN: 'short' }, /^SHOPFLOOR_API_TOKEN="\*\*\*": must have at least 16 characters/],
    [{ SHOPFLOOR_ADMIN_PASSWORD: 'admin12' }, /^SHOPFLOOR_ADMIN_PASSWORD="\*\*\*": must have at least 8 characters/],
    [
      { SHOPFLOOR_ADMIN_PASSWORD: 'adminadmin1' },
      /^SHOPFLOOR_ADMIN_PASSWORD="\*\*\*": must have at least 6 characters beside/,
    ],
    [{ SHOPFLOOR_TRUSTED_PROXIES: '127.0.0.1, proxy' }, /^SHOPFLOOR_TRUSTED_PROXIES=.*: must be addresses or networks/],
    [{ TZ_PLANT: 'Jakarta' }, /^TZ_PLANT="Jakarta": is not an IANA time zone\. Example: TZ_PLANT=Asia\/Jakarta$/],
  ];
  for (const [variables, message] of faults) {
    const text = Object.entries(variables)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
    it(`refuses ${text} in one line with an example`, () => {
      assert.throws(() => parse(variables), { name: 'EnvironmentFault', message });
      assert.throws(
        () => parse(variables),
        (error: Error) => !error.message.includes('\n'),
      );
    });
  }

  it('treats an empty variable as not set', () => {
    assert.equal(parse({ PLC_URL: '', PORT: ' ', ODOO_URL: '' }).plcUrl, undefined);
  });

  it('takes a relative SQLite path from the working folder', () => {
    assert.equal(parse({ DATABASE_URL: 'sqlite:data/plant.db' }).databaseUrl, 'sqlite:/plant/data/plant.db');
  });
});
