import assert from 'node:assert/strict';
import { variableReference } from '../../../deploy/doctor/deployed-nodes.ts';
import { freePort } from '../../../deploy/free-port.ts';
import { OdooSimulator } from '../../../nodes/odoo/simulator/odoo-simulator.ts';
import { Plant } from './support/visit.ts';

describe('the doctor at an Odoo', () => {
  const plant = new Plant();
  const secret = 'plant-s3cret';

  /** An Odoo with two confirmed orders and a login that may do this work, or may not. */
  async function odoo(series: 17 | 19, rights: 'manufacturing' | 'none' = 'manufacturing') {
    const account = { login: 'mill@plant', password: secret, apiKey: secret, rights } as const;
    const simulator = new OdooSimulator({ series, accounts: [account] });
    plant.whenOver(() => simulator.stop());
    await simulator.start();
    simulator.createOrder({ quantityKg: 1000 });
    simulator.createOrder({ feed: 1, quantityKg: 2000 });
    const variables = {
      ODOO_URL: simulator.url,
      ODOO_DB: simulator.database,
      ODOO_LOGIN: account.login,
      ODOO_PASSWORD: secret,
    };
    return { simulator, variables };
  }

  /** Every record of the database, as it is at this moment. */
  function recordsOf({ db }: OdooSimulator): unknown {
    const { productions, moves, postings, products, boms, wizards } = db;
    return structuredClone({ productions, moves, postings, products, boms, wizards });
  }

  for (const [series, protocol] of [
    [17, 'XML-RPC'],
    [19, 'JSON-2'],
  ] as const) {
    it(`shows login, rights and the mapping of real orders over ${protocol}, and leaves every record alone`, async () => {
      const { simulator, variables } = await odoo(series);
      const before = recordsOf(simulator);
      const { healthy, text } = await plant.visit(variables);
      assert.ok(text.includes(`Odoo: ${simulator.url}\n`), text);
      assert.match(text, new RegExp(`works +connection and login +Odoo ${series}\\.0.* over ${protocol}`));
      assert.match(text, /works +rights +may read and close orders/);
      assert.match(text, /works +confirmed orders +2 may go to the PLC, 0 may not/);
      assert.match(text, /works +mapping of \S*MO\S* [\s\S]*^ +101 \D+ \d+\.\d\d kg$/m);
      assert.equal(healthy, true);
      assert.deepEqual(recordsOf(simulator), before);
      const called = [...simulator.calls.keys()].filter((method) =>
        /write|create|unlink|button|action|process/.test(method),
      );
      assert.deepEqual(called, []);
    });
  }

  it('says that the login is refused, and keeps the password to itself', async () => {
    const { variables } = await odoo(17);
    const { healthy, text } = await plant.visit({ ...variables, ODOO_PASSWORD: 'mistaken-s3cret' });
    assert.match(text, /fails +connection and login/);
    assert.match(text, /-> /);
    assert.doesNotMatch(text, /s3cret/);
    assert.equal(healthy, false);
  });

  it('says which rights are missing', async () => {
    const { variables } = await odoo(17, 'none');
    const { healthy, text } = await plant.visit(variables);
    assert.match(text, /fails +rights +may not /);
    assert.equal(healthy, false);
  });

  it('says when nobody is there', async () => {
    const { variables } = await odoo(17);
    const { healthy, text } = await plant.visit({ ...variables, ODOO_URL: `http://127.0.0.1:${await freePort()}` });
    assert.match(text, /fails +connection and login/);
    assert.equal(healthy, false);
  });

  describe('that the flows connect to', () => {
    const connection = {
      id: 'odoo',
      type: 'odoo-connection',
      name: 'head office',
      url: variableReference('ODOO_URL'),
      database: variableReference('ODOO_DB'),
      login: variableReference('ODOO_LOGIN'),
    };

    it('judges orders by the rules that the nodes have', async () => {
      const { variables } = await odoo(17);
      plant.deploy([
        connection,
        { id: 's', type: 'odoo-mo-sync', connection: 'odoo', equipmentPattern: 'silo (\\d{3})' },
      ]);
      const { healthy, text } = await plant.visit(variables);
      assert.match(text, /^Odoo \(head office\): http/m);
      assert.match(text, /fails +confirmed orders +none of 2 may go to the PLC/);
      assert.equal(healthy, false);
    });

    it('names a setting that can not be used', async () => {
      const { variables } = await odoo(17);
      plant.deploy([connection, { id: 's', type: 'odoo-mo-sync', connection: 'odoo', scanLimit: 'all' }]);
      const { healthy, text } = await plant.visit(variables);
      assert.match(text, /fails +settings +scanLimit: "all" is no number/);
      assert.equal(healthy, false);
    });

    it('takes a variable that nobody set for the stand-in', async () => {
      plant.deploy([connection]);
      const { healthy, text } = await plant.visit();
      assert.match(text, /^Odoo \(head office\): not configured$/m);
      assert.equal(healthy, true);
    });

    it('asks for the password that only the editor has', async () => {
      const { simulator, variables } = await odoo(17);
      const fixed = { ...connection, url: simulator.url, database: 'plant', login: variables.ODOO_LOGIN };
      plant.deploy([fixed]);
      const without = await plant.visit();
      assert.match(without.text, /doubtful +settings [\s\S]*-> Set ODOO_PASSWORD while the doctor runs\./);
      const given = await plant.visit({ ODOO_PASSWORD: secret });
      assert.match(given.text, /works +connection and login/);
      assert.doesNotMatch(given.text, /s3cret/);
    });
  });
});
