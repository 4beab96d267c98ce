// The requests that both protocols carry, and what an adapter for one of them must do.
import type { Context, OdooServer, SearchRead, Values } from './odoo-port.ts';

export type OdooRequest =
  | ({ readonly kind: 'search-read'; readonly model: string } & SearchRead)
  | {
      readonly kind: 'read';
      readonly model: string;
      readonly ids: readonly number[];
      readonly fields: readonly string[];
    }
  | { readonly kind: 'write'; readonly model: string; readonly ids: readonly number[]; readonly values: Values }
  | { readonly kind: 'create'; readonly model: string; readonly values: Values; readonly context: Context }
  | {
      readonly kind: 'method';
      readonly model: string;
      readonly method: string;
      readonly ids: readonly number[];
      readonly context: Context;
    }
  | { readonly kind: 'may-access'; readonly model: string; readonly operation: 'read' | 'write' };

/** True when the request can't change anything, so that a failed one may always be repeated. */
export function onlyReads(request: OdooRequest): boolean {
  return request.kind === 'search-read' || request.kind === 'read' || request.kind === 'may-access';
}

export interface CallOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** One logged-in protocol. Rejects with an OdooError; the reply is outside data, not yet narrowed. */
export interface OdooTransport {
  readonly server: OdooServer;
  execute(request: OdooRequest, options: CallOptions): Promise<unknown>;
}
