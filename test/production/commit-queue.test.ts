// The queue in front of the journal: what is acknowledged is in a row, in order, whatever happens to the commit that carries it.
import assert from 'node:assert/strict';
import { CommitQueue, type JournalRow } from '../../nodes/production/commit-queue.ts';
import { openDelivery } from '../../nodes/production/deliveries.ts';
import { type Arrival, packArrivals, unpackArrivals } from '../../nodes/production/journal-body.ts';
import { reading } from './tracker-world.ts';

describe('the queue in front of the journal', () => {
  let rows: JournalRow[];
  /** What became of each delivery, in the order in which it was told. */
  let told: string[];
  /** Ends the commit under way. */
  let arrive: () => void;
  let fail: (error: Error) => void;
  let queue: CommitQueue;
  beforeEach(() => {
    rows = [];
    told = [];
    queue = new CommitQueue(
      (row) =>
        new Promise((resolve, reject) => {
          arrive = () => {
            rows.push(row);
            resolve();
          };
          fail = reject;
        }),
      false,
    );
  });

  const arrival = (machine: string): Arrival => ({
    readings: [reading('11:00', 1, { machine })],
    refused: [],
    replayOf: null,
  });
  const add = (machine: string) =>
    queue.add({
      arrival: arrival(machine),
      delivery: openDelivery((ok) => told.push(`${machine} ${ok}`)),
      settled: (ok) => told.push(`${machine} settled ${ok}`),
    });
  const machinesIn = (row: JournalRow | undefined) =>
    unpackArrivals(row?.body ?? '[]').flatMap(({ readings }) => readings.map(({ machine }) => machine));

  it('acknowledges what a row carries, and leaves what comes meanwhile to the next row', async () => {
    add('A');
    const first = queue.commit(1, 7);
    add('B');
    assert.deepEqual(told, []);
    arrive();
    const committed = await first;
    assert.deepEqual([committed?.seq, committed?.epoch, committed?.group.length], [1, 7, 1]);
    assert.deepEqual(told, ['A true']);
    assert.equal(queue.isEmpty, false);
    const second = queue.commit(2, 7);
    arrive();
    await second;
    assert.deepEqual(rows.map(machinesIn), [['A'], ['B']]);
    assert.deepEqual(told, ['A true', 'B true']);
    assert.equal(queue.isEmpty, true);
    assert.equal(await queue.commit(3, 7), undefined);
  });

  it('commits again, before what came later, what a fault kept from the journal', async () => {
    add('A');
    const failing = queue.commit(1, 7);
    add('B');
    fail(new Error('the connection is gone'));
    await assert.rejects(failing, /connection/);
    assert.equal(queue.isEmpty, false);
    // Another tracker may have used the number meanwhile.
    queue.resume([{ seq: 1, body: '[]' }]);
    assert.deepEqual(told, []);
    const again = queue.commit(2, 8);
    arrive();
    await again;
    assert.deepEqual(machinesIn(rows[0]), ['A', 'B']);
    assert.deepEqual(told, ['A true', 'B true']);
  });

  it('knows a row again that arrived though its commit seemed to fail', async () => {
    add('A');
    const lost = queue.commit(2, 7);
    fail(new Error('the connection is gone'));
    await assert.rejects(lost);
    queue.resume([
      { seq: 1, body: '[]' },
      { seq: 2, body: rowOf('A') },
    ]);
    assert.deepEqual(told, ['A true', 'A settled true']);
    assert.equal(queue.isEmpty, true);
  });

  it('tells everybody that it gives up', async () => {
    add('A');
    const failing = queue.commit(1, 7);
    add('B');
    fail(new Error('closed'));
    await assert.rejects(failing);
    queue.abandon();
    assert.deepEqual(told, ['A false', 'A settled false', 'B false', 'B settled false']);
    assert.equal(queue.isEmpty, true);
  });

  const rowOf = (machine: string) => packArrivals([arrival(machine)], false);
});
