import assert from 'node:assert/strict';
import { parseCommand } from '../../nodes/odoo/commands.ts';
import { parseOdooConnection } from '../../nodes/odoo/connection-settings.ts';
import { defaultSyncSettings, parseSyncSettings } from '../../nodes/odoo/sync-settings.ts';

/** What Node-RED leaves of a variable that is not set. */
const variable = (name: string) => `\${${name}}`;

describe('settings of an Odoo connection', () => {
  const good = { url: 'https://odoo.example.com', database: 'plant', login: 'mill', protocol: 'auto' };

  it('are read with their defaults', () => {
    const settings = parseOdooConnection(good, 'secret', {});
    assert.deepEqual(settings, {
      ...good,
      secret: 'secret',
      readDeadlineMs: 20_000,
      writeDeadlineMs: 60_000,
      watchOnly: false,
    });
  });

  it('take the password from the environment when the field is empty or names a missing variable', () => {
    for (const field of [undefined, '', variable('ODOO_KEY')]) {
      assert.equal(parseOdooConnection(good, field, { ODOO_PASSWORD: 'from-env' }).secret, 'from-env');
    }
  });

  it('watch only when the plant says so', () => {
    assert.equal(parseOdooConnection(good, 'x', { SHOPFLOOR_WATCH_ONLY: 'true' }).watchOnly, true);
    assert.equal(parseOdooConnection({ ...good, watchOnly: true }, 'x', {}).watchOnly, true);
  });

  it('name every field at fault and its variable', () => {
    const empty = {
      url: variable('ODOO_URL'),
      database: '',
      login: undefined,
      protocol: 'soap',
      readTimeoutSeconds: '0',
    };
    assert.throws(
      () => parseOdooConnection(empty, '', {}),
      (error: Error) => {
        for (const word of ['ODOO_URL', 'ODOO_DB', 'ODOO_LOGIN', 'ODOO_PASSWORD', 'protocol', 'readTimeoutSeconds']) {
          assert.match(error.message, new RegExp(word));
        }
        return true;
      },
    );
  });

  for (const url of ['odoo.example.com', 'ftp://odoo', 'https://user:pw@odoo', 'https://odoo/?db=1']) {
    it(`refuse the address ${url}`, () => {
      assert.throws(() => parseOdooConnection({ ...good, url }, 'x', {}), /url:/);
    });
  }
});

describe('settings of the order rules', () => {
  it('are the defaults when nothing is filled in, or only names of missing variables', () => {
    assert.deepEqual(parseSyncSettings({}), defaultSyncSettings);
    assert.deepEqual(
      parseSyncSettings({ scanLimit: '', extraDomain: variable('LINE_DOMAIN'), namePolicy: '' }),
      defaultSyncSettings,
    );
  });

  it('are read as numbers, masses and a domain', () => {
    const settings = parseSyncSettings({
      extraDomain: '[["picking_type_id", "=", 3]]',
      consumptionTolerancePercent: '2.5',
      toleranceFloorKg: '0.5',
      maximumComponentKg: 2000,
      namePolicy: 'refuse',
    });
    assert.deepEqual(settings.extraDomain, [['picking_type_id', '=', 3]]);
    assert.equal(settings.consumptionTolerancePercent, 2.5);
    assert.equal(settings.toleranceFloorCentiKg, 50);
    assert.equal(settings.maximumComponentCentiKg, 200_000);
    assert.equal(settings.namePolicy, 'refuse');
  });

  for (const [field, value] of [
    ['extraDomain', '{"a": 1}'],
    ['extraDomain', '[["a", "="]]'],
    ['scanLimit', '5'],
    ['scanLimit', '10.5'],
    ['consumptionTolerancePercent', '-1'],
    ['namePolicy', 'cut'],
    ['massUnits', 'sak'],
  ] as const) {
    it(`refuse ${field} = ${value}`, () => {
      assert.throws(() => parseSyncSettings({ [field]: value }), new RegExp(field));
    });
  }
});

describe('commands', () => {
  const unit = { id: 1, name: 'kg', centiKgPerUnit: 100 };
  const push = {
    command: 'push',
    pushId: 'p',
    orderId: 1,
    orderName: 'WH/MO/1',
    plannedQuantityCentiKg: 100,
    finishedQuantityCentiKg: 100,
    unit,
    components: [{ equipment: 101, productId: 2, plannedCentiKg: 10, actualCentiKg: 11, unit }],
    unplanned: [],
    close: true,
  };

  it('are taken as they are when complete', () => {
    assert.equal(parseCommand(push), push);
    assert.equal(parseCommand({ command: 'fetch', limit: 10, exclude: [1] }).command, 'fetch');
    assert.equal(parseCommand({ command: 'cancel', pushId: 'p', orderId: 1, orderName: 'x' }).command, 'cancel');
    assert.equal(parseCommand({ command: 'status' }).command, 'status');
  });

  const faults: ReadonlyArray<readonly [string, unknown, RegExp]> = [
    ['nothing', undefined, /payload\.command/],
    ['an unknown command', { command: 'drop' }, /payload\.command/],
    ['a fetch of none', { command: 'fetch', limit: 0 }, /payload\.limit/],
    ['a fetch that excludes texts', { command: 'fetch', limit: 1, exclude: ['1'] }, /payload\.exclude/],
    ['a push of a fraction', { ...push, finishedQuantityCentiKg: 0.5 }, /finishedQuantityCentiKg/],
    [
      'a push of a negative mass',
      { ...push, components: [{ ...push.components[0], actualCentiKg: -1 }] },
      /components\[0\]\.actualCentiKg/,
    ],
    ['a push without its id', { ...push, pushId: '' }, /pushId/],
    ['a push that leaves open whether to close', { ...push, close: undefined }, /close/],
    ['a push in no unit', { ...push, unit: { id: 1, name: 'kg', centiKgPerUnit: 0 } }, /unit/],
    ['a cancel of no order', { command: 'cancel', pushId: 'p', orderId: '1', orderName: 'x' }, /orderId/],
  ];
  for (const [what, payload, message] of faults) {
    it(`refuse ${what}`, () => assert.throws(() => parseCommand(payload), message));
  }
});
