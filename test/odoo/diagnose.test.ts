import assert from 'node:assert/strict';
import type { Diagnosis } from '../../nodes/core/diagnosis.ts';
import { diagnoseOdoo } from '../../nodes/odoo/diagnose.ts';
import { simulatedSeries } from '../../nodes/odoo/simulator/records.ts';
import { defaultSyncSettings } from '../../nodes/odoo/sync-settings.ts';
import { type Mill, type MillOptions, openMill } from './feed-mill.ts';

describe('the examination of an Odoo', () => {
  let mill: Mill;
  afterEach(() => mill.close());
  const examine = async (series: (typeof simulatedSeries)[number], options: MillOptions = {}, prepare?: () => void) => {
    mill = await openMill(series, options);
    prepare?.();
    return diagnoseOdoo({
      session: () => mill.client.session(),
      settings: defaultSyncSettings,
      database: 'plant',
      login: 'shopfloor',
    });
  };
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
  const named = (diagnoses: readonly Diagnosis[], check: RegExp) => {
    const found = diagnoses.find((diagnosis) => check.test(diagnosis.check));
    assert.ok(found, JSON.stringify(diagnoses));
    return found;
  };

  for (const series of simulatedSeries) {
    it(`shows version, rights and the mapping of real orders, and changes nothing, with Odoo ${series}`, async () => {
      const diagnoses = await examine(series, {}, () => mill.odoo.createOrder({ feed: 0 }));
      assert.match(named(diagnoses, /login/).found, new RegExp(`Odoo ${series}\\.0 over XML-RPC`));
      assert.equal(named(diagnoses, /rights/).verdict, 'works');
      assert.match(named(diagnoses, /^confirmed/).found, /1 may go to the PLC, 0 may not/);
      assert.match(named(diagnoses, /mapping of WH\/MO\/00001/).found, /101 Jagung giling 220\.00 kg\n/);
      const methods = [...mill.odoo.calls.keys()].sort();
      const asking = series >= 18 ? 'has_access' : 'check_access_rights';
      assert.deepEqual(
        methods.filter((method) => !['authenticate', 'version', 'read', 'search_read', asking].includes(method)),
        [],
      );
    });
  }

  it('gives the reasons of refused orders', async () => {
    const diagnoses = await examine(17, {}, () => mill.odoo.createOrder({ explode: false }));
    assert.equal(named(diagnoses, /^confirmed/).verdict, 'fails');
    assert.match(named(diagnoses, /order WH\/MO\/00001/).found, /no components/);
  });

  it('says that there is no order to look at', async () => {
    assert.equal(named(await examine(17), /^confirmed/).verdict, 'doubtful');
  });

  it('says the true number of orders, however many stand before those that fit', async () => {
    const diagnoses = await examine(17, {}, () => {
      for (let count = 0; count < 210; count += 1) mill.odoo.createOrder({ explode: false, plannedStart: ago(2) });
      for (let count = 0; count < 13; count += 1) mill.odoo.createOrder({ plannedStart: ago(1) });
      for (const days of [-30, -60]) mill.odoo.createOrder({ plannedStart: ago(days) });
    });
    assert.match(named(diagnoses, /^confirmed/).found, /^13 may go to the PLC, 210 may not/);
    assert.match(named(diagnoses, /later/).found, /^2 confirmed orders start later than in 7 days/);
  });

  it('names the companies of a login that sees several', async () => {
    const diagnoses = await examine(17, {}, () => mill.odoo.addCompany('Pakan Makmur'));
    const companies = named(diagnoses, /companies/);
    assert.deepEqual([companies.verdict, companies.found], ['doubtful', 'the login sees Pakan Jaya, Pakan Makmur']);
  });

  it('says which rights are missing', async () => {
    const accounts = [{ login: 'shopfloor', password: 'shopfloor', apiKey: '', rights: 'none' }] as const;
    const diagnoses = await examine(17, { simulator: { accounts } });
    const rights = named(diagnoses, /rights/);
    assert.equal(rights.verdict, 'fails');
    assert.match(rights.found, /write mrp\.production/);
    assert.match(rights.advice ?? '', /Manufacturing \/ User/);
    assert.equal(named(diagnoses, /^confirmed/).verdict, 'fails');
  });

  it('says what to check when it can not log in', async () => {
    const [only, ...others] = await examine(17, { endpoint: { secret: 'wrong' } });
    assert.deepEqual(others, []);
    assert.equal(only?.verdict, 'fails');
    assert.match(only?.advice ?? '', /ODOO_PASSWORD/);
    assert.doesNotMatch(JSON.stringify(only), /wrong/);
  });
});
