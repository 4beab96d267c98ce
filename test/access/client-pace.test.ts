// How much one client may ask for, on a clock that stands still.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Busy, ClientPace, type Leave } from '../../nodes/access/client-pace.ts';
import { EventTurns } from '../../nodes/access/event-turns.ts';
import { ManualClock } from '../support/manual-clock.ts';

const pace = { burst: 4, perSecond: 2, atOnce: 2, waiting: 3 };

describe('the pace of a client', () => {
  let clock: ManualClock;
  let clients: ClientPace;
  let began: string[];
  const leaves = new Map<string, Leave>();
  beforeEach(() => {
    clock = new ManualClock();
    clients = new ClientPace(pace, clock);
    began = [];
    leaves.clear();
  });
  /** Asks under a name, and notes when it is its turn. */
  const ask = (name: string, client = 'ani') =>
    clients.enter(client).then(
      (leave) => {
        began.push(name);
        leaves.set(name, leave);
      },
      (error: unknown) => {
        assert.ok(error instanceof Busy);
        began.push(`${name} busy`);
      },
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('lets so many in at once, the next when one leaves, in the order in which they came', async () => {
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    await settle();
    assert.deepEqual(began, ['a', 'b']);
    leaves.get('b')?.();
    leaves.get('b')?.();
    await settle();
    assert.deepEqual(began, ['a', 'b', 'c']);
  });

  it('refuses what comes when enough wait already', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void ask(name);
    await settle();
    assert.deepEqual(began, ['a', 'b', 'f busy']);
  });

  it('keeps to its rate after a burst', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      void ask(name);
      await settle();
      leaves.get(name)?.();
    }
    assert.deepEqual(began, ['a', 'b', 'c', 'd']);
    clock.advance(499);
    await settle();
    assert.equal(began.length, 4);
    clock.advance(1);
    await settle();
    assert.deepEqual(began.slice(4), ['e']);
    clock.advance(500);
    await settle();
    assert.deepEqual(began.slice(4), ['e', 'f']);
  });

  it('takes nothing from another client', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void ask(name);
    void ask('other', 'budi');
    await settle();
    assert.ok(began.includes('other'));
  });

  it('never lets more begin in any time than its burst and its rate allow, nor more be under way', async () => {
    const steps = fc.array(fc.oneof(fc.constant('ask'), fc.constant('leave'), fc.integer({ min: 1, max: 1_500 })), {
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const time = new ManualClock();
        const own = new ClientPace(pace, time);
        const startMs = time.monotonicMs();
        const open: Leave[] = [];
        let begun = 0;
        for (const step of sequence) {
          if (step === 'leave') open.shift()?.();
          else if (typeof step === 'number') time.advance(step);
          else {
            void own.enter('x').then(
              (leave) => {
                begun += 1;
                open.push(leave);
              },
              () => undefined,
            );
          }
          await settle();
          assert.ok(open.length <= pace.atOnce);
          assert.ok(begun <= pace.burst + ((time.monotonicMs() - startMs) * pace.perSecond) / 1_000 + 1e-6);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the events of a socket', () => {
  const free = { burst: 1_000, perSecond: 1_000, atOnce: 10, waiting: 100 };

  it('are taken one after the other, with a turn of the loop between two', async () => {
    const turns = new EventTurns(new ClientPace(free, new ManualClock()), 'session');
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      for (const name of ['a', 'b', 'c']) {
        turns.add(async () => {
          seen.push(`${name} begins`);
          await Promise.resolve();
          seen.push(`${name} ends`);
          setImmediate(() => seen.push('loop'));
          if (name === 'c') resolve();
        });
      }
    });
    await done;
    assert.deepEqual(seen, ['a begins', 'a ends', 'loop', 'b begins', 'b ends', 'loop', 'c begins', 'c ends']);
  });

  it('are refused when enough wait', async () => {
    const turns = new EventTurns(new ClientPace(free, new ManualClock()), 'session', 2);
    const never = () => new Promise<void>(() => {});
    assert.equal(turns.add(never), true);
    assert.deepEqual([turns.add(never), turns.add(never), turns.add(never)], [true, true, false]);
    turns.end();
    assert.equal(turns.add(never), true);
  });
});
