// The routes of a running Shopfloor, as a script of the plant calls them.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { scriptToken } from '../support/node-red-process.ts';

export interface Answer<Data> {
  readonly status: number;
  readonly body: {
    readonly success: boolean;
    readonly data: Data;
    readonly total?: number;
    readonly error?: { readonly code: string; readonly message: string; readonly current?: unknown };
  };
}

/** The fields of a batch that the tests read. */
export interface BatchRow {
  readonly mo_id: string;
  readonly batch_no: number | null;
  readonly state: string;
  readonly consumption_silo_a: number | null;
  readonly target_consumption_silo_a: number | null;
  readonly consumption_lq114: number | null;
  readonly target_consumption_lq114: number | null;
  readonly actual_weight_quantity_finished_goods: number | null;
}

export class PlantApi {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token = scriptToken) {
    this.#url = `${url}/api/admin`;
    this.#token = token;
  }

  get<Data>(path: string, headers: Record<string, string> = {}): Promise<Answer<Data>> {
    return this.#call<Data>('GET', path, undefined, headers);
  }

  post<Data>(path: string, body: unknown = {}): Promise<Answer<Data>> {
    return this.#call<Data>('POST', path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  /** Asks again until `accept` returns something; rejects when time is over. */
  async until<Data, Result>(
    path: string,
    accept: (data: Data, answer: Answer<Data>) => Result | undefined | false,
    withinMs = 30_000,
  ): Promise<Result> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const answer = await this.get<Data>(path);
      const result = accept(answer.body.data, answer);
      if (result !== undefined && result !== false) return result;
      if (Date.now() > deadline) assert.fail(`${path} still says ${JSON.stringify(answer.body).slice(0, 2_000)}`);
      await wait(50);
    }
  }

  async #call<Data>(
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<Data>> {
    const reply = await fetch(`${this.#url}/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...headers },
      ...(body !== undefined && { body }),
    });
    return { status: reply.status, body: (await reply.json()) as Answer<Data>['body'] };
  }
}
