// A question about nothing has an answer: `in ()` is a fault of grammar for PostgreSQL and false for SQLite; here no row is in it.
import { HandleEmptyInListsPlugin, type RawBuilder, replaceWithNoncontingentExpression, sql } from 'kysely';

/** For every query builder of a store: nothing is `in` an empty list, and everything is `not in` it. */
export const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression });

/**
 * What stands between the brackets of an `in (...)` that is written by hand: `machine in (${inList(machines)})`. Without values it
 * is null, which nothing equals; never put it behind `not in`.
 */
export function inList(values: readonly unknown[]): RawBuilder<unknown> {
  return values.length === 0 ? sql`null` : sql.join(values);
}
