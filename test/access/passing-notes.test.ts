// Notes made in passing: written when the database has a moment for them, and never what a request waits for.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { PassingNotes } from '../../nodes/access/passing-notes.ts';

describe('a note that a request makes in passing', () => {
  let notes: PassingNotes;
  let tries: number;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    notes = new PassingNotes();
    tries = 0;
  });
  afterEach(() => mock.timers.reset());

  it('is made before the request goes on', async () => {
    let written = false;
    await notes.make('session', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      written = true;
    });
    assert.equal(written, true);
  });

  it('is given up where the database is held up, and not tried again by the next requests of the same subject', async () => {
    const stuck = () => {
      tries += 1;
      return new Promise(() => {});
    };
    const made = notes.make('session', stuck);
    mock.timers.tick(100);
    await made;
    await notes.make('session', stuck);
    assert.equal(tries, 1);
    const other = notes.make('other session', stuck);
    mock.timers.tick(100);
    await other;
    assert.equal(tries, 2);
  });

  it('that fails is no fault of the request', async () => {
    await notes.make('session', () => Promise.reject(new Error('the disk is full')));
  });
});
