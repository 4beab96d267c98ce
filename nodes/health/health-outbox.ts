// What the room has to say and has not said yet, in SQL: it is written with the change that caused it and forgotten once it was handed over.
import type { Kysely } from 'kysely';
import type { HealthAdvice, HealthAlarm } from './messages.ts';
import type { HealthSchema } from './tables.ts';

export interface OutboxRecord {
  readonly seq: number;
  readonly topic: string;
  readonly payload: HealthAlarm | HealthAdvice;
}

export class HealthOutbox {
  readonly #db: Kysely<HealthSchema>;

  constructor(db: Kysely<HealthSchema>) {
    this.#db = db;
  }

  async put(topic: string, payload: OutboxRecord['payload']): Promise<void> {
    await this.#db
      .insertInto('health_outbox')
      .values({ topic, payload: JSON.stringify(payload) })
      .execute();
  }

  async waiting(limit = 200): Promise<OutboxRecord[]> {
    const rows = await this.#db.selectFrom('health_outbox').selectAll().orderBy('seq').limit(limit).execute();
    return rows.map(({ seq, topic, payload }) => ({
      seq,
      topic,
      payload: JSON.parse(payload) as OutboxRecord['payload'],
    }));
  }

  async forget(sequences: readonly number[]): Promise<void> {
    if (sequences.length === 0) return;
    await this.#db.deleteFrom('health_outbox').where('seq', 'in', sequences).execute();
  }
}
