// What rooms remember for a while only, such as the replies of commands for a retry: one place that forgets it, in bounded pieces.
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Store } from './store.ts';

/** A table of one room whose old rows nobody will ask for again. */
export interface Memory {
  readonly table: string;
  /** Unique column: what is deleted by. */
  readonly key: string;
  /** When a row was written, and how: ISO 8601 UTC or milliseconds UTC. */
  readonly at: string;
  readonly form: 'iso' | 'ms';
  readonly keptMs: number;
}

/** Long enough for whoever repeats a command: a person who came back from leave, a tablet that lay in a drawer. */
export const commandsKeptMs = 90 * 24 * 60 * 60 * 1000;

/** Rows of one statement: a few milliseconds of work. */
const forgottenAtOnce = 500;
const names = /^[a-z][a-z0-9_]*$/;

/** Mapped by table. */
const declared = new Map<string, Memory>();

/** Adds a room's memory when its module is loaded; the same again is fine. */
export function declareMemory(memory: Memory): void {
  for (const name of [memory.table, memory.key, memory.at]) {
    if (!names.test(name)) throw new Error(`"${name}" can't name a table or column`);
  }
  declared.set(memory.table, memory);
}

/** The memory of a room's commands in its usual shape: `command_id` and an ISO 8601 `at`. */
export function declareCommandMemory(table: string): void {
  declareMemory({ table, key: 'command_id', at: 'at', form: 'iso', keptMs: commandsKeptMs });
}

export function declaredMemories(): readonly Memory[] {
  return [...declared.values()];
}

/** Forgets what is older than it is kept, in every memory whose table is there. @returns how many rows went */
export async function forgetMemories(
  store: Store,
  nowMs: number,
  memories: readonly Memory[] = declaredMemories(),
): Promise<number> {
  const db = store.db<unknown>();
  const tables = new Set((await db.introspection.getTables()).map(({ name }) => name));
  let forgotten = 0;
  for (const { table, key, at, form, keptMs } of memories) {
    if (!tables.has(table)) continue;
    const beforeMs = nowMs - keptMs;
    const before = form === 'iso' ? new Date(beforeMs).toISOString() : beforeMs;
    for (let gone = forgottenAtOnce; gone === forgottenAtOnce; ) {
      const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${sql.ref(key)} in (
        select ${sql.ref(key)} from ${sql.table(table)} where ${sql.ref(at)} < ${before} limit ${forgottenAtOnce})`.execute(
        db,
      );
      gone = Number(numAffectedRows);
      forgotten += gone;
      await setImmediate();
    }
  }
  return forgotten;
}
