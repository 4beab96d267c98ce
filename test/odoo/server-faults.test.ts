import assert from 'node:assert/strict';
import { type OdooErrorKind, plainText } from '../../nodes/odoo/odoo-error.ts';
import { httpFailure, json2Error, xmlRpcFault } from '../../nodes/odoo/server-faults.ts';

const traceback = (line: string) =>
  `Traceback (most recent call last):\n  File "/usr/lib/python3/dist-packages/odoo/http.py", line 1, in dispatch\n    return x\n${line}\n`;

describe('faults of an Odoo server', () => {
  const xmlRpc: ReadonlyArray<readonly [string, number, string, OdooErrorKind]> = [
    [
      'a None that XML-RPC can not carry: it was committed',
      1,
      traceback('TypeError: cannot marshal None unless allow_none is enabled'),
      'unknown-outcome',
    ],
    [
      'a serialization failure',
      1,
      traceback('psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update'),
      'transient',
    ],
    [
      'a full connection pool',
      1,
      traceback(
        'psycopg2.OperationalError: connection failed: FATAL:  remaining connection slots are reserved for roles',
      ),
      'transient',
    ],
    [
      'a database that does not exist',
      1,
      traceback(
        'psycopg2.OperationalError: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  database "mill" does not exist',
      ),
      'protocol',
    ],
    [
      'a field of another series',
      1,
      traceback("ValueError: Invalid field 'quantity_done' on model 'stock.move'"),
      'unsupported',
    ],
    [
      'a method of another series, 19',
      1,
      traceback("AttributeError: The method 'mrp.production.x' does not exist"),
      'unsupported',
    ],
    [
      'a method of another series, 17',
      1,
      traceback("AttributeError: The method 'x' does not exist on the model 'mrp.production'"),
      'unsupported',
    ],
    ['anything else inside', 1, traceback('ZeroDivisionError: division by zero'), 'unknown-outcome'],
    ['a rule of Odoo, in any language', 2, 'Anda tidak dapat mengubah pergerakan stok yang dibatalkan.', 'refused'],
    [
      'a missing record, in any language',
      2,
      'Rekaman tidak ada.\n(Record: mrp.production(999999,), User: 2)',
      'missing',
    ],
    ['a user that was deleted', 2, 'Rekaman tidak ada.\n(Record: res.users(9999,), User: 1)', 'denied'],
    ['a missing app', 2, "Object mrp.production doesn't exist", 'unsupported'],
    ['a wrong password', 3, 'Access Denied', 'denied'],
    ['a missing right', 4, "You are not allowed to access 'Manufacturing Order' (mrp.production) records.", 'denied'],
    ['a fault code that Odoo does not have', 99, 'x', 'unknown-outcome'],
  ];
  for (const [what, code, text, kind] of xmlRpc) {
    it(`sorts ${what} as ${kind}`, () => {
      const error = xmlRpcFault(code, text);
      assert.equal(error.kind, kind);
      assert.doesNotMatch(error.message, /Traceback|File "|\/usr\/|\/var\/|psycopg2\.errors\.\w+: .*\n/);
      assert.ok(error.message.length < 600);
    });
  }

  it('names the database that is wrong and the variable to check', () => {
    const error = xmlRpcFault(1, traceback('psycopg2.OperationalError: FATAL:  database "mill" does not exist'));
    assert.match(error.message, /no database "mill".*ODOO_DB/);
  });

  it('calls a fault without a text no answer of Odoo', () => {
    assert.equal(xmlRpcFault(1, undefined).kind, 'protocol');
  });

  const json2: ReadonlyArray<readonly [string, number, string, string, OdooErrorKind]> = [
    ['a bad key', 401, 'werkzeug.exceptions.Unauthorized', 'Invalid apikey', 'denied'],
    ['a missing right', 403, 'odoo.exceptions.AccessError', 'You are not allowed', 'denied'],
    ['a missing record', 404, 'odoo.exceptions.MissingError', 'Record does not exist', 'missing'],
    ['an unknown model', 404, 'werkzeug.exceptions.NotFound', "the model 'x' does not exist", 'unsupported'],
    ['a rule of Odoo', 422, 'odoo.exceptions.UserError', 'Jumlah harus positif', 'refused'],
    [
      'a wrong argument',
      422,
      'werkzeug.exceptions.UnprocessableEntity',
      "missing a required argument: 'domain'",
      'unsupported',
    ],
    ['a lock conflict', 409, 'werkzeug.exceptions.Conflict', 'conflict', 'transient'],
    ['a serialization failure', 500, 'psycopg2.errors.SerializationFailure', 'could not serialize access', 'transient'],
    ['an invalid field', 500, 'builtins.ValueError', "Invalid field 'x' on model 'y'", 'unsupported'],
    ['anything else inside', 500, 'builtins.ZeroDivisionError', 'division by zero', 'unknown-outcome'],
  ];
  for (const [what, status, name, message, kind] of json2) {
    it(`sorts ${what} over JSON-2 as ${kind}`, () => assert.equal(json2Error(status, name, message).kind, kind));
  }

  it('takes a gateway error as an open outcome, an overload as a later try, and a page as no Odoo', () => {
    assert.equal(httpFailure(504).kind, 'unknown-outcome');
    assert.equal(httpFailure(503).kind, 'transient');
    assert.equal(httpFailure(404).kind, 'protocol');
    const redirect = httpFailure(301, 'https://odoo.example.com/secret/path?token=1');
    assert.match(redirect.message, /https:\/\/odoo\.example\.com\. Set ODOO_URL/);
    assert.doesNotMatch(redirect.message, /secret|token/);
  });

  it('keeps the names of orders when it takes out file paths', () => {
    assert.equal(plainText('WH/MO/00035 failed in /opt/odoo/addons/mrp/models.py'), 'WH/MO/00035 failed in …');
  });
});
