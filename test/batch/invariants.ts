// What must hold in the ledger's tables at any moment, whatever happened before.
import assert from 'node:assert/strict';
import type { BatchSchema } from '../../nodes/batch/tables.ts';
import { type BatchEventType, transitions } from '../../nodes/batch/transitions.ts';
import type { Store } from '../../nodes/store/store.ts';

/** Rejects with an AssertionError that names the broken promise. */
export async function checkInvariants(store: Store): Promise<void> {
  const db = store.db<BatchSchema>();
  const batches = await db.selectFrom('batch').selectAll().execute();
  const events = await db.selectFrom('batch_event').selectAll().orderBy('seq').execute();
  const outbox = await db.selectFrom('batch_outbox').selectAll().execute();

  const open = batches.filter((batch) => batch.ended_at === null);
  assertUnique(open, (batch) => String(batch.order_id), 'open batches of one order');
  const inPlc = open.filter(({ state }) => state === 'written' || state === 'running');
  assertUnique(inPlc, (batch) => `${batch.line} slot ${batch.slot}`, 'batches in one slot');
  const openRows = outbox.filter(({ status }) => ['waiting', 'pushing', 'held'].includes(status));
  assertUnique(openRows, (row) => row.batch_id, 'open outbox rows of one batch');
  const ended = batches.flatMap((batch) => (batch.ended_seq === null ? [] : [batch.ended_seq])).sort((a, b) => a - b);
  assert.deepEqual(
    ended,
    ended.map((_, index) => index + 1),
    'ended_seq has no gap',
  );

  for (const batch of batches) {
    const trail = events.filter((event) => event.batch_id === batch.id);
    const name = `${batch.order_name} (${batch.id})`;
    let state: string | null = null;
    let version = 0;
    for (const event of trail) {
      const transition = transitions[event.type as BatchEventType];
      assert(transition, `${name}: ${event.type} is in the state table`);
      assert.equal(event.from_state, state, `${name}: ${event.type} begins where the event before it ended`);
      assert(
        (transition.from as readonly (string | null)[]).includes(event.from_state),
        `${name}: ${event.type} from ${state}`,
      );
      assert.equal(
        event.to_state,
        transition.to === 'same' ? event.from_state : transition.to,
        `${name}: ${event.type}`,
      );
      assert(event.version > version, `${name}: the version rises with every event`);
      state = event.to_state;
      version = event.version;
    }
    assert.equal(state, batch.state, `${name}: its events explain its state`);
    assert(batch.version >= version, `${name}: its version is not below that of its last event`);
    const rows = outbox.filter((row) => row.batch_id === batch.id);
    if (batch.state === 'archived') {
      const proof = batch.watch_only === 1 ? 'watched' : 'verified';
      assert(
        rows.some((row) => row.kind === 'push' && row.status === proof),
        `${name}: archived only after Odoo showed it`,
      );
      assert(!rows.some((row) => openRows.includes(row)), `${name}: nothing is left to push`);
    }
    if (batch.state === 'finished' || batch.state === 'pushing') {
      assert(
        rows.some((row) => row.kind === 'push' && openRows.includes(row)),
        `${name}: finished means that a push waits`,
      );
    }
    if (batch.ended_as === 'cancelled' && !['cleared', 'written-off'].includes(trail.at(-1)?.type ?? '')) {
      assert(
        rows.some((row) => row.kind === 'cancel' && row.status === 'verified'),
        `${name}: cancelled only after Odoo showed it`,
      );
    }
  }
}

function assertUnique<Item>(items: readonly Item[], key: (item: Item) => string, what: string): void {
  const seen = new Set<string>();
  for (const item of items) {
    assert(!seen.has(key(item)), `two ${what}: ${key(item)}`);
    seen.add(key(item));
  }
}
