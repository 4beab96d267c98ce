import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Turns } from '../../nodes/core/turns.ts';

describe('turns', () => {
  /** Takes a turn that ends with the event that has its name. */
  const world = (atOnce: number) => {
    const turns = new Turns(atOnce);
    const ends = new EventEmitter();
    const begun: string[] = [];
    const take = (name: string, patienceMs?: number) =>
      turns.take(async () => {
        begun.push(name);
        await once(ends, name);
      }, patienceMs);
    return { turns, ends, begun, take };
  };

  it('go to as many at once as are let in, and then to whoever waits longest', async () => {
    const { ends, begun, take } = world(2);
    const all = ['first', 'second', 'third', 'fourth'].map((name) => take(name));
    assert.deepEqual(begun, ['first', 'second']);
    ends.emit('second');
    await all[1];
    assert.deepEqual(begun, ['first', 'second', 'third']);
    ends.emit('first');
    await all[0];
    assert.deepEqual(begun, ['first', 'second', 'third', 'fourth']);
    ends.emit('third');
    ends.emit('fourth');
    await Promise.all(all);
  });

  it('go on when somebody fails in his', async () => {
    const { turns } = world(1);
    const failed = turns.take(async () => {
      throw new Error('slipped');
    });
    const next = turns.take(async () => 'done');
    await assert.rejects(failed, /slipped/);
    assert.equal(await next, 'done');
  });

  it('are not waited for longer than somebody has patience, and who lost it takes none from the others', async () => {
    const { turns, ends, begun, take } = world(1);
    const long = take('long');
    const patient = take('patient');
    assert.equal(await turns.take(async () => 'without a turn', 1), 'without a turn');
    assert.deepEqual(begun, ['long']);
    ends.emit('long');
    await long;
    assert.deepEqual(begun, ['long', 'patient']);
    ends.emit('patient');
    await patient;
  });
});
