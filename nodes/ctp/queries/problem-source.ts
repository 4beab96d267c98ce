// Reads every problem of the log in the order of its start, some at a time.
import type { Kysely } from 'kysely';
import type { Store } from '../../store/store.ts';
import type { CtpSchema } from '../tables.ts';
import type { ProblemFact } from './problem-fact.ts';

/** As many as one insert of the reading side takes. */
const chunk = 2_000;

/** By id, which is nearly the order of the starts: neighbours share words and days. */
export function problemsInOrder(store: Store): AsyncGenerator<readonly ProblemFact[]> {
  return problemsIn(store.reader<CtpSchema>());
}

/** The same, as a transaction sees them. */
export async function* problemsIn(db: Kysely<CtpSchema>): AsyncGenerator<readonly ProblemFact[]> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom('ctp_problem')
      .select([
        'id',
        'machine_id',
        'status',
        'severity',
        'technician_type',
        'technician_name',
        'vendor_name',
        'error_code',
        'category',
        'problem_description',
        'solution',
        'start_ms',
        'response_ms',
        'end_ms',
      ])
      .where('id', '>', after)
      .orderBy('id')
      .limit(chunk)
      .execute();
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)?.id ?? after;
  }
}
