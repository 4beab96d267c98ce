// What the quarantine keeps of refused messages: their text as long as there is room, and in any case their number.
import type { Transaction } from 'kysely';
import type { Refused } from './refused-message.ts';
import { storable } from './storable-text.ts';
import type { IntakeSchema } from './tables.ts';

/** A quarantined text is kept up to this length. */
const longestRaw = 8_192;
/** Waiting rows beyond this are only counted. */
export const roomInQuarantine = 10_000;
/** Of one machine, so that one that goes on being refused leaves room for the others. */
const roomOfMachine = 2_000;

/** Counts what was refused on `day` of the plant, and keeps it as far as there is room; what was judged again keeps its row. */
export async function keepRefused(
  transaction: Transaction<IntakeSchema>,
  refused: readonly Refused[],
  day: string,
): Promise<void> {
  /** Mapped by reason. */
  const counts = new Map<string, number>();
  for (const { code, replayOf } of refused) if (replayOf === null) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const [code, count] of counts) {
    await transaction
      .insertInto('production_refusal_count')
      .values({ day, code, count })
      .onConflict((conflict) =>
        conflict
          .columns(['day', 'code'])
          .doUpdateSet((row) => ({ count: row('production_refusal_count.count', '+', count) })),
      )
      .execute();
  }
  const rows = await transaction
    .selectFrom('production_quarantine')
    .select(['machine', (select) => select.fn.countAll<number>().as('count')])
    .where('status', '=', 'waiting')
    .groupBy('machine')
    .execute();
  const waiting = new Map(rows.map(({ machine, count }) => [machine, count]));
  let room = roomInQuarantine - rows.reduce((sum, { count }) => sum + count, 0);
  for (const { replayOf, source, machine: named, code, message, raw, arrivedMs, clock, isWhole } of refused) {
    if (replayOf !== null) {
      await transaction
        .updateTable('production_quarantine')
        .set((row) => ({ code, message, attempts: row('attempts', '+', 1) }))
        .where('id', '=', replayOf)
        .execute();
      continue;
    }
    const longest = isWhole ? raw.length : longestRaw;
    const machine = named === null ? null : storable(named);
    const ofMachine = waiting.get(machine) ?? 0;
    if (room <= 0 || ofMachine >= roomOfMachine) continue;
    room -= 1;
    waiting.set(machine, ofMachine + 1);
    await transaction
      .insertInto('production_quarantine')
      .values({
        source: storable(source.slice(0, 500)),
        machine,
        code,
        message: storable(message.slice(0, 500)),
        raw: storable(raw.slice(0, longest)),
        raw_cut: raw.length > longest ? 1 : 0,
        arrived_ms: arrivedMs,
        source_ms: clock?.sourceMs ?? null,
        clock_trusted: clock ? Number(clock.clockTrusted) : null,
        status: 'waiting',
        attempts: 0,
      })
      .execute();
  }
}
