// What the rules of this room need of an Odoo server; XML-RPC and JSON-2 both can say it.

export type DomainLeaf = readonly [field: string, operator: string, value: unknown];
/** Odoo's prefix notation; leaves without an operator are joined by "and". */
export type Domain = ReadonlyArray<DomainLeaf | '&' | '|' | '!'>;

export type Context = Readonly<Record<string, unknown>>;
export type Values = Readonly<Record<string, unknown>>;

/** One record as read: `id` and the asked fields, still to be narrowed (see `record-values.ts`). */
export type OdooRecord = Readonly<Record<string, unknown>> & { readonly id: number };

export interface SearchRead {
  readonly domain: Domain;
  readonly fields: readonly string[];
  readonly order?: string;
  readonly limit?: number;
  /** How many of the first ones are left out. */
  readonly offset?: number;
}

export interface OdooServer {
  /** 14, 15, ...: what the version table goes by. */
  readonly series: number;
  /** As the server says it, such as `17.0` or `saas~17.2`. */
  readonly version: string;
  readonly protocol: 'xml-rpc' | 'json-2';
}

/**
 * One logged-in database. Every call is one transaction of the server; calls run one after the other.
 * Every method rejects with an OdooError; a call that only reads never rejects with `unknown-outcome`.
 */
export interface OdooPort {
  readonly server: OdooServer;
  searchRead(model: string, search: SearchRead): Promise<readonly OdooRecord[]>;
  /** Records that are gone are left out. */
  read(model: string, ids: readonly number[], fields: readonly string[]): Promise<readonly OdooRecord[]>;
  write(model: string, ids: readonly number[], values: Values): Promise<void>;
  /** The new record's id. */
  create(model: string, values: Values, context?: Context): Promise<number>;
  /** Calls a method on records; the reply is whatever Odoo gives: `true`, null or an action. */
  callMethod(model: string, method: string, ids: readonly number[], context?: Context): Promise<unknown>;
  mayAccess(model: string, operation: 'read' | 'write'): Promise<boolean>;
}

/** A port that counts the calls made through it; opening the session is not among them. */
export class CountedPort implements OdooPort {
  readonly #port: OdooPort;
  #calls = 0;

  constructor(port: OdooPort) {
    this.#port = port;
  }

  get calls(): number {
    return this.#calls;
  }

  get server(): OdooServer {
    return this.#port.server;
  }

  searchRead(model: string, search: SearchRead) {
    this.#calls += 1;
    return this.#port.searchRead(model, search);
  }

  read(model: string, ids: readonly number[], fields: readonly string[]) {
    this.#calls += 1;
    return this.#port.read(model, ids, fields);
  }

  write(model: string, ids: readonly number[], values: Values) {
    this.#calls += 1;
    return this.#port.write(model, ids, values);
  }

  create(model: string, values: Values, context?: Context) {
    this.#calls += 1;
    return this.#port.create(model, values, context);
  }

  callMethod(model: string, method: string, ids: readonly number[], context?: Context) {
    this.#calls += 1;
    return this.#port.callMethod(model, method, ids, context);
  }

  mayAccess(model: string, operation: 'read' | 'write') {
    this.#calls += 1;
    return this.#port.mayAccess(model, operation);
  }
}
