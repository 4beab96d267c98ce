// API tokens of machines and scripts: named, scoped to actions, revocable; the store keeps only their digests.

import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Clock } from '../core/clock.ts';
import { InvalidInput, ShopfloorError } from '../core/errors.ts';
import { plainText } from '../core/plain-text.ts';
import type { Store } from '../store/store.ts';
import { auditTurns, type Origin, writeAudit } from './audit.ts';
import { afterDays, mostTokenDays } from './lifetimes.ts';
import type { Action, ApiTokenRow } from './messages.ts';
import { PassingNotes } from './passing-notes.ts';
import { declaredActions } from './policy.ts';
import type { AccessSchema } from './schema.ts';
import { digestOf, randomToken, sameSecret } from './secrets.ts';

export interface TokenHolder {
  /** `environment` for the token of SHOPFLOOR_API_TOKEN. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Action[];
}

/** So that a secret scanner and a reader of logs recognise one. */
const prefix = 'shopfloor_';
const lastUseEveryMs = 60_000;

export class ApiTokens {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #environmentToken: string | undefined;
  readonly #notes = new PassingNotes();

  /** @param environmentToken SHOPFLOOR_API_TOKEN: the first token, with every right; it ends with the variable */
  constructor(store: Store, clock: Clock, environmentToken: string | undefined) {
    this.#store = store;
    this.#clock = clock;
    this.#environmentToken = environmentToken;
  }

  async find(token: string): Promise<TokenHolder | undefined> {
    if (this.#environmentToken !== undefined && sameSecret(token, this.#environmentToken)) {
      return { id: 'environment', name: 'api-token', scopes: ['*'] };
    }
    const db = this.#store.db<AccessSchema>();
    const row = await db
      .selectFrom('access_token')
      .selectAll()
      .where('digest', '=', digestOf(token))
      .executeTakeFirst();
    const now = this.#clock.now();
    if (!row || !isGood(row, now)) return undefined;
    if (row.last_used_at === null || now.getTime() - Date.parse(row.last_used_at) >= lastUseEveryMs) {
      const used = { last_used_at: now.toISOString() };
      await this.#notes.make(row.id, () => db.updateTable('access_token').set(used).where('id', '=', row.id).execute());
    }
    return { id: row.id, name: row.name, scopes: scopesOf(row) };
  }

  /** The holder as of now, for a command that began earlier; undefined once revoked. */
  async findById(id: string): Promise<TokenHolder | undefined> {
    if (id === 'environment') {
      return this.#environmentToken === undefined ? undefined : { id, name: 'api-token', scopes: ['*'] };
    }
    const row = await this.#store
      .db<AccessSchema>()
      .selectFrom('access_token')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && isGood(row, this.#clock.now()) ? { id: row.id, name: row.name, scopes: scopesOf(row) } : undefined;
  }

  /** Newest first, revoked ones too. */
  async list(): Promise<readonly ApiTokenRow[]> {
    const rows = await this.#store
      .db<AccessSchema>()
      .selectFrom('access_token')
      .selectAll()
      .orderBy('created_at', 'desc')
      .execute();
    return rows.map(tokenRow);
  }

  /** @returns the token itself, which nobody can read again */
  async create(
    input: { readonly name?: unknown; readonly scopes?: unknown; readonly days?: unknown },
    origin: Origin,
  ): Promise<{ readonly row: ApiTokenRow; readonly token: string }> {
    const name = plainText(input.name).trim();
    const scopes = Array.isArray(input.scopes) ? input.scopes.map(plainText) : [];
    const days = input.days === undefined ? mostTokenDays : Number(input.days);
    const isDays = Number.isSafeInteger(days) && days >= 1 && days <= mostTokenDays;
    const unknown = scopes.filter((scope) => scope !== '*' && !declaredActions().includes(scope));
    const faults = [
      ...(/^[\w .:@/-]{1,60}$/.test(name) ? [] : [{ field: 'name', message: 'must have 1 to 60 letters or digits' }]),
      ...(scopes.length > 0 ? [] : [{ field: 'scopes', message: 'must name at least one action, or "*"' }]),
      ...(unknown.length > 0 ? [{ field: 'scopes', message: `${unknown.join(', ')} is no action` }] : []),
      ...(isDays ? [] : [{ field: 'days', message: `must be a whole number from 1 to ${mostTokenDays}` }]),
    ];
    if (faults.length > 0) throw new InvalidInput(faults, 'The token');
    const token = `${prefix}${randomToken()}`;
    const now = this.#clock.now();
    const at = now.toISOString();
    const row = {
      id: randomUUID(),
      name,
      digest: digestOf(token),
      scopes: JSON.stringify([...new Set(scopes)]),
      created_at: at,
      created_by: origin.actor,
      last_used_at: null,
      revoked_at: null,
      expires_at: afterDays(now, days),
    };
    await this.#store.transaction<AccessSchema, void>(async (db) => {
      await db.insertInto('access_token').values(row).execute();
      const detail = { scopes, expires_at: row.expires_at };
      await writeAudit(db, at, origin, { type: 'token-created', subject: name, detail });
    }, auditTurns);
    return { row: tokenRow(row), token };
  }

  async revoke(id: string, origin: Origin): Promise<ApiTokenRow> {
    const at = this.#clock.now().toISOString();
    return this.#store.transaction<AccessSchema, ApiTokenRow>(async (db) => {
      const row = await db.selectFrom('access_token').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) throw new ShopfloorError('unknown-token', 404, 'There is no such token.');
      if (row.revoked_at !== null) return tokenRow(row);
      await db.updateTable('access_token').set({ revoked_at: at }).where('id', '=', id).execute();
      await writeAudit(db, at, origin, { type: 'token-revoked', subject: row.name });
      return tokenRow({ ...row, revoked_at: at });
    }, auditTurns);
  }
}

type TokenRow = Selectable<AccessSchema['access_token']>;

function tokenRow(row: TokenRow): ApiTokenRow {
  return {
    id: row.id,
    name: row.name,
    scopes: scopesOf(row),
    createdAt: row.created_at,
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    expiresAt: row.expires_at,
  };
}

function isGood({ revoked_at, expires_at }: TokenRow, now: Date): boolean {
  return revoked_at === null && (expires_at === null || now.toISOString() < expires_at);
}

function scopesOf(row: TokenRow): readonly Action[] {
  return JSON.parse(row.scopes) as Action[];
}
