// The routes of Log CTP of a running Shopfloor, as a script of the plant or a person calls them.
import assert from 'node:assert/strict';
import type { CtpProblem } from '../../nodes/ctp/messages.ts';
import type { NotificationRow } from '../../nodes/notify/messages.ts';
import { Browser } from '../access/support/browser.ts';
import { scriptToken } from '../support/node-red-process.ts';

export interface Reply<Data = unknown> {
  readonly status: number;
  readonly body: {
    readonly success: boolean;
    readonly data: Data;
    readonly total: number;
    readonly next_cursor: string | null;
    readonly error?: {
      readonly code: string;
      readonly fields?: readonly { readonly field: string }[];
      readonly current?: CtpProblem;
    };
  };
}

export class CtpApi {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, token = scriptToken) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  }

  async call<Data>(method: string, path: string, body?: object): Promise<Reply<Data>> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...this.#headers, ...(body && !isForm && { 'content-type': 'application/json' }) },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Reply<Data>['body'] };
  }

  /** Throws unless it is a success. */
  async ok<Data>(method: string, path: string, body?: object): Promise<Data> {
    const reply = await this.call<Data>(method, path, body);
    assert.ok(reply.body.success, `${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    return reply.body.data;
  }

  report(fields: Readonly<Record<string, unknown>>): Promise<CtpProblem> {
    return this.ok('POST', '/api/ctp-problem-logs', { severity: 'stop', ...fields });
  }

  problem(id: number): Promise<CtpProblem> {
    return this.ok('GET', `/api/ctp-problem-logs/${id}`);
  }

  problems(search: string): Promise<readonly CtpProblem[]> {
    return this.ok('GET', `/api/ctp-problem-logs?search=${encodeURIComponent(search)}`);
  }

  complete(id: number): Promise<CtpProblem> {
    return this.ok('POST', `/api/ctp-problem-logs/${id}/complete`, { solution: 'mended' });
  }

  /** Ends whatever is still open. */
  async completeAll(): Promise<void> {
    const open = await this.ok<readonly CtpProblem[]>('GET', '/api/ctp-problem-logs?status=ongoing&limit=100');
    for (const { id } of open) await this.complete(id);
  }

  /** What a person finds in the bell. */
  async bell(person: { readonly login: string; readonly password: string }): Promise<readonly NotificationRow[]> {
    const browser = new Browser(this.#url);
    try {
      await browser.logIn(person.login, person.password);
      const reply = await browser.fetch('/api/ctp-notifications?limit=200');
      return ((await reply.json()) as { data: readonly NotificationRow[] }).data;
    } finally {
      browser.close();
    }
  }
}
