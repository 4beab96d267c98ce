// Sorts what an Odoo server answers instead of a value into kinds, as measured on Odoo 15, 16, 17 and 19.
import { lastLine, OdooError, plainText } from './odoo-error.ts';

const loginHint = 'Check ODOO_LOGIN and ODOO_PASSWORD (a password or an API key of that login).';
const rightsHint = 'Give the login the right "Manufacturing / User".';
export const urlHint = 'Check ODOO_URL; a proxy or another web server may have answered.';

/** A fault of `/xmlrpc/2`: 1 unexpected (a traceback), 2 a rule of Odoo, 3 access denied, 4 a missing right. */
export function xmlRpcFault(faultCode: unknown, faultString: unknown): OdooError {
  if (typeof faultString !== 'string') {
    return new OdooError('protocol', 'Odoo answered a fault without a text.', { hint: urlHint });
  }
  switch (faultCode) {
    case 1:
      return unexpected(lastLine(faultString));
    case 2:
      return refusal(faultString);
    case 3:
      return new OdooError('denied', 'Odoo refused the login.', { hint: loginHint, login: true });
    case 4:
      return new OdooError('denied', plainText(faultString), { hint: rightsHint });
    default:
      return new OdooError('unknown-outcome', `Odoo answered fault ${plainText(String(faultCode), 20)}.`);
  }
}

/**
 * An error body of JSON-2 with its HTTP status.
 * @param name the Python exception class, such as `odoo.exceptions.UserError`
 */
export function json2Error(status: number, name: string, message: string): OdooError {
  const exception = name.split('.').at(-1) ?? '';
  if (status === 401 || exception === 'AccessDenied') {
    return new OdooError('denied', 'Odoo refused the API key.', { hint: loginHint, login: true });
  }
  if (status === 403) return new OdooError('denied', plainText(message), { hint: rightsHint });
  if (exception === 'MissingError') return new OdooError('missing', plainText(message));
  if (['UserError', 'ValidationError', 'RedirectWarning'].includes(exception)) return refusal(message);
  if (status === 404 || status === 422) return new OdooError('unsupported', `Odoo: ${plainText(message)}`);
  if (status === 409) return new OdooError('transient', 'Odoo is busy with the same record.');
  if (status === 400) return new OdooError('protocol', `Odoo did not understand the request: ${plainText(message)}`);
  return unexpected(`${exception}: ${lastLine(message)}`);
}

/** An HTTP status that comes from a web server or proxy, not from Odoo's own dispatcher. */
export function httpFailure(status: number, location?: string): OdooError {
  if (status === 429 || status === 503) {
    return new OdooError('transient', `The server answered HTTP ${status}: it is overloaded or starting.`);
  }
  if (status >= 500) return new OdooError('unknown-outcome', `The server answered HTTP ${status}.`, { hint: urlHint });
  if (status >= 300 && status < 400) {
    const target = location ? ` to ${plainText(originOf(location), 100)}` : '';
    return new OdooError('protocol', `The server redirects${target}.`, { hint: 'Set ODOO_URL to the final address.' });
  }
  return new OdooError('protocol', `The server answered HTTP ${status}; that is no answer of Odoo.`, { hint: urlHint });
}

/** Not XML-RPC or JSON at all. */
export function notOdoo(what: string, cause?: unknown): OdooError {
  return new OdooError('protocol', `The answer is ${what}, not Odoo's.`, { hint: urlHint, cause });
}

/** The server is an Odoo and hosts no database of this name. */
export function unknownDatabase(name: string): OdooError {
  return new OdooError('protocol', `Odoo has no database "${plainText(name, 60)}".`, { hint: 'Check ODOO_DB.' });
}

function refusal(text: string): OdooError {
  if (/^Object [\w.]+ doesn't exist/.test(text)) {
    return new OdooError('unsupported', plainText(text), { hint: 'Is the Manufacturing app installed?' });
  }
  // Our own uid is gone: the user was deleted, or this is another database than we logged in to.
  if (/\(Record: res\.users\(\d/.test(text)) {
    return new OdooError('denied', 'Odoo does not know the login any more.', { hint: loginHint, login: true });
  }
  // The record in parentheses is the same in every language.
  if (/\(Records?: [\w.]+\(\d/.test(text)) return new OdooError('missing', plainText(text));
  return new OdooError('refused', plainText(text));
}

function unexpected(line: string): OdooError {
  if (line.includes('cannot marshal None')) {
    // Raised after the commit: the call has most likely succeeded.
    return new OdooError('unknown-outcome', 'Odoo could not put its result into XML-RPC; the call may have succeeded.');
  }
  if (/SerializationFailure|could not serialize|DeadlockDetected|deadlock detected|LockNotAvailable/.test(line)) {
    return new OdooError('transient', 'Odoo is busy with the same records.');
  }
  const database = /database "([^"]*)" does not exist/.exec(line)?.[1];
  if (database !== undefined) {
    return unknownDatabase(database);
  }
  if (/OperationalError|InterfaceError|PoolError|connection slots|too many clients/.test(line)) {
    return new OdooError('transient', "Odoo's database has no free connection or is away.");
  }
  if (/Invalid field|The method '|has no attribute|unexpected keyword argument/.test(line)) {
    return new OdooError('unsupported', `Odoo: ${plainText(line)}`);
  }
  return new OdooError('unknown-outcome', `Odoo failed inside: ${plainText(line)}`);
}

function originOf(location: string): string {
  return URL.canParse(location) ? new URL(location).origin : 'another address';
}
