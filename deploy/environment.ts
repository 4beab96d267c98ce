// Reads the environment variables of `npm start` once, and refuses a wrong value with one line that says what to write instead.
import { isAbsolute, join, resolve } from 'node:path';
import { commonPasswordFault, isCommonPassword } from '../nodes/access/common-passwords.ts';
import { isProxyAddress } from '../nodes/access/request-facts.ts';
import { passwordFaults } from '../nodes/access/user-input.ts';

/** Where a real system is, or the stand-in that `npm start` brings. */
export interface Environment {
  readonly port: number;
  /** Absolute folder of database, photos, backups and the Node-RED user directory. */
  readonly home: string;
  readonly databaseUrl: string;
  /** Undefined: the embedded simulator. */
  readonly plcUrl: string | undefined;
  readonly plcWordOrder: 'high-first' | 'low-first';
  /** Undefined: the embedded simulator. */
  readonly odoo:
    | { readonly url: string; readonly database: string; readonly login: string; readonly password: string }
    | undefined;
  /** Undefined: the embedded broker. */
  readonly mqttUrl: string | undefined;
  readonly enableAutoSync: boolean;
  readonly syncIntervalMinutes: number;
  readonly syncBatchLimit: number;
  readonly plcReadIntervalSeconds: number;
  readonly processIntervalSeconds: number;
  readonly monitorIntervalSeconds: number;
  readonly watchOnly: boolean;
  readonly apiToken: string | undefined;
  /** Of the first administrator; undefined: generated and printed once. */
  readonly adminPassword: string | undefined;
  /** Addresses or networks of reverse proxies whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
  /** False: nobody gets into the editor. */
  readonly editor: boolean;
  readonly plantTimeZone: string;
  /** True when the intervals above are the short ones of a trial, because both PLC and Odoo are stand-ins. */
  readonly trialIntervals: boolean;
}

/** The line that the start prints: `NAME="value": what is wrong. Example: ...`. */
export class EnvironmentFault extends Error {
  constructor(variable: string, value: string | undefined, fault: string, example: string) {
    const shown = value === undefined ? variable : `${variable}="${secretVariables.has(variable) ? '***' : value}"`;
    super(`${shown}: ${fault}. Example: ${variable}=${example}`);
    this.name = 'EnvironmentFault';
  }
}

const secretVariables: ReadonlySet<string> = new Set([
  'ODOO_PASSWORD',
  'SHOPFLOOR_API_TOKEN',
  'SHOPFLOOR_ADMIN_PASSWORD',
  'DATABASE_URL',
  'MQTT_URL',
]);

/** Intervals of the original plant, and those with which a newcomer sees an order's whole life within a minute. */
const plantIntervals = { syncMinutes: 60, readSeconds: 300, processSeconds: 180, monitorSeconds: 600 };
const trialIntervals = { syncMinutes: 5 / 60, readSeconds: 2, processSeconds: 3, monitorSeconds: 10 };

/** Throws EnvironmentFault at the first wrong value. */
export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  workingFolder: string,
): Environment {
  const read = reader(variables);
  const home = resolve(workingFolder, read.text('SHOPFLOOR_HOME') ?? '.shopfloor');
  const plcUrl = read.url('PLC_URL', ['modbus-tcp:', 'modbus-rtu:', 'fins:'], 'modbus-tcp://192.168.1.2:502?unit=1');
  const odoo = parseOdoo(read);
  const trial = plcUrl === undefined && odoo === undefined;
  const intervals = trial ? trialIntervals : plantIntervals;
  return {
    port: read.number('PORT', 1880, 1, 65535, 'whole'),
    home,
    databaseUrl: parseDatabaseUrl(read, home, workingFolder),
    plcUrl,
    plcWordOrder: read.choice('PLC_WORD_ORDER', ['high-first', 'low-first'], 'high-first'),
    odoo,
    mqttUrl: read.url('MQTT_URL', ['mqtt:', 'mqtts:'], 'mqtt://192.168.1.3:1883'),
    enableAutoSync: read.flag('ENABLE_AUTO_SYNC', true),
    syncIntervalMinutes: read.number('SYNC_INTERVAL_MINUTES', intervals.syncMinutes, 0.001, 10_080),
    syncBatchLimit: read.number('SYNC_BATCH_LIMIT', 10, 1, 10, 'whole'),
    plcReadIntervalSeconds: read.number('PLC_READ_INTERVAL_SECONDS', intervals.readSeconds, 0.05, 86_400),
    processIntervalSeconds: read.number('PROCESS_INTERVAL_SECONDS', intervals.processSeconds, 0.05, 86_400),
    monitorIntervalSeconds: read.number('MONITOR_INTERVAL_SECONDS', intervals.monitorSeconds, 0.05, 86_400),
    watchOnly: read.flag('SHOPFLOOR_WATCH_ONLY', false),
    apiToken: parseToken(read),
    adminPassword: parseAdminPassword(read),
    trustedProxies: parseTrustedProxies(read),
    editor: read.flag('SHOPFLOOR_EDITOR', true),
    plantTimeZone: parseTimeZone(read),
    trialIntervals: trial,
  };
}

