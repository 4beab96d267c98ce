// The settings of an odoo-connection, checked once: from what the editor, a flow file and the environment hold.
import { type FieldFault, InvalidInput } from '../core/errors.ts';
import { settingText, watchesOnly } from '../core/setting-text.ts';

/** What the node's properties hold; a flow file edited by hand may hold anything. */
export interface OdooConnectionProperties {
  readonly url?: unknown;
  readonly database?: unknown;
  readonly login?: unknown;
  readonly protocol?: unknown;
  readonly readTimeoutSeconds?: unknown;
  readonly writeTimeoutSeconds?: unknown;
  readonly watchOnly?: unknown;
}

export interface OdooConnectionSettings {
  readonly url: string;
  readonly database: string;
  readonly login: string;
  /** Password or API key; never shown. */
  readonly secret: string;
  readonly protocol: 'auto' | 'xml-rpc' | 'json-2';
  readonly readDeadlineMs: number;
  readonly writeDeadlineMs: number;
  readonly watchOnly: boolean;
}

/** Reading is quick or broken; a contended write is retried inside Odoo for up to some 30 s before it fails. */
const defaultSeconds = { read: 20, write: 60 };

/**
 * @param password from the node's credentials; where it is empty, `ODOO_PASSWORD` holds it
 * @param variables the environment; `SHOPFLOOR_WATCH_ONLY` switches every connection to watching
 * Throws InvalidInput that names every field at fault and the variable that may hold it.
 */
export function parseOdooConnection(
  properties: OdooConnectionProperties,
  password: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): OdooConnectionSettings {
  const faults: FieldFault[] = [];
  const required = (field: string, value: unknown, variable: string): string => {
    const text = settingText(value);
    if (text === '') faults.push({ field, message: `is empty; fill it in or set ${variable}` });
    return text;
  };
  const seconds = (field: string, value: unknown, fallback: number): number => {
    const text = settingText(value);
    const number = text === '' ? fallback : Number(text);
    if (!(number >= 1 && number <= 600)) faults.push({ field, message: 'must be 1 to 600 seconds' });
    return number * 1000;
  };
  const url = required('url', properties.url, 'ODOO_URL');
  const urlFault = url === '' ? undefined : faultOfUrl(url);
  if (urlFault !== undefined) faults.push({ field: 'url', message: urlFault });
  const protocol = settingText(properties.protocol) || 'auto';
  if (protocol !== 'auto' && protocol !== 'xml-rpc' && protocol !== 'json-2') {
    faults.push({ field: 'protocol', message: 'must be auto, xml-rpc or json-2' });
  }
  const settings = {
    url,
    database: required('database', properties.database, 'ODOO_DB'),
    login: required('login', properties.login, 'ODOO_LOGIN'),
    secret: required('password', settingText(password) || variables.ODOO_PASSWORD, 'ODOO_PASSWORD'),
    readDeadlineMs: seconds('readTimeoutSeconds', properties.readTimeoutSeconds, defaultSeconds.read),
    writeDeadlineMs: seconds('writeTimeoutSeconds', properties.writeTimeoutSeconds, defaultSeconds.write),
    watchOnly: watchesOnly(properties.watchOnly, variables),
  };
  if (faults.length > 0 || (protocol !== 'auto' && protocol !== 'xml-rpc' && protocol !== 'json-2')) {
    throw new InvalidInput(faults, 'The Odoo connection');
  }
  return { ...settings, protocol };
}

function faultOfUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" is no address such as https://odoo.example.com`;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.username !== '' || url.password !== '')
    return 'must not hold a password; use the fields for login and password';
  if (url.search !== '' || url.hash !== '') return 'must be the address alone, without ? and #';
  return undefined;
}
