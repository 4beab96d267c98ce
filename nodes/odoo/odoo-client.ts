// One Odoo database for all nodes: logs in once, one call after the other, deadlines, a circuit breaker, a second login.
import { asError } from '../core/errors.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { OdooError } from './odoo-error.ts';
import type { Context, OdooPort, OdooServer, SearchRead, Values } from './odoo-port.ts';
import { type CallOptions, type OdooRequest, type OdooTransport, onlyReads } from './odoo-transport.ts';
import { isRecordId, recordsOf } from './record-values.ts';

export interface OdooClientOptions {
  /** Finds the protocol and logs in. */
  readonly open: (options: CallOptions) => Promise<OdooTransport>;
  readonly breaker: CircuitBreaker;
  readonly readDeadlineMs: number;
  /** Odoo itself retries a contended write for up to some 30 s, so this is longer. */
  readonly writeDeadlineMs: number;
  /** Called when the server goes away and when it comes back, once each. */
  readonly onTransition?: (transition: { readonly away: boolean; readonly detail: string }) => void;
  readonly close?: () => void;
}

export class OdooClient {
  readonly #options: OdooClientOptions;
  readonly #aborting = new AbortController();
  /** The end of the queue: calls to one database run one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #transport: OdooTransport | undefined;

  constructor(options: OdooClientOptions) {
    this.#options = options;
  }

  /** A port on the logged-in session; logs in when that is still to be done. Rejects with an OdooError. */
  async session(): Promise<OdooPort> {
    const { server } = await this.#inTurn(() => this.#opened());
    return this.#port(server);
  }

  /** Ends what is in flight; every further call is refused. */
  close(): void {
    this.#aborting.abort(new OdooError('transient', 'The Odoo connection is being closed.'));
    this.#options.close?.();
  }

  #port(server: OdooServer): OdooPort {
    const execute = (request: OdooRequest) => this.#execute(request);
    return {
      server,
      async searchRead(model: string, search: SearchRead) {
        return recordsOf(model, await execute({ kind: 'search-read', model, ...search }));
      },
      async read(model: string, ids: readonly number[], fields: readonly string[]) {
        return recordsOf(model, await execute({ kind: 'read', model, ids, fields }));
      },
      async write(model: string, ids: readonly number[], values: Values) {
        const reply = await execute({ kind: 'write', model, ids, values });
        if (reply !== true)
          throw new OdooError('unknown-outcome', 'Odoo answered a write with something else than true.');
      },
      async create(model: string, values: Values, context: Context = {}) {
        const reply = await execute({ kind: 'create', model, values, context });
        if (!isRecordId(reply)) throw new OdooError('unknown-outcome', 'Odoo answered a create without an id.');
        return reply;
      },
      callMethod: (model: string, method: string, ids: readonly number[], context: Context = {}) =>
        execute({ kind: 'method', model, method, ids, context }),
      async mayAccess(model: string, operation: 'read' | 'write') {
        return (await execute({ kind: 'may-access', model, operation })) === true;
      },
    };
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #execute(request: OdooRequest): Promise<unknown> {
    return this.#inTurn(async () => {
      try {
        return await this.#once(request).catch((thrown: unknown) => {
          if (!asOdooError(thrown).login) throw thrown;
          // A refused login changed nothing: the password may have been replaced, or the session be another server's.
          this.#transport = undefined;
          return this.#once(request);
        });
      } catch (thrown) {
        const error = asOdooError(thrown);
        throw onlyReads(request) ? error.ofRead() : error;
      }
    });
  }

  async #once(request: OdooRequest): Promise<unknown> {
    const transport = await this.#opened();
    const deadlineMs = onlyReads(request) ? this.#options.readDeadlineMs : this.#options.writeDeadlineMs;
    return this.#watched(() => transport.execute(request, { deadlineMs, signal: this.#aborting.signal }));
  }

  async #opened(): Promise<OdooTransport> {
    this.#transport ??= await this.#watched(() =>
      this.#options.open({ deadlineMs: this.#options.readDeadlineMs, signal: this.#aborting.signal }),
    ).catch((thrown: unknown) => {
      throw asOdooError(thrown).ofRead();
    });
    return this.#transport;
  }

  async #watched<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#aborting.signal.throwIfAborted();
    this.#options.breaker.check();
    try {
      const result = await work();
      this.#answered();
      return result;
    } catch (thrown) {
      const error = asOdooError(thrown);
      this.#aborting.signal.throwIfAborted();
      if (error.link === 'away') {
        if (this.#options.breaker.failed(error.message)) {
          this.#options.onTransition?.({ away: true, detail: error.message });
        }
      } else if (error.link === 'answered') {
        this.#answered();
      }
      // After an upgrade the names of fields are others: ask again who answers.
      if (error.kind === 'unsupported') this.#transport = undefined;
      throw error;
    }
  }

  #answered(): void {
    if (this.#options.breaker.answered()) {
      this.#options.onTransition?.({ away: false, detail: 'Odoo answers again.' });
    }
  }
}

function asOdooError(thrown: unknown): OdooError {
  return thrown instanceof OdooError
    ? thrown
    : new OdooError('unknown-outcome', 'The call to Odoo failed inside.', { cause: asError(thrown) });
}
