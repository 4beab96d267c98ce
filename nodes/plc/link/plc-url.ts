// Where the PLC is and how it is spoken to: from a URL such as `modbus-tcp://192.168.1.20:502?unit=1` to typed settings.
import { type FieldFault, InvalidInput } from '../../core/errors.ts';

export type Parity = 'none' | 'even' | 'odd';

export interface ModbusTcpEndpoint {
  readonly protocol: 'modbus-tcp';
  readonly host: string;
  readonly port: number;
  /** 0 to 255; gateways and many PLCs listen to one only. */
  readonly unit: number;
}

export interface ModbusRtuEndpoint {
  readonly protocol: 'modbus-rtu';
  /** Serial device: `/dev/ttyUSB0`, `COM3`. */
  readonly path: string;
  readonly baud: number;
  readonly parity: Parity;
  readonly stopBits: 1 | 2;
  /** 1 to 247. */
  readonly unit: number;
}

export interface FinsEndpoint {
  readonly protocol: 'fins';
  readonly host: string;
  readonly port: number;
  /** FINS node number of the PLC, commonly the last byte of its address. */
  readonly node: number;
  /** FINS node number of this side. */
  readonly client: number;
}

export type PlcEndpoint = ModbusTcpEndpoint | ModbusRtuEndpoint | FinsEndpoint;
export type PlcProtocol = PlcEndpoint['protocol'];

export const plcUrlExamples: Readonly<Record<PlcProtocol, string>> = {
  'modbus-tcp': 'modbus-tcp://192.168.1.20:502?unit=1',
  'modbus-rtu': 'modbus-rtu:/dev/ttyUSB0?baud=9600&parity=even&unit=1',
  fins: 'fins://192.168.1.20:9600?node=2&client=1',
};

/** Parses a PLC URL. Throws InvalidInput that names each faulty part; the message ends with a working example. */
export function parsePlcUrl(text: string, field = 'PLC_URL'): PlcEndpoint {
  const [, protocol = '', rest = ''] = /^([a-z][a-z-]*):(.*)$/s.exec(text.trim()) ?? [];
  if (!isPlcProtocol(protocol)) {
    throw new InvalidInput([
      {
        field,
        message: `"${text}" does not begin with modbus-tcp:, modbus-rtu: or fins:, as in ${plcUrlExamples['modbus-tcp']}`,
      },
    ]);
  }
  const parts = new UrlParts(field, rest);
  const endpoint = readers[protocol](parts);
  parts.finish(plcUrlExamples[protocol]);
  return endpoint;
}

/** The endpoint as a URL with every part; host or device is what people recognise it by. */
export function formatPlcUrl(endpoint: PlcEndpoint): string {
  switch (endpoint.protocol) {
    case 'modbus-tcp':
      return `modbus-tcp://${bracketed(endpoint.host)}:${endpoint.port}?unit=${endpoint.unit}`;
    case 'modbus-rtu':
      return `modbus-rtu:${endpoint.path}?baud=${endpoint.baud}&parity=${endpoint.parity}&stop=${endpoint.stopBits}&unit=${endpoint.unit}`;
    case 'fins':
      return `fins://${bracketed(endpoint.host)}:${endpoint.port}?node=${endpoint.node}&client=${endpoint.client}`;
  }
}

const readers: Readonly<Record<PlcProtocol, (parts: UrlParts) => PlcEndpoint>> = {
  'modbus-tcp': (parts) => ({
    protocol: 'modbus-tcp',
    ...parts.hostAndPort(502),
    unit: parts.integer('unit', 1, 0, 255),
  }),
  'modbus-rtu': (parts) => {
    const path = parts.devicePath();
    const parity = parts.choice('parity', ['even', 'odd', 'none'], 'even');
    return {
      protocol: 'modbus-rtu',
      path,
      baud: parts.integer('baud', 9600, 300, 4_000_000),
      parity,
      // Without a parity bit the standard fills its place with a second stop bit (Modbus over serial line 1.02, 2.5.1).
      stopBits: parts.integer('stop', parity === 'none' ? 2 : 1, 1, 2) === 2 ? 2 : 1,
      unit: parts.integer('unit', 1, 1, 247),
    };
  },
  fins: (parts) => ({
    protocol: 'fins',
    ...parts.hostAndPort(9600),
    node: parts.integer('node', 0, 0, 254),
    client: parts.integer('client', 1, 0, 254),
  }),
};

/** Reads the parts after the scheme and collects what is wrong with them. */
class UrlParts {
  readonly #field: string;
  readonly #body: string;
  readonly #query: URLSearchParams;
  readonly #known = new Set<string>();
  readonly #faults: FieldFault[] = [];

  constructor(field: string, rest: string) {
    const [body = '', query = ''] = splitOnce(rest, '?');
    this.#field = field;
    this.#body = body;
    this.#query = new URLSearchParams(query);
  }

  hostAndPort(defaultPort: number): { host: string; port: number } {
    const match = /^\/\/(\[[0-9a-f:.%]+\]|[^/:@[\]\s]+)(?::(\d+))?\/?$/i.exec(this.#body);
    if (!match?.[1]) {
      this.#fault('host', `"${this.#body}" is not //host or //host:port`);
      return { host: '', port: defaultPort };
    }
    const port = match[2] === undefined ? defaultPort : Number(match[2]);
    if (port < 1 || port > 65_535) this.#fault('port', `${port} is not from 1 to 65535`);
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  }

  devicePath(): string {
    // file-like: `modbus-rtu:///dev/ttyUSB0` and `modbus-rtu:/dev/ttyUSB0` are the same device.
    const path = decodeURIComponent(this.#body.replace(/^\/\/(?=\/)/, ''));
    if (path === '' || path.startsWith('//')) this.#fault('path', `"${path}" is not a serial device`);
    return path;
  }

  integer(name: string, absent: number, min: number, max: number): number {
    const text = this.#take(name);
    if (text === undefined) return absent;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.#fault(name, `"${text}" is not a whole number from ${min} to ${max}`);
    return absent;
  }

  choice<T extends string>(name: string, choices: readonly T[], absent: T): T {
    const text = this.#take(name);
    if (text === undefined) return absent;
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) this.#fault(name, `"${text}" is not one of ${choices.join(', ')}`);
    return chosen ?? absent;
  }

  /** Throws when anything was wrong, unknown parameters included: a misspelt one must not be ignored. */
  finish(example: string): void {
    for (const name of this.#query.keys()) {
      if (!this.#known.has(name)) this.#fault(name, `is unknown; known are ${[...this.#known].join(', ')}`);
    }
    const last = this.#faults.at(-1);
    if (!last) return;
    const withExample = { ...last, message: `${last.message}, as in ${example}` };
    throw new InvalidInput([...this.#faults.slice(0, -1), withExample]);
  }

  #take(name: string): string | undefined {
    this.#known.add(name);
    return this.#query.get(name) ?? undefined;
  }

  #fault(part: string, message: string): void {
    this.#faults.push({ field: `${this.#field} ${part}`, message });
  }
}

function isPlcProtocol(text: string): text is PlcProtocol {
  return Object.hasOwn(plcUrlExamples, text);
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function splitOnce(text: string, mark: string): readonly string[] {
  const index = text.indexOf(mark);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
