// The one connection that writes: who may use it when, how long that may take, and what becomes of a question nobody waits for.
import { changeMs, inTime, type Patience, statementMs } from './deadlines.ts';
import type { Rows } from './open-sqlite-thread.ts';
import { processMs, type SqliteQuestion, type SqliteValue } from './sqlite-questions.ts';
import { asStoreError, StoreError } from './store-error.ts';
import type { GiveBack, WriteTurns } from './write-turns.ts';

/** The part of a thread that a writer needs. */
export interface QuestionThread {
  readonly generation: number;
  ask(question: Omit<SqliteQuestion, 'id'>): Promise<Rows>;
}

export interface WriterParts {
  readonly thread: QuestionThread;
  /** Shared by all writers of one file. */
  readonly turns: WriteTurns;
  readonly patience: Patience;
  /** Migrations wait and work as long as they need. */
  readonly hasDeadlines: boolean;
}

/** A rollback that the disk holds up is awaited no longer; the turn ends when it is done. */
const rollbackMs = 500;

export class SqliteWriter {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /**
   * One statement outside every transaction; `change` is a transaction of its own.
   * @param limitMs how long its answer is waited for, the wait for the turn included
   */
  async run(
    kind: 'change' | 'statement',
    sql: string,
    parameters: readonly SqliteValue[],
    limitMs: number = changeMs,
  ): Promise<Rows> {
    const { askedMs, untilMs, giveBack } = await this.#turn();
    const answer = this.#parts.thread.ask({ kind, sql, parameters, untilMs });
    answer.then(giveBack, giveBack);
    return this.#judged(answer, askedMs, limitMs);
  }

  async begin(): Promise<SqliteTransaction> {
    const { thread } = this.#parts;
    const { askedMs, untilMs, giveBack } = await this.#turn();
    const begun = thread.ask({ kind: 'begin', sql: '', parameters: [], untilMs });
    const transaction = new SqliteTransaction(thread, giveBack);
    try {
      await this.#judged(begun, askedMs, changeMs);
    } catch (error) {
      // It may begin all the same, after nobody waits for it.
      begun.then(() => transaction.rollback()).catch(giveBack);
      throw error;
    }
    return transaction;
  }

  /** The turn, and until when it is worth having; `askedMs` by `processMs`. */
  async #turn(): Promise<{ readonly askedMs: number; readonly untilMs: number; readonly giveBack: GiveBack }> {
    const { turns, patience, hasDeadlines } = this.#parts;
    const limitMs = hasDeadlines ? patience.ms : Number.POSITIVE_INFINITY;
    const askedMs = processMs();
    try {
      return { giveBack: await turns.take(limitMs), askedMs, untilMs: askedMs + limitMs };
    } catch (error) {
      patience.waitedInVain();
      throw error;
    }
  }

  /** Learns from the answer whether the file lets anybody through. */
  async #judged(answer: Promise<Rows>, askedMs: number, limitMs: number): Promise<Rows> {
    const { patience, hasDeadlines } = this.#parts;
    answer.then(
      () => patience.wentThrough(),
      () => {},
    );
    try {
      return await inTime(answer, hasDeadlines ? askedMs + limitMs - processMs() : Number.POSITIVE_INFINITY);
    } catch (thrown) {
      const error = asStoreError(thrown);
      if (error instanceof StoreError && (error.fault === 'busy' || error.fault === 'slow')) patience.waitedInVain();
      throw error;
    }
  }
}

/** Holds the writer's turn until it is over. */
export class SqliteTransaction {
  readonly #thread: QuestionThread;
  readonly #generation: number;
  readonly #giveBack: GiveBack;

  constructor(thread: QuestionThread, giveBack: GiveBack) {
    this.#thread = thread;
    this.#generation = thread.generation;
    this.#giveBack = giveBack;
  }

  run(sql: string, parameters: readonly SqliteValue[]): Promise<Rows> {
    return inTime(this.#ask('statement', sql, parameters), statementMs);
  }

  async commit(): Promise<void> {
    const answer = this.#ask('commit');
    answer.then(this.#giveBack, () => {});
    await inTime(answer, changeMs);
  }

  /** Does nothing where the transaction is over already. */
  async rollback(): Promise<void> {
    if (this.#isLost) {
      this.#giveBack();
      return;
    }
    const answer = this.#ask('rollback');
    answer.then(this.#giveBack, this.#giveBack);
    await inTime(answer, rollbackMs).catch((error: unknown) => {
      if (!(error instanceof StoreError && error.fault === 'slow')) throw error;
    });
  }

  /** The thread that held it has died, and with it everything that was not committed. */
  get #isLost(): boolean {
    return this.#thread.generation !== this.#generation;
  }

  async #ask(
    kind: 'statement' | 'commit' | 'rollback',
    sql = '',
    parameters: readonly SqliteValue[] = [],
  ): Promise<Rows> {
    if (this.#isLost) {
      throw new StoreError('unreachable', 'The connection to the database was lost in the middle of a transaction.', {
        hint: 'Nothing was changed; try again.',
      });
    }
    return this.#thread.ask({ kind, sql, parameters, untilMs: Number.POSITIVE_INFINITY });
  }
}