type Reader = ReturnType<typeof reader>;

function reader(variables: Readonly<Record<string, string | undefined>>) {
  const text = (name: string): string | undefined => {
    const value = variables[name]?.trim();
    return value === '' ? undefined : value;
  };
  return {
    text,
    number(name: string, fallback: number, min: number, max: number, kind: 'whole' | 'decimal' = 'decimal'): number {
      const value = text(name);
      if (value === undefined) return fallback;
      const parsed = Number(value);
      if (Number.isFinite(parsed) && parsed >= min && parsed <= max && (kind === 'decimal' || Number.isInteger(parsed)))
        return parsed;
      const example = String(
        kind === 'whole' ? Math.min(max, Math.max(min, Math.round(fallback))) : Math.max(1, Math.round(fallback)),
      );
      throw new EnvironmentFault(
        name,
        value,
        `must be a ${kind === 'whole' ? 'whole ' : ''}number from ${min} to ${max}`,
        example,
      );
    },
    flag(name: string, fallback: boolean): boolean {
      const value = text(name)?.toLowerCase();
      if (value === undefined) return fallback;
      if (['true', '1', 'yes', 'on'].includes(value)) return true;
      if (['false', '0', 'no', 'off'].includes(value)) return false;
      throw new EnvironmentFault(name, value, 'must be true or false', String(fallback));
    },
    choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
      const value = text(name);
      if (value === undefined) return fallback;
      const found = choices.find((choice) => choice === value);
      if (found === undefined)
        throw new EnvironmentFault(name, value, `must be one of ${choices.join(', ')}`, fallback);
      return found;
    },
    url(name: string, protocols: readonly string[], example: string): string | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!URL.canParse(value)) throw new EnvironmentFault(name, value, 'is not a URL', example);
      const { protocol } = new URL(value);
      if (!protocols.includes(protocol))
        throw new EnvironmentFault(name, value, `must begin with ${protocols.join(' or ')}`, example);
      return value;
    },
  };
}

function parseOdoo(read: Reader): Environment['odoo'] {
  const url = read.url('ODOO_URL', ['http:', 'https:'], 'https://odoo.example.com');
  if (url === undefined) return undefined;
  const needed = (name: string, example: string): string => {
    const value = read.text(name);
    if (value === undefined) throw new EnvironmentFault(name, undefined, 'is missing, and ODOO_URL is set', example);
    return value;
  };
  return {
    url,
    database: needed('ODOO_DB', 'plant'),
    login: needed('ODOO_LOGIN', 'shopfloor@example.com'),
    password: needed('ODOO_PASSWORD', '<password or API key>'),
  };
}

function parseDatabaseUrl(read: Reader, home: string, workingFolder: string): string {
  const value = read.text('DATABASE_URL');
  if (value === undefined) return `sqlite:${join(home, 'shopfloor.sqlite')}`;
  if (/^postgres(ql)?:\/\/./.test(value)) return value;
  const path = /^sqlite:(.+)$/.exec(value)?.[1];
  if (path === undefined) {
    throw new EnvironmentFault(
      'DATABASE_URL',
      value,
      'must begin with sqlite: or postgres://',
      'sqlite:/var/lib/shopfloor/plant.sqlite',
    );
  }
  return `sqlite:${isAbsolute(path) ? path : resolve(workingFolder, path)}`;
}

function parseToken(read: Reader): string | undefined {
  const token = read.text('SHOPFLOOR_API_TOKEN');
  if (token !== undefined && token.length < 16) {
    throw new EnvironmentFault(
      'SHOPFLOOR_API_TOKEN',
      token,
      'must have at least 16 characters',
      '<openssl rand -hex 24>',
    );
  }
  return token;
}

function parseAdminPassword(read: Reader): string | undefined {
  const password = read.text('SHOPFLOOR_ADMIN_PASSWORD');
  const [fault] = password === undefined ? [] : passwordFaults(password, 'admin');
  const isCommon = password !== undefined && isCommonPassword(password);
  const message = fault?.message ?? (isCommon ? commonPasswordFault : undefined);
  if (message !== undefined) {
    throw new EnvironmentFault('SHOPFLOOR_ADMIN_PASSWORD', password, message, '<openssl rand -base64 15>');
  }
  return password;
}

function parseTrustedProxies(read: Reader): readonly string[] {
  const text = read.text('SHOPFLOOR_TRUSTED_PROXIES');
  const proxies = (text ?? '').split(',').map((proxy) => proxy.trim());
  const wrong = proxies.find((proxy) => proxy !== '' && !isProxyAddress(proxy));
  if (wrong !== undefined) {
    throw new EnvironmentFault(
      'SHOPFLOOR_TRUSTED_PROXIES',
      text,
      'must be addresses or networks, separated by commas',
      '127.0.0.1,10.0.0.0/24',
    );
  }
  return proxies.filter((proxy) => proxy !== '');
}

function parseTimeZone(read: Reader): string {
  const zone = read.text('TZ_PLANT') ?? 'Asia/Jakarta';
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    throw new EnvironmentFault('TZ_PLANT', zone, 'is not an IANA time zone', 'Asia/Jakarta');
  }
}
